package expense

import (
	"slices"
	"strings"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// EditReq puts a changed expense in the place of one. What is absent stays.
type EditReq struct {
	app.Channel
	Entry       string        `json:"entry,omitempty" arg:"entry" required:"true" complete:"entries" jsonschema:"id of the expense or the start of it"`
	Payer       *string       `json:"payer,omitempty" complete:"members" jsonschema:"who paid; of several, with what each paid: alice=20,bob=10"`
	Amount      Amount        `json:"amount,omitempty" jsonschema:"what was paid, a plain decimal number such as 12.50"`
	Split       []string      `json:"split,omitempty" jsonschema:"who shares it: names for equal parts, or names with numbers as --by says"`
	By          string        `json:"splitBy,omitempty" flag:"by" enum:"equal,exact,percent,shares" jsonschema:"what the numbers of the split are: exact amounts, percent or shares"`
	Income      *bool         `json:"income,omitempty" jsonschema:"a refund or income: the payer received the amount"`
	Note        *string       `json:"note,omitempty" short:"m" jsonschema:"what it was for, up to 4096 bytes"`
	Date        string        `json:"date,omitempty" jsonschema:"day of the expense: YYYY-MM-DD, today or yesterday"`
	Currency    string        `json:"currency,omitempty" jsonschema:"ISO 4217 code or 3 to 8 letters of the room's own"`
	Category    *string       `json:"category,omitempty" jsonschema:"one word or a few; empty: none"`
	Tags        *[]string     `json:"tags,omitempty" flag:"tag" jsonschema:"up to 16 words to find it by, in place of all before"`
	Rate        *string       `json:"rate,omitempty" jsonschema:"what the amount was booked as in another currency: '27.60 EUR', or the price of one unit: '@0.92 EUR'; empty: nothing"`
	Attachments *[]Attachment `json:"attachments,omitempty" cli:"-" jsonschema:"files that belong to it, by hash, in place of all before"`
}

var editDef = wire.Def[EditReq, EntryReply]{Spec: wire.Spec{
	Request: "expense_replace", Reply: "expense_replaced", Scope: wire.ScopeExpense,
	Summary: "Change an expense; the one before stays to be seen", Command: "expense edit", Write: true,
}}

func decideEdit(r app.Reader, in EditReq, c app.Call) ([]app.Draft, error) {
	alive, err := changeable(r, in.Entry, c.Room.Name)
	if err != nil {
		return nil, err
	}
	b := new(Replace)
	for _, h := range alive[:min(len(alive), maxTargets)] {
		if h.Type == typePayment {
			return nil, wire.Errorf(wire.InvalidRequest, "%s is a payment", h.Signed.ID.Short()).
				WithHint("intercom expense void " + h.Signed.ID.Short() + ", then: intercom expense pay")
		}
		if !mayReplace(c.Role, c.Author, h.Author) {
			who, next := ", and admins change", ""
			if c.Role == app.Equal {
				who, next = ", changes", ", or void it"
			}
			return nil, wire.Errorf(wire.Forbidden, "only its author, %s%s entry %s", h.Author.Short(), who, h.Signed.ID.Short()).
				WithHint("intercom expense dispute " + h.Signed.ID.Short() + next)
		}
		b.Targets = append(b.Targets, h.Signed.ID)
	}
	fl, _ := flowOf(alive[0].Signed)
	b.Add = fl.Add
	b.Restores = event.ID{}
	if err := in.change(&b.Add, c); err != nil {
		return nil, err
	}
	if err := b.Add.fits(); err != nil {
		return nil, err
	}
	return []app.Draft{{Type: typeReplace, Body: b}}, nil
}

func replyEdit(r app.Reader, _ EditReq, events []*event.Signed, c app.Call) (EntryReply, error) {
	return EntryReply{Channel: c.Room.Name, Entry: shownOf(r, events[0])}, nil
}

// change makes the changes in a body.
func (in EditReq) change(b *Add, c app.Call) (err error) {
	changed := in.divides() || in.Payer != nil
	if err := in.divide(b, c); err != nil {
		return err
	}
	set := func(to *string, from *string) {
		if from != nil {
			*to, changed = note(*from), true
		}
	}
	set(&b.Note, in.Note)
	set(&b.Category, in.Category)
	if in.Date != "" {
		changed = true
		if b.Date, err = day(in.Date, c.Now); err != nil {
			return err
		}
	}
	if in.Tags != nil {
		b.Tags, changed = labels(*in.Tags), true
	}
	if in.Rate != nil {
		changed = true
		if b.Rate, err = bookedAs(*in.Rate, b.Amount, Unit{b.Currency, b.Exp}, ""); err != nil {
			return err
		}
	}
	if in.Attachments != nil {
		changed = true
		b.attach(*in.Attachments)
	}
	if !changed {
		return wire.Errorf(wire.MissingField, "it is not said what is to change").WithHint("intercom expense edit ID --amount 12.50")
	}
	return nil
}

// divides reports whether the shares are to be made anew.
func (in EditReq) divides() bool {
	return in.Amount != "" || in.Currency != "" || in.By != "" || len(in.Split) > 0 || in.Income != nil
}

// divide changes who paid what and who owes what. Shares that nothing is said
// about stay, with their odd units.
func (in EditReq) divide(b *Add, c app.Call) (err error) {
	t := termsOf(b)
	if in.Income != nil {
		t.income = *in.Income
	}
	if in.Currency != "" {
		before := t.unit
		if t.unit, err = unitOf(in.Currency); err != nil {
			return err
		}
		if t.unit.Exp != before.Exp && in.Amount == "" {
			return wire.Errorf(wire.MissingField, "amount is missing: %s has other decimals than %s", t.unit.Currency, before.Currency)
		}
	}
	if in.Amount != "" {
		if t.amount, err = in.Amount.Parse(t.unit.Exp); err != nil {
			return err
		}
		if len(t.payers) == 1 {
			t.payers[0].Amount = t.amount
		}
	}
	if in.Payer != nil {
		if t.payers, err = payersOf(*in.Payer, t.amount, t.unit.Exp); err != nil {
			return err
		}
	}
	if err := paid(t.payers, t.amount, t.unit.Exp); err != nil {
		return err
	}
	if in.By != "" || len(in.Split) > 0 {
		if t.split, err = in.split(t); err != nil {
			return err
		}
	}
	if !in.divides() {
		b.Payers = signed(t.payers, t.sign())
		return nil
	}
	return t.divide(b, Seed{Author: c.Author, Instance: c.Instance, Seq: c.Seq})
}

// split reads the new split. Numbers without a kind are of the kind before.
func (in EditReq) split(t terms) (Split, error) {
	by, list := in.By, in.Split
	if len(list) == 0 {
		for _, p := range t.split.Of {
			list = append(list, p.Name)
		}
	}
	if by == "" && slices.ContainsFunc(list, func(s string) bool { _, n := numbered(s); return n != "" }) {
		by = t.split.Kind
	}
	return splitOf(by, list, t.unit.Exp, t.split)
}

// termsOf returns the terms of a body.
func termsOf(b *Add) terms {
	t := terms{unit: Unit{b.Currency, b.Exp}, amount: b.Amount, income: b.Amount < 0, split: b.Split}
	t.payers = signed(b.Payers, t.sign())
	if t.amount *= t.sign(); t.split.Kind == SplitExact {
		t.split.Of = signed(t.split.Of, t.sign())
	}
	return t
}

// say is a text as an author writes it, for a reason.
func say(field, s string) (string, error) {
	s = note(s)
	return strings.TrimSpace(s), fitsText(field, s, MaxNote)
}
