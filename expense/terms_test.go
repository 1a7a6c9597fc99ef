package expense_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"intercom/client/wire"
	"intercom/expense"
	"intercom/internal/app/apptest"
)

// split writes an expense of 30 and returns its shares in one line.
func splitOf(t *testing.T, change func(*expense.AddReq)) (expense.Entry, string) {
	t.Helper()
	no := false
	in := expense.AddReq{Payer: "alice", Amount: "30", Split: []string{"alice", "bob"}, PayerShares: &no}
	change(&in)
	e := do[expense.AddReply](t, newRoom(), alice, in).Entry
	return e, parts(e.Shares)
}

func parts(list []expense.MemberMoney) string {
	var out []string
	for _, s := range list {
		out = append(out, s.Member+" "+s.Amount)
	}
	return strings.Join(out, ", ")
}

func TestSplits(t *testing.T) {
	for name, c := range map[string]struct {
		by, split, want, inputs string
	}{
		"equal":           {"", "alice,bob", "alice 15.00, bob 15.00", ""},
		"exact":           {"exact", "alice=20.5,bob=9.50", "alice 20.50, bob 9.50", "alice 20.50, bob 9.50"},
		"exact with zero": {"exact", "alice=30,bob=0", "alice 30.00, bob 0.00", "alice 30.00, bob 0.00"},
		"a discount":      {"exact", "alice=35,bob=-5", "alice 35.00, bob -5.00", "alice 35.00, bob -5.00"},
		"percent":         {"percent", "alice=60%, bob=40", "alice 18.00, bob 12.00", "alice 60, bob 40"},
		"thirds":          {"percent", "alice=33.3333,bob=66.6667", "alice 10.00, bob 20.00", "alice 33.3333, bob 66.6667"},
		"shares":          {"shares", "alice=2,bob", "alice 20.00, bob 10.00", "alice 2, bob 1"},
		"parts of shares": {"shares", "alice=1.5,bob=1", "alice 18.00, bob 12.00", "alice 3, bob 2"},
		"part and whole":  {"shares", "alice=0.5,bob", "alice 10.00, bob 20.00", "alice 1, bob 2"},
		"a share of none": {"shares", "alice=1,bob=0", "alice 30.00, bob 0.00", "alice 1, bob 0"},
		"equals sign":     {"", "a=b,bob", "a=b 15.00, bob 15.00", ""},
	} {
		t.Run(name, func(t *testing.T) {
			e, got := splitOf(t, func(in *expense.AddReq) { in.By, in.Split = c.by, strings.Split(c.split, ",") })
			var inputs []string
			for _, i := range e.Inputs {
				inputs = append(inputs, i.Member+" "+i.N)
			}
			if got != c.want || strings.Join(inputs, ", ") != c.inputs {
				t.Errorf("shares %s by %s", got, inputs)
			}
		})
	}
}

func TestWhatDoesNotAddUpIsRefusedWithTheDifference(t *testing.T) {
	for _, c := range []struct {
		amount, payer, by, split, says string
	}{
		{"524.34", "alice", "exact", "alice=300,bob=224.35", "shares sum to 524.35, expense is 524.34: 0.01 over"},
		{"524.34", "alice", "exact", "alice=300,bob=200", "shares sum to 500.00, expense is 524.34: 24.34 short"},
		{"30", "alice", "percent", "alice=60,bob=39", "percents sum to 99, not 100: 1 short"},
		{"30", "alice", "percent", "alice=60.5,bob=40", "percents sum to 100.5, not 100: 0.5 over"},
		{"30", "alice=10,bob=19", "", "alice,bob", "payers sum to 29.00, expense is 30.00: 1.00 short"},
		{"30", "alice=31", "", "alice,bob", "payers sum to 31.00, expense is 30.00: 1.00 over"},
		{"30", "alice=10,bob", "", "alice,bob", "not said what bob paid"},
		{"30", "alice", "", "alice=20,bob=10", "not said what the number is"},
		{"30", "alice", "exact", "alice=20,bob", "share of bob is missing"},
		{"30", "alice", "exact", "alice=20,bob=9,9", "not a plain decimal"},
		{"30", "alice", "exact", "alice=20.001,bob=9.999", "too many decimals"},
		{"30", "alice", "percent", "alice=60,bob", "percentage of bob is missing"},
		{"30", "alice", "percent", "alice=60.00001,bob=39.99999", "too many decimals"},
		{"30", "alice", "shares", "alice=1.50001,bob=1", "too many decimals"},
		{"30", "alice", "shares", "alice=-1,bob=2", "below 0"},
		{"30", "alice", "shares", "alice=0,bob=0", "above zero"},
		{"30", "alice", "shares", "alice=1,Alice=2", "alice is named twice"},
		{"30", "alice", "fair", "alice,bob", "not equal, exact, percent or shares"},
	} {
		no := false
		r := newRoom()
		list := strings.Split(c.split, ",")
		if strings.Contains(c.split, "9,9") {
			list = []string{"alice=20", "bob=9,9"}
		}
		_, _, err := r.Do(alice, noon, expense.AddReq{
			Payer: c.payer, Amount: expense.Amount(c.amount), By: c.by, Split: list, PayerShares: &no,
		})
		if e := wire.AsError(err); err == nil || e.Code.Exit() != 2 || !strings.Contains(e.Reason, c.says) {
			t.Errorf("%s of %s by %q: %v, not %q", c.amount, c.split, c.by, err, c.says)
		} else if total := map[bool]string{true: "100", false: c.amount}[c.by == "percent"]; strings.Contains(c.says, " sum to ") && !strings.Contains(e.Hint, " to "+total) {
			t.Errorf("%s of %s by %q: the next step is %q", c.amount, c.split, c.by, e.Hint)
		}
		if len(r.Events()) != 0 {
			t.Error("a refused request wrote an event")
		}
	}
}

