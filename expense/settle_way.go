package expense

import (
	"slices"
	"strings"
	"time"

	"intercom/client/wire"
	"intercom/internal/app"
)

// way is how a plan is to be made.
type way struct {
	algorithm string
	maxExact  int
	center    string
	min       int64 // in units of MaxExponent decimals
	period    period
	asked     bool  // why
	pairs     pairs // where they are needed
}

func (in SettleReq) way() (w way, err error) {
	w = way{algorithm: in.Algorithm, maxExact: MaxExact, asked: in.Explain}
	switch w.algorithm {
	case "":
		w.algorithm = AlgorithmExact
	case AlgorithmExact, AlgorithmGreedy, AlgorithmDirect:
	default:
		return w, wire.Errorf(wire.InvalidRequest, "algorithm: %.40q is not exact, greedy or direct", in.Algorithm)
	}
	if in.Exact {
		if w.algorithm != AlgorithmExact {
			return w, wire.Errorf(wire.InvalidRequest, "exact and algorithm %s exclude each other", w.algorithm)
		}
		w.maxExact = WideExact
	}
	if in.Center != "" {
		if in.Algorithm != "" || in.Exact {
			return w, wire.Errorf(wire.InvalidRequest, "center and algorithm exclude each other: through a member there is one plan")
		}
		if w.center, err = Name(in.Center); err != nil {
			return w, wire.Errorf(wire.InvalidRequest, "center: %v", err)
		}
	}
	if in.Min != "" {
		if w.min, err = in.Min.Parse(MaxExponent); err != nil {
			return w, err
		}
	}
	w.period, err = periodOf(in.From, in.To)
	return w, err
}

// periodOf reads two days, both included; an empty one is no bound.
func periodOf(from, to string) (p period, err error) {
	for name, day := range map[string]*string{"from": &from, "to": &to} {
		if *day = strings.TrimSpace(*day); *day == "" {
			continue
		}
		if _, err := time.Parse(time.DateOnly, *day); err != nil {
			return p, wire.Errorf(wire.InvalidRequest, "%s: %.40q is not a day as YYYY-MM-DD", name, *day)
		}
	}
	if to != "" && from > to {
		return p, wire.Errorf(wire.InvalidRequest, "from %s is after to %s", from, to)
	}
	return period{from, to}, nil
}

// knows refuses a center that no entry names: it is a mistake rather than a
// stranger who is to hold everybody's money.
func (w way) knows(balances []MemberBalance, c app.Call) error {
	named := func(b MemberBalance) bool { return b.Member == w.center }
	if w.center == "" || len(balances) == 0 || slices.ContainsFunc(balances, named) {
		return nil
	}
	return wire.Errorf(wire.NotFound, "center: no open entry of %s names %s", c.Room.Name, w.center).
		WithHint("intercom expense balance --channel " + c.Room.Name)
}

// solve makes the plan of one unit.
func (w way) solve(p *planner, u Unit, part []MemberBalance) Solution {
	open := openOf(part)
	switch {
	case w.center != "":
		return Solution{Transfers: Through(open, w.center)}
	case w.algorithm == AlgorithmGreedy:
		return Solution{Transfers: Greedy(open)}
	case w.algorithm == AlgorithmDirect:
		return Solution{Transfers: w.pairs.plan(u)}
	}
	return p.solve(part, w.maxExact)
}

// least returns the smallest amount of a payment in minor units.
func (w way) least(exp int) int64 {
	unit := int64(1)
	for range MaxExponent - exp {
		unit *= 10
	}
	return (w.min + unit - 1) / unit
}

// lines returns the payments that are large enough, and what they leave open.
func (s Solution) lines(u Unit, part []MemberBalance, w way) (lines []SettleLine, left []MemberBalance) {
	least := SumOf(w.least(u.Exp))
	open := map[string]Sum{}
	for _, b := range part {
		open[b.Member] = b.sum
	}
	groups := s.groupOf()
	for _, t := range s.Transfers {
		if t.Amount.Cmp(least) < 0 {
			continue
		}
		open[t.From] = open[t.From].Plus(t.Amount)
		open[t.To] = open[t.To].Plus(t.Amount.Neg())
		l := SettleLine{MemberPayment: MemberPayment{From: t.From, To: t.To, Money: moneyOf(t.Amount, u.Exp), Unit: u}, sum: t.Amount}
		if w.asked {
			l.Group, l.Why = groups[t.From], w.pairs.why(u, t)
		}
		lines = append(lines, l)
	}
	for _, b := range part {
		if rest := open[b.Member]; !rest.IsZero() {
			left = append(left, MemberBalance{Member: b.Member, Money: moneyOf(rest, u.Exp), Unit: u, sum: rest})
		}
	}
	return lines, left
}

// groupOf returns the number of each member's group, from 1.
func (s Solution) groupOf() map[string]int {
	of := map[string]int{}
	for i, g := range s.Groups {
		for _, b := range g {
			of[b.Member] = i + 1
		}
	}
	return of
}
