package core

import (
	"errors"
	"fmt"
	"math/big"
	"slices"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// The limits of a grant that are known: `types` is a list of event types,
// `max` a list of [currency, exp, amount].
const (
	limitTypes = "types"
	limitMax   = "max"
)

var errLimits = errors.New("core: limits that cannot be read")

// LimitFields returns limits as a grant holds them.
func LimitFields(l app.Limits) Fields {
	f := Fields{}
	if l.Types != nil {
		f[limitTypes] = l.Types
	}
	if l.Max != nil {
		rows := [][]any{}
		for _, m := range l.Max {
			rows = append(rows, []any{m.Currency, m.Exp, m.Minor})
		}
		f[limitMax] = rows
	}
	return f
}

// limits reads what is known of f. Bodies grow, so other fields say nothing;
// what is known but cannot be read is an error, and allows nothing.
func (b Fields) limits() (l app.Limits, err error) {
	var most []struct {
		_        struct{} `cbor:",toarray"`
		Currency string
		Exp      int
		Minor    int64
	}
	for name, into := range map[string]any{limitTypes: &l.Types, limitMax: &most} {
		v, ok := b[name]
		if !ok {
			continue
		}
		raw, err := event.Marshal(v)
		if err == nil {
			err = event.Unmarshal(raw, into)
		}
		if err != nil {
			return l, fmt.Errorf("%w: %s", errLimits, name)
		}
	}
	if b[limitMax] != nil {
		l.Max = []app.Amount{}
	}
	for _, m := range most {
		if m.Exp < 0 || m.Exp > 18 {
			return l, fmt.Errorf("%w: %s", errLimits, limitMax)
		}
		l.Max = append(l.Max, app.Amount{Currency: m.Currency, Exp: m.Exp, Minor: m.Minor})
	}
	return l, nil
}

// permit returns nil if an event of a type is within the limits.
func (b Fields) permit(typ string, body event.Body) error {
	l, err := b.limits()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrLimit, err)
	}
	if l.Types != nil && !slices.Contains(l.Types, typ) {
		return fmt.Errorf("%w: it may not write %s", ErrLimit, typ)
	}
	spends, ok := body.(app.Spender)
	if !ok || l.Max == nil {
		return nil
	}
	a := spends.Spends()
	for _, m := range l.Max {
		if m.Currency == a.Currency {
			if within(a, m) {
				return nil
			}
			return fmt.Errorf("%w: more %s at once than it may spend", ErrLimit, a.Currency)
		}
	}
	return fmt.Errorf("%w: it may not spend %s", ErrLimit, a.Currency)
}

// within compares amounts of one currency exactly, whatever their decimals.
func within(a, most app.Amount) bool {
	scale := func(minor int64, exp int) *big.Int {
		return new(big.Int).Mul(big.NewInt(minor), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(exp)), nil))
	}
	return scale(a.Minor, most.Exp).CmpAbs(scale(most.Minor, a.Exp)) <= 0
}
