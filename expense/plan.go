package expense

import (
	"cmp"
	"slices"
	"sort"
)

// MaxExact is the number of members, opposite pairs taken out, up to which a
// plan has the fewest transfers possible. It is part of the rule: peers that
// disagree on it print different plans.
const MaxExact = 22

// Balance is what a member is owed (above zero) or owes (below zero).
type Balance struct {
	Member string
	Amount Sum
}

// Transfer is one payment of a plan; its amount is above zero.
type Transfer struct {
	From, To string
	Amount   Sum
}

// WideExact is the most that MaxExact may be raised to for one plan: above it,
// time and memory double with each member.
const WideExact = 26

// Solution is a plan and how it came about.
type Solution struct {
	Transfers []Transfer  // sorted by From and To
	Groups    [][]Balance // each of zero sum, settled on its own, the lowest member first; none: all as one
	Open      int         // members with a balance
	Fewest    bool        // no plan has fewer transfers
}

// Plan returns the payments that settle the balances of one currency, sorted
// by From and To. It depends on the set of balances alone, not on their order,
// so every peer computes the same plan (docs/format.md). The balances of a
// ledger add up to zero; of others, the excess stays unsettled. A member listed
// twice has the sum of both.
//
// Opposite balances settle each other first, the lowest member with its lowest
// opposite. Of up to MaxExact members left the plan has the fewest transfers
// possible; of several such plans the lowest member takes the lexicographically
// smallest group of members, and so on with the rest. Of more members left,
// zero-sum triples and then quads are taken out; what remains is treated as
// above if it is MaxExact members or fewer, else paid by member or largest
// first, whichever is shorter. If either of these two ways is shorter for all
// the members, it is the plan.
//
// Cost: n log n; plus, for up to MaxExact members, 10 million word operations
// and 4 MiB at most; plus, for up to maxSearch members, the search for triples
// and quads, which grows with n.
func Plan(balances []Balance) []Transfer { return Solve(balances, MaxExact).Transfers }

// Solve is Plan with another bound than MaxExact, and says how it went. With
// WideExact it takes seconds and 40 MiB at most.
func Solve(balances []Balance, maxExact int) Solution {
	maxExact = min(maxExact, WideExact)
	all := openBalances(balances)
	groups, rest := takePairs(all)
	s := Solution{Open: len(all), Fewest: len(rest) <= maxExact}
	if !s.Fewest {
		var found [][]Balance
		found, rest = takeSmallGroups(rest)
		groups = append(groups, found...)
	}
	var plan []Transfer
	if len(rest) > maxExact {
		plan = shortest(payInOrder(rest), payLargestFirst(rest))
	} else {
		groups, rest = append(groups, partition(rest)...), nil
	}
	for _, g := range groups {
		plan = append(plan, payInOrder(g)...)
	}
	s.Groups = groups
	if len(rest) > 0 {
		s.Groups = append(groups, rest)
	}
	if len(all) > maxExact {
		if best := shortest(plan, payInOrder(all), payLargestFirst(all)); len(best) < len(plan) {
			plan, s.Groups = best, nil
		}
	}
	sortTransfers(plan)
	sort.Slice(s.Groups, func(i, j int) bool { return s.Groups[i][0].Member < s.Groups[j][0].Member })
	s.Transfers = plan
	return s
}

func sortTransfers(plan []Transfer) {
	sort.Slice(plan, func(i, j int) bool {
		return cmp.Or(cmp.Compare(plan[i].From, plan[j].From), cmp.Compare(plan[i].To, plan[j].To)) < 0
	})
}

// Greedy is the plan in which the largest debtor pays the largest creditor,
// again and again; the lower member goes first among equals.
func Greedy(balances []Balance) []Transfer {
	plan := payLargestFirst(openBalances(balances))
	sortTransfers(plan)
	return plan
}

// Through is the plan in which everybody pays, or is paid by, one member.
func Through(balances []Balance, center string) []Transfer {
	var plan []Transfer
	for _, b := range openBalances(balances) {
		switch {
		case b.Member == center:
		case b.Amount.Sign() < 0:
			plan = append(plan, Transfer{From: b.Member, To: center, Amount: b.Amount.Neg()})
		default:
			plan = append(plan, Transfer{From: center, To: b.Member, Amount: b.Amount})
		}
	}
	sortTransfers(plan)
	return plan
}

// openBalances returns the balances that are not zero, one a member, by member.
func openBalances(balances []Balance) []Balance {
	sorted := slices.SortedFunc(slices.Values(balances), func(a, b Balance) int {
		return cmp.Compare(a.Member, b.Member)
	})
	var open []Balance
	for _, b := range sorted {
		if n := len(open); n > 0 && open[n-1].Member == b.Member {
			open[n-1].Amount = open[n-1].Amount.Plus(b.Amount)
		} else {
			open = append(open, b)
		}
	}
	return slices.DeleteFunc(open, func(b Balance) bool { return b.Amount.IsZero() })
}

// takePairs pairs the lowest member with its lowest opposite, and so on. An
// opposite pair is part of some shortest plan: if its members lie in two
// zero-sum groups, the pair and the rest of both are two groups as well.
func takePairs(open []Balance) (pairs [][]Balance, rest []Balance) {
	waiting := map[Sum][]int{} // amount -> places not paired, by member
	for i, b := range open {
		waiting[b.Amount] = append(waiting[b.Amount], i)
	}
	taken := make([]bool, len(open))
	for i, b := range open {
		if taken[i] {
			continue
		}
		if opposite := waiting[b.Amount.Neg()]; len(opposite) > 0 {
			j := opposite[0]
			waiting[b.Amount.Neg()] = opposite[1:]
			waiting[b.Amount] = waiting[b.Amount][1:] // i itself: it is the lowest left
			taken[i], taken[j] = true, true
			pairs = append(pairs, []Balance{b, open[j]})
		}
	}
	return pairs, untaken(open, taken)
}

func untaken(open []Balance, taken []bool) []Balance {
	var rest []Balance
	for i, b := range open {
		if !taken[i] {
			rest = append(rest, b)
		}
	}
	return rest
}

// shortest returns the plan with the fewest transfers, the first of equals.
func shortest(plans ...[]Transfer) []Transfer {
	return slices.MinFunc(plans, func(a, b []Transfer) int { return cmp.Compare(len(a), len(b)) })
}
