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

// The types of entries.
const (
	EntryExpense = "expense"
	EntryPayment = "payment"
	EntryOpening = "opening" // what closes carried over, of no event of its own
)

// The statuses of an entry. The first three count in the balances.
const (
	StatusCounts      = "counts"
	StatusUnconfirmed = "unconfirmed" // a payment that nobody but its author has confirmed
	StatusDisputed    = "disputed"    // a member objects
	StatusPending     = "pending"     // somebody whom it costs something has to confirm it first
	StatusDenied      = "denied"      // somebody whom it costs something objects, where a room asks for confirmations
	StatusVoid        = "void"        // taken out
	StatusReplaced    = "replaced"    // another entry stands in its place
	StatusConflict    = "conflict"    // it lost against another replacement, or a void, of what it replaces
	StatusDuplicate   = "duplicate"   // of a row of a file, or a day of a rule, that was added before
	StatusStopped     = "stopped"     // of a day after the last one of its rule
)

// Entry is an expense or a payment as it is shown. A payment is what `payer`
// gave to the one member of `shares`, so both change balances by one rule: the
// payers are owed what they paid, the members of shares owe their parts.
type Entry struct {
	ID     event.ID      `json:"id"`
	Type   string        `json:"type" jsonschema:"expense or payment; opening: what the last close carried over, whose id and author it has"`
	Status string        `json:"status" jsonschema:"counts, unconfirmed or disputed: it counts; pending, denied, void, replaced, conflict, duplicate or stopped: it does not"`
	Date   string        `json:"date"`
	Payer  string        `json:"payer" jsonschema:"the first of payers"`
	Payers []MemberMoney `json:"payers"`
	Money
	Unit
	Split       []string      `json:"split" jsonschema:"members that it was split among: those of shares"`
	Kind        string        `json:"kind" jsonschema:"kind of the split: equal, exact, percent or shares"`
	Inputs      []Input       `json:"inputs,omitempty" jsonschema:"what it was divided by, except in equal parts"`
	Shares      []MemberMoney `json:"shares"`
	Note        string        `json:"note"`
	Category    string        `json:"category,omitempty"`
	Tags        []string      `json:"tags,omitempty"`
	Attachments []Attachment  `json:"attachments,omitempty"`
	Rate        *Converted    `json:"rate,omitempty" jsonschema:"what the amount was booked as in another currency"`
	For         string        `json:"for,omitempty" jsonschema:"member in whose name it was written"`
	Source      *Origin       `json:"source,omitempty" jsonschema:"where it was imported from"`
	Recur       *RuleDay      `json:"recur,omitempty" jsonschema:"rule that asked for it"`
	Tx          string        `json:"tx,omitempty" jsonschema:"transaction that carried a payment"`
	Replaces    []event.ID    `json:"replaces,omitempty" jsonschema:"entries in whose place it stands"`
	Restores    event.ID      `json:"restores,omitzero" jsonschema:"the void entry that it writes anew"`
	Confirmed   []event.Key   `json:"confirmed,omitempty" jsonschema:"who confirmed it"`
	Disputed    []event.Key   `json:"disputed,omitempty" jsonschema:"who disputes it"`
	Missing     []string      `json:"missing,omitempty" jsonschema:"members who have to confirm it before it counts"`
	SilentFrom  *time.Time    `json:"silentFrom,omitempty" jsonschema:"what a missing member writes from then on, knowing the entry, confirms it as well; UTC"`
	By          event.Key     `json:"by" jsonschema:"public key of the author"`
	At          time.Time     `json:"at" jsonschema:"when the author wrote it, by the author's clock"`
	Late        bool          `json:"late,omitempty" jsonschema:"written without knowing the last close of the room"`
	// Of a reader's own clock, so never part of what peers agree on.
	ClockAhead bool `json:"clockAhead,omitempty" jsonschema:"written at a time more than 5 minutes ahead of this clock"`
}

// Input is what a member's share follows from: an amount where the split is
// exact, a percentage, or a number of shares.
type Input struct {
	Member string `json:"member"`
	N      string `json:"n" jsonschema:"decimal number, exact"`
}

// Attachment is a file that belongs to an entry. Its bytes are not stored.
type Attachment struct {
	SHA256 event.ID `json:"sha256"`
	Size   int64    `json:"size" jsonschema:"bytes"`
	Name   string   `json:"name"`
}

// Converted is an amount in another currency.
type Converted struct {
	Money
	Unit
}

// Origin is the row of a file from which an entry was imported.
type Origin struct {
	Format string   `json:"format"`
	SHA256 event.ID `json:"sha256" jsonschema:"of the file"`
	Row    int64    `json:"row"`
	Item   event.ID `json:"item,omitzero" jsonschema:"the same for the same row in a longer file: what makes it count once; the file and the row are told beside it"`
}

