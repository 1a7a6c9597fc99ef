package expense

import (
	"strings"
	"time"

	"intercom/client/wire"
	"intercom/internal/app"
)

// The ways to make a plan.
const (
	AlgorithmExact  = "exact"  // the fewest payments
	AlgorithmGreedy = "greedy" // the largest debtor pays the largest creditor
	AlgorithmDirect = "direct" // each pays those whose entries he shared
)

// SettleReq asks for the payments that settle a room.
type SettleReq struct {
	app.Channel
	Algorithm string `json:"algorithm,omitempty" enum:"exact,greedy,direct" jsonschema:"exact: fewest payments; greedy: largest debtor pays largest creditor; direct: only between those who shared an entry; exact if absent"`
	Exact     bool   `json:"exact,omitempty" jsonschema:"look for the fewest payments among up to 26 open members instead of 22; takes seconds"`
	Center    string `json:"center,omitempty" complete:"members" jsonschema:"member through whom everybody pays"`
	Min       Amount `json:"min,omitempty" jsonschema:"leave out payments below this amount, such as 1.00"`
	From      string `json:"from,omitempty" jsonschema:"settle only entries from this day on, YYYY-MM-DD"`
	To        string `json:"to,omitempty" jsonschema:"settle only entries up to this day, YYYY-MM-DD"`
	Explain   bool   `json:"explain,omitempty" jsonschema:"say why these payments, and what each two members shared"`
}

// Settlement is a plan (docs/format.md); every peer with the same entries has
// the same one.
type Settlement struct {
	Channel   string          `json:"channel"`
	Joined    bool            `json:"joined" jsonschema:"the room is replicated here; else only what is here already is shown"`
	Entries   int64           `json:"entries" jsonschema:"entries that it settles, those of closed epochs that still count included"`
	Transfers []SettleLine    `json:"transfers"`
	Pending   []Total         `json:"pending,omitempty" jsonschema:"sums of the entries that somebody has to confirm before they count, and which the plan leaves out"`
	Left      []MemberBalance `json:"left,omitempty" jsonschema:"what stays open after these payments"`
	Explained []Explained     `json:"explained,omitempty" jsonschema:"how the plan of each currency came about"`
	Pinned    *PinnedPlan     `json:"pinned,omitempty" jsonschema:"the plan that a member fixed last; where it holds, transfers are what is left of it"`
}

// SettleLine is a payment of a plan.
type SettleLine struct {
	MemberPayment
	Group int    `json:"group,omitempty" jsonschema:"number of the group that settles on its own, from 1, in its currency"`
	Why   string `json:"why,omitempty" jsonschema:"what the two members shared"`
	sum   Sum
}

