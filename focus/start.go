package focus

import (
	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

const defaultMinutes = 25

// StartReq starts a session; the caller becomes its host.
type StartReq struct {
	app.InNamed
	Minutes Minutes `json:"minutes,omitzero" short:"m" jsonschema:"planned length, 1 to 1440 minutes or a text such as 1h30m; 25 if absent"`
	Goal    string  `json:"goal,omitempty" short:"g" jsonschema:"what the session is for, cut at 240 characters"`
}

// StartReply is the session that was started.
type StartReply struct{ Session }

var startDef = wire.Def[StartReq, StartReply]{Spec: wire.Spec{
	Request: "focus_start", Reply: "focus_started", Scope: wire.ScopeFocus,
	Summary: "Start a session in a room and be its host", Command: "focus start", Write: true,
}}

func decideStart(r app.Reader, in StartReq, c app.Call) ([]app.Draft, error) {
	minutes, err := in.Minutes.Parse(defaultMinutes)
	if err != nil {
		return nil, err
	}
	now := c.Now.UnixMilli()
	if s := present(r, now).shown(c.Author, now); s != nil {
		return nil, wire.Errorf(wire.AlreadyActive, "room is already active: a session runs for another %s", s.left(now)).
			WithHint("intercom focus join " + c.Room.Name)
	}
	return []app.Draft{{Type: typeStart, Body: &Start{Goal: cut(in.Goal), Seconds: minutes * 60, Begin: now}}}, nil
}

func replyStart(r app.Reader, _ StartReq, events []*event.Signed, c app.Call) (StartReply, error) {
	return StartReply{showAfter(r, events, c)}, nil
}
