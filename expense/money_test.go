package expense_test

import (
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"testing"

	"intercom/expense"

	"pgregory.net/rapid"
)

func TestParseAmountAccepts(t *testing.T) {
	for _, c := range []struct {
		text string
		exp  int
		want int64
	}{
		{"0", 2, 0}, {"-0", 2, 0}, {"0.0", 2, 0}, {"30", 2, 3000}, {"12.5", 2, 1250}, {"12.50", 2, 1250},
		{"-10.01", 2, -1001}, {"0.001", 3, 1}, {"1200", 0, 1200}, {"1.00000001", 8, 100000001},
		{"90071992547409.91", 2, expense.MaxAmount}, {"-90071992547409.91", 2, -expense.MaxAmount},
	} {
		if got, err := expense.ParseAmount(c.text, c.exp); err != nil || got != c.want {
			t.Errorf("%q with %d decimals: %d, %v; want %d", c.text, c.exp, got, err, c.want)
		}
	}
}

func refused(t *testing.T, text string, exp int, kind error, hint string) {
	t.Helper()
	v, err := expense.ParseAmount(text, exp)
	if !errors.Is(err, kind) || !errors.Is(err, expense.ErrAmount) {
		t.Errorf("%q: got %d, %v; want %v", text, v, err, kind)
		return
	}
	var e *expense.AmountError
	if !errors.As(err, &e) || !strings.Contains(e.Hint, hint) || !strings.Contains(err.Error(), hint) {
		t.Errorf("%q: %v; want the hint %q", text, err, hint)
	}
}

func TestE1DecimalCommaIsRefusedAndNeverGuessed(t *testing.T) {
	refused(t, "1,50", 2, expense.ErrAmountSyntax, "use a point: 1.50")
	refused(t, "1,5", 2, expense.ErrAmountSyntax, "use a point: 1.5")
	refused(t, "1,500", 2, expense.ErrAmountSyntax, "nothing between thousands")
	refused(t, "1,234.56", 2, expense.ErrAmountSyntax, "nothing between thousands")
	refused(t, "1,2,3", 2, expense.ErrAmountSyntax, "nothing between thousands")
}

func TestE2MoreDecimalsThanTheCurrencyHasAreRefused(t *testing.T) {
	refused(t, "1.005", 2, expense.ErrAmountDecimals, "2 decimals")
	refused(t, "1.000", 2, expense.ErrAmountDecimals, "2 decimals")
	refused(t, "8.165", 2, expense.ErrAmountDecimals, "2 decimals")
	refused(t, "1.25", 1, expense.ErrAmountDecimals, "1 decimal ")
	refused(t, "1.0", 0, expense.ErrAmountDecimals, "no decimals")
}

func TestE3HexadecimalIsRefused(t *testing.T) {
	refused(t, "0x10", 2, expense.ErrAmountSyntax, "write digits")
	refused(t, "ff", 2, expense.ErrAmountSyntax, "write digits")
	refused(t, "010", 2, expense.ErrAmountSyntax, "leading zeros")
}

func TestE4ExponentIsRefused(t *testing.T) {
	refused(t, "1e3", 2, expense.ErrAmountSyntax, "write digits")
	refused(t, "1E-3", 2, expense.ErrAmountSyntax, "write digits")
}

func TestParseAmountRefuses(t *testing.T) {
	for _, c := range []struct {
		text string
		kind error
		hint string
	}{
		{"", expense.ErrAmountSyntax, "give a number"},
		{"-", expense.ErrAmountSyntax, "give a number"},
		{".", expense.ErrAmountSyntax, "give a number"},
		{".5", expense.ErrAmountSyntax, "0.5"},
		{"5.", expense.ErrAmountSyntax, "leave out the point: 5"},
		{"+5", expense.ErrAmountSyntax, "plus"},
		{" 5", expense.ErrAmountSyntax, "spaces"},
		{"1 000", expense.ErrAmountSyntax, "spaces"},
		{"\u22125", expense.ErrAmountSyntax, "hyphen"},
		{"--5", expense.ErrAmountSyntax, "write digits"},
		{"1.2.3", expense.ErrAmountSyntax, "write digits"},
		{"1_000", expense.ErrAmountSyntax, "write digits"},
		{"NaN", expense.ErrAmountSyntax, "write digits"},
		{"٣", expense.ErrAmountSyntax, "write digits"},
		{"90071992547409.92", expense.ErrAmountRange, "90071992547409.91"},
		{"99999999999999999999999999", expense.ErrAmountRange, "90071992547409.91"},
		{strings.Repeat("9", 1e6), expense.ErrAmountRange, "64 characters"},
	} {
		refused(t, c.text, 2, c.kind, c.hint)
	}
	refused(t, "1", 9, expense.ErrAmountDecimals, "0 to 8")
	refused(t, "1", -1, expense.ErrAmountDecimals, "0 to 8")
}

