package focus

import (
	"slices"
	"time"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// The states of a room.
const (
	Idle    = "idle"
	Active  = "active"
	OnBreak = "break"  // of a cycle, or one that a host called
	Paused  = "paused" // by a host
	Ended   = "ended"
)

// Runs reports whether a session runs in a room of that state: it has begun
// and has not ended, whether its clock stands or not.
func Runs(status string) bool { return status == Active || status == OnBreak || status == Paused }

// What a reply carries at most, whatever strangers write.
const (
	shownPeople   = 100
	shownCheckins = 100
	shownLate     = 20
	shownNotes    = 20
	shownUpcoming = 10
	countedNotes  = 100
	clockAhead    = 5 * 60 * 1000 // ms
)

// The reasons for which a session has ended.
const (
	Manual = "manual" // by the host
	Timer  = "timer"  // by time
)

// Session is a room as its readers see it: the session that runs, else the
// last one, else an idle room. Times are UTC.
type Session struct {
	Room             string      `json:"room"`
	ID               event.ID    `json:"session,omitzero" jsonschema:"id of the session"`
	Host             event.Key   `json:"host,omitzero"`
	Goal             string      `json:"goal"`
	Status           string      `json:"status" jsonschema:"idle, active, break, paused or ended"`
	StartedAt        time.Time   `json:"startedAt,omitzero"`
	EndsAt           time.Time   `json:"endsAt,omitzero" jsonschema:"planned end, with extensions and pauses; while it pauses, where nobody resumes it"`
	EndedAt          time.Time   `json:"endedAt,omitzero"`
	EndedReason      string      `json:"endedReason,omitempty" jsonschema:"manual or timer"`
	Summary          string      `json:"summary,omitempty"`
	LastEventAt      time.Time   `json:"lastEventAt,omitzero" jsonschema:"absent where nothing is known of the room"`
	Participants     []event.Key `json:"participants" jsonschema:"who took part, the host first; in an idle room who waits; the first 100"`
	ParticipantCount int         `json:"participantCount" jsonschema:"of all participants"`
	Waiting          []event.Key `json:"waiting,omitempty" jsonschema:"who joined the next session, the first 100"`
	Checkins         []Said      `json:"checkins" jsonschema:"the latest 100, and the latest 20 that were late"`
	CheckinCount     int         `json:"checkinCount" jsonschema:"of all check-ins that count"`
	Notes            []Said      `json:"notes,omitempty" jsonschema:"the latest 20 check-ins of the last day that belong to no session"`
	NotesCount       int         `json:"notesCount" jsonschema:"how many there are, counted up to 100"`
	MoreNotes        bool        `json:"moreNotes,omitempty" jsonschema:"there are more than were counted"`
	Late             []LateAct   `json:"late,omitempty" jsonschema:"acts outside the session's time, which do not count; the latest 20"`
	LateCount        int         `json:"lateCount" jsonschema:"of all such acts and check-ins"`
	Stats            *Totals     `json:"stats,omitempty" jsonschema:"of an ended session"`
	Present          []event.Key `json:"present,omitempty" jsonschema:"participants who are there now, the first 100"`
	PresentCount     int         `json:"presentCount,omitempty" jsonschema:"of all who are there now"`
	Cohosts          []event.Key `json:"cohosts,omitempty" jsonschema:"who else has the rights of a host, the first 100"`
	Tags             []string    `json:"tags,omitempty"`
	Scheduled        bool        `json:"scheduled,omitempty" jsonschema:"it was scheduled and began by itself"`
	PausedAt         time.Time   `json:"pausedAt,omitzero" jsonschema:"since when it pauses, also in a break of its cycle"`
	PausedUntil      time.Time   `json:"pausedUntil,omitzero" jsonschema:"when the pause or break ends by itself"`
	Cycle            *Cycle      `json:"cycle,omitempty" jsonschema:"where the session is in its cycle of work and breaks"`
	PausedSeconds    int64       `json:"pausedSeconds,omitempty" jsonschema:"that the session has paused so far, breaks that were called included"`
	Away             bool        `json:"away,omitempty" jsonschema:"the asking peer takes part and pauses for himself"`
	AwayUntil        time.Time   `json:"awayUntil,omitzero" jsonschema:"when that pause ends by itself"`
	Upcoming         []Upcoming  `json:"upcoming,omitempty" jsonschema:"sessions that are scheduled for the next 24 hours, the first 10"`
	Joined           bool        `json:"joined" jsonschema:"whether the asking peer takes part"`
	Replicated       bool        `json:"replicated" jsonschema:"the room is replicated here; else only what is here already is shown"`
	RemainingSeconds int64       `json:"remainingSeconds"`
	PhaseSeconds     int64       `json:"phaseSeconds,omitempty" jsonschema:"until the break, pause or round of work that it is in ends, else until the session does"`
}

// Cycle is where a session is in its cycle.
type Cycle struct {
	WorkSeconds      int64     `json:"workSeconds"`
	BreakSeconds     int64     `json:"breakSeconds"`
	LongBreakSeconds int64     `json:"longBreakSeconds" jsonschema:"of the break after the last round"`
	Rounds           int       `json:"rounds"`
	Round            int       `json:"round,omitempty" jsonschema:"1 to rounds; the break behind a round has its number"`
	Phase            string    `json:"phase,omitempty" jsonschema:"work, break or long break; absent while the session does not run"`
	PhaseEndsAt      time.Time `json:"phaseEndsAt,omitzero"`
}

// Upcoming is a session that is scheduled.
type Upcoming struct {
	ID     event.ID  `json:"session" jsonschema:"its id"`
	Host   event.Key `json:"host"`
	Goal   string    `json:"goal"`
	Begins time.Time `json:"begins"`
	EndsAt time.Time `json:"endsAt"`
	Joined bool      `json:"joined" jsonschema:"whether the asking peer takes part"`
	Booked int       `json:"booked" jsonschema:"how many take part so far"`
}

// Said is a check-in.
type Said struct {
	Who  event.Key `json:"who"`
	At   time.Time `json:"at"`
	Text string    `json:"text"`
	Late bool      `json:"late,omitempty"`
	// Of a reader's own clock, so never part of what peers agree on.
	ClockAhead bool `json:"clockAhead,omitempty" jsonschema:"said at a time more than 5 minutes ahead of this clock"`
}

// LateAct is something that came too late, or too early, to count.
type LateAct struct {
	Who  event.Key `json:"who"`
	At   time.Time `json:"at"`
	What string    `json:"what" jsonschema:"join, leave, extend, pause, resume, break, done or end"`
}

// Totals are what an ended session was, worked out from its events.
type Totals struct {
	PlannedDurationMs int64 `json:"plannedDurationMs"`
	ActualDurationMs  int64 `json:"actualDurationMs"`
	WorkedMs          int64 `json:"workedMs,omitempty" jsonschema:"without pauses and breaks; absent where there were none"`
	ParticipantCount  int   `json:"participantCount"`
	CheckinCount      int   `json:"checkinCount"`
}

// Table implements wire.Tabular.
func (s Session) Table() wire.Table {
	return wire.Table{Columns: sessionColumns, Rows: [][]any{s.row()}}
}

// List implements wire.Listed: a session is one row.
func (s Session) List() string { return "" }

var sessionColumns = wire.Columns("room", "status", "goal", "host", ">participants", ">checkins", ">remaining", "ends_at")

func (s Session) row() []any {
	row := []any{s.Room, s.Status, s.Goal, nil, s.ParticipantCount, s.CheckinCount, nil, nil}
	if s.Host != (event.Key{}) {
		row[3], row[7] = s.Host, s.EndsAt
	}
	switch s.Status {
	case Active, OnBreak, Paused:
		row[6] = (time.Duration(s.RemainingSeconds) * time.Second).String()
	case Ended:
		row[7] = s.EndedAt
	}
	return row
}

// Snapshot returns a session as it is at now; it is idle where its author's
// clock is ahead and it has not begun. The room's name and whether it is
// replicated and whether the reader takes part are left to the caller. It is false where id is no
// session that counts.
func Snapshot(r app.Reader, id event.ID, now time.Time) (Session, bool) {
	s := around(r, id)
	if s == nil {
		return Session{}, false
	}
	return s.snapshot(r, now.UnixMilli()), true
}

// SessionOf returns the session that an event of the app is about: its own id
// for a start, for a standing join the session that it counts for. It is
// false where there is none, so far or at all.
func SessionOf(r app.Reader, e *event.Signed) (event.ID, bool) {
	if _, ok := bodyOf(e); !ok {
		return event.ID{}, false
	}
	if e.Type == typeStart || e.Type == typeSchedule {
		return e.ID, true
	}
	var about struct { // every other body names its session alike
		Session event.ID `cbor:"session"`
	}
	if event.Unmarshal(e.Body, &about) != nil {
		return event.ID{}, false
	}
	if e.Type == typeJoin && about.Session.IsZero() {
		return standsFor(r, e)
	}
	return about.Session, !about.Session.IsZero()
}

func standsFor(r app.Reader, e *event.Signed) (event.ID, bool) {
	for _, s := range load(r, e.TS, e.TS).sessions {
		if slices.ContainsFunc(s.stands, func(w stand) bool { return w.id == e.ID }) {
			return s.id, true
		}
	}
	return event.ID{}, false
}

func (s *session) snapshot(r app.Reader, now int64) Session {
	out := Session{
		ID: s.id, Host: s.host, Status: s.status(now), Scheduled: s.Scheduled,
		StartedAt: event.Instant(s.begin), EndsAt: event.Instant(s.scheduled),
		Participants: []event.Key{}, ParticipantCount: len(s.members),
		Checkins: []Said{}, CheckinCount: s.checkins,
	}
	if _, b, ok := startOf(r, s.id); ok {
		out.Goal, out.Tags = b.Goal, b.Tags
	}
	for _, m := range s.members[:min(shownPeople, len(s.members))] {
		out.Participants = append(out.Participants, m.key)
	}
	for _, key := range s.hosts {
		if key != s.host && len(out.Cohosts) < shownPeople {
			out.Cohosts = append(out.Cohosts, key)
		}
	}
	lastEvent := s.TS
	if s.Scheduled {
		lastEvent = min(s.TS, now)
	}
	for i := range s.facts {
		if f := &s.facts[i]; !f.late && !f.moot {
			lastEvent = max(lastEvent, f.TS)
		}
	}
	out.addFacts(r, s.facts, now)
	for _, w := range s.stands {
		lastEvent = max(lastEvent, w.ts)
	}
	out.addCycle(s, now)
	for _, p := range s.pauses {
		out.PausedSeconds += max(0, min(p.to, now)-p.from) / 1000
	}
	switch {
	case Runs(out.Status):
		out.RemainingSeconds = (s.remaining(now) + 999) / 1000
		out.addPresent(s, now)
		out.PhaseSeconds = max(0, out.ChangesAt().UnixMilli()-now+999) / 1000
	case out.Status == Ended:
		lastEvent = max(lastEvent, s.end)
		out.close(r, s)
	}
	out.LastEventAt = event.Instant(lastEvent)
	return out
}

// addPresent shows who is there, and the pause or break if there is one.
func (out *Session) addPresent(s *session, now int64) {
	for _, m := range s.members {
		if !m.present(now) {
			continue
		}
		if out.PresentCount++; len(out.Present) < shownPeople {
			out.Present = append(out.Present, m.key)
		}
	}
	if p := s.paused(now); p != nil {
		out.PausedAt, out.PausedUntil = event.Instant(p.from), event.Instant(p.to)
	} else if ph, ok := s.phase(now); ok && ph.name != Work {
		out.PausedAt, out.PausedUntil = event.Instant(ph.from), event.Instant(ph.to)
	}
}

func (out *Session) addCycle(s *session, now int64) {
	if len(s.Cycle) == 0 {
		return
	}
	out.Cycle = &Cycle{WorkSeconds: s.Cycle[0], BreakSeconds: s.Cycle[1], LongBreakSeconds: s.Cycle[3], Rounds: int(s.Cycle[2])}
	if ph, ok := s.phase(max(now, s.begin)); ok && Runs(out.Status) {
		out.Cycle.Round, out.Cycle.Phase, out.Cycle.PhaseEndsAt = ph.round, ph.name, event.Instant(ph.to)
	}
}

// ChangesAt returns when time alone ends the break, pause or round of work that
// a session is in, else when it ends the session; the zero time where no
// session runs.
func (out *Session) ChangesAt() time.Time {
	switch {
	case !Runs(out.Status):
		return time.Time{}
	case !out.PausedUntil.IsZero():
		return out.PausedUntil
	case out.Cycle != nil:
		return out.Cycle.PhaseEndsAt
	}
	return out.EndsAt
}

// addFacts shows the latest facts, and reads the events of no others.
func (out *Session) addFacts(r app.Reader, facts []factOf, now int64) {
	checkins, late := 0, 0
	for _, f := range slices.Backward(facts) {
		if f.late {
			out.LateCount++
		}
		switch {
		case f.Kind != factCheckIn:
			if f.late && len(out.Late) < shownLate {
				out.Late = append(out.Late, LateAct{Who: f.Author, At: event.Instant(f.TS), What: f.Kind.String()})
			}
			continue
		case f.late:
			late++
		default:
			checkins++
		}
		if f.late && late <= shownLate || !f.late && checkins <= shownCheckins {
			c := said(r, f.id, f.Author, f.TS, now)
			c.Late = f.late
			out.Checkins = append(out.Checkins, c)
		}
	}
	slices.Reverse(out.Checkins)
	slices.Reverse(out.Late)
}

func (out *Session) close(r app.Reader, s *session) {
	out.EndedReason, out.EndedAt = Timer, event.Instant(s.end)
	if s.ender != nil {
		out.EndedReason = Manual
		var b End
		if e, ok := r.Event(s.ender.id); ok && event.DecodeBody(e.Body, &b) == nil {
			out.Summary = b.Summary
		}
	}
	out.Stats = &Totals{
		PlannedDurationMs: s.scheduled - s.begin, ActualDurationMs: s.end - s.begin,
		ParticipantCount: len(s.members), CheckinCount: s.checkins,
	}
	if worked := s.worked(); worked < s.end-s.begin {
		out.Stats.WorkedMs = worked
	}
}

// worked is how long the session's clock ran for work, in ms.
func (s *session) worked() int64 { return common(s.work(), []span{{from: s.begin, to: s.end}}) }

func (s *session) goal(r app.Reader) string {
	if _, b, ok := startOf(r, s.id); ok {
		return b.Goal
	}
	return ""
}

func said(r app.Reader, id event.ID, who event.Key, ts, now int64) Said {
	var b CheckIn
	if e, ok := r.Event(id); ok {
		_ = event.DecodeBody(e.Body, &b) // it was folded, so it decodes
	}
	return Said{Who: who, At: event.Instant(ts), Text: b.Text, ClockAhead: ts > now+clockAhead}
}
