package expense

import (
	"strings"

	"intercom/client/wire"
	"intercom/internal/app"
)

// SettleReq asks for the payments that settle a room.
type SettleReq struct{ app.Channel }

// Settlement is a plan with the fewest payments (docs/format.md); every peer
// with the same entries has the same plan.
type Settlement struct {
	Channel   string          `json:"channel"`
	Joined    bool            `json:"joined" jsonschema:"the room is replicated here; else only what is here already is shown"`
	Entries   int64           `json:"entries" jsonschema:"entries that it settles, those of closed epochs that still count included"`
	Transfers []MemberPayment `json:"transfers"`
}

// Table implements wire.Tabular.
func (s Settlement) Table() wire.Table {
	t := wire.Table{Columns: wire.Columns("from", "to", ">amount", "currency"), Rows: [][]any{}}
	for _, p := range s.Transfers {
		t.Rows = append(t.Rows, []any{p.From, p.To, p.Amount, p.Currency})
	}
	return t
}

// Note implements wire.Noted.
func (s Settlement) Note() string {
	return planNote(s.Channel, s.Entries == 0, s.Transfers, s.Joined)
}

var settleDef = wire.Def[SettleReq, Settlement]{Spec: wire.Spec{
	Request: "expense_settle", Reply: "expense_settlement", Scope: wire.ScopeRead,
	Summary: "Show who should pay whom", Command: "expense settle",
}}

func (p *planner) readSettle(r app.Reader, _ SettleReq, c app.Call) (Settlement, error) {
	s := sheet(r, p, c)
	return Settlement{Channel: s.Channel, Joined: s.Joined, Entries: s.Entries + s.Carried, Transfers: s.Transfers}, nil
}

// planNote is what a plan says beside its lines.
func planNote(channel string, empty bool, transfers []MemberPayment, joined bool) string {
	var notes []string
	switch {
	case empty:
		notes = append(notes, "no expenses in "+channel)
	case len(transfers) == 0:
		notes = append(notes, "all settled in "+channel)
	}
	if !joined {
		notes = append(notes, notJoined(app.Room{Name: channel}))
	}
	return strings.Join(notes, "\n")
}