func TestLiteralKeepsTheText(t *testing.T) {
	for in, want := range map[string]expense.Literal{
		`30`: "30", `12.5`: "12.5", `"12.50"`: "12.50", `-1`: "-1", `"\u0031"`: "1",
		`9007199254740993`: "9007199254740993", // a float would lose the last digit
	} {
		var got struct{ Amount expense.Literal }
		if err := json.Unmarshal([]byte(`{"amount":`+in+`}`), &got); err != nil || got.Amount != want {
			t.Errorf("%s: %q, %v; want %q", in, got.Amount, err, want)
		}
	}
}

func TestLiteralRefuses(t *testing.T) {
	for _, in := range []string{`1e3`, `"1e3"`, `"0x10"`, `"1,50"`, `" 5 "`, `""`, `[10]`, `["10"]`, `{}`, `true`, `false`, `null`, `"\ud800"`} {
		got := struct{ Amount expense.Literal }{"before"}
		if err := json.Unmarshal([]byte(`{"amount":`+in+`}`), &got); !errors.Is(err, expense.ErrAmount) || got.Amount != "before" {
			t.Errorf("%s: %q, %v", in, got.Amount, err)
		}
	}
	for _, in := range []string{`0x10`, `1,50`, `1_0`, `.5`} {
		var got struct{ Amount expense.Literal }
		if err := json.Unmarshal([]byte(`{"amount":`+in+`}`), &got); err == nil {
			t.Errorf("%s: %q", in, got.Amount)
		}
		var l expense.Literal
		if err := l.UnmarshalJSON([]byte(in)); !errors.Is(err, expense.ErrAmount) {
			t.Errorf("%s: %q, %v", in, l, err)
		}
	}
}

func TestFormatAmountIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Int64Range(-expense.MaxAmount, expense.MaxAmount).Draw(t, "v")
		exp := rapid.IntRange(0, expense.MaxExponent).Draw(t, "exp")
		text := expense.FormatAmount(v, exp)
		if got, err := expense.ParseAmount(text, exp); err != nil || got != v {
			t.Fatalf("%d is written %s and read %d, %v", v, text, got, err)
		}
	})
}

func FuzzParseAmount(f *testing.F) {
	for _, s := range []string{"30", "-12.50", "1,50", "0x10", "1e3", "1.005", ".5", "5.", "00", "90071992547409.92"} {
		f.Add(s, 2)
	}
	f.Fuzz(func(t *testing.T, text string, exp int) {
		v, err := expense.ParseAmount(text, exp)
		if err != nil {
			if !errors.Is(err, expense.ErrAmount) || len(err.Error()) > 600 {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		again, err := expense.ParseAmount(expense.FormatAmount(v, exp), exp)
		if err != nil || again != v {
			t.Fatalf("%q is %d, then %d, %v", text, v, again, err)
		}
		exact, ok := new(big.Rat).SetString(text)
		if !ok || exact.FloatString(exp) != expense.FormatAmount(v, exp) {
			t.Fatalf("%q is %s", text, expense.FormatAmount(v, exp))
		}
	})
}

func TestCheckCurrency(t *testing.T) {
	for _, ok := range []string{"EUR", "XXX", "BEERS", "ABCDEFGH"} {
		if err := expense.CheckCurrency(ok); err != nil {
			t.Errorf("%s: %v", ok, err)
		}
	}
	for _, bad := range []string{"", "EU", "eur", "EU1", "ABCDEFGHI", "ÉUR", "EUR ", strings.Repeat("A", 1e6)} {
		if err := expense.CheckCurrency(bad); !errors.Is(err, expense.ErrCurrency) || len(err.Error()) > 120 {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
}

func TestExponentIsISO4217s(t *testing.T) {
	for code, want := range map[string]int{
		"EUR": 2, expense.DefaultCurrency: 2, "BEERS": 2, "": 2, "MGA": 2, "XAU": 2,
		"JPY": 0, "KRW": 0, "ISK": 0, "UGX": 0, "KWD": 3, "TND": 3, "CLF": 4, "UYW": 4,
	} {
		if got := expense.Exponent(code); got != want {
			t.Errorf("%s has %d decimals, got %d", code, want, got)
		}
	}
}
