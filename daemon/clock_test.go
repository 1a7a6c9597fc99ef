//go:build unix

package daemon_test

import (
	"slices"
	"testing"
	"time"

	"intercom/daemon/daemontest"
)

// status returns the room's session as the daemon sees it now.
func status(t *testing.T, d *daemontest.Daemon, room string) map[string]any {
	t.Helper()
	rooms := d.Raw(daemontest.Frame{"type": "focus_status", "room": room})["rooms"].([]any)
	if len(rooms) != 1 {
		t.Fatalf("focus_status of %s has %d rooms", room, len(rooms))
	}
	return rooms[0].(map[string]any)
}

func TestASessionEndsWithTheClockWhichMayJump(t *testing.T) {
	h := daemontest.NewHome(t)
	clock := daemontest.NewClock(t, h)
	a, b := h.Start("a"), h.Start("b")
	b.Join("team")
	a.Raw(daemontest.Frame{"type": "focus_start", "room": "team", "minutes": 25})
	daemontest.WaitSame(t, "team", 1, a, b)
	state := a.Room("team").State["focus"]

	var at []*daemontest.Raw
	for _, d := range []*daemontest.Daemon{a, b} {
		r := d.Connect()
		r.Until("hello")
		quiet(r)
		at = append(at, r)
	}
	expired := []string{"focus_event session_expired local", "focus_event session_expired remote"}

	clock.Set(26 * time.Minute)
	for i, d := range []*daemontest.Daemon{a, b} {
		if s := status(t, d, "team"); s["status"] != "ended" || s["endedReason"] != "timer" {
			t.Errorf("after its time the session is %v, %v", s["status"], s["endedReason"])
		}
		if got := line(at[i].Next()); got != expired[i] {
			t.Errorf("pushed: %q, want %q", got, expired[i])
		}
	}
	if a.Room("team").State["focus"] != state || a.Room("team").Events != 1 {
		t.Error("the end by time has changed what is stored")
	}

	// Back, and forth again: nothing is pushed twice, nothing is lost.
	clock.Set(-48 * time.Hour)
	a.Write("team", 0, 2)
	daemontest.WaitSame(t, "team", 3, a, b)
	clock.Set(0)
	if s := status(t, a, "team"); s["status"] != "active" {
		t.Errorf("at its time the session is %v", s["status"])
	}
	clock.Set(27 * time.Minute)
	daemontest.Eventually(t, soon, "the session is over again", func() bool { return status(t, b, "team")["status"] == "ended" })
	// A session that ends after it proves that the timers have run.
	a.Raw(daemontest.Frame{"type": "focus_start", "room": "next", "minutes": 1})
	clock.Set(30 * time.Minute)
	var seen []string
	for !slices.Contains(seen, "focus_event session_expired local") {
		seen = append(seen, line(at[0].Next()))
	}
	count := 0
	for _, s := range append(seen, quiet(at[0])...) {
		if s == expired[0] {
			count++
		}
	}
	if count != 1 {
		t.Errorf("pushed after the jumps: %q", seen)
	}
	for _, s := range quiet(at[1]) {
		if s == expired[1] {
			t.Error("the other daemon pushed an end twice")
		}
	}

	// What ended while a daemon was away is pushed to nobody.
	if code := b.Stop(); code != 0 {
		t.Fatalf("the daemon ended with %d", code)
	}
	b = h.Start("b")
	r := b.Connect()
	r.Until("hello")
	if s := status(t, b, "team"); s["status"] != "ended" {
		t.Errorf("after a restart the session is %v", s["status"])
	}
	if got := quiet(r); len(got) > 0 {
		t.Errorf("pushed after a restart: %q", got)
	}
}

func TestEventsFromAClockAheadTouchOnlyThemselves(t *testing.T) {
	// Two users of one program, whose clocks differ by three days.
	ahead := daemontest.NewHome(t)
	daemontest.NewClock(t, ahead).Set(72 * time.Hour)
	far := ahead.Start("far")
	way := daemontest.NewProxy(t, far)
	near := daemontest.NewHome(t).Start("near", "--peers", way.Addr)
	meet(t, far, near)

	near.Raw(daemontest.Frame{"type": "focus_start", "room": "team", "minutes": 25, "goal": "now"})
	far.Join("team")
	daemontest.WaitSame(t, "team", 1, near, far)
	before := status(t, near, "team")
	far.Raw(daemontest.Frame{"type": "focus_checkin", "room": "team", "text": "from the future"})
	far.Raw(daemontest.Frame{"type": "focus_start", "room": "team", "minutes": 25, "goal": "in three days"})
	daemontest.WaitSame(t, "team", 3, near, far)
	after := status(t, near, "team")
	for _, key := range []string{"id", "status", "goal", "host", "endsAt"} {
		if before[key] != after[key] {
			t.Errorf("%s was %v and is %v", key, before[key], after[key])
		}
	}
	if after["status"] != "active" {
		t.Errorf("the session is %v", after["status"])
	}
	near.Raw(daemontest.Frame{"type": "focus_end", "room": "team"})
	if s := status(t, near, "team"); s["status"] != "ended" || s["goal"] != "now" {
		t.Errorf("after its end the session is %v, %v", s["status"], s["goal"])
	}
}
