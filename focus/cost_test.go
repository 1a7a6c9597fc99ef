package focus_test

import (
	"testing"
	"time"

	"intercom/focus"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

// old returns a room with n past sessions, each with joins and check-ins, and
// as many of a clock that is far ahead.
func old(n int) *apptest.Room {
	r := newRoom()
	for i := range n {
		now := noon.Add(-time.Duration(i+100) * time.Hour)
		s := forge(r, alice, now, "focus.start", &focus.Start{Seconds: 600, Begin: now.UnixMilli()})
		forge(r, bob, now.Add(time.Minute), "focus.join", &focus.Join{})
		forge(r, bob, now.Add(time.Minute), "focus.checkin", &focus.CheckIn{Session: s.ID, Text: "t"})
		forge(r, bob, now.Add(time.Hour), "focus.checkin", &focus.CheckIn{Text: "t"})
		far := noon.AddDate(0, 0, 5).Add(time.Duration(i) * time.Hour)
		forge(r, carol, far, "focus.start", &focus.Start{Seconds: 600, Begin: far.UnixMilli()})
	}
	return r
}

func TestAReadOfTodayDoesNotWalkOverHistory(t *testing.T) {
	for _, state := range []string{focus.Ended, focus.Active} {
		cost := [2]int{}
		for i, n := range []int{100, 400} {
			r := old(n)
			if state == focus.Active {
				start(t, r, alice, noon, "25")
			}
			r.Visits()
			if got := status(t, r, bob, after(1)); got.Status != state {
				t.Fatalf("status = %+v", got)
			}
			r.App.Timers(r, after(1))
			cost[i] = r.Visits()
		}
		if cost[0] != cost[1] {
			t.Errorf("%s: %d rows of a short history, %d of a long one", state, cost[0], cost[1])
		}
	}
}

func TestTheLastSessionIsFoundHoweverLongAgo(t *testing.T) {
	for _, days := range []int{0, 1, 2, 3, 7, 8, 31, 365, 4096, 20000} {
		r := newRoom()
		begin := noon.AddDate(0, 0, -days)
		s := start(t, r, alice, begin, "1")
		start(t, r, alice, begin.AddDate(0, 0, -1), "1")
		start(t, r, alice, time.UnixMilli(0), "1")
		forge(r, bob, time.UnixMilli(event.MaxInteger), "focus.start", &focus.Start{Seconds: 1, Begin: event.MaxInteger})
		forge(r, bob, after(10), "focus.start", &focus.Start{Seconds: 1, Begin: after(10).UnixMilli()})
		if got := status(t, r, carol, after(5)); got.ID != s.ID || got.Status != focus.Ended {
			t.Errorf("%d days ago: %+v", days, got)
		}
	}
}
