package focus_test

import (
	"slices"
	"testing"
	"time"

	"intercom/client/wire"
	"intercom/focus"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
)

func TestExtendAndEndAreTheHosts(t *testing.T) {
	r := newRoom()
	refuse(t, r, alice, noon, focus.ExtendReq{}, wire.NotActive)
	refuse(t, r, alice, noon, focus.EndReq{}, wire.NotActive)
	start(t, r, alice, noon, "25")
	refuse(t, r, bob, after(1), focus.ExtendReq{}, wire.NotHost)
	refuse(t, r, bob, after(1), focus.EndReq{}, wire.NotHost)
	if got := extend(t, r, alice, after(1), ""); !got.EndsAt.Equal(after(30)) {
		t.Errorf("extended to %s", got.EndsAt)
	}
	got := end(t, r, alice, after(2))
	if got.EndedReason != focus.Manual || !got.EndedAt.Equal(after(2)) || !got.EndsAt.Equal(after(30)) {
		t.Errorf("ended: %+v", got)
	}
	refuse(t, r, alice, after(3), focus.EndReq{}, wire.NotActive)
}

func TestTheWalkOfTheHostsActs(t *testing.T) {
	type act struct {
		minute  float64
		seconds int64 // 0: end
	}
	for _, c := range []struct {
		name      string
		acts      []act
		scheduled float64
		end       float64
		manual    bool
		late      int
	}{
		{"nothing", nil, 25, 25, false, 0},
		{"extensions add up", []act{{5, 300}, {3, 60}}, 31, 31, false, 0},
		{"an extension after the end is late", []act{{25, 300}}, 25, 25, false, 1},
		{"an extension makes room for the next", []act{{24, 300}, {27, 300}}, 35, 35, false, 0},
		{"acts before the begin count at the begin", []act{{-30, 300}, {-20, 60}}, 31, 31, false, 0},
		{"an end before the begin ends at the begin", []act{{-30, 0}}, 25, 0, true, 0},
		{"the first end counts", []act{{10, 0}, {5, 0}, {7, 300}}, 25, 5, true, 2},
		{"an end at the end is late", []act{{25, 0}}, 25, 25, false, 1},
		{"never longer than a day", []act{{5, focus.MaxSeconds}, {6, focus.MaxSeconds}}, 24 * 60, 24 * 60, false, 0},
	} {
		r := newRoom()
		s := start(t, r, alice, noon, "25")
		for _, a := range c.acts {
			if a.seconds > 0 {
				forge(r, alice, after(a.minute), "focus.extend", &focus.Extend{Session: s.ID, Seconds: a.seconds})
			} else {
				forge(r, alice, after(a.minute), "focus.end", &focus.End{Session: s.ID})
			}
		}
		got := snapshot(t, r, s.ID, after(25*60))
		if !got.EndsAt.Equal(after(c.scheduled)) || !got.EndedAt.Equal(after(c.end)) ||
			(got.EndedReason == focus.Manual) != c.manual || len(got.Late) != c.late {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestAHostRightNeedsTheStartInThePast(t *testing.T) {
	a, b := newRoom(), newRoom()
	s := start(t, a, alice, noon, "25")
	// The same key on another machine, which has not seen the start.
	second := apptest.NewWriter(1, 2)
	forge(b, second, after(1), "focus.end", &focus.End{Session: s.ID})
	forge(b, bob, after(1), "focus.join", &focus.Join{Session: s.ID})
	a.Pull(b)
	got := status(t, a, alice, after(2))
	if got.Status != focus.Active || has(got, bob) {
		t.Errorf("status = %+v", got)
	}
	b.Pull(a)
	if got := end(t, b, second, after(3)); got.Status != focus.Ended {
		t.Errorf("the host's other machine cannot end it: %+v", got)
	}
}

func TestCommandsActOnTheCallersOwnSession(t *testing.T) {
	r, ofAlice, ofBob := twoSessions(t)
	if got := extend(t, r, bob, after(5), "10"); got.ID != ofBob || !got.EndsAt.Equal(after(36)) {
		t.Errorf("bob extended %+v", got)
	}
	if got := checkIn(t, r, bob, after(6), "mine"); got.ID != ofBob {
		t.Error("bob's check-in went to the other session")
	}
	if got := end(t, r, bob, after(7)); got.ID != ofBob || got.Status != focus.Ended {
		t.Errorf("bob ended %+v", got)
	}
	if got := snapshot(t, r, ofAlice, after(8)); got.Status != focus.Active || !got.EndsAt.Equal(after(25)) {
		t.Errorf("alice's session: %+v", got)
	}
}

func TestAHostEndsHisOwnAlsoWhenHeJoinedAnother(t *testing.T) {
	r, ofAlice, ofBob := twoSessions(t)
	forge(r, bob, after(2), "focus.join", &focus.Join{Session: ofAlice})
	if got := end(t, r, bob, after(7)); got.ID != ofBob {
		t.Errorf("ended %s", got.ID)
	}
}

// ends returns the ends among what time will bring.
func ends(r *apptest.Room, now time.Time) []app.Due { return dues(r, now, focus.TimeEnd) }

// dues returns what time will bring of one kind.
func dues(r *apptest.Room, now time.Time, what string) []app.Due {
	return slices.DeleteFunc(r.App.Timers(r, now), func(d app.Due) bool {
		t, ok := focus.ParseTimer(d.ID)
		return !ok || t.What != what || !t.At.Equal(d.At)
	})
}

func TestTimersAreTheEndsThatTimeBrings(t *testing.T) {
	r, ofAlice, ofBob := twoSessions(t)
	due := ends(r, after(5))
	if len(due) != 2 || !due[0].At.Equal(after(25)) || !due[1].At.Equal(after(26)) {
		t.Fatalf("due = %+v", due)
	}
	if id, end, ok := focus.Expired(due[0].ID); !ok || id != ofAlice || !end.Equal(due[0].At) {
		t.Errorf("the first timer is of %s at %s", id, end)
	}
	for _, id := range []string{"", ofAlice.String(), "x:expired:1", ofAlice.String() + ":expired:", ofAlice.String() + ":expired:1x"} {
		if _, _, ok := focus.Expired(id); ok {
			t.Errorf("%q names an end", id)
		}
	}
	extend(t, r, bob, after(6), "5")
	if again := ends(r, after(7)); again[1].ID == due[1].ID || !again[1].At.Equal(after(31)) {
		t.Errorf("after an extension: %+v", again)
	}
	end(t, r, bob, after(12)) // his clock is ahead
	if again := ends(r, after(9)); len(again) != 1 || again[0] != due[0] {
		t.Errorf("after an end of %s: %+v", ofBob, again)
	}
	if again := ends(r, after(25)); len(again) != 0 {
		t.Errorf("after all: %+v", again)
	}
}
