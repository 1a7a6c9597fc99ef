package focus_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"intercom/focus"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

// brought walks through what time brings from a minute on, as a daemon does:
// it waits for the next and asks again.
func brought(t *testing.T, r *apptest.Room, from float64) (all []string) {
	t.Helper()
	now := after(from)
	for range 100 {
		due := r.App.Timers(r, now)
		if len(due) == 0 {
			return all
		}
		now = due[0].At
		for _, d := range due {
			tr, ok := focus.ParseTimer(d.ID)
			if !ok || !tr.At.Equal(d.At) {
				t.Fatalf("due %+v is read as %+v, %v", d, tr, ok)
			}
			if d.At.Equal(now) {
				all = append(all, fmt.Sprintf("%v %s", now.Sub(noon).Minutes(), tr.What))
			}
			// Who records it looks again just before.
			if again := r.App.Timers(r, d.At.Add(-time.Millisecond)); !slices.Contains(again, d) {
				t.Errorf("%s is not due at its time", d.ID)
			}
		}
	}
	t.Fatalf("no end of timers: %v", all)
	return nil
}

func TestWhatTimeBrings(t *testing.T) {
	host := func(kind string, minute float64, body event.Body) func(*apptest.Room) {
		return func(r *apptest.Room) { forge(r, alice, after(minute), kind, body) }
	}
	for _, c := range []struct {
		name  string
		start focus.Start
		acts  func(s event.ID) []func(*apptest.Room)
		want  string
	}{
		{"a short session", focus.Start{Seconds: 300}, nil, "5 expired"},
		{"a session", focus.Start{Seconds: 1500}, nil, "20 soon, 25 expired"},
		{"a cycle", focus.Start{Seconds: 75 * 60, Cycle: []int64{1200, 300, 2}, LongBreak: 900}, nil,
			"20 break, 25 work, 45 break, 60 work, 70 soon, 75 expired"},
		{"a cycle with parts under a minute is none", focus.Start{Seconds: 600, Cycle: []int64{59, 60, 9}}, nil, "5 soon, 10 expired"},
		{"a pause that lapses", focus.Start{Seconds: 1500}, func(s event.ID) []func(*apptest.Room) {
			return []func(*apptest.Room){host("focus.pause", 10, &focus.Pause{Session: s})}
		}, "25 lapse, 35 soon, 40 expired"},
		{"a pause that was ended", focus.Start{Seconds: 1500}, func(s event.ID) []func(*apptest.Room) {
			return []func(*apptest.Room){host("focus.pause", 10, &focus.Pause{Session: s}), host("focus.resume", 12, &focus.Resume{Session: s})}
		}, "22 soon, 27 expired"},
		{"a pause near the end tells of the end once", focus.Start{Seconds: 1500}, func(s event.ID) []func(*apptest.Room) {
			return []func(*apptest.Room){host("focus.pause", 22, &focus.Pause{Session: s})}
		}, "20 soon, 37 lapse, 40 expired"},
		{"a break", focus.Start{Seconds: 1500}, func(s event.ID) []func(*apptest.Room) {
			return []func(*apptest.Room){host("focus.break", 10, &focus.Break{Session: s, Seconds: 120})}
		}, "12 work, 22 soon, 27 expired"},
		{"a pause moves the cycle", focus.Start{Seconds: 45 * 60, Cycle: []int64{1200, 300, 2}}, func(s event.ID) []func(*apptest.Room) {
			return []func(*apptest.Room){host("focus.pause", 10, &focus.Pause{Session: s}), host("focus.resume", 13, &focus.Resume{Session: s})}
		}, "23 break, 28 work, 43 soon, 48 expired"},
		{"an end", focus.Start{Seconds: 1500}, func(s event.ID) []func(*apptest.Room) {
			return []func(*apptest.Room){host("focus.end", 10, &focus.End{Session: s})}
		}, ""},
	} {
		r := newRoom()
		c.start.Begin = noon.UnixMilli()
		s := forge(r, alice, noon, "focus.start", &c.start).ID
		if c.acts != nil {
			for _, act := range c.acts(s) {
				act(r)
			}
		}
		if got := strings.Join(brought(t, r, 0), ", "); got != c.want {
			t.Errorf("%s: %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestAScheduledSessionBeginsByItself(t *testing.T) {
	r := newRoom()
	begin := after(600)
	s := forge(r, alice, noon, "focus.schedule", &focus.Schedule{Start: focus.Start{Goal: "plan", Seconds: 1500, Begin: begin.UnixMilli()}})
	if got := strings.Join(brought(t, r, 0), ", "); got != "600 begin, 620 soon, 625 expired" {
		t.Error(got)
	}
	if got := status(t, r, bob, noon); got.Status != focus.Idle || len(got.Upcoming) != 1 || got.Upcoming[0].ID != s.ID || !got.Upcoming[0].Begins.Equal(begin) {
		t.Errorf("before: %+v", got)
	}
	if got := status(t, r, bob, after(600)); got.Status != focus.Active || !got.Scheduled || !has(got, alice) || got.RemainingSeconds != 1500 {
		t.Errorf("begun: %+v", got)
	}
}

func TestTheTimersOfAFloodOfCyclesAreFew(t *testing.T) {
	r := newRoom()
	for range 20 {
		forge(r, bob, noon, "focus.start", &focus.Start{Seconds: 86400, Begin: noon.UnixMilli(), Cycle: []int64{60, 60, 100}})
	}
	if due := r.App.Timers(r, after(1)); len(due) > 20*4 {
		t.Errorf("%d timers of 20 sessions", len(due))
	}
}
