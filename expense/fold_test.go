package expense_test

import (
	"testing"

	"pgregory.net/rapid"

	"intercom/expense"
	"intercom/internal/app/apptest"
)

func TestTheFoldIsWhatTheDefinitionsSay(t *testing.T) {
	check(t, func(rt *rapid.T) {
		h := draw(rt)
		for _, r := range append(h.rooms, h.all) {
			if want, got := modelOf(r).describe(), seen(r); got != want {
				rt.Fatalf("the rows say\n%s\nthe definitions say\n%s\nof %s", got, want, story(r))
			}
		}
	})
}

func TestReplayInAnyOrderGivesOneState(t *testing.T) {
	check(t, func(rt *rapid.T) {
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
	check(t, func(rt *rapid.T) {
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
