package expense_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"intercom/client/wire"
	"intercom/expense"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
)

// lines writes the open entries of a room as `expense list --format jsonl`.
func lines(r *apptest.Room) string {
	var b strings.Builder
	for _, e := range ask[expense.ListReply](r, expense.ListReq{}).Entries {
		line, err := json.Marshal(e)
		if err != nil {
			panic(err)
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.String()
}

func TestColdBalancesAreThoseOfTheRoom(t *testing.T) {
	apptest.Check(t, func(t *rapid.T) {
		r := newRoom()
		for range rapid.IntRange(0, 12).Draw(t, "entries") {
			b := drawAdd(t)
			if rapid.Bool().Draw(t, "two payers") {
				b = drawEntry(t, []string{"alice", "bob", "zoë", "=1+1", `q"uote`})
			}
			b.Date = rapid.SampledFrom([]string{"2026-03-01", "2026-03-02", "2026-11-22"}).Draw(t, "date")
			if rapid.Bool().Draw(t, "rate") {
				b.Rate = &expense.Rate{Currency: "USD", Exp: 2, Amount: b.Amount + b.Amount/7}
			}
			r.Write(alice, noon, "", app.Draft{Type: "expense.add", Body: b})
			if rapid.IntRange(0, 3).Draw(t, "paid") == 0 {
				r.Write(bob, noon, "", app.Draft{Type: "payment.add", Body: &expense.Payment{
					From: "bob", To: "alice", Amount: 700, Currency: "EUR", Exp: 2, Date: "2026-03-02",
				}})
			}
		}
		in := expense.BalanceReq{At: rapid.SampledFrom([]string{"", "2026-03-01", "2026-03-02"}).Draw(t, "at")}
		if rapid.Bool().Draw(t, "in") {
			in.In, in.Rates = "USD", "EUR,USD,1.0870\nUSD,JPY,151.3,2026-03-02\nJPY,USD,0.0066\nXXX,USD,3\n"
			in.EntryRates = rapid.Bool().Draw(t, "entry rates")
		}
		want := ask[expense.Sheet](r, in)
		var c expense.Cold
		if err := c.Ask(in, noon); err != nil {
			t.Fatal(err)
		}
		if err := c.Read(strings.NewReader(lines(r))); err != nil {
			t.Fatal(err)
		}
		got, err := c.Sheet(want.Channel)
		if err != nil {
			t.Fatal(err)
		}
		got.Joined, want.State = want.Joined, expense.Sheet{}.State
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(want)
		if string(a) != string(b) {
			t.Fatalf("cold %s\nroom %s", a, b)
		}
	})
}

func coldLine(change func(map[string]any)) string {
	e := map[string]any{
		"date": "2026-03-01", "currency": "EUR", "exp": 2, "amount": "30.00",
		"payers": []map[string]string{{"member": "alice", "amount": "30.00"}},
		"shares": []map[string]string{{"member": "alice", "amount": "10.00"}, {"member": "bob", "amount": "20.00"}},
	}
	change(e)
	b, _ := json.Marshal(e)
	return string(b)
}

func same(map[string]any) {}

func TestColdBalancesLeaveOutWhatDoesNotCount(t *testing.T) {
	text := coldLine(same) + "\n\n" + coldLine(func(e map[string]any) { e["status"] = "void" }) + "\r\n" +
		coldLine(func(e map[string]any) { e["date"] = "2026-03-02" }) + "\n" +
		coldLine(func(e map[string]any) { e["status"], e["note"] = "disputed", "\u0000é" }) // no line end
	for until, want := range map[string]string{"": "60.00 3", "2026-03-01": "40.00 2"} {
		var c expense.Cold
		if err := c.Ask(expense.BalanceReq{At: until}, noon); err != nil {
			t.Fatal(err)
		}
		if err := c.Read(strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
		s, err := c.Sheet("trip.jsonl")
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(s.Balances[0].Amount, " ", s.Entries); got != want {
			t.Errorf("until %q: alice %s, not %s", until, got, want)
		}
	}
}

func TestColdRefusesAFileAsAWholeAndNamesTheLine(t *testing.T) {
	for says, bad := range map[string]string{
		"payers and shares are missing":               `{"a":1}`,
		"unexpected end of JSON input":                `{"a":1`,
		"cannot be":                                   `[1]`,
		"shares add up to 30.01, payers to 30.00":     coldLine(func(e map[string]any) { e["shares"] = []map[string]string{{"member": "bob", "amount": "30.01"}} }),
		"payers add up to 30.00, the amount is 31.00": coldLine(func(e map[string]any) { e["amount"] = "31.00" }),
		"too many decimals":                           coldLine(func(e map[string]any) { e["amount"] = "30.001" }),
		"not a plain decimal":                         coldLine(func(e map[string]any) { e["amount"] = "3e1" }),
		"invalid currency":                            coldLine(func(e map[string]any) { e["currency"] = "eur" }),
		"exp is 9":                                    coldLine(func(e map[string]any) { e["exp"] = 9 }),
		"invalid name":                                coldLine(func(e map[string]any) { e["payers"] = []map[string]string{{"member": "a\nb", "amount": "30.00"}} }),
		"named twice": coldLine(func(e map[string]any) {
			e["shares"] = []map[string]string{{"member": "bob", "amount": "15.00"}, {"member": "bob", "amount": "15.00"}}
		}),
		"longer than": `{"note":"` + strings.Repeat("x", expense.MaxLine) + `"}`,
	} {
		var c expense.Cold
		err := c.Read(strings.NewReader(coldLine(same) + "\n\n" + bad + "\n" + coldLine(same) + "\n"))
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "line 3") {
			t.Errorf("%v, does not say %q of line 3", err, says)
		} else if wire.AsError(err).Code != wire.InvalidRequest {
			t.Errorf("%v has code %s", err, wire.AsError(err).Code)
		}
	}
}
