package expense_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"intercom/client/wire"
	"intercom/expense"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
)

// settles fails unless the payments bring every balance to zero, each from one
// who owes or passes on.
func settles(t interface{ Fatalf(string, ...any) }, balances []expense.Balance, plan []expense.Transfer) {
	left := map[string]expense.Sum{}
	for _, b := range balances {
		left[b.Member] = left[b.Member].Plus(b.Amount)
	}
	for _, p := range plan {
		if p.Amount.Sign() <= 0 || p.From == p.To {
			t.Fatalf("%v pays nothing", p)
		}
		left[p.From] = left[p.From].Plus(p.Amount)
		left[p.To] = left[p.To].Plus(p.Amount.Neg())
	}
	for member, sum := range left {
		if !sum.IsZero() {
			t.Fatalf("%s is left with %s", member, sum.Format(2))
		}
	}
}

func TestEveryWayOfPlanningSettlesAndDependsOnTheSetAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		balances := zeroSum(t, 1, 40)
		shuffled := rapid.Permutation(balances).Draw(t, "shuffled")
		center := balances[0].Member
		for name, plan := range map[string]func([]expense.Balance) []expense.Transfer{
			"greedy":  expense.Greedy,
			"through": func(b []expense.Balance) []expense.Transfer { return expense.Through(b, center) },
			"exact":   func(b []expense.Balance) []expense.Transfer { return expense.Solve(b, expense.MaxExact).Transfers },
		} {
			got := plan(balances)
			settles(t, balances, got)
			if again := plan(shuffled); !slices.Equal(got, again) {
				t.Fatalf("%s: %v\n%v", name, got, again)
			}
		}
	})
}

func TestGreedyIsLargestFirstAndACenterIsInEveryPayment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		balances := zeroSum(t, 1, 30)
		exact, greedy := expense.Plan(balances), expense.Greedy(balances)
		if len(greedy) != greedyLength(balances) || len(greedy) < len(exact) {
			t.Fatalf("greedy has %d, should have %d; exact %d", len(greedy), greedyLength(balances), len(exact))
		}
		for _, p := range expense.Through(balances, "last") {
			if p.From != "last" && p.To != "last" {
				t.Fatalf("%v is not through last", p)
			}
		}
	})
}

// The groups of a solution are what its plan settles, each on its own.
func TestAPlanIsAsLongAsItsGroupsAllow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		balances := zeroSum(t, 1, 40)
		s := expense.Solve(balances, expense.MaxExact)
		group := map[string]int{}
		for i, g := range s.Groups {
			var sum expense.Sum
			for _, b := range g {
				group[b.Member], sum = i, sum.Plus(b.Amount)
			}
			if !sum.IsZero() {
				t.Fatalf("group %v is left with %s", g, sum.Format(0))
			}
		}
		if s.Open != openCount(balances) || s.Fewest && len(s.Transfers) != s.Open-len(s.Groups) {
			t.Fatalf("%d transfers, %d open in %d groups", len(s.Transfers), s.Open, len(s.Groups))
		}
		for _, p := range s.Transfers {
			if s.Groups != nil && group[p.From] != group[p.To] {
				t.Fatalf("%v goes from group to group", p)
			}
		}
	})
}

// Without opposite pairs 24 and 26 members are too many for the usual plan.
func TestAWiderSearchIsNeverLonger(t *testing.T) {
	for n, fewest := range map[int]int{24: 19, 26: 20} {
		balances := randomBalances(n, func(i int) int64 { return int64(i*i*7919%1009) - 500 })
		usual, wide := expense.Solve(balances, expense.MaxExact), expense.Solve(balances, expense.WideExact)
		settles(t, balances, wide.Transfers)
		if usual.Fewest || !wide.Fewest || len(wide.Transfers) != fewest || len(usual.Transfers) < fewest {
			t.Errorf("%d members: %d transfers, usual %d", n, len(wide.Transfers), len(usual.Transfers))
		}
	}
}

