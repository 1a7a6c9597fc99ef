package compat

import (
	"encoding/json"
	"fmt"
	"strings"

	"intercom/expense"
)

// centsExp is the number of decimals that the original counts in.
const centsExp = 2

// expenseEvent is an expense.
type expenseEvent struct {
	TxID        string      `json:"txId"`
	Payer       string      `json:"payer"`
	AmountCents json.Number `json:"amountCents"`
	Split       []string    `json:"split"`
	Note        string      `json:"note"`
	TS          int64       `json:"ts"`
	By          string      `json:"by"`
}

type expenseAdded struct {
	Channel     string       `json:"channel"`
	Event       expenseEvent `json:"event"`
	Broadcasted bool         `json:"broadcasted"`
}

type expenseList struct {
	Channel string         `json:"channel"`
	Count   int            `json:"count"`
	Events  []expenseEvent `json:"events"`
}

type expenseSummary struct {
	Channel     string              `json:"channel"`
	EventCount  int64               `json:"eventCount"`
	TotalCents  json.Number         `json:"totalCents"`
	Balances    []expenseBalance    `json:"balances"`
	Settlements []expenseSettlement `json:"settlements"`
}

type expenseBalance struct {
	Member string      `json:"member"`
	Cents  json.Number `json:"cents"`
}

type expenseSettlement struct {
	From        string      `json:"from"`
	To          string      `json:"to"`
	AmountCents json.Number `json:"amountCents"`
}

type expenseBalanced struct {
	Summary expenseSummary `json:"summary"`
}

type expenseCleared struct {
	Channel string `json:"channel"`
	OK      bool   `json:"ok"`
}

type expenseExported struct {
	Channel string         `json:"channel"`
	Format  string         `json:"format"`
	Data    string         `json:"data"`
	Summary expenseSummary `json:"summary"`
}

type expensePersisted struct {
	Channel string  `json:"channel"`
	Sim     bool    `json:"sim"`
	Tx      *string `json:"tx"`
	Result  any     `json:"result"`
}

type expenseRestored struct {
	Channel   string `json:"channel"`
	Added     int64  `json:"added"`
	Total     int64  `json:"total"`
	Confirmed bool   `json:"confirmed"`
	Replace   bool   `json:"replace"`
	Source    string `json:"source"`
}

// expenseReply returns the original's fields of a reply of the expense app,
// nil where it has no such reply.
func (s Shapes) expenseReply(reply any) any {
	switch r := reply.(type) {
	case expense.AddReply:
		return expenseAdded{Channel: r.Channel, Event: s.expenseEvent(r.Entry), Broadcasted: true}
	case expense.ListReply:
		events := make([]expenseEvent, 0, len(r.Entries))
		for _, e := range r.Entries {
			// There nothing is listed that is in no sum.
			if e.Status != expense.StatusPending && e.Status != expense.StatusDenied {
				events = append(events, s.expenseEvent(e))
			}
		}
		return expenseList{Channel: r.Channel, Count: r.Count, Events: events}
	case expense.Sheet:
		return expenseBalanced{summaryOf(r)}
	case expense.ClearReply:
		return expenseCleared{Channel: r.Channel, OK: r.OK}
	case expense.PersistReply:
		return expensePersisted{Channel: r.Channel, Sim: r.Sim, Tx: r.Tx}
	case expense.RestoreReply:
		return expenseRestored{
			Channel: r.Channel, Added: r.Added, Total: r.Total, Confirmed: r.Confirmed, Replace: r.Replace, Source: r.Source,
		}
	case expense.ExportReply:
		return expenseExported{Channel: r.Channel, Format: r.Format, Data: r.Data, Summary: summaryOf(r.Summary)}
	}
	return nil
}

// expenseEvent shows an entry: its author is who signed it, its txId the
// start of his key, his clock and the start of the event's id. Of several
// payers the first is shown.
func (s Shapes) expenseEvent(e expense.Entry) expenseEvent {
	ts := e.At.UnixMilli()
	return expenseEvent{
		TxID:  fmt.Sprintf("%.12s:%d:%.8s", e.By, ts, e.ID),
		Payer: e.Payer, AmountCents: cents(e.Money, e.Unit), Split: e.Split, Note: e.Note, TS: ts, By: s.address(e.By),
	}
}

// summaryOf shows the amounts of one currency, since the original knows no
// other: the only one of the room, else XXX, else the first. The count is of
// all entries.
func summaryOf(s expense.Sheet) expenseSummary {
	u := shownUnit(s)
	out := expenseSummary{
		Channel: s.Channel, EventCount: s.Entries, TotalCents: "0",
		Balances: []expenseBalance{}, Settlements: []expenseSettlement{},
	}
	for _, t := range s.Totals {
		if t.Unit == u {
			out.TotalCents = cents(t.Money, u)
		}
	}
	for _, b := range s.Balances {
		if b.Unit == u {
			out.Balances = append(out.Balances, expenseBalance{Member: b.Member, Cents: cents(b.Money, u)})
		}
	}
	for _, t := range s.Transfers {
		if t.Unit == u {
			out.Settlements = append(out.Settlements, expenseSettlement{From: t.From, To: t.To, AmountCents: cents(t.Money, u)})
		}
	}
	return out
}

// shownUnit chooses the currency of a summary. Each that has a total has
// balances.
func shownUnit(s expense.Sheet) expense.Unit {
	original := expense.Unit{Currency: expense.DefaultCurrency, Exp: centsExp}
	for _, b := range s.Balances {
		if b.Unit == original {
			return original
		}
	}
	if len(s.Balances) > 0 {
		return s.Balances[0].Unit
	}
	return original
}

// cents returns an amount in hundredths, exactly: of a currency with more than
// two decimals it may have decimals itself.
func cents(m expense.Money, u expense.Unit) json.Number {
	digits, negative := strings.CutPrefix(m.Minor, "-")
	switch more := u.Exp - centsExp; {
	case digits == "0":
		return "0"
	case more < 0:
		digits += strings.Repeat("0", -more)
	case more > 0:
		digits = strings.Repeat("0", max(0, more+1-len(digits))) + digits
		point := len(digits) - more
		digits = digits[:point] + strings.TrimSuffix("."+strings.TrimRight(digits[point:], "0"), ".")
	}
	if negative {
		digits = "-" + digits
	}
	return json.Number(digits)
}
