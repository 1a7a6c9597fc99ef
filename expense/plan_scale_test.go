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
