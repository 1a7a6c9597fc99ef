package expense_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"intercom/expense"

	"pgregory.net/rapid"
)

func balance(member string, amount int64) expense.Balance {
	return expense.Balance{Member: member, Amount: expense.SumOf(amount)}
}

func transfer(from, to string, amount int64) expense.Transfer {
	return expense.Transfer{From: from, To: to, Amount: expense.SumOf(amount)}
}

func TestPlanTable(t *testing.T) {
	for name, c := range map[string]struct {
		in   []expense.Balance
		want []expense.Transfer
	}{
		"nobody":      {nil, nil},
		"all settled": {[]expense.Balance{balance("alice", 0)}, nil},
		"one dinner": {
			[]expense.Balance{balance("alice", 1500), balance("bob", -1500)},
			[]expense.Transfer{transfer("bob", "alice", 1500)},
		},
		"lowest opposite first": {
			[]expense.Balance{balance("d", -5), balance("c", -5), balance("b", 5), balance("a", 5)},
			[]expense.Transfer{transfer("c", "a", 5), transfer("d", "b", 5)},
		},
		"two groups beat one": {
			[]expense.Balance{balance("a", 6), balance("b", -4), balance("c", -2), balance("d", 7), balance("e", -4), balance("f", -3)},
			[]expense.Transfer{transfer("b", "a", 4), transfer("c", "a", 2), transfer("e", "d", 4), transfer("f", "d", 3)},
		},
		"a member twice": {
			[]expense.Balance{balance("a", 1), balance("b", -3), balance("a", 2)},
			[]expense.Transfer{transfer("b", "a", 3)},
		},
		"what is not zero-sum stays": {
			[]expense.Balance{balance("a", 5), balance("b", -3), balance("c", -1)},
			[]expense.Transfer{transfer("b", "a", 3), transfer("c", "a", 1)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := expense.Plan(c.in); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestPlanHoldsBalancesBeyond64Bits(t *testing.T) {
	var huge expense.Sum
	for range 3000 {
		huge = huge.Add(expense.MaxAmount)
	}
	got := expense.Plan([]expense.Balance{
		{Member: "a", Amount: huge.Add(1)}, {Member: "b", Amount: huge.Neg()}, balance("c", -1),
	})
	want := []expense.Transfer{{From: "b", To: "a", Amount: huge}, transfer("c", "a", 1)}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// zeroSum draws balances in small whole numbers, so that groups are frequent.
func zeroSum(t *rapid.T, minMembers, maxMembers int) []expense.Balance {
	n := rapid.IntRange(minMembers, maxMembers).Draw(t, "members")
	spread := rapid.SampledFrom([]int64{3, 30, 100000}).Draw(t, "spread")
	var out []expense.Balance
	var total int64
	for i := range n - 1 {
		v := rapid.Int64Range(-spread, spread).Draw(t, "amount")
		total += v
		out = append(out, balance(fmt.Sprintf("m%03d", i), v))
	}
	return append(out, balance("last", -total))
}

func TestPlanSettlesExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		balances := zeroSum(t, 1, 60)
		left := map[string]expense.Sum{}
		for _, b := range balances {
			left[b.Member] = b.Amount
		}
		for _, p := range expense.Plan(balances) {
			if p.Amount.Sign() <= 0 || left[p.From].Sign() >= 0 || left[p.To].Sign() <= 0 {
				t.Fatalf("%v pays nothing, or in the wrong direction", p)
			}
			left[p.From] = left[p.From].Plus(p.Amount)
			left[p.To] = left[p.To].Plus(p.Amount.Neg())
		}
		for member, sum := range left {
			if !sum.IsZero() {
				t.Fatalf("%s is left with %s", member, sum.Format(2))
			}
		}
	})
}

func TestPlanDependsOnTheSetAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		balances := zeroSum(t, 1, 40)
		shuffled := rapid.Permutation(balances).Draw(t, "shuffled")
		before := slices.Clone(shuffled)
		if a, b := expense.Plan(balances), expense.Plan(shuffled); !slices.Equal(a, b) {
			t.Fatalf("%v\n%v", a, b)
		}
		if !slices.Equal(before, shuffled) {
			t.Fatal("the input was changed")
		}
	})
}

func TestPlanIsNeverLongerThanGreedy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		balances := zeroSum(t, 1, 80)
		if got, greedy := len(expense.Plan(balances)), greedyLength(balances); got > greedy {
			t.Fatalf("%d transfers, greedy has %d", got, greedy)
		}
	})
}

// greedyLength counts the transfers when the largest debtor always pays the
// largest creditor.
func greedyLength(balances []expense.Balance) int {
	var open []int64
	for _, b := range balances {
		v, _ := b.Amount.Int64()
		open = append(open, v)
	}
	for n := 0; ; n++ {
		low, high := 0, 0
		for i := range open {
			if open[i] < open[low] {
				low = i
			}
			if open[i] > open[high] {
				high = i
			}
		}
		if open[low] == 0 {
			return n
		}
		paid := min(-open[low], open[high])
		open[low] += paid
		open[high] -= paid
	}
}

