package expense

import (
	"math/big"
	"strings"

	"intercom/client/wire"
)

const rateHint = `--rate '27.60 EUR' is what it was booked as, --rate '@0.92 EUR' the price of one unit`

// bookedAs reads what an amount of a unit was booked as in another currency:
// the amount, `27.60 EUR`, or the price of one unit, `@0.92 EUR`, which without
// a currency is in the usual one. The amount that a price gives is rounded to
// the nearest minor unit, halves away from zero. Nil is none.
func bookedAs(text string, amount int64, of Unit, usual string) (*Rate, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	price, isPrice := strings.CutPrefix(text, "@")
	fields := strings.Fields(price)
	if len(fields) == 1 && usual != "" && usual != of.Currency {
		isPrice, fields = true, append(fields, usual)
	}
	if len(fields) != 2 {
		return nil, wire.Errorf(wire.InvalidRequest, "rate: %.40q is not an amount and a currency, or a price of one unit", text).WithHint(rateHint)
	}
	u, err := unitOf(fields[1])
	if err != nil {
		return nil, err
	}
	r := &Rate{Currency: u.Currency, Exp: u.Exp}
	if isPrice {
		r.Amount, err = priced(amount, of.Exp, fields[0], u)
		return r, err
	}
	if r.Amount, err = Amount(quoted(fields[0])).Parse(u.Exp); amount < 0 {
		r.Amount = -r.Amount
	}
	return r, err
}

// priced is an amount at a price of one unit.
func priced(amount int64, exp int, price string, to Unit) (int64, error) {
	if err := checkDecimal(price); err != nil {
		return 0, refuseAmount(err)
	}
	x, ok := new(big.Rat).SetString(price)
	if !ok || x.Sign() <= 0 {
		return 0, wire.Errorf(wire.InvalidRequest, "rate: a price of %.40s is not above zero", price).WithHint(rateHint)
	}
	x.Mul(x, new(big.Rat).SetInt64(max(amount, -amount))).Mul(x, scale(to.Exp-exp)).Add(x, big.NewRat(1, 2))
	n := new(big.Int).Div(x.Num(), x.Denom())
	if !n.IsInt64() || n.Int64() > MaxAmount || n.Sign() == 0 {
		return 0, wire.Errorf(wire.InvalidAmount, "rate: at %s the amount would be %s %s in minor units, not 1 to %d", price, n, to.Currency, MaxAmount)
	}
	if amount < 0 {
		n.Neg(n)
	}
	return n.Int64(), nil
}
