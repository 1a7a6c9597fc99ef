package focus

import (
	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// DoneReq says how long the caller was present in the session that runs or
// ended in the last 15 minutes, for clients that watch it. The latest counts.
type DoneReq struct {
	app.InNamed
	PresentSeconds int64 `json:"presentSeconds" jsonschema:"that the caller was there, 0 to 86400"`
	IdleSeconds    int64 `json:"idleSeconds,omitempty" jsonschema:"that he was idle, or his machine asleep, 0 to 86400"`
}

// DoneReply is the session.
type DoneReply struct{ Session }

var doneDef = wire.Def[DoneReq, DoneReply]{Spec: wire.Spec{
	Request: "focus_done", Reply: "focus_done", Scope: wire.ScopeFocus,
	Summary: "Say how long you were present in a session", Write: true,
}}

func decideDone(r app.Reader, in DoneReq, c app.Call) ([]app.Draft, error) {
	now := c.Now.UnixMilli()
	s := present(r, now).shown(c.Author, now)
	if s == nil || s.member(c.Author) == nil {
		s = last(r, now)
	}
	if s == nil || s.member(c.Author) == nil || now > s.end+afterEnd {
		return nil, wire.Errorf(wire.NotActive, "you took part in no session of %s in the last 15 minutes", c.Room.Name).
			WithHint("intercom focus status " + c.Room.Name)
	}
	b := &Done{Session: s.id, Present: in.PresentSeconds, Idle: in.IdleSeconds}
	if err := b.Check(); err != nil {
		return nil, wire.Errorf(wire.InvalidRequest, "%s", err).WithHint("0 to 86400 seconds each")
	}
	return []app.Draft{{Type: typeDone, Body: b}}, nil
}

func replyDone(r app.Reader, _ DoneReq, events []*event.Signed, c app.Call) (DoneReply, error) {
	return DoneReply{showAfter(r, events, c)}, nil
}
