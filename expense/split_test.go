package expense_test

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"intercom/expense"

	"pgregory.net/rapid"
)

func TestName(t *testing.T) {
	for in, want := range map[string]string{
		" Alice ": "alice", "ALICE": "alice", "Jose\u0301": "jos\u00e9", "JOSE\u0301": "jos\u00e9",
		"Ann Lee": "ann lee", "\u2003Bob\n": "bob", strings.Repeat("A", 128): strings.Repeat("a", 128), "木村": "木村",
	} {
		if got, err := expense.Name(in); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{
		"", "  ", "a,b", "a\x00b", "a\nb", "a\x1b[2Jb", "a\u2028b", "a\u202eb", "\xff", strings.Repeat("a", 129), strings.Repeat("é", 1e6),
	} {
		if got, err := expense.Name(in); !errors.Is(err, expense.ErrName) || got != "" || len(err.Error()) > 700 {
			t.Errorf("%.20q: %q, %v", in, got, err)
		}
	}
}

func TestNameOfANameIsItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { nameTwice(t, rapid.String().Draw(t, "name")) })
}

func FuzzName(f *testing.F) {
	for _, s := range []string{" Alice ", "Jose\u0301", "İ", "\u1fb3\u0345", "a,b", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { nameTwice(t, s) })
}

func nameTwice(t interface{ Fatalf(string, ...any) }, s string) {
	name, err := expense.Name(s)
	if err != nil {
		return
	}
	if again, err := expense.Name(name); err != nil || again != name || !utf8.ValidString(name) || len(name) > expense.MaxName {
		t.Fatalf("%q is named %q, then %q, %v", s, name, again, err)
	}
}

func amounts(shares []expense.Share) []int64 {
	out := make([]int64, len(shares))
	for i, s := range shares {
		out[i] = s.Amount
	}
	return out
}

func seed(seq uint64) expense.Seed {
	return expense.Seed{Author: [32]byte{1, 2, 3}, Instance: [8]byte{9}, Seq: seq}
}

func TestEqualShares(t *testing.T) {
	if got := amounts(expense.EqualShares(3000, []string{"alice", "bob"}, seed(0))); !slices.Equal(got, []int64{1500, 1500}) {
		t.Error(got)
	}
	if got := amounts(expense.EqualShares(-3000, []string{"alice", "bob"}, seed(0))); !slices.Equal(got, []int64{-1500, -1500}) {
		t.Error(got)
	}
	if got := expense.EqualShares(3000, nil, seed(0)); got != nil {
		t.Error(got)
	}
	got := expense.EqualShares(math.MinInt64, []string{"a"}, seed(0))
	if !slices.Equal(got, []expense.Share{{Name: "a", Amount: math.MinInt64}}) {
		t.Error(got)
	}
}

// The bytes of docs/format.md, written out once more by hand.
func TestTheOddUnitGoesWhereTheSeedPoints(t *testing.T) {
	for seq := range uint64(50) {
		var text []byte
		text = append(text, 1, 2, 3)
		text = append(text, make([]byte, 29)...)
		text = append(text, 9, 0, 0, 0, 0, 0, 0, 0)
		text = append(text, 0, 0, 0, 0, 0, 0, 0, byte(seq))
		text = append(text, "\xff\xff\xff\xff\xff\xff\xfc\x18"...) // -1000
		text = append(text, "\x00\x01c\x00\x02bo\x00\x01a"...)
		hash := sha256.Sum256(text)
		first := binary.BigEndian.Uint64(hash[:8]) % 3
		want := map[string]int64{"a": -333, "bo": -333, "c": -333}
		want[[]string{"a", "bo", "c"}[first]] = -334

		for _, s := range expense.EqualShares(-1000, []string{"c", "bo", "a"}, seed(seq)) {
			if s.Amount != want[s.Name] {
				t.Fatalf("seq %d: %s has %d, want %d", seq, s.Name, s.Amount, want[s.Name])
			}
		}
	}
}

