package expense_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"intercom/client/wire"
	"intercom/expense"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
)

func paid(r *apptest.Room, w apptest.Writer, from, to string, cents int64) {
	r.Write(w, noon, "", app.Draft{Type: "payment.add", Body: &expense.Payment{
		From: from, To: to, Amount: cents, Currency: "EUR", Exp: 2, Date: "2026-03-09",
	}})
}

// pinned writes what is pinned in one line.
func pinned(s expense.Settlement) string {
	if s.Pinned == nil {
		return "nothing"
	}
	var lines []string
	for _, l := range s.Pinned.Lines {
		lines = append(lines, fmt.Sprintf("%s>%s %s/%s", l.From, l.To, l.Paid.Amount, l.Amount))
	}
	return fmt.Sprint(s.Pinned.Holds, " ", strings.Join(lines, ", "))
}

func trip(t *testing.T) *apptest.Room {
	t.Helper()
	r := newRoom()
	dated(t, r, "2026-03-01", "alice", "30", "bob")
	dated(t, r, "2026-03-02", "bob", "30", "carol")
	dated(t, r, "2026-03-03", "dora", "12", "emil")
	return r
}

func TestPaymentsTickOffAPinnedPlan(t *testing.T) {
	r := trip(t)
	first := do[expense.Settlement](t, r, alice, expense.PinReq{})
	if got := pinned(first); got != "true carol>alice 0.00/30.00, emil>dora 0.00/12.00" {
		t.Fatal(got)
	}
	paid(r, bob, "carol", "alice", 1000)
	s := do[expense.Settlement](t, r, alice, expense.SettleReq{})
	if pinned(s) != "true carol>alice 10.00/30.00, emil>dora 0.00/12.00" || plan(s) != "carol>alice 20.00, emil>dora 12.00" {
		t.Errorf("a part is paid: %s; left %s", pinned(s), plan(s))
	}
	paid(r, alice, "carol", "alice", 2000)
	s = do[expense.Settlement](t, r, alice, expense.SettleReq{})
	if plan(s) != "emil>dora 12.00" || !strings.Contains(s.Note(), "1 of 2 payments done") {
		t.Errorf("one is paid: %s; %q", plan(s), s.Note())
	}
	paid(r, alice, "emil", "dora", 1200)
	s = do[expense.Settlement](t, r, alice, expense.SettleReq{})
	if plan(s) != "" || s.Pinned.Done != 2 || !strings.Contains(s.Note(), "all settled") {
		t.Errorf("all is paid: %s; %q", plan(s), s.Note())
	}
}

// A way that is not the shortest stays as it is pinned.
func TestAPinnedPlanIsTheWayThatWasAskedFor(t *testing.T) {
	r := trip(t)
	want := "bob>alice 30.00, bob>dora 12.00, carol>bob 30.00, emil>bob 12.00"
	do[expense.Settlement](t, r, alice, expense.PinReq{SettleReq: expense.SettleReq{Center: "bob"}})
	if got := plan(do[expense.Settlement](t, r, bob, expense.SettleReq{})); got != want {
		t.Errorf("%s, not %s", got, want)
	}
	if got := plan(do[expense.Settlement](t, r, bob, expense.SettleReq{Algorithm: "exact"})); got != "carol>alice 30.00, emil>dora 12.00" {
		t.Errorf("asked for another: %s", got)
	}
	paid(r, bob, "carol", "bob", 3000)
	if got := plan(do[expense.Settlement](t, r, bob, expense.SettleReq{})); got != "bob>alice 30.00, bob>dora 12.00, emil>bob 12.00" {
		t.Errorf("after a payment: %s", got)
	}
}