// RuleDay is a day for which a rule adds an expense.
type RuleDay struct {
	Rule event.ID `json:"rule" jsonschema:"id of the rule"`
	Date string   `json:"date" jsonschema:"day that it was added for"`
}

// entryOf returns an entry from its event; false if the event is none. The
// split that it shows is who is charged. What other events make of it is left
// out.
func entryOf(e *event.Signed) (out Entry, ok bool) {
	var b Add
	switch e.Type {
	case typeAdd:
		if event.Unmarshal(e.Body, &b) != nil {
			return Entry{}, false
		}
	case typeReplace:
		var r Replace
		if event.Unmarshal(e.Body, &r) != nil {
			return Entry{}, false
		}
		b, out.Replaces = r.Add, r.Targets
	case typePayment:
		var p Payment
		if event.Unmarshal(e.Body, &p) != nil {
			return Entry{}, false
		}
		b, out.Tx = p.entry(), p.Tx
	default:
		return Entry{}, false
	}
	out.ID, out.Type, out.Status, out.By, out.At = e.ID, EntryExpense, StatusCounts, e.Author, event.Instant(e.TS)
	if e.Type == typePayment {
		out.Type = EntryPayment
	}
	out.show(b)
	return out, true
}

// entry returns a payment as the expense that changes balances alike.
func (b *Payment) entry() Add {
	to := []Part{{Name: b.To, Amount: b.Amount}}
	return Add{
		Amount: b.Amount, Currency: b.Currency, Exp: b.Exp, Date: b.Date, Note: b.Note,
		Payers: []Part{{Name: b.From, Amount: b.Amount}}, Split: Split{Kind: SplitExact, Of: to}, Shares: to,
		Source: b.Source, Restores: b.Restores,
	}
}

// show fills in what a body says.
func (out *Entry) show(b Add) {
	out.Date, out.Payer, out.Payers = b.Date, b.Payers[0].Name, membersMoney(b.Payers, b.Exp)
	out.Money, out.Unit = moneyOf(SumOf(b.Amount), b.Exp), Unit{b.Currency, b.Exp}
	out.Kind, out.Shares, out.Split = b.Split.Kind, membersMoney(b.Shares, b.Exp), make([]string, len(b.Shares))
	for i, p := range b.Shares {
		out.Split[i] = p.Name
	}
	out.Inputs = b.Split.inputs(b.Exp)
	out.Note, out.Category, out.Tags, out.For, out.Restores = b.Note, b.Category, b.Tags, b.For, b.Restores
	for _, f := range b.Attachments {
		out.Attachments = append(out.Attachments, Attachment{SHA256: f.SHA256, Size: f.Size, Name: f.Name})
	}
	if r := b.Rate; r != nil {
		out.Rate = &Converted{moneyOf(SumOf(r.Amount), r.Exp), Unit{r.Currency, r.Exp}}
	}
	if s := b.Source; s != nil {
		out.Source = &Origin{Format: s.Format, SHA256: s.SHA256, Row: s.Row, Item: s.Item}
	}
	if o := b.Recur; o != nil {
		out.Recur = &RuleDay{Rule: o.Rule, Date: o.Date}
	}
}

// percentExp is the number of decimals of the percentages in a body.
const percentExp = 4

// inputs shows what a split was divided by; nothing of equal parts.
func (s *Split) inputs(exp int) []Input {
	if s.Kind == SplitEqual {
		return nil
	}
	format := map[string]func(Sum) string{SplitExact: decimals(exp), SplitPercent: percentText, SplitShares: decimals(0)}[s.Kind]
	out := make([]Input, len(s.Of))
	for i, p := range s.Of {
		out[i] = Input{Member: p.Name, N: format(SumOf(p.Amount))}
	}
	return out
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
		Columns: wire.Columns("date", "payer", ">amount", "currency", "split", "note", "late", "status", "id"), Rows: [][]any{},
	}
	for _, e := range entries {
		t.Rows = append(t.Rows, []any{
			e.Date, e.payers(), e.Amount, e.Currency, strings.Join(e.Split, ", "), e.Note, e.marks(), e.standing(), e.ID,
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

// standing says what is to be known of an entry beside its amounts; nothing of
// an expense that counts.
func (e Entry) standing() string {
	var marks []string
	if e.Type != EntryExpense {
		marks = append(marks, e.Type)
	}
	if e.Status != StatusCounts && e.Status != "" {
		marks = append(marks, e.Status)
	}
	if e.Recur != nil {
		marks = append(marks, "rule "+e.Recur.Rule.Short())
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
