package focus_test

import (
	"testing"
	"time"

	"intercom/focus"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

// said is what the daemon would say for bob at a time.
func said(t *testing.T, r *apptest.Room, s focus.Session, present, idle float64, now time.Time) (d *focus.Done, over bool) {
	t.Helper()
	minutes := func(n float64) time.Duration { return time.Duration(n * float64(time.Minute)) }
	drafts, over := r.App.Attendance.Sum(r, bob.Key, s.ID, app.Measured{Present: minutes(present), Idle: minutes(idle)}, now)
	if len(drafts) == 1 {
		d = drafts[0].Body.(*focus.Done)
	}
	return d, over
}

func TestWhatWasMeasuredIsSaidWhereItIsKnownWell(t *testing.T) {
	for _, c := range []struct {
		name          string
		minutes       string
		present, idle float64
		now           float64
		want          *focus.Done
	}{
		{"all of it", "25", 25, 0, 25, &focus.Done{Present: 1500}},
		{"his machine slept", "25", 15, 10, 25, &focus.Done{Present: 900, Idle: 600}},
		{"no more than the session was", "25", 100, 100, 25, &focus.Done{Present: 1500}},
		{"idle, no more than the rest", "25", 15, 500, 25, &focus.Done{Present: 900, Idle: 600}},
		{"a look at it", "25", 1, 0, 25, nil},
		{"from its middle on", "25", 13, 0, 25, nil},
		{"nearly all", "30", 27, 0, 30, &focus.Done{Present: 1620}},
		{"what is not known would decide", "30", 23.9, 3.5, 30, nil}, // 23.9 of 30 is not enough, 26.5 is
		{"it is known enough to be absent", "30", 20, 9, 30, &focus.Done{Present: 1200, Idle: 540}},
		{"up to 15 minutes after", "25", 25, 0, 40, &focus.Done{Present: 1500}},
		{"not later", "25", 25, 0, 40.1, nil},
	} {
		r := newRoom()
		s := start(t, r, alice, noon, c.minutes)
		join(t, r, bob, noon)
		if d, over := said(t, r, s, 1, 0, after(1)); d != nil || over {
			t.Errorf("%s: said before the end", c.name)
		}
		d, over := said(t, r, s, c.present, c.idle, after(c.now))
		if !over || (d == nil) != (c.want == nil) || d != nil && (d.Session != s.ID || d.Present != c.want.Present || d.Idle != c.want.Idle) {
			t.Errorf("%s: said %+v, over %t; want %+v", c.name, d, over, c.want)
		}
	}
}

func TestNothingIsSaidForWhoHasSaidItOrTookNoPart(t *testing.T) {
	r := newRoom()
	s := start(t, r, alice, noon, "25")
	if d, over := said(t, r, s, 25, 0, after(26)); d != nil || !over {
		t.Errorf("said %+v of who took no part", d)
	}
	join(t, r, bob, after(1))
	forge(r, bob, after(26), "focus.done", &focus.Done{Session: s.ID, Present: 60})
	if d, over := said(t, r, s, 24, 0, after(26)); d != nil || !over {
		t.Errorf("said %+v again", d)
	}
}

func TestOnlyWorkIsMeasured(t *testing.T) {
	r := newRoom()
	s := start(t, r, alice, noon, "30")
	join(t, r, bob, after(5))
	forge(r, alice, after(10), "focus.pause", &focus.Pause{Session: s.ID})
	forge(r, alice, after(14), "focus.resume", &focus.Resume{Session: s.ID})
	a := r.App.Attendance
	worked := func(from, to float64) float64 {
		return a.Worked(r, bob.Key, s.ID, after(from), after(to)).Minutes()
	}
	for _, c := range []struct{ from, to, want float64 }{{0, 5, 0}, {4, 6, 1}, {9, 15, 2}, {11, 13, 0}, {30, 60, 4}, {20, 10, 0}} {
		if got := worked(c.from, c.to); got != c.want {
			t.Errorf("from %v to %v: %v minutes", c.from, c.to, got)
		}
	}
	if a.Worked(r, carol.Key, s.ID, after(0), after(30)) != 0 || a.Worked(r, bob.Key, event.ID{1}, after(0), after(30)) != 0 {
		t.Error("somebody else worked")
	}
	if a.Current(r, bob.Key, after(12)) != s.ID || !a.Current(r, carol.Key, after(12)).IsZero() || !a.Current(r, bob.Key, after(34)).IsZero() {
		t.Error("the session that he is in")
	}
}

// Numbers that somebody made up make nobody's time longer than the session.
func TestAMadeUpDoneIsBoundedByTheSession(t *testing.T) {
	r := newRoom()
	s := start(t, r, alice, noon, "25")
	join(t, r, bob, after(5))
	forge(r, bob, after(26), "focus.done", &focus.Done{Session: s.ID, Present: 86400, Idle: 86400})
	who := do[focus.WhoReply](t, r, alice, after(27), focus.WhoReq{})
	for _, p := range who.People {
		if p.Peer == bob.Key && (p.Seconds != 1200 || p.IdleSeconds > 1200) {
			t.Errorf("%+v", p)
		}
	}
}