func TestSeveralPayersAreOwedWhatEachPaid(t *testing.T) {
	r := newRoom()
	no := false
	do[expense.AddReply](t, r, alice, expense.AddReq{
		Payer: "alice=20,bob=10", Amount: "30", Split: []string{"alice", "bob", "carol"}, PayerShares: &no,
	})
	if got := shown(t, r); got != "alice 10.00, bob 0.00, carol -10.00" {
		t.Errorf("balance: %s", got)
	}
}

func TestE6IncomeIsOwedToTheMembers(t *testing.T) {
	r := newRoom()
	no := false
	add(t, r, alice, "alice", "30", "alice,bob")
	for _, amount := range []expense.Amount{"30", `"-30"`} {
		reply := do[expense.AddReply](t, r, alice, expense.AddReq{
			Payer: "alice", Amount: amount, Income: true, Split: []string{"alice", "bob"}, PayerShares: &no, Rate: "27.60 EUR",
		})
		if e := reply.Entry; e.Amount != "-30.00" || parts(e.Shares) != "alice -15.00, bob -15.00" || e.Rate.Amount != "-27.60" {
			t.Errorf("income: %+v", e)
		}
	}
	if got := shown(t, r); got != "alice -15.00, bob 15.00" {
		t.Errorf("balance: %s", got)
	}
	_, _, err := r.Do(alice, noon, expense.AddReq{
		Payer: "alice", Amount: "30", Income: true, By: "exact", Split: []string{"alice=20", "bob=11"},
	})
	if err == nil || !strings.Contains(err.Error(), "shares sum to 31.00, expense is 30.00: 1.00 over") {
		t.Errorf("income that does not add up: %v", err)
	}
}

func TestTheDetailsOfAnExpenseAreKept(t *testing.T) {
	e, _ := splitOf(t, func(in *expense.AddReq) {
		in.Date, in.Category, in.Tags, in.Rate, in.For = "yesterday", " food ", []string{"a", "b", "a"}, "27.60 eur", "Carol"
		in.Attachments = []expense.Attachment{{SHA256: someID, Size: 3, Name: "bill.pdf"}}
	})
	if e.Date != "2026-11-21" || e.Category != "food" || strings.Join(e.Tags, ",") != "a,b" || e.For != "carol" ||
		e.Rate.Amount != "27.60" || e.Rate.Currency != "EUR" || e.Attachments[0] != (expense.Attachment{SHA256: someID, Size: 3, Name: "bill.pdf"}) {
		t.Errorf("entry: %+v", e)
	}
}

func TestDetailsThatDoNotFitAreRefused(t *testing.T) {
	for says, change := range map[string]func(*expense.AddReq){
		"not an amount and a currency": func(in *expense.AddReq) { in.Rate = "0.92" },
		"currency":                     func(in *expense.AddReq) { in.Rate = "1 €" },
		"too many decimals":            func(in *expense.AddReq) { in.Rate = "1.5 JPY" },
		"cannot be 27.60 EUR too":      func(in *expense.AddReq) { in.Currency, in.Rate = "EUR", "27.60 EUR" },
		"tags":                         func(in *expense.AddReq) { in.Tags = strings.Split("abcdefghijklmnopq", "") },
		"category":                     func(in *expense.AddReq) { in.Category = strings.Repeat("x", 129) },
		"no day of the calendar":       func(in *expense.AddReq) { in.Date = "2026-02-30" },
		"for":                          func(in *expense.AddReq) { in.For = "a\nb" },
		"attachments":                  func(in *expense.AddReq) { in.Attachments = make([]expense.Attachment, 17) },
	} {
		in := expense.AddReq{Payer: "alice", Amount: "30", Split: []string{"bob"}}
		change(&in)
		_, _, err := newRoom().Do(alice, noon, in)
		if e := wire.AsError(err); err == nil || e.Code.Exit() != 2 || !strings.Contains(e.Reason, says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}

// What anybody gives as a split either is refused or makes a body that counts,
// whose shares add up and are what the numbers say to less than a unit.
func TestEverySplitThatIsAcceptedCounts(t *testing.T) {
	apptest.Check(t, func(rt *rapid.T) {
		by := rapid.SampledFrom([]string{"", "equal", "exact", "percent", "shares"}).Draw(rt, "by")
		list := rapid.SliceOfN(rapid.StringMatching(`[a-c](=[0-9]{1,3}(\.[0-9]{1,4})?%?)?`), 1, 4).Draw(rt, "split")
		income := rapid.Bool().Draw(rt, "income")
		in := expense.AddReq{Payer: "a", Amount: "100", By: by, Split: list, Income: income}
		r := newRoom()
		_, events, err := r.Do(alice, noon, in)
		if err != nil {
			if wire.AsError(err).Code.Exit() != 2 {
				rt.Fatal(err)
			}
			return
		}
		if !expense.Counts(r, events[0]) {
			rt.Fatalf("%v by %s does not count", list, by)
		}
	})
}
