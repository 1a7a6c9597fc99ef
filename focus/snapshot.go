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
	Idle   = "idle"
	Active = "active"
	Ended  = "ended"
)

// What a reply carries at most, whatever strangers write.
const (
	shownPeople   = 100
	shownCheckins = 100
	shownLate     = 20
	shownNotes    = 20
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
	Status           string      `json:"status" jsonschema:"idle, active or ended"`
	StartedAt        time.Time   `json:"startedAt,omitzero"`
	EndsAt           time.Time   `json:"endsAt,omitzero" jsonschema:"planned end, with extensions"`
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
	Joined           bool        `json:"joined" jsonschema:"whether the asking peer takes part"`
	Replicated       bool        `json:"replicated" jsonschema:"the room is replicated here; else only what is here already is shown"`
	RemainingSeconds int64       `json:"remainingSeconds"`
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
	What string    `json:"what" jsonschema:"join, extend or end"`
}

// Totals are what an ended session was, worked out from its events.
type Totals struct {
	PlannedDurationMs int64 `json:"plannedDurationMs"`
	ActualDurationMs  int64 `json:"actualDurationMs"`
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
	case Active:
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
	all := kinds()
	i := slices.IndexFunc(all, func(k app.Kind) bool { return k.Type == e.Type })
	if i < 0 || e.Epoch != 0 {
		return event.ID{}, false
	}
	body := all[i].New()
	if event.DecodeBody(e.Body, body) != nil {
		return event.ID{}, false
	}
	if e.Type == typeStart {
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
		ID: s.id, Host: s.Author, Goal: s.goal(r), Status: s.status(now),
		StartedAt: event.Instant(s.begin), EndsAt: event.Instant(s.scheduled),
		Participants: []event.Key{}, ParticipantCount: len(s.members),
		Checkins: []Said{}, CheckinCount: s.checkins,
	}
	for _, m := range s.members[:min(shownPeople, len(s.members))] {
		out.Participants = append(out.Participants, m.key)
	}
	lastEvent := s.TS
	for i := range s.facts {
		if f := &s.facts[i]; !f.late {
			lastEvent = max(lastEvent, f.TS)
		}
	}
	out.addFacts(r, s.facts, now)
	for _, w := range s.stands {
		lastEvent = max(lastEvent, w.ts)
	}
	switch out.Status {
	case Active:
		out.RemainingSeconds = (s.end - max(now, s.begin) + 999) / 1000
	case Ended:
		lastEvent = max(lastEvent, s.end)
		out.close(r, s)
	}
	out.LastEventAt = event.Instant(lastEvent)
	return out
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
}

func (s *session) status(now int64) string {
	switch {
	case s.active(now):
		return Active
	case now >= s.end:
		return Ended
	}
	return Idle
}

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
