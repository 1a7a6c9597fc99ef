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
	Participants     []event.Key `json:"participants" jsonschema:"who took part, the host first; in an idle room who waits"`
	Waiting          []event.Key `json:"waiting,omitempty" jsonschema:"who joined the next session"`
	Checkins         []Said      `json:"checkins"`
	Notes            []Said      `json:"notes,omitempty" jsonschema:"check-ins of the last day that belong to no session"`
	Late             []LateAct   `json:"late,omitempty" jsonschema:"acts outside the session's time, which do not count"`
	Stats            *Totals     `json:"stats,omitempty" jsonschema:"of an ended session"`
	Joined           bool        `json:"joined" jsonschema:"whether the asking peer takes part"`
	RemainingSeconds int64       `json:"remainingSeconds"`
}

// Said is a check-in.
type Said struct {
	Who  event.Key `json:"who"`
	At   time.Time `json:"at"`
	Text string    `json:"text"`
	Late bool      `json:"late,omitempty"`
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
	row := []any{s.Room, s.Status, s.Goal, nil, len(s.Participants), len(s.Checkins), nil, nil}
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
// clock is ahead and it has not begun. The room's name and whether the
// reader takes part are left to the caller. It is false where id is no
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
	i := slices.IndexFunc(kinds, func(k app.Kind) bool { return k.Type == e.Type })
	if i < 0 || e.Epoch != 0 {
		return event.ID{}, false
	}
	body := kinds[i].New()
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
		ID: s.id, Host: s.Author, Status: Idle,
		StartedAt: event.Instant(s.begin), EndsAt: event.Instant(s.scheduled),
		Participants: make([]event.Key, 0, len(s.members)), Checkins: []Said{},
	}
	if _, b, ok := startOf(r, s.id); ok {
		out.Goal = b.Goal
	}
	for _, m := range s.members {
		out.Participants = append(out.Participants, m.key)
	}
	lastEvent := s.TS
	for i := range s.facts {
		lastEvent = max(lastEvent, out.add(r, &s.facts[i]))
	}
	for _, w := range s.stands {
		lastEvent = max(lastEvent, w.ts)
	}
	switch {
	case s.active(now):
		out.Status = Active
		out.RemainingSeconds = (s.end - max(now, s.begin) + 999) / 1000
	case now >= s.end:
		lastEvent = max(lastEvent, s.end)
		out.close(r, s)
	}
	out.LastEventAt = event.Instant(lastEvent)
	return out
}

// add shows one fact, and returns its time if it counts.
func (out *Session) add(r app.Reader, f *factOf) int64 {
	if f.Kind == factCheckIn {
		out.Checkins = append(out.Checkins, said(r, f.id, f.Author, f.TS, f.late))
	} else if f.late {
		out.Late = append(out.Late, LateAct{Who: f.Author, At: event.Instant(f.TS), What: f.Kind.String()})
	}
	if f.late {
		return 0
	}
	return f.TS
}

func (out *Session) close(r app.Reader, s *session) {
	out.Status, out.EndedReason, out.EndedAt = Ended, Timer, event.Instant(s.end)
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

func said(r app.Reader, id event.ID, who event.Key, ts int64, late bool) Said {
	var b CheckIn
	if e, ok := r.Event(id); ok {
		_ = event.DecodeBody(e.Body, &b) // it was folded, so it decodes
	}
	return Said{Who: who, At: event.Instant(ts), Text: b.Text, Late: late}
}
