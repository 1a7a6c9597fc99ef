package compat

import (
	"time"

	"intercom/client/wire"
	"intercom/focus"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// focusMessage is what the original's peers tell each other of a room.
type focusMessage struct {
	App       string    `json:"app"`
	EventType string    `json:"eventType"`
	Payload   any       `json:"payload"`
	At        int64     `json:"at"`
	By        event.Key `json:"by"`
}

type focusEvent struct {
	Type string `json:"type"`
	focusMessage
	Source string `json:"source"`
}

type focusStarted struct {
	Room      string    `json:"room"`
	Host      event.Key `json:"host"`
	Goal      string    `json:"goal"`
	StartedAt int64     `json:"startedAt"`
	EndsAt    int64     `json:"endsAt"`
}

type focusJoined struct {
	Room string    `json:"room"`
	Who  event.Key `json:"who"`
	At   int64     `json:"at"`
}

type focusCheckedIn struct {
	Room   string    `json:"room"`
	Who    event.Key `json:"who"`
	Status string    `json:"status"`
	At     int64     `json:"at"`
}

type focusExtended struct {
	Room    string    `json:"room"`
	Who     event.Key `json:"who"`
	Minutes int64     `json:"minutes"`
	EndsAt  int64     `json:"endsAt"`
	At      int64     `json:"at"`
}

type focusEnded struct {
	Room    string      `json:"room"`
	Who     event.Key   `json:"who"`
	Summary string      `json:"summary"`
	At      int64       `json:"at"`
	Stats   *focusStats `json:"stats"`
}

type focusExpired struct {
	Room   string      `json:"room"`
	Who    event.Key   `json:"who"`
	Reason string      `json:"reason"`
	At     int64       `json:"at"`
	Stats  *focusStats `json:"stats"`
}

// FocusFrames returns what the original pushes when an event of the focus app
// happens: a focus_event, and for an event of another peer the message that
// carried it. An event that does not count, or of which the original knows
// nothing, is pushed to nobody.
func (s Shapes) FocusFrames(h Happening) ([]Frame, error) {
	if !focus.Counts(h.Reader, h.Event) {
		return nil, nil
	}
	eventType, payload := focusPayload(h)
	if eventType == "" {
		return nil, nil
	}
	m := focusMessage{App: "focus_room", EventType: eventType, Payload: payload, At: h.Event.TS, By: h.Event.Author}
	f, err := m.frame(h.Room, h.Local)
	if err != nil {
		return nil, err
	}
	if h.Local {
		return []Frame{f}, nil
	}
	carrier, err := eventMessage(h, m)
	if err != nil {
		return nil, err
	}
	return []Frame{f, carrier}, nil
}

// frame returns the focus_event of a message.
func (m focusMessage) frame(room string, local bool) (Frame, error) {
	source := "remote"
	if local {
		source = "local"
	}
	text, err := Encode(m)
	if err != nil {
		return Frame{}, err
	}
	b, err := Encode(focusEvent{Type: wire.PushFocus, focusMessage: m, Source: source})
	return Frame{Type: wire.PushFocus, Kind: m.EventType, Channel: room, Text: text, JSON: b}, err
}

// focusPayload returns the original's name of an event and its payload, an
// empty name where it has none. Who acts is the signer, whatever a body says.
func focusPayload(h Happening) (eventType string, payload any) {
	e := h.Event
	switch e.Type {
	case "focus.start":
		var b focus.Start
		if event.DecodeBody(e.Body, &b) == nil {
			return "session_start", focusStarted{
				Room: h.Room, Host: e.Author, Goal: b.Goal, StartedAt: b.Begin, EndsAt: b.Begin + b.Seconds*1000,
			}
		}
	case "focus.join":
		return "session_join", focusJoined{Room: h.Room, Who: e.Author, At: e.TS}
	case "focus.checkin":
		var b focus.CheckIn
		if event.DecodeBody(e.Body, &b) == nil {
			return "session_checkin", focusCheckedIn{Room: h.Room, Who: e.Author, Status: b.Text, At: e.TS}
		}
	case "focus.extend":
		var b focus.Extend
		s, ok := sessionOf(h)
		if ok && event.DecodeBody(e.Body, &b) == nil {
			return "session_extend", focusExtended{
				Room: h.Room, Who: e.Author, Minutes: (b.Seconds + 59) / 60, EndsAt: s.EndsAt.UnixMilli(), At: e.TS,
			}
		}
	case "focus.end":
		var b focus.End
		s, ok := sessionOf(h)
		if ok && event.DecodeBody(e.Body, &b) == nil {
			return "session_end", focusEnded{Room: h.Room, Who: e.Author, Summary: b.Summary, At: e.TS, Stats: statsOf(s.Stats)}
		}
	}
	return "", nil
}

// sessionOf returns the session of an event as it is after the event, which
// may be later than now: the author's clock may be ahead of ours, and an end
// before the begin counts as at the begin.
func sessionOf(h Happening) (focus.Session, bool) {
	id, ok := focus.SessionOf(h.Reader, h.Event)
	if !ok {
		return focus.Session{}, false
	}
	s, ok := focus.Snapshot(h.Reader, id, h.Now)
	after := time.UnixMilli(h.Event.TS)
	if after.Before(s.StartedAt) {
		after = s.StartedAt
	}
	if ok && after.After(h.Now) {
		s, ok = focus.Snapshot(h.Reader, id, after)
	}
	return s, ok
}

// ExpiredFrame returns the push for a session that has ended by time; id is
// that of the focus app's timer. It is false where the session ended otherwise
// or at another time. Its host is the source.
func (s Shapes) ExpiredFrame(room, id string, r app.Reader, now time.Time) (Frame, bool, error) {
	session, end, ok := focus.Expired(id)
	if !ok {
		return Frame{}, false, nil
	}
	at, ok := focus.Snapshot(r, session, now)
	if !ok || at.EndedReason != focus.Timer || !at.EndedAt.Equal(end) {
		return Frame{}, false, nil
	}
	f, err := focusMessage{
		App: "focus_room", EventType: "session_expired", At: end.UnixMilli(), By: at.Host,
		Payload: focusExpired{Room: room, Who: at.Host, Reason: focus.Timer, At: end.UnixMilli(), Stats: statsOf(at.Stats)},
	}.frame(room, at.Host == s.Self)
	return f, err == nil, err
}
