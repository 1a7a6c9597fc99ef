package expense_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"intercom/expense"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
)

// asking is bob, known by his settings, who wants to know of plans.
func asking(limits string) app.Asking {
	set := map[string]string{"expense.owe": limits, "expense.me": "Bob"}
	return app.Asking{Self: bob.Key, Setting: func(k string) string { return set[k] }, Wants: func(kind string) bool { return kind == "expense_plan" }}
}

// owing is what holds of bob's debts.
func owing(r *apptest.Room, q app.Asking) string {
	var all []string
	for _, s := range r.App.States(r, q) {
		if s.ID != "plan" {
			all = append(all, fmt.Sprintf("%s %q", s.ID, s.Due))
		}
	}
	return strings.Join(all, "; ")
}

func TestWhoOwesMoreThanHisLimitIsTold(t *testing.T) {
	r := newRoom()
	is := func(q app.Asking, want string) {
		t.Helper()
		if got := owing(r, q); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
	spend := func(amount, currency, payer, split string) {
		t.Helper()
		no := false
		do[expense.AddReply](t, r, alice, expense.AddReq{
			Payer: payer, Amount: expense.Amount(amount), Currency: currency, Split: strings.Split(split, ","), PayerShares: &no,
		})
	}
	q := asking("50 EUR, 20.505 USD,1 JPY,x,9 9")
	is(q, "")
	spend("100", "EUR", "alice", "alice,bob")
	is(q, `owe/EUR/2 ""`) // 50 is not more than 50
	spend("0.02", "EUR", "alice", "alice,bob")
	is(q, `owe/EUR/2 "owe/EUR/2/50/50.01/bob"`)
	spend("20.51", "USD", "alice", "bob")
	spend("1000", "JPY", "bob", "alice")
	is(q, `owe/EUR/2 "owe/EUR/2/50/50.01/bob"; owe/JPY/0 ""; owe/USD/2 "owe/USD/2/20.505/20.51/bob"`)
	claimed := q
	claimed.Alias = "alice" // the room knows who he is: not as his settings say
	is(claimed, `owe/EUR/2 ""; owe/JPY/0 "owe/JPY/0/1/1000/alice"; owe/USD/2 ""`)
	q.Setting = func(string) string { return "" }
	is(q, "")
}

func TestAPlanIsAnotherWhereItsPaymentsAre(t *testing.T) {
	r := newRoom()
	plan := func() string {
		t.Helper()
		s := r.App.States(r, asking(""))
		if len(s) != 1 || s[0].ID != "plan" || !s[0].Quiet || len(s[0].Value) > 64 {
			t.Fatalf("states %+v", s)
		}
		return s[0].Value
	}
	none := plan()
	e := add(t, r, alice, "alice", "30", "alice,bob")
	one := plan()
	add(t, r, alice, "alice", "5", "alice")
	if plan() != one || one == none {
		t.Error("an entry that changes no payment changes the plan, or the first does not")
	}
	add(t, r, bob, "bob", "10", "alice")
	if plan() == one {
		t.Error("another payment is the same plan")
	}
	void(t, r, bob, e.ID)
	if plan() == one || plan() == none {
		t.Error("the payment back is an old plan")
	}
	q := asking("")
	q.Wants = func(string) bool { return false }
	if s := r.App.States(r, q); s != nil {
		t.Errorf("nobody asks for %+v", s)
	}
}

func TestAStateIsToldWithWhoHowMuchAndWhichLimit(t *testing.T) {
	r := newRoom()
	add(t, r, alice, "alice", "30", "alice,bob")
	told := func(due string) string {
		var out []string
		for _, p := range r.App.Pushes(r, app.Happened{Room: r.Name, Due: app.Due{ID: due, At: noon}, Now: noon}) {
			b, err := json.Marshal(p.Body)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, p.Type+" "+p.Kind+" "+string(b)+" "+strings.Join(p.Env, " "))
		}
		return strings.Join(out, "; ")
	}
	for due, want := range map[string]string{
		"owe/EUR/2/50/50.01/b/ob": `expense_event expense_owe {"member":"b/ob","amount":"50.01","limit":"50","currency":"EUR","exp":2,"source":"local"} ` +
			`INTERCOM_MEMBER=b/ob INTERCOM_AMOUNT=50.01 INTERCOM_LIMIT=50 INTERCOM_CURRENCY=EUR`,
		"plan": `expense_event expense_plan {"transfers":[{"from":"bob","to":"alice","amount":"15.00","minor":"1500","currency":"XXX","exp":2}],"source":"local"} `,
		"owe":  "", "owe/EUR/x/1/1/bob": "", "": "",
	} {
		if got := told(due); got != want {
			t.Errorf("%s is told as %s", due, got)
		}
	}
}
