package expense

import (
	"errors"
	"fmt"
	"time"
)

// coldRate is what a line says that its amount was booked as.
type coldRate struct {
	there            bool
	currency, amount []byte
	exp              int // -1: not given
}

// Ask says which balances are wanted: those of a day, in one currency, as
// BalanceReq asks for them. It stands before the first Read.
func (c *Cold) Ask(in BalanceReq, now time.Time) (err error) {
	c.report, err = in.report(now)
	return err
}

// byRate adds a line by the rate that it has, if that is asked for and in the
// currency that is shown.
func (c *Cold) byRate(l *coldLine, u Unit, payment bool) (done bool, err error) {
	to := c.report.to
	if !c.report.entryRates || !l.rate.there || string(l.rate.currency) != to.Currency {
		return false, nil
	}
	b := Add{Rate: &Rate{Currency: to.Currency, Exp: l.rate.exp}}
	if b.Rate.Exp < 0 {
		b.Rate.Exp = Exponent(to.Currency)
	}
	if b.Rate.Exp != to.Exp {
		return false, nil
	}
	if b.Amount, err = parseMinor(l.amount, u.Exp); err != nil {
		return false, err
	}
	if b.Rate.Amount, err = parseMinor(l.rate.amount, to.Exp); err != nil {
		return false, err
	}
	if b.Payers, err = coldParts("payers", l.payers, u.Exp, b.Amount); err != nil {
		return false, err
	}
	if b.Shares, err = coldParts("shares", l.shares, u.Exp, b.Amount); err != nil {
		return false, err
	}
	if b.Amount == 0 {
		return false, errors.New("the amount is 0")
	}
	b = b.inRate()
	line := coldLine{currency: []byte(to.Currency), exp: to.Exp}
	at, err := c.unit(&line)
	if err != nil {
		return false, err
	}
	for _, p := range b.Payers {
		at.put(p.Name, p.Amount)
	}
	for _, s := range b.Shares {
		at.put(s.Name, -s.Amount)
	}
	if !payment {
		at.total = tallyRow{Sum: at.total.Sum.Add(b.Amount), Count: at.total.Count + 1}
	}
	c.converted++
	return true, nil
}

func coldParts(what string, list []coldPart, exp int, amount int64) ([]Part, error) {
	var sum Sum
	parts, seen := make([]Part, 0, len(list)), map[string]bool{}
	for _, p := range list {
		name := string(p.member)
		if err := checkName(name); err != nil {
			return nil, err
		}
		v, err := parseMinor(p.amount, exp)
		if err != nil {
			return nil, err
		}
		if seen[name] {
			return nil, fmt.Errorf("%s: %q is named twice", what, name)
		}
		seen[name] = true
		parts, sum = append(parts, Part{Name: name, Amount: v}), sum.Add(v)
	}
	if sum != SumOf(amount) {
		return nil, fmt.Errorf("%s add up to %s, the amount is %s", what, sum.Format(exp), FormatAmount(amount, exp))
	}
	return parts, nil
}

// put adds to the sum of a member.
func (u *coldUnit) put(name string, amount int64) {
	place, ok := u.places[name]
	if !ok {
		place = len(u.sums)
		u.places[name] = place
		u.members, u.sums = append(u.members, name), append(u.sums, coldSum{})
	}
	u.sums[place].sum = u.sums[place].sum.Add(amount)
}
