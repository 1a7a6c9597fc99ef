package focus

import (
	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// EndReq ends the caller's session before its time; an admin of the room ends
// any.
type EndReq struct {
	app.InNamed
	Summary string `json:"summary,omitempty" short:"s" jsonschema:"what came of it, cut at 240 characters"`
}

// EndReply is the session with its totals.
type EndReply struct{ Session }

var endDef = wire.Def[EndReq, EndReply]{Spec: wire.Spec{
	Request: "focus_end", Reply: "focus_ended", Scope: wire.ScopeFocus,
	Summary: "End your session before its time", Command: "focus end", Write: true,
}}

func decideEnd(r app.Reader, in EndReq, c app.Call) ([]app.Draft, error) {
	s, err := hosting(r, c, "end", c.Role.Governs())
	if err != nil {
		return nil, err
	}
	return []app.Draft{{Type: typeEnd, Body: &End{Session: s.id, Summary: cut(in.Summary)}}}, nil
}

func replyEnd(r app.Reader, _ EndReq, events []*event.Signed, c app.Call) (EndReply, error) {
	return EndReply{showAfter(r, events, c)}, nil
}
