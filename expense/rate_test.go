package expense_test

import (
	"strings"
	"testing"

	"intercom/client/wire"
	"intercom/expense"
)

// TestARateIsAnAmountOrThePriceOfOneUnit: exact, rounded once, halves away from
// zero, below zero of an income.
func TestARateIsAnAmountOrThePriceOfOneUnit(t *testing.T) {
	r := newRoom()
	euro := "EUR"
	do[expense.DefaultsReply](t, r, alice, expense.DefaultsReq{Currency: &euro})
	book := func(amount, currency, rate string, income bool) (string, error) {
		reply, _, err := r.Do(alice, noon, expense.AddReq{
			Payer: "alice", Amount: expense.Amount(amount), Currency: currency, Split: []string{"alice", "bob"}, Rate: rate, Income: income,
		})
		if err != nil {
			return "", err
		}
		got := reply.(expense.AddReply).Entry.Rate
		return got.Amount + " " + got.Currency, nil
	}
	for _, c := range []struct {
		amount, currency, rate string
		income                 bool
		want                   string
	}{
		{"100", "USD", "92.40 EUR", false, "92.40 EUR"},
		{"100", "USD", "@0.92 EUR", false, "92.00 EUR"},
		{"100", "USD", "@ 0.92 EUR", true, "-92.00 EUR"},
		{"100", "USD", "0.92", false, "92.00 EUR"},
		{"0.05", "USD", "@0.5 EUR", false, "0.03 EUR"},
		{"10", "USD", "@151.25 JPY", false, "1513 JPY"},
		{"1513", "JPY", "@0.00661157 USD", false, "10.00 USD"},
		{"1", "KWD", "@3.2512345678 EUR", false, "3.25 EUR"},
	} {
		if got, err := book(c.amount, c.currency, c.rate, c.income); err != nil || got != c.want {
			t.Errorf("%s %s at %s: %s, %v; want %s", c.amount, c.currency, c.rate, got, err, c.want)
		}
	}
	for rate, says := range map[string]string{
		"@0 EUR": "above zero", "@-1 EUR": "above zero", "@1e3 EUR": "plain", "@0,92 EUR": "point", "@0.92": "", "@0.001 JPY": "not 1 to", "@": "price of one unit",
		"0.92 0.93 EUR": "price of one unit", "@99999999999999999999 EUR": "not 1 to", "@0.92 EURO LAND": "price of one unit", "92": "", "@2 USD": "cannot be",
	} {
		got, err := book("1", "USD", rate, false)
		if says == "" {
			if err != nil {
				t.Errorf("%s: %v", rate, err)
			}
			continue
		}
		if e := wire.AsError(err); err == nil || !strings.Contains(e.Reason+e.Hint, says) {
			t.Errorf("%s: %q, %v does not say %q", rate, got, err, says)
		}
	}
	// In the currency of the room itself there is nothing that a price could be in.
	if _, err := book("1", "EUR", "0.92", false); err == nil {
		t.Error("a price of the room's own currency was taken")
	}
}