func drawWeights(t *rapid.T) []expense.Weight {
	names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,3}`), 1, 12, rapid.ID).Draw(t, "names")
	limit := rapid.SampledFrom([]int64{1, 3, 100, 1 << 53}).Draw(t, "limit")
	weights := make([]expense.Weight, len(names))
	for i, name := range names {
		weights[i] = expense.Weight{Name: name, N: rapid.Int64Range(0, limit).Draw(t, "n")}
	}
	weights[0].N++
	return weights
}

func TestSharesAddUpAndAreWithinOneUnit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64().Draw(t, "amount")
		weights := drawWeights(t)
		shares, err := expense.Shares(amount, weights, seed(rapid.Uint64().Draw(t, "seq")))
		if err != nil {
			t.Fatal(err)
		}
		var sum expense.Sum
		total := new(big.Int)
		for i, w := range weights {
			sum = sum.Add(shares[i].Amount)
			total.Add(total, big.NewInt(w.N))
		}
		if sum != expense.SumOf(amount) {
			t.Fatalf("shares add up to %s of %d", sum.Format(0), amount)
		}
		for i, w := range weights {
			// |share * total - amount * n| < total
			off := new(big.Int).Mul(big.NewInt(shares[i].Amount), total)
			off.Sub(off, new(big.Int).Mul(big.NewInt(amount), big.NewInt(w.N)))
			if shares[i].Name != w.Name || off.Abs(off).Cmp(total) >= 0 {
				t.Fatalf("%+v of %d at %d of %v", shares[i], amount, w.N, total)
			}
			if w.N == 0 && shares[i].Amount != 0 {
				t.Fatalf("%+v has no weight", shares[i])
			}
		}
	})
}

// The leftover units go to the largest remainders whatever the rotation, so the
// shares of one weight differ by one unit at most, and never by their order.
func TestALargerRemainderIsServedFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64Range(0, expense.MaxAmount).Draw(t, "amount")
		weights := drawWeights(t)
		shares, err := expense.Shares(amount, weights, seed(rapid.Uint64().Draw(t, "seq")))
		if err != nil {
			t.Fatal(err)
		}
		total := new(big.Int)
		for _, w := range weights {
			total.Add(total, big.NewInt(w.N))
		}
		lowestServed, highestUnserved := new(big.Int).Set(total), big.NewInt(-1)
		for i, w := range weights {
			floor, remainder := new(big.Int).DivMod(new(big.Int).Mul(big.NewInt(amount), big.NewInt(w.N)), total, new(big.Int))
			if shares[i].Amount > floor.Int64() && remainder.Cmp(lowestServed) < 0 {
				lowestServed = remainder
			}
			if shares[i].Amount == floor.Int64() && remainder.Cmp(highestUnserved) > 0 {
				highestUnserved = remainder
			}
		}
		if lowestServed.Cmp(highestUnserved) < 0 {
			t.Fatalf("remainder %v got a unit before %v", lowestServed, highestUnserved)
		}
	})
}

// Which way an amount goes is part of the seed, so the odd unit may move; the
// amounts that are carried are the same.
func TestNegativeAmountsMirrorPositive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64Range(-expense.MaxAmount, expense.MaxAmount).Draw(t, "amount")
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,3}`), 1, 12, rapid.ID).Draw(t, "names")
		there := amounts(expense.EqualShares(amount, names, seed(1)))
		back := amounts(expense.EqualShares(-amount, names, seed(1)))
		for i := range back {
			back[i] = -back[i]
		}
		slices.Sort(there)
		slices.Sort(back)
		if !slices.Equal(there, back) {
			t.Fatalf("%v and %v", there, back)
		}
	})
}

func TestE12NobodyCarriesTheOddCentEveryTime(t *testing.T) {
	carried := map[string]int64{}
	for seq := range uint64(1000) {
		for _, s := range expense.EqualShares(1000, []string{"a", "b", "c"}, seed(seq)) {
			carried[s.Name] += s.Amount
		}
	}
	for name, sum := range carried {
		if off := 3*sum - 1000*1000; off > 3*100 || off < -3*100 {
			t.Errorf("%s carried %s of 10000.00", name, expense.FormatAmount(sum, 2))
		}
	}
}

func TestSharesRefusesWeights(t *testing.T) {
	for _, weights := range [][]expense.Weight{
		nil, {{Name: "a", N: 0}}, {{Name: "a", N: -1}, {Name: "b", N: 2}},
		{{Name: "a", N: math.MaxInt64}, {Name: "b", N: 1}},
	} {
		if got, err := expense.Shares(100, weights, seed(0)); !errors.Is(err, expense.ErrWeights) {
			t.Errorf("%v: %v, %v", weights, got, err)
		}
	}
}

func ExampleShares() {
	shares, _ := expense.Shares(1000, []expense.Weight{{Name: "ann", N: 2}, {Name: "bob", N: 1}}, expense.Seed{})
	for _, s := range shares {
		fmt.Println(s.Name, expense.FormatAmount(s.Amount, 2))
	}
	// Output:
	// ann 6.67
	// bob 3.33
}
