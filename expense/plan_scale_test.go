package expense_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"intercom/expense"
)

func TestPlanOfHostileSizeIsComputed(t *testing.T) {
	for name, amount := range map[string]func(i int) int64{
		"distinct":       func(i int) int64 { return int64(i)*int64(i)*7919 + 1 },
		"few amounts":    func(i int) int64 { return 1 + int64(i%3) },
		"ones and a sum": func(int) int64 { return 1 },
	} {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{23, 600, 4096, 100_000} {
				balances := randomBalances(n, amount)
				if plan := expense.Plan(balances); len(plan) >= n {
					t.Errorf("%d transfers for %d members", len(plan), n)
				}
			}
		})
	}
}

func randomBalances(n int, amount func(i int) int64) []expense.Balance {
	var total int64
	balances := make([]expense.Balance, 0, n)
	for i := range n - 1 {
		total += amount(i)
		balances = append(balances, balance(fmt.Sprintf("m%06d", i), amount(i)))
	}
	return append(balances, balance("last", -total))
}

// Thirty triples, and two groups of five that greedy ways mix.
func TestPlanFindsTheGroupsOfALargeRoom(t *testing.T) {
	var balances []expense.Balance
	for i, amount := range []int64{88, 42, 66, 33, -27, -26, -59, -23, -68, -26} {
		balances = append(balances, balance(fmt.Sprintf("f%d", i), amount*1e12))
	}
	for i := range int64(30) {
		owed, also := int64(1)<<i, int64(5)<<i+7
		for name, amount := range map[string]int64{"a": owed, "b": also, "c": -owed - also} {
			balances = append(balances, balance(fmt.Sprintf("%s%02d", name, i), amount))
		}
	}
	if got, greedy := len(expense.Plan(balances)), greedyLength(balances); got != 30*2+2*4 || greedy <= got {
		t.Errorf("%d transfers, greedy has %d; 68 are enough", got, greedy)
	}
}

// named gives the members names in the order of the groups.
func named(groups [][]int64) (balances []expense.Balance) {
	for g, group := range groups {
		for i, amount := range group {
			balances = append(balances, balance(fmt.Sprintf("m%02d%02d", g, i), amount))
		}
	}
	return balances
}

// None of the thirty members m are in a zero-sum triple or quad. Largest first
// mixes their groups, which the names keep apart once the triple is out.
func TestALargePlanMayGoByMember(t *testing.T) {
	balances := named([][]int64{
		{6792, 8023, -2529, -2094, -10192}, {4134, 4524, -3771, -1026, -3861}, {5771, 7118, -2899, -3476, -6514},
		{3662, 5736, -3270, -3525, -2603}, {8735, 3335, -3982, -2552, -5536}, {4387, 8762, -2851, -3969, -6329},
	})
	balances = append(balances, balance("a", 100001), balance("m03zz", 50000), balance("z", -150001))
	if got, greedy := len(expense.Plan(balances)), greedyLength(balances); got != 6*4+2 || greedy <= got {
		t.Errorf("%d transfers, greedy has %d; 26 are enough", got, greedy)
	}
}

// 3208 + 7074 - 10282 is a triple across three groups; taking it out costs a
// transfer.
func TestALargePlanMayBeShorterWithoutItsTriples(t *testing.T) {
	balances := named([][]int64{
		{3208, 6124, -3295, -2755, -3282}, {7074, 5835, -3905, -2016, -6988}, {8032, 6925, -10282, -878, -3797},
		{6284, 7176, -2527, -3295, -7638}, {6025, 4139, -3734, -2189, -4241}, {4401, 8674, -2060, -1120, -9895},
	})
	if got := len(expense.Plan(balances)); got != 6*4 {
		t.Errorf("%d transfers, 24 are enough", got)
	}
}

func TestALargePlanTakesOutQuadsAndMayGoLargestFirst(t *testing.T) {
	for _, c := range []struct {
		seed    uint64
		members int
		want    int
	}{
		{seed: 2, members: 25, want: 20},   // 22 without quads
		{seed: 474, members: 47, want: 37}, // 38 by member
	} {
		r := rand.New(rand.NewPCG(c.seed, 7))
		balances := randomised(c.members, func() int64 { return r.Int64N(601) - 300 })
		if got := len(expense.Plan(balances)); got != c.want {
			t.Errorf("%d transfers of %d members, want %d", got, c.members, c.want)
		}
	}
}

// Every third member owes what two others of the block are owed.
func TestSmallGroupsAreSearchedUpToABound(t *testing.T) {
	transfers := func(triples int) int {
		r := rand.New(rand.NewPCG(1, 2))
		var balances []expense.Balance
		for i := range triples {
			a, b := 1+r.Int64N(1e12), 1+r.Int64N(1e12)
			for place, amount := range map[int]int64{3 * i: a, 3*i + 1: b, 3*(i^1) + 2: -a - b} {
				balances = append(balances, balance(fmt.Sprintf("m%05d", place), amount))
			}
		}
		return len(expense.Plan(balances))
	}
	if got := transfers(1364); got > 1364*2+16 { // 4,092 members; a few triples cross blocks
		t.Errorf("%d transfers for 1364 triples", got)
	}
	if got := transfers(1366); got < 1366*2+600 { // 4,098 members: by member
		t.Errorf("%d transfers: more members were searched than the rule says", got)
	}
}

func euros(n int, seed uint64) []expense.Balance {
	r := rand.New(rand.NewPCG(seed, uint64(n)))
	return randomised(n, func() int64 { return 100 * (r.Int64N(61) - 30) })
}

func randomised(n int, draw func() int64) []expense.Balance {
	amounts := make([]int64, n)
	for i := range amounts {
		amounts[i] = draw()
	}
	return randomBalances(n, func(i int) int64 { return amounts[i] })
}

// threes can be divided into triples in very many ways.
func threes(n int) []expense.Balance {
	return randomBalances(n, func(i int) int64 { return []int64{2, -1, -1}[i%3] })
}

func BenchmarkPlan20(b *testing.B)  { benchmark(b, euros(20, 1), threes(20)) }
func BenchmarkPlan22(b *testing.B)  { benchmark(b, euros(22, 1), threes(22)) }
func BenchmarkPlan100(b *testing.B) { benchmark(b, euros(100, 1), threes(100)) }

func benchmark(b *testing.B, euros, threes []expense.Balance) {
	for name, balances := range map[string][]expense.Balance{"euros": euros, "threes": threes} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var plan []expense.Transfer
			for b.Loop() {
				plan = expense.Plan(balances)
			}
			b.ReportMetric(float64(len(plan)), "transfers")
		})
	}
}
