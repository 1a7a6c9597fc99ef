package expense

import (
	"slices"
	"strings"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// BalanceReq asks who owes and who is owed.
type BalanceReq struct {
	app.Channel
	At         string `json:"at,omitempty" jsonschema:"only entries dated up to this day, YYYY-MM-DD"`
	In         string `json:"in,omitempty" jsonschema:"show all in this currency, by the rates given; each member's sum is exact before it is rounded"`
	Rates      string `json:"rates,omitempty" cli:"-" jsonschema:"lines of from,to,rate[,date], or market prices of hledger (P date from rate to)"`
	EntryRates bool   `json:"entryRates,omitempty" jsonschema:"convert an entry by the amount in that currency that is stored in it, where one is"`
}

// Sheet is what a room's open entries come to. It is read from sums, at a cost
// that does not grow with the entries.
type Sheet struct {
	Channel   string          `json:"channel"`
	Joined    bool            `json:"joined" jsonschema:"the room is replicated here; else only what is here already is shown"`
	At        string          `json:"at,omitempty" jsonschema:"only entries dated up to this day were summed up"`
	In        *Conversion     `json:"in,omitempty" jsonschema:"how all became one currency"`
	Entries   int64           `json:"entries" jsonschema:"open entries"`
	Carried   int64           `json:"carried,omitempty" jsonschema:"entries of closed epochs that still count in the balances"`
	Totals    []Total         `json:"totals" jsonschema:"sums of the open entries"`
	Balances  []MemberBalance `json:"balances" jsonschema:"by currency and member; above zero: is owed"`
	Transfers []MemberPayment `json:"transfers" jsonschema:"the payments that settle the balances"`
	Pending   []Total         `json:"pending,omitempty" jsonschema:"sums of the entries that somebody has to confirm before they count: they are in nothing else here"`
	State     event.ID        `json:"state,omitzero" jsonschema:"hash of the state that this is of, for asOf (--as-of) of a write; absent of a file"`
	Me        string          `json:"me,omitempty" jsonschema:"the member that the key here speaks for, if it speaks for one"`
}

// Total is the sum of the open entries of a currency.
type Total struct {
	Money
	Unit
	Entries int64 `json:"entries"`
	sum     Sum
}

// MemberBalance is what a member is owed (above zero) or owes (below zero).
type MemberBalance struct {
	Member string `json:"member"`
	Money
	Unit
	Residue string `json:"residue,omitempty" jsonschema:"what a conversion's rounding took of the exact amount, in minor units, as a fraction; residues add up to 0"`
	sum     Sum
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
	notes := []string{planNote(s.Channel, len(s.Balances) == 0, len(s.Transfers) == 0, s.Joined)}
	if s.At != "" {
		notes = append(notes, "entries dated up to "+s.At)
	}
	notes = append(notes, pendingNotes(s.Pending, s.Channel)...)
	if s.In != nil {
		notes = append(notes, s.In.note())
	}
	return strings.Join(slices.DeleteFunc(notes, func(n string) bool { return n == "" }), "\n")
}

// pendingNotes says what is not in the balances of a room.
func pendingNotes(pending []Total, channel string) (notes []string) {
	for _, t := range pending {
		notes = append(notes, plural(t.Entries, "entry", "entries")+" of "+t.Amount+" "+t.Currency+" in all not counted until confirmed: intercom expense list --pending --channel "+channel)
	}
	return notes
}

// Balances declares the request for what a room comes to.
var Balances = wire.Def[BalanceReq, Sheet]{Spec: wire.Spec{
	Request: "expense_balance", Reply: "expense_balance", Scope: wire.ScopeRead,
	Summary: "Show who owes and who is owed", Command: "expense balance",
}}

func (p *planner) readBalance(r app.Reader, in BalanceReq, c app.Call) (Sheet, error) {
	rep, err := in.report(c.Now)
	if err != nil {
		return Sheet{}, err
	}
	s := sums(r, c)
	if c.State != nil {
		s.State = c.State()
	}
	if m, ok := memberOf(c, c.Author); ok {
		s.Me = m.Alias
	}
	if !rep.plain() {
		s.At = rep.at
		if err := rep.make(r, &s); err != nil {
			return Sheet{}, err
		}
	}
	s.plan(p)
	return s, nil
}

// sheet is what the open entries of a room come to, with the plan.
func sheet(r app.Reader, p *planner, c app.Call) Sheet {
	s := sums(r, c)
	s.plan(p)
	return s
}

// sums reads the sums of the fold.
func sums(r app.Reader, c app.Call) Sheet {
	s := Sheet{
		Channel: c.Room.Name, Joined: c.Room.Joined,
		Totals: []Total{}, Balances: balances(r), Transfers: []MemberPayment{},
	}
	var row tallyRow
	r.Get(bucketKey(openPlace), &row)
	s.Entries = row.Count
	s.Carried = counting(r) - row.Count
	s.Totals, s.Pending = append(s.Totals, totalsOf(r, totalRows)...), pending(r)
	return s
}

// totalsOf returns the sums of the rows with a prefix that ends before the
// currency.
func totalsOf(r app.Reader, prefix string) (all []Total) {
	r.Scan(prefix, func(key string, decode func(any)) bool {
		var row tallyRow
		decode(&row)
		u, _ := parseUnit(key[len(prefix):])
		all = append(all, Total{Money: moneyOf(row.Sum, u.Exp), Unit: u, Entries: row.Count, sum: row.Sum})
		return true
	})
	return all
}

// pending returns the sums of what waits for somebody to agree.
func pending(r app.Reader) []Total { return totalsOf(r, waitRows) }

// plan adds the payments that settle the balances.
func (s *Sheet) plan(p *planner) {
	for u, part := range byUnit(s.Balances) {
		for _, t := range p.solve(part, MaxExact).Transfers {
			s.Transfers = append(s.Transfers, MemberPayment{From: t.From, To: t.To, Money: moneyOf(t.Amount, u.Exp), Unit: u})
		}
	}
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
