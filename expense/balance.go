package expense

import (
	"intercom/client/wire"
	"intercom/internal/app"
)

// BalanceReq asks who owes and who is owed.
type BalanceReq struct{ app.Channel }

// Sheet is what a room's open entries come to. It is read from sums, at a cost
// that does not grow with the entries.
type Sheet struct {
	Channel   string          `json:"channel"`
	Joined    bool            `json:"joined" jsonschema:"the room is replicated here; else only what is here already is shown"`
	Entries   int64           `json:"entries" jsonschema:"open entries"`
	Carried   int64           `json:"carried,omitempty" jsonschema:"entries of closed epochs that still count in the balances"`
	Totals    []Total         `json:"totals" jsonschema:"sums of the open entries"`
	Balances  []MemberBalance `json:"balances" jsonschema:"by currency and member; above zero: is owed"`
	Transfers []MemberPayment `json:"transfers" jsonschema:"the payments that settle the balances"`
}

// Total is the sum of the open entries of a currency.
type Total struct {
	Money
	Unit
	Entries int64 `json:"entries"`
}

// MemberBalance is what a member is owed (above zero) or owes (below zero).
type MemberBalance struct {
	Member string `json:"member"`
	Money
	Unit
	sum Sum
}

// MemberPayment is a payment that the plan proposes.
type MemberPayment struct {
	From string `json:"from"`
	To   string `json:"to"`
	Money
	Unit
}

// List implements wire.Listed.
func (Sheet) List() string { return "balances" }

// Table implements wire.Tabular.
func (s Sheet) Table() wire.Table {
	t := wire.Table{Columns: wire.Columns("member", ">amount", "currency"), Rows: [][]any{}}
	for _, b := range s.Balances {
		t.Rows = append(t.Rows, []any{b.Member, b.Amount, b.Currency})
	}
	return t
}

// Note implements wire.Noted.
func (s Sheet) Note() string {
	return planNote(s.Channel, len(s.Balances) == 0, len(s.Transfers) == 0, s.Joined)
}

var balanceDef = wire.Def[BalanceReq, Sheet]{Spec: wire.Spec{
	Request: "expense_balance", Reply: "expense_balance", Scope: wire.ScopeRead,
	Summary: "Show who owes and who is owed", Command: "expense balance",
}}

func (p *planner) readBalance(r app.Reader, _ BalanceReq, c app.Call) (Sheet, error) {
	return sheet(r, p, c), nil
}

func sheet(r app.Reader, p *planner, c app.Call) Sheet {
	s := Sheet{
		Channel: c.Room.Name, Joined: c.Room.Joined,
		Totals: []Total{}, Balances: balances(r), Transfers: []MemberPayment{},
	}
	var row tallyRow
	r.Get(bucketKey(openPlace), &row)
	s.Entries = row.Count
	s.Carried = counting(r) - row.Count
	r.Scan(totalRows, func(key string, decode func(any)) bool {
		var row tallyRow
		decode(&row)
		u, _ := parseUnit(key[len(totalRows):])
		s.Totals = append(s.Totals, Total{Money: moneyOf(row.Sum, u.Exp), Unit: u, Entries: row.Count})
		return true
	})
	for u, part := range byUnit(s.Balances) {
		for _, t := range p.solve(part, MaxExact).Transfers {
			s.Transfers = append(s.Transfers, MemberPayment{From: t.From, To: t.To, Money: moneyOf(t.Amount, u.Exp), Unit: u})
		}
	}
	return s
}

// balances returns the open balances by currency, decimals and member.
func balances(r app.Reader) []MemberBalance {
	all := []MemberBalance{}
	r.Scan(balanceRows, func(key string, decode func(any)) bool {
		var row tallyRow
		decode(&row)
		u, member := parseUnit(key[len(balanceRows):])
		all = append(all, MemberBalance{Member: member, Money: moneyOf(row.Sum, u.Exp), Unit: u, sum: row.Sum})
		return true
	})
	return all
}

// counting returns how many entries count in the open balances.
func counting(r app.Reader) (n int64) {
	r.Scan(bucketRows+string(open)+"/", func(_ string, decode func(any)) bool {
		var row tallyRow
		decode(&row)
		n += row.Count
		return true
	})
	return n
}

// memberNames returns the names that the open entries name.
func memberNames(r app.Reader) []string {
	var names []string
	for _, b := range balances(r) {
		names = append(names, b.Member)
	}
	return names
}