// direct draws a room and returns it with what each pair owes: a+b owe each
// other only what they shared.
func TestDirectPaymentsAreBetweenThoseWhoShared(t *testing.T) {
	apptest.Check(t, func(t *rapid.T) {
		r := newRoom()
		names := []string{"alice", "bob", "carol", "dora", "emil"}
		shared := map[string]bool{}
		for range rapid.IntRange(1, 8).Draw(t, "entries") {
			b := drawEntry(t, names)
			for _, p := range b.Payers {
				for _, s := range b.Shares {
					shared[p.Name+s.Name], shared[s.Name+p.Name] = true, true
				}
			}
			r.Write(alice, noon, "", app.Draft{Type: "expense.add", Body: b})
		}
		got := ask[expense.Settlement](r, expense.SettleReq{Algorithm: "direct", Explain: true})
		left := map[string]int64{}
		for _, b := range ask[expense.Sheet](r, expense.BalanceReq{}).Balances {
			left[b.Member] = minor(t, b.Minor)
		}
		for _, l := range got.Transfers {
			if !shared[l.From+l.To] || strings.HasPrefix(l.Why, "no shared") {
				t.Fatalf("%s and %s shared nothing (%s)", l.From, l.To, l.Why)
			}
			left[l.From] += minor(t, l.Minor)
			left[l.To] -= minor(t, l.Minor)
		}
		for name, v := range left {
			if v != 0 {
				t.Fatalf("%s is left with %d", name, v)
			}
		}
	})
}

