package expense

import (
	"time"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// RecurStopReq ends a rule.
type RecurStopReq struct {
	app.Channel
	Rule   string `json:"rule,omitempty" arg:"rule" required:"true" complete:"rules" jsonschema:"id of the rule or the start of it"`
	Last   string `json:"last,omitempty" jsonschema:"last day that counts, YYYY-MM-DD; if absent that of the last entry that was added"`
	Reason string `json:"reason,omitempty" jsonschema:"why, up to 4096 bytes"`
}

// RecurStopReply is a rule that was stopped.
type RecurStopReply struct {
	Channel string `json:"channel"`
	Rule    Rule   `json:"rule"`
	Out     int    `json:"out" jsonschema:"entries of later days, which do not count"`
	Changed bool   `json:"changed" jsonschema:"false: it was stopped before, on that day or earlier"`
}

// List implements wire.Listed.
func (RecurStopReply) List() string { return "" }

// Table implements wire.Tabular.
func (r RecurStopReply) Table() wire.Table {
	return wire.Table{Columns: wire.Columns("id", "last", "out", "changed"), Rows: [][]any{{r.Rule.ID, r.Rule.Last, r.Out, r.Changed}}}
}

var recurStopDef = wire.Def[RecurStopReq, RecurStopReply]{Spec: wire.Spec{
	Request: "expense_recur_stop", Reply: "expense_recur_stopped", Scope: wire.ScopeExpense,
	Summary: "Let an expense recur no more, for good", Command: "expense recur stop", Write: true,
}}

func decideRecurStop(r app.Reader, in RecurStopReq, c app.Call) ([]app.Draft, error) {
	x, err := findRule(r, in.Rule, c.Room.Name)
	if err != nil {
		return nil, err
	}
	if !mayVoid(c.Role, c.Author, x.by) {
		return nil, wire.Errorf(wire.Forbidden, "only who made it, %s, and admins stop rule %s", x.by.Short(), x.id.Short())
	}
	b := &Stop{Rule: x.id}
	if b.Reason, err = say("reason", in.Reason); err != nil {
		return nil, err
	}
	if in.Last == "" {
		b.Last = x.lastMade(r)
	} else if b.Last, err = day(in.Last, c.Now); err != nil {
		return nil, err
	}
	if x.last <= b.Last {
		return nil, nil
	}
	if err := b.Check(); err != nil {
		return nil, wire.Errorf(wire.InvalidRequest, "last: %s is not from %s to %s", b.Last, firstDay, lastDay)
	}
	return []app.Draft{{Type: typeStop, Body: b}}, nil
}

// lastMade returns the last day for which an entry was added, or the day before
// the rule starts.
func (x rule) lastMade(r app.Reader) string {
	start, _ := time.Parse(time.DateOnly, x.Start) // the body was checked
	last := max(start.AddDate(0, 0, -1).Format(time.DateOnly), firstDay)
	prefix := occurrenceRows + x.id.String() + "/"
	r.Scan(prefix, func(key string, _ func(any)) bool {
		last = max(last, key[len(prefix):len(prefix)+len(firstDay)])
		return true
	})
	return last
}

func replyRecurStop(r app.Reader, in RecurStopReq, events []*event.Signed, c app.Call) (RecurStopReply, error) {
	x, err := findRule(r, in.Rule, c.Room.Name)
	if err != nil {
		return RecurStopReply{}, err
	}
	return RecurStopReply{
		Channel: c.Room.Name, Rule: x.shown(r, c), Out: len(firstAfter(r, x.id, x.last, never)), Changed: len(events) > 0,
	}, nil
}