// Table implements wire.Tabular.
func (s Settlement) Table() wire.Table {
	t := wire.Table{Columns: wire.Columns("from", "to", ">amount", "currency"), Rows: [][]any{}}
	if s.Pinned != nil && s.Pinned.Holds {
		t.Columns = append(t.Columns, wire.Columns(">paid")...)
		for _, l := range s.Pinned.Lines {
			t.Rows = append(t.Rows, []any{l.From, l.To, l.Amount, l.Currency, l.Paid.Amount})
		}
		return t
	}
	if len(s.Explained) > 0 {
		t.Columns = append(t.Columns, wire.Columns(">group", "why")...)
	}
	for _, l := range s.Transfers {
		row := []any{l.From, l.To, l.Amount, l.Currency}
		if len(s.Explained) > 0 {
			row = append(row, l.Group, l.Why)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// List implements wire.Listed.
func (Settlement) List() string { return "transfers" }

// Note implements wire.Noted.
func (s Settlement) Note() string {
	notes := []string{}
	if note := planNote(s.Channel, s.Entries == 0, len(s.Transfers)+len(s.Left) == 0, s.Joined); note != "" {
		notes = append(notes, note)
	}
	if p := s.Pinned; p != nil && p.Holds {
		notes = append(notes, "pinned "+p.At.Format(time.DateOnly)+": "+plainNumber(int64(p.Done))+" of "+
			plural(int64(len(p.Lines)), "payment", "payments")+" done; a new plan: intercom expense settle --algorithm exact")
	} else if p != nil {
		notes = append(notes, "the plan pinned "+p.At.Format(time.DateOnly)+" holds no more: other entries have changed the balances")
	}
	for _, e := range s.Explained {
		notes = append(notes, e.Currency+": "+e.Why)
	}
	if len(s.Left) > 0 {
		left := make([]string, 0, len(s.Left))
		for _, b := range s.Left[:min(len(s.Left), mostLeftNamed)] {
			left = append(left, b.Member+" "+b.Amount+" "+b.Currency)
		}
		if more := len(s.Left) - len(left); more > 0 {
			left = append(left, plainNumber(int64(more))+" more")
		}
		notes = append(notes, "left open as too small: "+strings.Join(left, ", "))
	}
	return strings.Join(append(notes, pendingNotes(s.Pending, s.Channel)...), "\n")
}

const mostLeftNamed = 8 // members that a note names

var settleDef = wire.Def[SettleReq, Settlement]{Spec: wire.Spec{
	Request: "expense_settle", Reply: "expense_settlement", Scope: wire.ScopeRead,
	Summary: "Show who should pay whom", Command: "expense settle",
}}

func (p *planner) readSettle(r app.Reader, in SettleReq, c app.Call) (Settlement, error) {
	plain := in
	if plain.Channel = (app.Channel{}); plain != (SettleReq{}) {
		return p.fresh(r, in, c)
	}
	balances := balances(r)
	pinned, ok := lastPin(r, balances)
	if !ok || !pinned.Holds {
		out, err := p.fresh(r, in, c)
		if out.Pinned = pinned; len(balances) == 0 {
			out.Pinned = nil
		}
		return out, err
	}
	out := Settlement{Channel: c.Room.Name, Joined: c.Room.Joined, Entries: counting(r), Transfers: []SettleLine{}, Pending: pending(r), Pinned: pinned}
	for _, l := range pinned.Lines {
		if !l.Done {
			left := l.MemberPayment
			left.Money = moneyOf(l.left, l.Exp)
			out.Transfers = append(out.Transfers, SettleLine{MemberPayment: left, sum: l.left})
		}
	}
	return out, nil
}

// fresh makes a plan of the entries, whatever is pinned.
func (p *planner) fresh(r app.Reader, in SettleReq, c app.Call) (Settlement, error) {
	out := Settlement{Channel: c.Room.Name, Joined: c.Room.Joined, Transfers: []SettleLine{}, Pending: pending(r)}
	w, err := in.way()
	if err != nil {
		return out, err
	}
	balances := balances(r)
	out.Entries = counting(r)
	if in.Explain || w.algorithm == AlgorithmDirect || !w.period.all() {
		a := accountsOf(r, w.period)
		if w.pairs = a.pairs; !w.period.all() {
			balances, out.Entries = a.balances(), a.entries
		}
	}
	if err := w.knows(balances, c); err != nil {
		return out, err
	}
	for u, part := range byUnit(balances) {
		s := w.solve(p, u, part)
		lines, left := s.lines(u, part, w)
		out.Transfers = append(out.Transfers, lines...)
		out.Left = append(out.Left, left...)
		if in.Explain {
			out.Explained = append(out.Explained, w.explain(p, u, part, s))
		}
	}
	return out, nil
}

// planNote is what a plan says beside its lines.
func planNote(channel string, empty, settled, joined bool) string {
	var notes []string
	switch {
	case empty:
		notes = append(notes, "no expenses in "+channel)
	case settled:
		notes = append(notes, "all settled in "+channel)
	}
	if !joined {
		notes = append(notes, notJoined(app.Room{Name: channel}))
	}
	return strings.Join(notes, "\n")
}
