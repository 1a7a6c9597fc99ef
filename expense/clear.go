package expense

import (
	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// maxOpen bounds the bytes of the open balances in a close, whose event may
// name 1,024 heads besides.
const maxOpen = 24 << 10

// ClearReq closes the open epoch of a room.
type ClearReq struct {
	app.Channel
	Carry bool `json:"carry,omitempty" jsonschema:"let the balances go on: the list begins anew with what each is owed and owes"`
}

// ClearReply says what was closed. Nothing is deleted: reopen undoes it.
type ClearReply struct {
	Channel   string          `json:"channel"`
	OK        bool            `json:"ok"`
	Carried   bool            `json:"carried,omitempty" jsonschema:"the balances go on"`
	Closed    event.ID        `json:"closed,omitzero" jsonschema:"id of the close; absent if there was nothing to close"`
	Entries   int64           `json:"entries" jsonschema:"entries that were closed"`
	Unsettled []MemberBalance `json:"unsettled" jsonschema:"balances that were open; above zero: was owed"`
}

// List implements wire.Listed.
func (ClearReply) List() string { return "unsettled" }

// Table implements wire.Tabular.
func (r ClearReply) Table() wire.Table { return Sheet{Balances: r.Unsettled}.Table() }

// Note implements wire.Noted.
func (r ClearReply) Note() string {
	if r.Closed.IsZero() {
		return "nothing to clear in " + r.Channel
	}
	out := "cleared " + plural(r.Entries, "expense", "expenses") + " of " + r.Channel
	if r.Carried && len(r.Unsettled) > 0 {
		out += ", the balances below go on"
	} else if len(r.Unsettled) > 0 {
		out += ", the balances below were not settled"
	}
	return out + "\nundo: intercom expense reopen " + r.Closed.Short() + " --channel " + r.Channel
}

var clearDef = wire.Def[ClearReq, ClearReply]{Spec: wire.Spec{
	Request: "expense_clear", Reply: "expense_cleared", Scope: wire.ScopeExpense,
	Summary: "Close the expenses of a room and start anew", Command: "expense clear", Write: true,
}}

func decideClear(r app.Reader, in ClearReq, _ app.Call) ([]app.Draft, error) {
	if counting(r) == 0 || in.Carry && openCount(r) == 0 {
		return nil, nil
	}
	b := &Close{Open: []Unsettled{}, Carry: in.Carry}
	size := 0
	for _, m := range balances(r) {
		amount, fits := m.sum.Int64()
		size += len(m.Member) + len(m.Currency) + 16
		// It informs only: what does not fit is left out.
		if amount == 0 || !fits || amount > MaxAmount || amount < -MaxAmount || size > maxOpen || len(b.Open) == MaxNames {
			continue
		}
		b.Open = append(b.Open, Unsettled{Member: m.Member, Currency: m.Currency, Exp: m.Exp, Amount: amount})
	}
	return []app.Draft{{Type: typeClose, Body: b}}, nil
}

func replyClear(r app.Reader, _ ClearReq, events []*event.Signed, c app.Call) (ClearReply, error) {
	out := ClearReply{Channel: c.Room.Name, OK: true, Unsettled: []MemberBalance{}}
	if len(events) == 0 {
		return out, nil
	}
	out.Closed = events[0].ID
	out.Entries = entriesOf(r, out.Closed)
	var b Close
	if err := event.Unmarshal(events[0].Body, &b); err != nil {
		return out, err
	}
	out.Carried = b.Carry
	for _, o := range b.Open {
		out.Unsettled = append(out.Unsettled, MemberBalance{
			Member: o.Member, Money: moneyOf(SumOf(o.Amount), o.Exp), Unit: Unit{o.Currency, o.Exp},
		})
	}
	return out, nil
}

// entriesOf returns how many entries a valid close has as their epoch or ends.
func entriesOf(r app.Reader, id event.ID) (n int64) {
	r.Scan(bucketRows, func(key string, decode func(any)) bool {
		if p := parseBucket(key); p.first != open && p.first.id() == id || p.end != open && p.end.id() == id {
			var row tallyRow
			decode(&row)
			n += row.Count
		}
		return true
	})
	return n
}