func TestPlanIsTheShortestUpToTenMembers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		balances := zeroSum(t, 1, 10)
		var open []int64
		for _, b := range balances {
			v, _ := b.Amount.Int64()
			open = append(open, v)
		}
		if got, want := len(expense.Plan(balances)), fewest(open); got != want {
			t.Fatalf("%d transfers, %d are enough", got, want)
		}
	})
}

// fewest tries every way to settle the first open balance against another.
func fewest(open []int64) int {
	for len(open) > 0 && open[0] == 0 {
		open = open[1:]
	}
	if len(open) == 0 {
		return 0
	}
	best := len(open)
	for i := 1; i < len(open); i++ {
		if open[0] < 0 == (open[i] < 0) || open[i] == 0 {
			continue
		}
		open[i] += open[0]
		best = min(best, 1+fewest(open[1:]))
		open[i] -= open[0]
	}
	return best
}

func TestOfEquallyShortPlansTheLowestMembersDecide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		balances := zeroSum(t, 1, 9)
		if got, want := expense.Plan(balances), specified(balances); !slices.Equal(got, want) {
			t.Fatalf("got  %v\nwant %v", got, want)
		}
	})
}

// specified computes the plan from the words of the rule: it lists all the
// partitions into zero-sum groups.
func specified(balances []expense.Balance) []expense.Transfer {
	open := slices.DeleteFunc(slices.Clone(balances), func(b expense.Balance) bool { return b.Amount.IsZero() })
	slices.SortFunc(open, func(a, b expense.Balance) int { return cmp.Compare(a.Member, b.Member) })
	var plan []expense.Transfer
	for i := 0; i < len(open); i++ {
		for j := i + 1; j < len(open); j++ {
			if open[i].Amount == open[j].Amount.Neg() {
				plan = append(plan, inOrder([]expense.Balance{open[i], open[j]})...)
				open = slices.Delete(open, j, j+1)
				open = slices.Delete(open, i, i+1)
				i--
				break
			}
		}
	}
	var best [][]string
	var walk func(next int, groups [][]expense.Balance)
	walk = func(next int, groups [][]expense.Balance) {
		if next < len(open) {
			for i := range groups {
				grown := slices.Clone(groups)
				grown[i] = append(slices.Clone(groups[i]), open[next])
				walk(next+1, grown)
			}
			walk(next+1, append(slices.Clone(groups), []expense.Balance{open[next]}))
			return
		}
		var names [][]string
		for _, g := range groups {
			var sum expense.Sum
			var group []string
			for _, b := range g {
				sum = sum.Plus(b.Amount)
				group = append(group, b.Member)
			}
			if !sum.IsZero() {
				return
			}
			names = append(names, group)
		}
		if best == nil || len(names) > len(best) ||
			len(names) == len(best) && slices.CompareFunc(names, best, slices.Compare[[]string]) < 0 {
			best = names
		}
	}
	walk(0, nil)
	for _, names := range best {
		plan = append(plan, inOrder(slices.DeleteFunc(slices.Clone(open), func(b expense.Balance) bool {
			return !slices.Contains(names, b.Member)
		}))...)
	}
	slices.SortFunc(plan, func(a, b expense.Transfer) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return plan
}

// inOrder lets the first debtor pay the first creditor until all is paid.
func inOrder(group []expense.Balance) []expense.Transfer {
	group = slices.Clone(group)
	var plan []expense.Transfer
	for {
		d := slices.IndexFunc(group, func(b expense.Balance) bool { return b.Amount.Sign() < 0 })
		c := slices.IndexFunc(group, func(b expense.Balance) bool { return b.Amount.Sign() > 0 })
		if d < 0 || c < 0 {
			return plan
		}
		amount := group[c].Amount
		if group[d].Amount.Neg().Cmp(amount) < 0 {
			amount = group[d].Amount.Neg()
		}
		plan = append(plan, expense.Transfer{From: group[d].Member, To: group[c].Member, Amount: amount})
		group[d].Amount = group[d].Amount.Plus(amount)
		group[c].Amount = group[c].Amount.Plus(amount.Neg())
	}
}

// A payment of the first line of a group that cannot be divided leaves the
// other lines; a payment of any line leaves a plan that is one shorter.
func TestAPaymentTakesItsLineOffThePlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		balances := zeroSum(t, 2, 12)
		plan := expense.Plan(balances)
		for i, paid := range plan {
			after := slices.Clone(balances)
			for j, b := range after {
				switch b.Member {
				case paid.From:
					after[j].Amount = b.Amount.Plus(paid.Amount)
				case paid.To:
					after[j].Amount = b.Amount.Plus(paid.Amount.Neg())
				}
			}
			again := expense.Plan(after)
			if len(again) != len(plan)-1 {
				t.Fatalf("%d transfers became %d", len(plan), len(again))
			}
			undivided := len(plan) == openCount(balances)-1
			if rest := slices.Delete(slices.Clone(plan), i, i+1); i == 0 && undivided && !slices.Equal(again, rest) {
				t.Fatalf("after %v\ngot  %v\nwant %v", paid, again, rest)
			}
		}
	})
}

func openCount(balances []expense.Balance) (n int) {
	for _, b := range balances {
		if !b.Amount.IsZero() {
			n++
		}
	}
	return n
}
