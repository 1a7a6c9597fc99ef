package focus

import (
	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// superseded is the eventType of a push that the original does not have.
const superseded = "session_superseded"

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

// pushes tells of sessions at once, as they were when the event was written.
// All else that happens in a room has a push of the original's.
func pushes(r app.Reader, h app.Happened) []app.Push {
	if h.Event == nil || h.Event.Type != typeStart || !Counts(r, h.Event) {
		return nil
	}
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