func minor(t interface{ Fatalf(string, ...any) }, text string) int64 {
	v, err := expense.ParseAmount(text, 0)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// drawEntry draws an expense of one or two payers.
func drawEntry(t *rapid.T, names []string) *expense.Add {
	amount := rapid.Int64Range(1, 10000).Draw(t, "amount")
	first := rapid.Int64Range(0, amount).Draw(t, "first")
	who := rapid.Permutation(names).Draw(t, "who")
	b := &expense.Add{Amount: amount, Currency: "EUR", Exp: 2, Date: "2026-03-01", Split: expense.Split{Kind: expense.SplitEqual}}
	b.Payers = []expense.Part{{Name: who[0], Amount: first}, {Name: who[1], Amount: amount - first}}
	n := rapid.IntRange(1, len(who)).Draw(t, "sharers")
	for _, s := range expense.EqualShares(amount, who[len(who)-n:], expense.Seed{}) {
		b.Split.Of = append(b.Split.Of, expense.Part{Name: s.Name, Amount: 1})
		b.Shares = append(b.Shares, expense.Part{Name: s.Name, Amount: s.Amount})
	}
	return b
}

// plan writes a settlement in one line.
func plan(s expense.Settlement) string {
	var lines []string
	for _, l := range s.Transfers {
		lines = append(lines, l.From+">"+l.To+" "+l.Amount)
	}
	return strings.Join(lines, ", ")
}

func dated(t *testing.T, r *apptest.Room, date, payer, amount string, split ...string) {
	t.Helper()
	do[expense.AddReply](t, r, alice, expense.AddReq{
		Payer: payer, Amount: expense.Amount(amount), Split: split, Date: date, Currency: "EUR", PayerShares: new(bool),
	})
}

func TestSettleByAlgorithmCenterMinAndPeriod(t *testing.T) {
	r := newRoom()
	dated(t, r, "2026-03-01", "alice", "30", "bob")
	dated(t, r, "2026-03-02", "bob", "30", "carol")
	dated(t, r, "2026-03-09", "dora", "0.40", "bob")
	for name, c := range map[string]struct {
		in         expense.SettleReq
		want, left string
	}{
		"exact":  {expense.SettleReq{}, "bob>dora 0.40, carol>alice 30.00", ""},
		"greedy": {expense.SettleReq{Algorithm: "greedy"}, "bob>dora 0.40, carol>alice 30.00", ""},
		"direct": {expense.SettleReq{Algorithm: "direct"}, "bob>alice 30.00, bob>dora 0.40, carol>bob 30.00", ""},
		"center": {expense.SettleReq{Center: "Bob"}, "bob>alice 30.00, bob>dora 0.40, carol>bob 30.00", ""},
		"min":    {expense.SettleReq{Min: `"1.00"`}, "carol>alice 30.00", "bob -0.40, dora 0.40"},
		"from":   {expense.SettleReq{From: "2026-03-02"}, "bob>dora 0.40, carol>bob 30.00", ""},
		"to":     {expense.SettleReq{To: "2026-03-01"}, "bob>alice 30.00", ""},
		"both":   {expense.SettleReq{From: "2026-03-03", To: "2026-03-08"}, "", ""},
	} {
		got := do[expense.Settlement](t, r, alice, c.in)
		if name == "from" { // carol owes bob 30, who owes dora 0.40
			c.want = "carol>bob 29.60, carol>dora 0.40"
		}
		if plan(got) != c.want {
			t.Errorf("%s: %s, not %s", name, plan(got), c.want)
		}
		var left []string
		for _, b := range got.Left {
			left = append(left, b.Member+" "+b.Amount)
		}
		if strings.Join(left, ", ") != c.left || (c.left != "") != strings.Contains(got.Note(), "too small") {
			t.Errorf("%s: left %v; note %q", name, left, got.Note())
		}
	}
}

func TestSettleRefuses(t *testing.T) {
	r := newRoom()
	dated(t, r, "2026-03-01", "alice", "30", "bob")
	for says, in := range map[string]expense.SettleReq{
		"is not exact, greedy or direct": {Algorithm: "best"},
		"exclude each other":             {Algorithm: "greedy", Center: "alice"},
		"exact and algorithm":            {Algorithm: "direct", Exact: true},
		"names zoe":                      {Center: "zoe"},
		"too many decimals":              {Min: `"0.000000001"`},
		"not a plain decimal":            {Min: `"1,50"`},
		"is not a day":                   {From: "1.3.2026"},
		"is after":                       {From: "2026-03-02", To: "2026-03-01"},
	} {
		_, _, err := r.Do(alice, noon, in)
		if err == nil || !strings.Contains(wire.AsError(err).Reason, says) {
			t.Errorf("%+v: %v, does not say %q", in, err, says)
		}
	}
}

func TestSettleExplainsItself(t *testing.T) {
	r := newRoom()
	dated(t, r, "2026-03-01", "alice", "30", "alice", "bob", "carol")
	dated(t, r, "2026-03-01", "dora", "7", "emil")
	dated(t, r, "2026-03-02", "bob", "1", "alice")
	dated(t, r, "2026-03-02", "emil", "1", "carol")
	got := do[expense.Settlement](t, r, alice, expense.SettleReq{Explain: true})
	e := got.Explained[0]
	if e.Open != 5 || e.Payments != 4 || !e.Fewest || fmt.Sprint(e.Groups) != "[[alice bob carol dora emil]]" {
		t.Errorf("%+v", e)
	}
	if !strings.Contains(got.Note(), "EUR: 5 members have a balance; they divide into 1 group of sum zero and into no more: 5 - 1 = 4 payments, the fewest possible") {
		t.Errorf("note %q", got.Note())
	}
	why := map[string]string{}
	for _, l := range got.Transfers {
		why[l.From+">"+l.To] = l.Why
	}
	if w := why["bob>alice"]; w != "2 shared entries, by which bob owes alice 9.00" {
		t.Errorf("bob and alice: %q of %v", w, why)
	}
	if w := why["emil>dora"]; w != "1 shared entry, by which emil owes dora 7.00" {
		t.Errorf("emil and dora: %q of %v", w, why)
	}
	greedy := do[expense.Settlement](t, r, alice, expense.SettleReq{Explain: true, Algorithm: "greedy"})
	if !strings.Contains(greedy.Note(), "the exact plan has 4") {
		t.Errorf("note %q", greedy.Note())
	}
}
