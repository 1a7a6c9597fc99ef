package expense

import (
	"math/big"
	"slices"
	"strings"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/core"
	"intercom/ledger/event"
)

// Most reads limits like `50 EUR`, one for each currency. Errors name the field
// or flag that they are from.
func Most(field string, texts []string) (most []app.Amount, err error) {
	for _, text := range texts {
		var a app.Amount
		amount, currency, _ := strings.Cut(strings.TrimSpace(text), " ")
		if a.Currency = strings.TrimSpace(currency); a.Currency == "" {
			a.Currency = DefaultCurrency
		}
		if err = CheckCurrency(a.Currency); err == nil {
			a.Exp = Exponent(a.Currency)
			a.Minor, err = ParseAmount(amount, a.Exp)
		}
		if err != nil || a.Minor < 0 {
			return nil, wire.Errorf(wire.InvalidAmount, "%s: %.70q is not an amount and a currency", field, text).WithHint("--" + field + " '50 EUR'")
		}
		if slices.ContainsFunc(most, func(o app.Amount) bool { return o.Currency == a.Currency }) {
			return nil, wire.Errorf(wire.InvalidRequest, "%s: %s is given twice", field, a.Currency)
		}
		most = append(most, a)
	}
	return most, nil
}

// within refuses a draft that moves more at once than a client may. What takes
// an entry or a rule out, or another in its place, moves what that is of. What
// moves whole epochs has no amount, and neither has what is not known here: it
// is refused.
func within(r app.Reader, d app.Draft, most []app.Amount) error {
	var moved []*Add
	entry := func(id event.ID) {
		if e, ok := r.Event(id); ok {
			if fl, ok := flowOf(e); ok {
				moved = append(moved, &fl.Add)
			}
		}
	}
	recurring := func(b Recur) {
		// The day is one of its own: what a rule adds is the same on each.
		if a, err := b.entry(event.ID{1}, b.Start, Seed{}); err == nil {
			moved = append(moved, a)
		}
	}
	rule := func(id event.ID) {
		if x, ok := ruleOf(r, id); ok {
			recurring(x.Recur)
		}
	}
	switch b := d.Body.(type) {
	case *Add:
		moved = append(moved, b)
	case *Replace:
		moved = append(moved, &b.Add)
		for _, id := range b.Targets {
			entry(id)
		}
	case *Payment:
		a := b.entry()
		moved = append(moved, &a)
	case *Void:
		entry(b.Target)
	case *Confirm:
		entry(b.Target)
	case *Recur:
		recurring(*b)
		rule(b.Rule)
	case *Stop:
		rule(b.Rule)
	case *Dispute, *Defaults, *Pinned, *Checkpoint, *core.Claim: // move nothing
	default:
		return wire.Errorf(wire.Forbidden, "%s moves amounts of any size, and this token may write up to %s at once", d.Type, listed(most)).
			WithHint("have it done by somebody whose token has no --max-amount")
	}
	for _, a := range moved {
		moves := a.moves()
		if err := upTo(most, moves, Unit{a.Currency, a.Exp}); err != nil {
			return err
		}
		if a.Rate == nil {
			continue
		}
		if moves != SumOf(a.Amount).abs() {
			return wire.Errorf(wire.Forbidden, "parts above and below zero that are booked in another currency have no limit, and this token may write up to %s at once", listed(most)).
				WithHint("leave out the rate")
		}
		if err := upTo(most, SumOf(a.Rate.Amount).abs(), Unit{a.Rate.Currency, a.Rate.Exp}); err != nil {
			return err
		}
	}
	return nil
}

// upTo compares what is moved with limits, exactly and whatever their
// decimals.
func upTo(most []app.Amount, moves Sum, u Unit) error {
	for _, m := range most {
		if m.Currency == u.Currency && scaledTo(moves, m.Exp).Cmp(scaledTo(SumOf(m.Minor), u.Exp)) <= 0 {
			return nil
		}
	}
	text := moves.Format(u.Exp) + " " + u.Currency
	return wire.Errorf(wire.Forbidden, "it moves %s, and this token may write up to %s at once", text, listed(most)).
		WithHint("have it done by somebody who may, or make a token that may: intercom token add --scope expense --max-amount '" + text + "'")
}

// moves returns the most that an entry takes from or gives to its members: its
// amount, and more where parts of both signs are in a list.
func (b *Add) moves() Sum {
	most := SumOf(b.Amount).abs()
	for _, parts := range [][]Part{b.Payers, b.Shares} {
		var up, down Sum
		for _, p := range parts {
			if p.Amount > 0 {
				up = up.Add(p.Amount)
			} else {
				down = down.Add(-p.Amount)
			}
		}
		for _, s := range []Sum{up, down} {
			if s.Cmp(most) > 0 {
				most = s
			}
		}
	}
	return most
}

// scaledTo returns s with further decimals.
func scaledTo(s Sum, exp int) *big.Int {
	n, _ := new(big.Int).SetString(s.Format(0), 10) // digits
	return n.Mul(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(exp)), nil))
}

func listed(most []app.Amount) string {
	texts := make([]string, len(most))
	for i, m := range most {
		texts[i] = FormatAmount(m.Minor, m.Exp) + " " + m.Currency
	}
	return strings.Join(texts, " or ")
}
