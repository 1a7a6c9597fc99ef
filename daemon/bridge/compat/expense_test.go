package compat_test

import (
	"testing"
	"time"

	"intercom/daemon/bridge/compat"
	"intercom/expense"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

func money(minor string) expense.Money { return expense.Money{Minor: minor} }

func TestCentsAreExact(t *testing.T) {
	for _, c := range []struct {
		minor string
		exp   int
		want  string
	}{
		{"100", 2, "100"}, {"-5", 2, "-5"}, {"0", 2, "0"}, {"18014398509481982", 2, "18014398509481982"},
		{"7", 0, "700"}, {"-7", 1, "-70"}, {"0", 0, "0"},
		{"1500", 3, "150"}, {"1505", 3, "150.5"}, {"-1", 3, "-0.1"}, {"1", 8, "0.000001"}, {"100000000", 8, "100"},
	} {
		u := expense.Unit{Currency: "ABC", Exp: c.exp}
		got := original(t, expense.Sheet{
			Channel: "c", Entries: 1, Totals: []expense.Total{{Money: money(c.minor), Unit: u}},
			Balances:  []expense.MemberBalance{{Member: "m", Money: money(c.minor), Unit: u}},
			Transfers: []expense.MemberPayment{{From: "m", To: "n", Money: money(c.minor), Unit: u}},
		})
		want := `{"summary":{"channel":"c","eventCount":1,"totalCents":` + c.want + `,"balances":[{"member":"m","cents":` + c.want +
			`}],"settlements":[{"from":"m","to":"n","amountCents":` + c.want + `}]}}`
		if got != want {
			t.Errorf("%s of %d decimals:\n got %s\nwant %s", c.minor, c.exp, got, want)
		}
	}
}

func TestASummaryIsOfOneCurrency(t *testing.T) {
	eur, usd := expense.Unit{Currency: "EUR", Exp: 2}, expense.Unit{Currency: "USD", Exp: 2}
	xxx, odd := expense.Unit{Currency: "XXX", Exp: 2}, expense.Unit{Currency: "XXX", Exp: 8}
	for name, c := range map[string]struct {
		totals, carried []expense.Unit
		want            string
	}{
		"none":                    {nil, nil, `"totalCents":0,"balances":[]`},
		"one":                     {[]expense.Unit{usd}, nil, `"totalCents":1,"balances":[{"member":"USD","cents":1}]`},
		"the original's":          {[]expense.Unit{eur, xxx}, nil, `"totalCents":1,"balances":[{"member":"XXX","cents":1}]`},
		"not the original's unit": {[]expense.Unit{eur, odd}, nil, `"totalCents":1,"balances":[{"member":"EUR","cents":1}]`},
		"the first":               {[]expense.Unit{eur, usd}, nil, `"totalCents":1,"balances":[{"member":"EUR","cents":1}]`},
		"carried":                 {nil, []expense.Unit{usd}, `"totalCents":0,"balances":[{"member":"USD","cents":1}]`},
		"carried original's":      {[]expense.Unit{eur}, []expense.Unit{xxx}, `"totalCents":0,"balances":[{"member":"XXX","cents":1}]`},
	} {
		s := expense.Sheet{Entries: 9}
		for _, u := range c.totals {
			s.Totals = append(s.Totals, expense.Total{Money: money("1"), Unit: u})
		}
		for _, u := range append(c.totals, c.carried...) {
			s.Balances = append(s.Balances, expense.MemberBalance{Member: u.Currency, Money: money("1"), Unit: u})
		}
		want := `{"summary":{"channel":"","eventCount":9,` + c.want + `,"settlements":[]}}`
		if got := original(t, s); got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
}

func TestExpensesThatDoNotCountAreHeardByNobody(t *testing.T) {
	r := apptest.New(expense.App())
	add := func(w apptest.Writer, key string) *event.Signed {
		return r.Write(w, noon, key, app.Draft{Type: "expense.add", Body: &expense.Add{
			Amount: 100, Currency: "EUR", Exp: 2, Date: "2026-03-02", Payers: []expense.Part{{Name: "a", Amount: 100}},
			Split: expense.Split{Kind: expense.SplitEqual, Of: []expense.Part{{Name: "b", Amount: 1}}}, Shares: []expense.Part{{Name: "b", Amount: 100}},
		}})
	}
	first := add(bob, "k")
	done := r.Write(bob, noon, "", app.Draft{Type: "room.close", Body: &expense.Close{}})
	for name, c := range map[string]struct {
		e     *event.Signed
		local bool
		want  int
	}{
		"expense":      {first, false, 1},
		"own expense":  {first, true, 0},
		"close":        {done, false, 1},
		"own close":    {done, true, 0},
		"repeated key": {add(bob, "k"), false, 0},
		"reopen":       {r.Write(bob, noon, "", app.Draft{Type: "room.reopen", Body: &expense.Reopen{Close: done.ID}}), false, 0},
		"payment": {r.Write(bob, noon, "", app.Draft{Type: "payment.add", Body: &expense.Payment{
			From: "a", To: "b", Amount: 1, Currency: "EUR", Exp: 2, Date: "2026-03-02",
		}}), false, 0},
		"malformed": {r.WriteRaw(bob, noon, "", "expense.add", []byte{0xa0}), false, 0},
	} {
		f, err := compat.Shapes{}.ExpenseFrames(compat.Happening{
			Room: "test", Event: c.e, Local: c.local, Reader: r, Now: noon.Add(time.Second),
		})
		if err != nil || len(f) != c.want {
			t.Errorf("%s: %d pushes, %v", name, len(f), err)
		}
	}
}
