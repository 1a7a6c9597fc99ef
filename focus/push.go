package focus

import (
	"strings"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// The eventTypes of pushes that the original does not have.
const (
	superseded  = "session_superseded"
	pushBegin   = "session_begin"  // a scheduled session begins
	pushSoon    = "session_soon"   // 5 minutes are left
	pushBreak   = "session_break"  // a host calls a break, or one of the cycle begins
	pushResume  = "session_resume" // a pause or break ends, by itself or not
	pushPrefix  = "session_"       // of what else a member does: leave, done, handover, cohost, schedule
	typesPrefix = "focus."
)

// kindOfTime is the eventType of the push for what time brings; an end has one
// of the original's.
var kindOfTime = map[string]string{
	TimeBegin: pushBegin, TimeSoon: pushSoon, TimeBreak: pushBreak, TimeWork: pushResume, TimeLapse: pushResume,
}

// ChangedPush is pushed where a session changes in a way that the original
// does not know.
type ChangedPush struct {
	App     string    `json:"app"`
	Payload Changed   `json:"payload"`
	By      event.Key `json:"by"` // who did it; the host, where time did
}

// Changed is a session behind a change. Times are ms.
type Changed struct {
	Room    string    `json:"room"`
	Session event.ID  `json:"session,omitzero"`
	Who     event.Key `json:"who"`
	Reason  string    `json:"reason" jsonschema:"manual, or timer where time did it"`
	Status  string    `json:"status" jsonschema:"of the session from now on"`
	Goal    string    `json:"goal,omitempty"`
	To      event.Key `json:"to,omitzero" jsonschema:"who gets the rights of a host"`
	EndsAt  int64     `json:"endsAt,omitempty"`
	Until   int64     `json:"until,omitempty" jsonschema:"when time alone changes it next"`
	At      int64     `json:"at"`
}

// SupersededPush is pushed where a start makes two sessions run at once: both
// are valid, and readers that take part in neither are shown one of them.
type SupersededPush struct {
	App     string     `json:"app"`
	Payload Superseded `json:"payload"`
}

// Superseded says which of two sessions is shown.
type Superseded struct {
	Room    string     `json:"room"`
	Session event.ID   `json:"session" jsonschema:"the session that is shown"`
	Hidden  []event.ID `json:"hidden" jsonschema:"the other sessions that run"`
}

// pushes tells of what the original has no push for.
func pushes(r app.Reader, h app.Happened) []app.Push {
	if h.Event == nil {
		return timePushes(r, h)
	}
	if !Counts(r, h.Event) {
		return nil
	}
	switch h.Event.Type {
	case typeStart:
		return startPushes(r, h)
	case typePause, typeResume, typeBreak, typeLeave, typeDone, typeHandover, typeCohost, typeSchedule:
		c := Changed{Who: h.Event.Author, Reason: Manual, Status: Idle, At: h.Event.TS}
		c.Session, _ = SessionOf(r, h.Event)
		var to struct {
			To event.Key `cbor:"to"`
		}
		if event.Unmarshal(h.Event.Body, &to) == nil {
			c.To = to.To
		}
		return []app.Push{c.push(r, h, pushPrefix+strings.TrimPrefix(h.Event.Type, typesPrefix))}
	}
	return nil
}

// timePushes tells of what time has brought.
func timePushes(r app.Reader, h app.Happened) []app.Push {
	t, ok := ParseTimer(h.Due.ID)
	if !ok || kindOfTime[t.What] == "" {
		return nil
	}
	s, ok := Snapshot(r, t.Session, t.At)
	if !ok {
		return nil
	}
	return []app.Push{Changed{Session: t.Session, Who: s.Host, Reason: Timer, At: t.At.UnixMilli()}.push(r, h, kindOfTime[t.What])}
}

// push fills in the session as it is behind the change.
func (c Changed) push(r app.Reader, h app.Happened, kind string) app.Push {
	c.Room = h.Room
	if s, ok := Snapshot(r, c.Session, event.Instant(c.At)); ok {
		c.Status, c.Goal = s.Status, s.Goal
		if Runs(s.Status) {
			c.EndsAt, c.Until = s.EndsAt.UnixMilli(), s.ChangesAt().UnixMilli()
		}
	}
	return app.Push{Type: wire.PushFocus, Kind: kind, Body: ChangedPush{App: "focus_room", Payload: c, By: c.Who}}
}

// startPushes tells of sessions at once, as they were when the event was
// written.
func startPushes(r app.Reader, h app.Happened) []app.Push {
	ms := h.Event.TS
	l := present(r, ms)
	shown := l.best(ms, func(*session) bool { return false })
	out := Superseded{Room: h.Room}
	started := false
	for _, s := range l.sessions {
		switch {
		case !s.active(ms):
			continue
		case s == shown:
			out.Session = s.id
		default:
			out.Hidden = append(out.Hidden, s.id)
		}
		started = started || s.id == h.Event.ID
	}
	if !started || len(out.Hidden) == 0 {
		return nil
	}
	return []app.Push{{Type: wire.PushFocus, Kind: superseded, Body: SupersededPush{App: "focus_room", Payload: out}}}
}
