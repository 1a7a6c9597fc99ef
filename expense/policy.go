package expense

import (
	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/core"
	"intercom/ledger/event"
)

// PolicyReq shows or changes when the entries of a room count.
type PolicyReq struct {
	app.Channel
	Counts string `json:"counts,omitempty" arg:"counts" enum:"trust,confirm" jsonschema:"trust: entries count at once; confirm: when those whom they cost something have confirmed them; absent: as it was"`
	Days   int    `json:"days,omitempty" jsonschema:"days without a dispute, 1 to 366, after which what a member writes confirms what he knew; absent: as it was, 14 at first"`
}

// PolicyReply has the policy of a room for the entries to come.
type PolicyReply struct {
	Channel string `json:"channel"`
	Counts  string `json:"counts" jsonschema:"trust or confirm"`
	Days    int    `json:"days" jsonschema:"days without a dispute that are a confirmation, where the room asks for one"`
	Changed bool   `json:"changed"`
}

// Table implements wire.Tabular.
func (r PolicyReply) Table() wire.Table {
	return wire.Table{Columns: wire.Columns("counts", ">days", "changed"), Rows: [][]any{{r.Counts, r.Days, r.Changed}}}
}

// Note implements wire.Noted.
func (r PolicyReply) Note() string {
	if r.Changed {
		return "it holds for entries that are written from now on"
	}
	return ""
}

var policyDef = wire.Def[PolicyReq, PolicyReply]{Spec: wire.Spec{
	Request: "expense_policy", Reply: "expense_policy", Scope: wire.ScopeAdmin,
	Summary: "Show or set whether the entries of a room that you own or govern count at once, or when confirmed", Command: "expense policy", Write: true,
}}

func decidePolicy(_ app.Reader, in PolicyReq, c app.Call) ([]app.Draft, error) {
	was := policyOf(c)
	switch {
	case in.Counts == "" && in.Days == 0:
		return nil, nil
	case !c.Room.Owned:
		return nil, inOpenRoom(c)
	case in.Counts != "" && in.Counts != countsTrust && in.Counts != countsConfirm:
		return nil, wire.Errorf(wire.InvalidRequest, "counts: %.40q is not trust or confirm", in.Counts)
	case in.Days < 0 || in.Days > mostDays:
		return nil, wire.Errorf(wire.InvalidRequest, "days: %d is not 1 to %d", in.Days, mostDays)
	case !c.Role.Governs():
		return nil, forbidden(c, "the policy of %s is for its owner and admins to set; your role is %s", c.Room.Name, c.Role)
	}
	next := was
	if in.Counts != "" {
		next.Counts = in.Counts
	}
	if in.Days != 0 {
		next.Days = in.Days
	}
	if next == was {
		return nil, nil
	}
	return []app.Draft{{Type: core.TypePolicy, Body: &core.Fields{policyCounts: next.Counts, policyDays: uint64(next.Days)}}}, nil
}

func replyPolicy(_ app.Reader, _ PolicyReq, events []*event.Signed, c app.Call) (PolicyReply, error) {
	out := policyOf(c)
	out.Changed = len(events) > 0
	return out, nil
}

// policyOf returns the policy of a room as it is now.
func policyOf(c app.Call) PolicyReply {
	days, yes := confirms(c.Policy)
	out := PolicyReply{Channel: c.Room.Name, Counts: countsTrust, Days: int(days)}
	if yes {
		out.Counts = countsConfirm
	}
	return out
}
