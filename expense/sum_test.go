package expense_test

import (
	"math"
	"math/big"
	"testing"

	"intercom/expense"

	"github.com/fxamacker/cbor/v2"
	"pgregory.net/rapid"
)

// numbers draws a Sum and the same number of math/big, up to about 2^120.
func numbers(t *rapid.T, label string) (expense.Sum, *big.Int) {
	var s expense.Sum
	b := new(big.Int)
	for _, v := range rapid.SliceOfN(rapid.Int64(), 0, 4).Draw(t, label) {
		for range rapid.SampledFrom([]int{0, 1, 20, 56}).Draw(t, "doublings") {
			s, b = s.Plus(s), b.Lsh(b, 1)
		}
		if b.BitLen() > 120 {
			s, b = expense.Sum{}, new(big.Int)
		}
		s, b = s.Add(v), b.Add(b, big.NewInt(v))
	}
	return s, b
}

func TestSumAgreesWithBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, bs := numbers(t, "s")
		u, bu := numbers(t, "u")
		for name, pair := range map[string][2]string{
			"s":      {s.Format(0), bs.String()},
			"-s":     {s.Neg().Format(0), new(big.Int).Neg(bs).String()},
			"s + u":  {s.Plus(u).Format(0), new(big.Int).Add(bs, bu).String()},
			"s - u":  {s.Plus(u.Neg()).Format(0), new(big.Int).Sub(bs, bu).String()},
			"format": {s.Format(8), decimal(bs, 8)},
		} {
			if pair[0] != pair[1] {
				t.Fatalf("%s = %s, want %s", name, pair[0], pair[1])
			}
		}
		if s.Cmp(u) != bs.Cmp(bu) || s.Sign() != bs.Sign() || s.IsZero() != (bs.Sign() == 0) || (s == u) != (bs.Cmp(bu) == 0) {
			t.Fatalf("%v and %v compare as %d, sign %d", bs, bu, s.Cmp(u), s.Sign())
		}
		if v, ok := s.Int64(); ok != bs.IsInt64() || ok && v != bs.Int64() {
			t.Fatalf("%v as int64: %d, %v", bs, v, ok)
		}
	})
}

func decimal(v *big.Int, exp int64) string {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(exp), nil)
	return new(big.Rat).SetFrac(v, scale).FloatString(int(exp))
}

func TestSumFormat(t *testing.T) {
	lowest := expense.SumOf(math.MinInt64) // doubled 64 times: -2^127
	for range 64 {
		lowest = lowest.Plus(lowest)
	}
	for _, c := range []struct {
		sum  expense.Sum
		exp  int
		want string
	}{
		{expense.Sum{}, 2, "0.00"}, {expense.SumOf(5), 2, "0.05"}, {expense.SumOf(-5), 2, "-0.05"},
		{expense.SumOf(1500), 2, "15.00"}, {expense.SumOf(1500), 0, "1500"}, {expense.SumOf(-123), -3, "-123"},
		{expense.SumOf(math.MinInt64), 1, "-922337203685477580.8"},
		{lowest, 0, "-170141183460469231731687303715884105728"},
		{lowest.Add(1).Neg(), 2, "1701411834604692317316873037158841057.27"},
	} {
		if got := c.sum.Format(c.exp); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

// Three amounts of the largest size: a float64 loses one unit here.
func TestSumOfLargeAmountsIsExact(t *testing.T) {
	s := expense.Sum{}.Add(expense.MaxAmount).Add(expense.MaxAmount).Add(expense.MaxAmount)
	if got := s.Format(0); got != "27021597764222973" {
		t.Error(got)
	}
}

func TestSumInCBORIsSixteenBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want, _ := numbers(t, "sum")
		type row struct{ Total expense.Sum }
		data, err := cbor.Marshal(row{want})
		if err != nil {
			t.Fatal(err)
		}
		var got row
		if err := cbor.Unmarshal(data, &got); err != nil || got.Total != want {
			t.Fatalf("%x is read as %v, %v", data, got, err)
		}
	})
	minusTwo, _ := cbor.Marshal(expense.SumOf(-2))
	if want := "\x50\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe"; string(minusTwo) != want {
		t.Errorf("-2 is %x", minusTwo)
	}
}

func FuzzSumCBOR(f *testing.F) {
	f.Add([]byte("\x50\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe"))
	f.Add([]byte{0x01})
	f.Add([]byte{0xf6})
	f.Fuzz(func(t *testing.T, data []byte) {
		var s expense.Sum
		if s.UnmarshalCBOR(data) != nil {
			if !s.IsZero() {
				t.Fatal("a refused sum was set")
			}
			return
		}
		if again, err := s.MarshalCBOR(); err != nil || string(again) != string(data) {
			t.Fatalf("%x is written %x, %v", data, again, err)
		}
	})
}
