package expense

import (
	"errors"

	"intercom/internal/app"
	"intercom/ledger/event"
)

const (
	typeRecur = "expense.recur"
	typeStop  = "expense.stop"
)

// Recur is a rule: an expense that recurs. What each member carries is worked
// out anew for each entry that is made of it.
type Recur struct {
	Rule event.ID `cbor:"rule,omitzero"` // of a change: the rule, by its first event
	Schedule
	Amount   int64    `cbor:"amount"`
	Currency string   `cbor:"currency"`
	Exp      int      `cbor:"exp"`
	Payers   []Part   `cbor:"payers"`
	Split    Split    `cbor:"split"`
	Note     string   `cbor:"note,omitempty"`
	Category string   `cbor:"category,omitempty"`
	Tags     []string `cbor:"tags,omitempty"`
	Rate     *Rate    `cbor:"rate,omitempty"`
	For      string   `cbor:"for,omitempty"`
}

// Stop ends a rule: what it added for later days does not count.
type Stop struct {
	Rule   event.ID `cbor:"rule"`
	Last   string   `cbor:"last"` // the last day that counts
	Reason string   `cbor:"reason,omitempty"`
}

// Occurrence says that an entry is what a rule adds for a day.
type Occurrence struct {
	Rule event.ID `cbor:"rule"`
	Date string   `cbor:"date"`
}

// Check implements event.Body.
func (b *Recur) Check() error {
	if err := b.Schedule.check(); err != nil {
		return err
	}
	if err := errors.Join(checkAmount(b.Amount, b.Currency, b.Exp), checkNames("payers", b.Payers), b.Split.check()); err != nil {
		return err
	}
	if b.Split.Kind == SplitEqual {
		for _, p := range b.Split.Of {
			if p.Amount != 1 {
				return errors.New("expense: equal parts of different sizes")
			}
		}
	}
	if b.Split.Kind == SplitPercent && sumOf(b.Split.Of) != SumOf(1_000_000) {
		return errors.New("expense: percents do not add up to 100")
	}
	// What holds for the entries holds for the rule.
	a, err := b.entry(event.ID{1}, b.Start, Seed{})
	if err != nil {
		return err
	}
	return a.Check()
}

// Check implements event.Body.
func (b *Stop) Check() error {
	return errors.Join(named(b.Rule), checkDay("last", b.Last), bounded("reason", b.Reason, MaxNote))
}

func (o *Occurrence) check() error {
	if o == nil {
		return nil
	}
	return errors.Join(named(o.Rule), checkDay("day", o.Date))
}

// Spends implements app.Spender: a bot's limits hold for what it lets recur.
func (b *Recur) Spends() app.Amount {
	// The day is one of its own: what a rule adds is the same on each.
	if a, err := b.entry(event.ID{1}, b.Start, Seed{}); err == nil {
		return a.Spends()
	}
	return app.Amount{Currency: b.Currency, Exp: b.Exp, Minor: b.Amount}
}

// entry returns what the rule adds for a day, divided as an event of its
// author.
func (b *Recur) entry(rule event.ID, day string, seed Seed) (*Add, error) {
	a := &Add{
		Amount: b.Amount, Currency: b.Currency, Exp: b.Exp, Date: day, Payers: b.Payers, Split: b.Split,
		Note: b.Note, Category: b.Category, Tags: b.Tags, Rate: b.Rate, For: b.For,
		Recur: &Occurrence{Rule: rule, Date: day},
	}
	return a, termsOf(a).divide(a, seed)
}

// setTerms takes over what an expense says beside its day.
func (b *Recur) setTerms(a *Add) {
	b.Amount, b.Currency, b.Exp, b.Payers, b.Split = a.Amount, a.Currency, a.Exp, a.Payers, a.Split
	b.Note, b.Category, b.Tags, b.Rate, b.For = a.Note, a.Category, a.Tags, a.Rate, a.For
}
