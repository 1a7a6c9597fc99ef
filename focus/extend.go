package focus

import (
	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

const defaultExtension = 5 // minutes

// ExtendReq makes the caller's session longer.
type ExtendReq struct {
	app.InNamed
	Minutes Minutes `json:"minutes,omitzero" short:"m" jsonschema:"how much longer, 1 to 1440 minutes or a text such as 1h30m; 5 if absent"`
}

// ExtendReply is the session with its new end.
type ExtendReply struct{ Session }

var extendDef = wire.Def[ExtendReq, ExtendReply]{Spec: wire.Spec{
	Request: "focus_extend", Reply: "focus_extended", Scope: wire.ScopeFocus,
	Summary: "Make your session longer", Command: "focus extend", Write: true,
}}

func decideExtend(r app.Reader, in ExtendReq, c app.Call) ([]app.Draft, error) {
	minutes, err := in.Minutes.Parse(defaultExtension)
	if err != nil {
		return nil, err
	}
	s, err := hosting(r, c, "extend", false)
	if err != nil {
		return nil, err
	}
	if s.scheduled >= s.begin+maxLength {
		return nil, wire.Errorf(wire.Conflict, "the session is as long as one can be: 24 hours").
			WithHint("start another one when it has ended: intercom focus start " + c.Room.Name)
	}
	return []app.Draft{{Type: typeExtend, Body: &Extend{Session: s.id, Seconds: minutes * 60}}}, nil
}

func replyExtend(r app.Reader, _ ExtendReq, events []*event.Signed, c app.Call) (ExtendReply, error) {
	return ExtendReply{showAfter(r, events, c)}, nil
}

// hosting returns the active session that the caller has the rights of a host
// in, with any the one that he is shown, or the error for the command that
// needs one.
func hosting(r app.Reader, c app.Call, command string, any bool) (*session, error) {
	now := c.Now.UnixMilli()
	s := present(r, now).led(c.Author, now)
	switch {
	case s == nil:
		return nil, wire.Errorf(wire.NotActive, "room is not active: there is no session to %s", command).
			WithHint("intercom focus start " + c.Room.Name)
	case !s.mayLead(c.Author) && !any:
		return nil, wire.Errorf(wire.NotHost, "only the host can %s the session, and that is %s", command, s.host).
			WithHint("it ends by itself in " + s.left(now))
	}
	return s, nil
}
