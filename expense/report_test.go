package expense_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"intercom/client/wire"
	"intercom/expense"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
)

func inCurrency(t *testing.T, r *apptest.Room, currency, payer, amount string, split ...string) {
	t.Helper()
	do[expense.AddReply](t, r, alice, expense.AddReq{
		Payer: payer, Amount: expense.Amount(amount), Split: split, Date: "2026-03-01", Currency: currency, PayerShares: new(bool),
	})
}

// sheetText writes balances in one line.
func sheetText(s expense.Sheet) string {
	var out []string
	for _, b := range s.Balances {
		text := b.Member + " " + b.Amount + b.Currency
		if b.Residue != "" {
			text += " (" + b.Residue + ")"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func TestBalanceAtADayTakesEntriesUpToIt(t *testing.T) {
	r := newRoom()
	dated(t, r, "2026-03-01", "alice", "30", "bob")
	dated(t, r, "2026-03-05", "bob", "10", "alice")
	dated(t, r, "2026-03-09", "carol", "1", "alice")
	for day, want := range map[string]string{
		"2026-02-28": "",
		"2026-03-01": "alice 30.00EUR, bob -30.00EUR",
		"2026-03-08": "alice 20.00EUR, bob -20.00EUR",
		"2026-03-09": "alice 19.00EUR, bob -20.00EUR, carol 1.00EUR",
	} {
		got := do[expense.Sheet](t, r, alice, expense.BalanceReq{At: day})
		if sheetText(got) != want || got.At != day || !strings.Contains(got.Note(), "up to "+day) {
			t.Errorf("%s: %s, not %s (%q)", day, sheetText(got), want, got.Note())
		}
	}
	if got := do[expense.Sheet](t, r, alice, expense.BalanceReq{At: "2026-03-08"}); len(got.Transfers) != 1 || got.Totals[0].Amount != "40.00" || got.Entries != 2 {
		t.Errorf("%+v", got)
	}
}

const someRates = `from,to,rate,date
# older and newer
USD,EUR,0.90,2026-01-01
USD,EUR,0.92,2026-03-01

P 2026-03-02 00:00:00 JPY 0.0061 EUR ; a market price
P 2026/03/05 EUR "GBP" 0.85
`

func TestBalancesInOneCurrency(t *testing.T) {
	r := newRoom()
	inCurrency(t, r, "EUR", "alice", "30", "alice", "bob", "carol")
	inCurrency(t, r, "USD", "bob", "10", "alice", "bob", "carol")
	inCurrency(t, r, "JPY", "carol", "1000", "alice")
	inCurrency(t, r, "GBP", "bob", "85", "alice")
	got := do[expense.Sheet](t, r, alice, expense.BalanceReq{In: "eur", Rates: someRates})
	// alice: 20 - 3.34 x 0.92 (bob's odd cents by the seed) - 6.10 - 100
	sum := new(big.Rat)
	for _, b := range got.Balances {
		v, _ := new(big.Rat).SetString(b.Amount)
		if sum.Add(sum, v); b.Currency != "EUR" {
			t.Errorf("%s is in %s", b.Member, b.Currency)
		}
	}
	if sum.Sign() != 0 || len(got.Balances) != 3 {
		t.Errorf("balances add up to %s: %s", sum, sheetText(got))
	}
	if len(got.Totals) != 1 || got.Totals[0].Amount != "145.30" || got.Totals[0].Entries != 4 { // 30 + 9.20 + 6.10 + 100
		t.Errorf("totals %+v", got.Totals)
	}
	if want := "in EUR: 1 EUR = 0.85 GBP (2026-03-05), 1 JPY = 0.0061 EUR (2026-03-02), 1 USD = 0.92 EUR (2026-03-01)"; got.Note() != want {
		t.Errorf("note %q", got.Note())
	}
	// In January nothing is known of yen and pounds.
	_, _, err := r.Do(alice, noon, expense.BalanceReq{In: "EUR", Rates: "USD,EUR,0.9\nGBP,EUR,1.1"})
	if e := wire.AsError(err); err == nil || e.Code != wire.NotFound || !strings.Contains(e.Reason, "no rate from JPY to EUR") {
		t.Errorf("a missing rate: %v", err)
	}
}

// Each balance is less than one unit from exact, the residues say by how much,
// and the balances add up to zero.
func TestConvertedBalancesAreExactButForTheResidue(t *testing.T) {
	apptest.Check(t, func(t *rapid.T) {
		r := newRoom()
		for range rapid.IntRange(1, 6).Draw(t, "entries") {
			b := drawEntry(t, []string{"alice", "bob", "carol", "dora"})
			b.Currency = rapid.SampledFrom([]string{"EUR", "USD", "JPY"}).Draw(t, "currency")
			b.Exp = expense.Exponent(b.Currency)
			r.Write(alice, noon, "", app.Draft{Type: "expense.add", Body: b})
		}
		rates := map[string]string{"EUR": "1", "USD": rapid.SampledFrom([]string{"0.92", "0.333333", "7"}).Draw(t, "usd"), "JPY": "0.0061"}
		text := fmt.Sprintf("USD,EUR,%s\nJPY,EUR,%s", rates["USD"], rates["JPY"])
		exact := map[string]*big.Rat{}
		for _, b := range ask[expense.Sheet](r, expense.BalanceReq{}).Balances {
			v, _ := new(big.Rat).SetString(b.Amount)
			rate, _ := new(big.Rat).SetString(rates[b.Currency])
			if exact[b.Member] == nil {
				exact[b.Member] = new(big.Rat)
			}
			exact[b.Member].Add(exact[b.Member], v.Mul(v, rate))
		}
		sum, residues := new(big.Rat), new(big.Rat)
		for _, b := range ask[expense.Sheet](r, expense.BalanceReq{In: "EUR", Rates: text}).Balances {
			shown, _ := new(big.Rat).SetString(b.Minor)
			sum.Add(sum, shown)
			rest := new(big.Rat)
			if b.Residue != "" {
				rest.SetString(b.Residue)
			}
			residues.Add(residues, rest)
			want := new(big.Rat).Mul(exact[b.Member], big.NewRat(100, 1))
			if got := new(big.Rat).Add(shown, rest); got.Cmp(want) != 0 || rest.Num().CmpAbs(rest.Denom()) >= 0 {
				t.Fatalf("%s has %s and %s, exact %s", b.Member, b.Minor, b.Residue, want)
			}
		}
		if sum.Sign() != 0 || residues.Sign() != 0 {
			t.Fatalf("they add up to %s, residues to %s", sum, residues)
		}
	})
}

func TestEntriesMayBeConvertedByTheirOwnRate(t *testing.T) {
	r := newRoom()
	do[expense.AddReply](t, r, alice, expense.AddReq{
		Payer: "alice", Amount: "10", Split: []string{"alice", "bob", "carol"}, Currency: "USD", Rate: "9.01 EUR", PayerShares: new(bool),
	})
	inCurrency(t, r, "USD", "bob", "100", "alice")
	got := do[expense.Sheet](t, r, alice, expense.BalanceReq{In: "EUR", Rates: "USD,EUR,0.5", EntryRates: true})
	sum := int64(0)
	for _, b := range got.Balances {
		sum += minor(t, b.Minor)
	}
	if sum != 0 || got.Totals[0].Amount != "59.01" || got.In.Entries != 1 || !strings.Contains(got.Note(), "1 entry by the amount stored in them") {
		t.Errorf("%s of %+v: %q", sheetText(got), got.Totals, got.Note())
	}
	// Without others, no file is needed.
	_, _, err := r.Do(alice, noon, expense.BalanceReq{In: "EUR", EntryRates: true})
	if err == nil || !strings.Contains(wire.AsError(err).Reason, "from USD to EUR") {
		t.Errorf("an entry without a rate: %v", err)
	}
}

func TestRatesRefuse(t *testing.T) {
	r := newRoom()
	inCurrency(t, r, "USD", "bob", "100", "alice")
	for says, rates := range map[string]string{
		"line 2: it is not from, to":     "USD,EUR,1\nnonsense",
		"line 1: invalid currency":       "$,EUR,1",
		"line 1: a rate from EUR to its": "EUR,EUR,1",
		"not a plain decimal":            "USD,EUR,1e3",
		"not from, to":                   "USD,EUR,0,92,2026-03-01",
		"is not above zero":              "USD,EUR,0.00",
		"is not YYYY-MM-DD":              "USD,EUR,1,1.3.2026",
		"line 1: it is not from":         "P 2026-03-01 USD",
	} {
		_, _, err := r.Do(alice, noon, expense.BalanceReq{In: "EUR", Rates: rates})
		if err == nil || !strings.Contains(wire.AsError(err).Reason, says) {
			t.Errorf("%q: %v, does not say %q", rates, err, says)
		}
	}
	for says, in := range map[string]expense.BalanceReq{
		"not the currency": {Rates: "USD,EUR,1"}, "invalid currency": {In: "€"}, "at:": {At: "yesterday-ish"},
	} {
		if _, _, err := r.Do(alice, noon, in); err == nil || !strings.Contains(wire.AsError(err).Reason, says) {
			t.Errorf("%+v: %v, does not say %q", in, err, says)
		}
	}
}

func statsText(s expense.Stats) string {
	var out []string
	for _, r := range s.Rows {
		text := fmt.Sprintf("%s %d %s%s %s%%", r.Name, r.Entries, r.Amount, r.Currency, r.Part)
		if r.Share != nil {
			text = fmt.Sprintf("%s %d %s/%s%s %s%%", r.Name, r.Entries, r.Amount, r.Share.Amount, r.Currency, r.Part)
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func TestStatsAddUpWhatWasSpent(t *testing.T) {
	r := newRoom()
	for _, in := range []expense.AddReq{
		{Payer: "alice", Amount: "30", Split: []string{"alice", "bob"}, Date: "2026-03-01", Category: "food", Tags: []string{"rome", "late"}},
		{Payer: "bob", Amount: "10", Split: []string{"alice"}, Date: "2026-04-01", Category: "taxi", Tags: []string{"rome"}},
		{Payer: "bob", Amount: "20", Split: []string{"bob"}, Date: "2026-04-02"},
	} {
		in.Currency, in.PayerShares = "EUR", new(bool)
		do[expense.AddReply](t, r, alice, in)
	}
	r.Write(alice, noon, "", app.Draft{Type: "payment.add", Body: &expense.Payment{
		From: "bob", To: "alice", Amount: 500, Currency: "EUR", Exp: 2, Date: "2026-04-03",
	}})
	for by, want := range map[string]string{
		"":         "alice 2 30.00/25.00EUR 50.0%, bob 3 30.00/35.00EUR 50.0%",
		"category": " 1 20.00EUR 33.3%, food 1 30.00EUR 50.0%, taxi 1 10.00EUR 16.7%",
		"month":    "2026-03 1 30.00EUR 50.0%, 2026-04 2 30.00EUR 50.0%",
		"tag":      " 1 20.00EUR 33.3%, late 1 30.00EUR 50.0%, rome 2 40.00EUR 66.7%",
	} {
		got := do[expense.Stats](t, r, alice, expense.StatsReq{By: by})
		if statsText(got) != want {
			t.Errorf("by %s: %s, not %s", by, statsText(got), want)
		}
		if len(got.Totals) != 1 || got.Totals[0].Amount != "60.00" || got.Totals[0].Entries != 3 {
			t.Errorf("by %s: totals %+v", by, got.Totals)
		}
	}
	if got := statsText(do[expense.Stats](t, r, alice, expense.StatsReq{By: "month", From: "2026-04-01"})); got != "2026-04 2 30.00EUR 100.0%" {
		t.Errorf("from April on: %s", got)
	}
	if _, _, err := r.Do(alice, noon, expense.StatsReq{By: "year"}); err == nil {
		t.Error("by year is taken")
	}
}
