package expense

import (
	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// RecurRunReq adds what is due.
type RecurRunReq struct{ app.Channel }

// RecurRunReply has the entries that were added.
type RecurRunReply struct {
	Channel string  `json:"channel"`
	Entries []Entry `json:"entries" jsonschema:"what was added, the oldest first; up to 100"`
	Due     int     `json:"due" jsonschema:"entries that are due still: run it again"`
}

// List implements wire.Listed.
func (RecurRunReply) List() string { return "entries" }

// Table implements wire.Tabular.
func (r RecurRunReply) Table() wire.Table { return entryTable(r.Entries) }

// Note implements wire.Noted.
func (r RecurRunReply) Note() string {
	switch {
	case r.Due > 0:
		return plural(int64(r.Due), "more is", "more are") + " due: intercom expense recur run --channel " + r.Channel
	case len(r.Entries) == 0:
		return "nothing is due in " + r.Channel + " by rules of yours, or of others where you govern the room"
	}
	return ""
}

var recurRunDef = wire.Def[RecurRunReq, RecurRunReply]{Spec: wire.Spec{
	Request: "expense_recur_run", Reply: "expense_recur_run", Scope: wire.ScopeExpense,
	Summary: "Add what recurs and is due: by your rules, and as an admin by everybody's", Command: "expense recur run", Write: true,
}}

func decideRecurRun(r app.Reader, _ RecurRunReq, c app.Call) ([]app.Draft, error) {
	return drafts(outstanding(r, c, true), c), nil
}

func replyRecurRun(r app.Reader, _ RecurRunReq, events []*event.Signed, c app.Call) (RecurRunReply, error) {
	out := RecurRunReply{Channel: c.Room.Name, Entries: []Entry{}, Due: len(outstanding(r, c, true))}
	for _, e := range events {
		out.Entries = append(out.Entries, shownOf(r, e))
	}
	return out, nil
}
