package expense

import (
	"cmp"
	"iter"
	"slices"

	"intercom/internal/app"
)

// accounts is what the entries of a period come to, read entry by entry: for
// what the sums of the fold do not answer. It costs what the entries cost.
type accounts struct {
	sums    map[Unit]map[string]Sum
	totals  map[Unit]tallyRow
	pairs   pairs
	entries int64
}

// accountsOf reads the entries that count in the open balance and are dated in
// the period.
func accountsOf(r app.Reader, p period) accounts {
	a := accounts{sums: map[Unit]map[string]Sum{}, totals: map[Unit]tallyRow{}, pairs: pairs{}}
	eachFlow(r, func(_ place, fl flow) {
		if p.has(fl.Date) {
			a.add(fl)
		}
	})
	return a
}

func (a *accounts) add(fl flow) {
	b := &fl.Add
	u := Unit{b.Currency, b.Exp}
	if a.sums[u] == nil {
		a.sums[u] = map[string]Sum{}
	}
	for name, amount := range netOf(b) {
		a.sums[u][name] = a.sums[u][name].Add(amount)
	}
	if !fl.payment {
		t := a.totals[u]
		a.totals[u] = tallyRow{Sum: t.Sum.Add(b.Amount), Count: t.Count + 1}
	}
	a.pairs.add(b)
	a.entries++
}

// balances returns the sums as the fold keeps them: by currency, decimals and
// member.
func (a accounts) balances() []MemberBalance {
	all := []MemberBalance{}
	for u, members := range a.sums {
		for name, sum := range members {
			all = append(all, MemberBalance{Member: name, Money: moneyOf(sum, u.Exp), Unit: u, sum: sum})
		}
	}
	slices.SortFunc(all, func(a, b MemberBalance) int {
		return cmp.Or(a.Unit.compare(b.Unit), cmp.Compare(a.Member, b.Member))
	})
	return all
}

func (u Unit) compare(o Unit) int {
	return cmp.Or(cmp.Compare(u.Currency, o.Currency), cmp.Compare(u.Exp, o.Exp))
}

// eachFlow calls f for each entry that counts in the open balance, in no order.
func eachFlow(r app.Reader, f func(p place, fl flow)) {
	for p := range placesOf(r) {
		if p.end != open {
			continue
		}
		for _, s := range standings(r, p) {
			if s.Out {
				continue
			}
			if e, ok := r.Event(s.id); ok {
				if fl, ok := flowOf(e); ok {
					f(p, fl)
				}
			}
		}
	}
}

// byUnit goes through balances, which are sorted, unit by unit.
func byUnit(all []MemberBalance) iter.Seq2[Unit, []MemberBalance] {
	return func(yield func(Unit, []MemberBalance) bool) {
		for rest := all; len(rest) > 0; {
			u, n := rest[0].Unit, 1
			for n < len(rest) && rest[n].Unit == u {
				n++
			}
			if !yield(u, rest[:n]) {
				return
			}
			rest = rest[n:]
		}
	}
}

func openOf(part []MemberBalance) []Balance {
	open := make([]Balance, len(part))
	for i, b := range part {
		open[i] = Balance{Member: b.Member, Amount: b.sum}
	}
	return open
}
