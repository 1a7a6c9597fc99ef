package expense

import (
	"strconv"
	"strings"
	"time"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// Unit is what amounts are counted in. Amounts of two units are never mixed.
type Unit struct {
	Currency string `json:"currency"`
	Exp      int    `json:"exp" jsonschema:"decimals of the amounts"`
}

// Money is an exact amount, twice: as people write it, and in minor units. It
// is text, because a sum may be beyond what JSON readers hold.
type Money struct {
	Amount string `json:"amount" jsonschema:"decimal number, exact"`
	Minor  string `json:"minor" jsonschema:"the same in minor units, exact"`
}

func moneyOf(s Sum, exp int) Money { return Money{Amount: s.Format(exp), Minor: s.Format(0)} }

// MemberMoney is a member's part of an entry.
type MemberMoney struct {
	Member string `json:"member"`
	Money
}

// Entry is an expense as it is shown.
type Entry struct {
	ID     event.ID      `json:"id"`
	Date   string        `json:"date"`
	Payer  string        `json:"payer" jsonschema:"the first of payers"`
	Payers []MemberMoney `json:"payers"`
	Money
	Unit
	Split  []string      `json:"split" jsonschema:"members that it was split among: those of shares"`
	Kind   string        `json:"kind" jsonschema:"kind of the split: equal, exact, percent or shares"`
	Shares []MemberMoney `json:"shares"`
	Note   string        `json:"note"`
	By     event.Key     `json:"by" jsonschema:"public key of the author"`
	At     time.Time     `json:"at" jsonschema:"when the author wrote it, by the author's clock"`
	Late   bool          `json:"late,omitempty" jsonschema:"written without knowing the last close of the room"`
	// Of a reader's own clock, so never part of what peers agree on.
	ClockAhead bool `json:"clockAhead,omitempty" jsonschema:"written at a time more than 5 minutes ahead of this clock"`
}

// entryOf returns an entry from its event; false if the event is none. The
// split that it shows is who is charged.
func entryOf(e *event.Signed) (Entry, bool) {
	var b Add
	if e.Type != typeAdd || event.Unmarshal(e.Body, &b) != nil {
		return Entry{}, false
	}
	out := Entry{
		ID: e.ID, Date: b.Date, Payer: b.Payers[0].Name, Payers: membersMoney(b.Payers, b.Exp),
		Money: moneyOf(SumOf(b.Amount), b.Exp), Unit: Unit{b.Currency, b.Exp},
		Kind: b.Split.Kind, Shares: membersMoney(b.Shares, b.Exp), Note: b.Note,
		By: e.Author, At: event.Instant(e.TS), Split: make([]string, len(b.Shares)),
	}
	for i, p := range b.Shares {
		out.Split[i] = p.Name
	}
	return out, true
}

func membersMoney(parts []Part, exp int) []MemberMoney {
	out := make([]MemberMoney, len(parts))
	for i, p := range parts {
		out[i] = MemberMoney{Member: p.Name, Money: moneyOf(SumOf(p.Amount), exp)}
	}
	return out
}

// payers names who paid, with amounts where there are several.
func (e Entry) payers() string {
	if len(e.Payers) == 1 {
		return e.Payer
	}
	parts := make([]string, len(e.Payers))
	for i, p := range e.Payers {
		parts[i] = p.Member + " " + p.Amount
	}
	return strings.Join(parts, ", ")
}

func entryTable(entries []Entry) wire.Table {
	t := wire.Table{
		Columns: wire.Columns("date", "payer", ">amount", "currency", "split", "note", "late", "id"), Rows: [][]any{},
	}
	for _, e := range entries {
		t.Rows = append(t.Rows, []any{
			e.Date, e.payers(), e.Amount, e.Currency, strings.Join(e.Split, ", "), e.Note, e.marks(), e.ID,
		})
	}
	return t
}

// marks says what is odd about the time of an entry.
func (e Entry) marks() string {
	var marks []string
	if e.Late {
		marks = append(marks, "late")
	}
	if e.ClockAhead {
		marks = append(marks, "clock ahead")
	}
	return strings.Join(marks, ", ")
}

// notJoined is what a read says of a room that is not replicated here.
func notJoined(room app.Room) string {
	return room.Name + " is not replicated here, so this may not be all of it: intercom channel join " + room.Name
}

func plainNumber(n int64) string { return strconv.FormatInt(n, 10) }

func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return plainNumber(n) + " " + many
}