func TestAPinnedPlanHoldsUntilSomethingElseChangesTheBalances(t *testing.T) {
	for name, c := range map[string]struct {
		do    func(r *apptest.Room)
		holds bool
		plan  string
	}{
		"an expense":              {func(r *apptest.Room) { dated(t, r, "2026-03-04", "carol", "1", "alice") }, false, "carol>alice 29.00, emil>dora 12.00"},
		"one that changes nobody": {func(r *apptest.Room) { dated(t, r, "2026-03-04", "carol", "1", "carol") }, true, "carol>alice 30.00, emil>dora 12.00"},
		"a payment of no line":    {func(r *apptest.Room) { paid(r, bob, "bob", "alice", 100) }, false, "carol>alice 29.00, carol>bob 1.00, emil>dora 12.00"},
		"more than the line":      {func(r *apptest.Room) { paid(r, bob, "carol", "alice", 3001) }, false, "alice>carol 0.01, emil>dora 12.00"},
		"another way round":       {func(r *apptest.Room) { paid(r, bob, "alice", "carol", 100) }, false, "carol>alice 31.00, emil>dora 12.00"},
	} {
		r := trip(t)
		do[expense.Settlement](t, r, alice, expense.PinReq{})
		c.do(r)
		s := do[expense.Settlement](t, r, alice, expense.SettleReq{})
		if s.Pinned.Holds != c.holds || plan(s) != c.plan || c.holds == strings.Contains(s.Note(), "holds no more") {
			t.Errorf("%s: holds %t, plan %s, note %q", name, s.Pinned.Holds, plan(s), s.Note())
		}
	}
}

// A payment that the author of the plan had not seen is paid off it all the same.
func TestAPaymentMadeMeanwhileCounts(t *testing.T) {
	a := trip(t)
	b := newRoom()
	b.Pull(a)
	do[expense.Settlement](t, a, alice, expense.PinReq{})
	paid(b, bob, "emil", "dora", 1200)
	a.Pull(b)
	b.Pull(a)
	for _, r := range []*apptest.Room{a, b} {
		if s := do[expense.Settlement](t, r, alice, expense.SettleReq{}); pinned(s) != "true carol>alice 0.00/30.00, emil>dora 12.00/12.00" {
			t.Error(pinned(s))
		}
	}
}

func TestAPlanThatLeavesDustHolds(t *testing.T) {
	r := trip(t)
	dated(t, r, "2026-03-04", "carol", "0.40", "dora")
	do[expense.Settlement](t, r, alice, expense.PinReq{SettleReq: expense.SettleReq{Min: `"1.00"`}})
	s := do[expense.Settlement](t, r, alice, expense.SettleReq{})
	if !s.Pinned.Holds || len(s.Transfers) != len(s.Pinned.Lines) {
		t.Error(pinned(s))
	}
}

func TestPinRefusesWhatPaysNobody(t *testing.T) {
	r := newRoom()
	if _, _, err := r.Do(alice, noon, expense.PinReq{}); err == nil || wire.AsError(err).Code != wire.Conflict {
		t.Errorf("an empty room: %v", err)
	}
}

// In whatever order pins, payments and expenses come, the plan is one.
func TestPinsReplayInAnyOrderToOnePlan(t *testing.T) {
	apptest.Check(t, func(t *rapid.T) {
		rooms := []*apptest.Room{newRoom(), newRoom()}
		writers := []apptest.Writer{alice, bob}
		for range rapid.IntRange(1, 14).Draw(t, "steps") {
			i := rapid.IntRange(0, 1).Draw(t, "store")
			switch rapid.IntRange(0, 3).Draw(t, "act") {
			case 0:
				rooms[i].Write(writers[i], noon, "", app.Draft{Type: "expense.add", Body: drawEntry(t, []string{"alice", "bob", "carol"})})
			case 1:
				key := rapid.SampledFrom([]string{"", "k"}).Draw(t, "key")
				_, _, _ = rooms[i].DoKeyed(writers[i], noon, key, expense.PinReq{}) // refused where there is nothing
			case 2:
				if s := ask[expense.Settlement](rooms[i], expense.SettleReq{}); len(s.Transfers) > 0 {
					paid(rooms[i], writers[i], s.Transfers[0].From, s.Transfers[0].To, minor(t, s.Transfers[0].Minor))
				}
			default:
				rooms[i].Pull(rooms[1-i])
			}
		}
		rooms[0].Pull(rooms[1])
		again := newRoom()
		order := apptest.Shuffle(rooms[0].Events(), func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "next") })
		if err := again.Ingest(order...); err != nil || again.StateHash() != rooms[0].StateHash() {
			t.Fatalf("%v; two states:\n%s\n%s", err, rooms[0].Rows(), again.Rows())
		}
		one, other := ask[expense.Settlement](rooms[0], expense.SettleReq{}), ask[expense.Settlement](again, expense.SettleReq{})
		if pinned(one) != pinned(other) || plan(one) != plan(other) {
			t.Fatalf("%s %s\n%s %s", pinned(one), plan(one), pinned(other), plan(other))
		}
	})
}
