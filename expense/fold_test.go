package expense_test

import (
	"testing"

	"pgregory.net/rapid"

	"intercom/expense"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

func TestTheFoldIsWhatTheDefinitionsSay(t *testing.T) {
	apptest.Check(t, func(rt *rapid.T) {
		h := draw(rt)
		for _, r := range append(h.rooms, h.all) {
			if want, got := modelOf(r).describe(), seen(r); got != want {
				rt.Fatalf("the rows say\n%s\nthe definitions say\n%s\nof %s", got, want, story(r))
			}
		}
	})
}

func TestReplayInAnyOrderGivesOneState(t *testing.T) {
	apptest.Check(t, func(rt *rapid.T) {
		h := draw(rt)
		want := h.all.StateHash()
		for range 3 {
			again := apptest.New(h.all.App)
			order := apptest.Shuffle(h.all.Events(), func(n int) int { return rapid.IntRange(0, n-1).Draw(rt, "next") })
			if err := again.Ingest(order...); err != nil {
				rt.Fatal(err)
			}
			if again.StateHash() != want {
				rt.Fatalf("one order gave\n%s\nanother\n%s\nof %s", h.all.Rows(), again.Rows(), story(h.all))
			}
		}
	})
}

func TestBalancesSumToZeroAtEveryPrefix(t *testing.T) {
	apptest.Check(t, func(rt *rapid.T) {
		h := draw(rt)
		again := apptest.New(h.all.App)
		for _, e := range h.all.Events() {
			if err := again.Ingest(e); err != nil {
				rt.Fatal(err)
			}
			sums := map[expense.Unit]expense.Sum{}
			for _, b := range ask[expense.Sheet](again, expense.BalanceReq{}).Balances {
				minor, err := expense.ParseAmount(b.Minor, 0)
				if err != nil {
					return // beyond one amount; the model covers it
				}
				sums[b.Unit] = sums[b.Unit].Add(minor)
			}
			for u, sum := range sums {
				if !sum.IsZero() {
					rt.Fatalf("balances in %s sum to %s after %s", u.Currency, sum.Format(u.Exp), story(again))
				}
			}
		}
	})
}

func TestEntriesOfAReopenedCloseGoToTheLowestThatHasSeenEach(t *testing.T) {
	carol, dora := apptest.NewWriter(3, 1), apptest.NewWriter(4, 1)
	a, b, c, d := newRoom(), newRoom(), newRoom(), newRoom()
	wait := func(r *apptest.Room, w apptest.Writer, lamport uint64) {
		for {
			if e := r.Write(w, noon, "", app.Draft{Type: "test.wait", Body: &expense.Reopen{Close: event.ID{1}}}); r.Lamport(e.ID) >= lamport {
				return
			}
		}
	}
	closed := app.Draft{Type: "room.close", Body: &expense.Close{Open: []expense.Unsettled{}}}
	add(t, a, alice, "alice", "1", "bob")
	b.Pull(a)
	add(t, a, alice, "alice", "2", "bob")
	c.Pull(a)
	first := a.Write(alice, noon, "", closed)
	wait(d, dora, 5)
	d.Write(dora, noon, "", closed) // has seen neither
	wait(b, bob, 10)
	b.Write(bob, noon, "", closed) // has seen the first
	wait(c, carol, 15)
	c.Write(carol, noon, "", closed) // has seen both
	for _, other := range []*apptest.Room{b, c, d} {
		a.Pull(other)
	}
	do[expense.ReopenReply](t, a, alice, expense.ReopenReq{Close: first.ID.String()})
	if want, got := modelOf(a).describe(), seen(a); got != want || count(t, a) != 0 {
		t.Errorf("the rows say\n%s\nthe definitions say\n%s", got, want)
	}
}

func TestEntriesOfAReopenedCloseAreToldApartByBranch(t *testing.T) {
	for n := range byte(8) { // the order of the ids differs
		forked := apptest.NewWriter(10+n, 1)
		a, b := newRoom(), newRoom()
		add(t, a, forked, "alice", "1", "bob")
		b.Pull(a)
		add(t, a, forked, "alice", "2", "bob")
		add(t, b, forked, "alice", "3", "bob")
		add(t, b, forked, "alice", "4", "bob")
		all := newRoom()
		all.Pull(a)
		all.Pull(b)
		first := do[expense.ClearReply](t, all, alice, expense.ClearReq{})
		for range 10 { // so that this close is the later one
			add(t, b, bob, "alice", "5", "bob")
		}
		do[expense.ClearReply](t, b, bob, expense.ClearReq{}) // has seen one branch
		all.Pull(b)
		do[expense.ReopenReply](t, all, alice, expense.ReopenReq{Close: first.Closed.String()})
		if want, got := modelOf(all).describe(), seen(all); got != want || count(t, all) != 1 {
			t.Errorf("the rows say\n%s\nthe definitions say\n%s", got, want)
		}
	}
}

// story lists the events of a room, to read a failure by.
func story(r *apptest.Room) string {
	out := ""
	for _, e := range r.Events() {
		out += "\n" + e.ID.String()[:8] + " " + e.Type + " by " + e.Author.String()[:4] + "/" + e.Instance.String()[:2] + " key " + e.Key
		for _, c := range apptest.Causes(e) {
			out += " after " + c.String()[:8]
		}
	}
	return out
}
