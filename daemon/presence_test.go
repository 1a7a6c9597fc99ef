//go:build unix

package daemon_test

import (
	"testing"
	"time"

	"intercom/daemon/daemontest"
)

// attends says for so many minutes of the clock that the person is there.
func attends(d *daemontest.Daemon, clock *daemontest.Clock, room string, from, to float64) {
	const step = 0.5 // less than a minute
	for at := from; ; at = min(at+step, to) {
		clock.Set(time.Duration(at * float64(time.Minute)))
		d.Raw(daemontest.Frame{"type": "present", "channel": room})
		if at == to {
			return
		}
	}
}

// attended returns what focus_who tells of the only person: seconds and idle
// seconds, and how many events the room has.
func attended(t *testing.T, d *daemontest.Daemon, room string) (seconds, idle float64, events uint64) {
	t.Helper()
	people := d.Raw(daemontest.Frame{"type": "focus_who", "room": room})["people"].([]any)
	if len(people) != 1 {
		t.Fatalf("%d people", len(people))
	}
	p := people[0].(map[string]any)
	idle, _ = p["idleSeconds"].(float64)
	return p["seconds"].(float64), idle, d.Room(room).Events
}

// TestTheDaemonSaysOnceForHowLongItsPersonWasThere: a machine that sleeps is
// idle, a kill loses nothing and counts nothing twice, and who had no client
// is not spoken for.
func TestTheDaemonSaysOnceForHowLongItsPersonWasThere(t *testing.T) {
	h := daemontest.NewHome(t)
	clock := daemontest.NewClock(t, h)
	a := h.Start("a")
	for _, room := range []string{"team", "cron"} {
		a.Raw(daemontest.Frame{"type": "focus_start", "room": room, "minutes": 30})
	}
	if r := a.Raw(daemontest.Frame{"type": "present", "channel": "nowhere"}); r["counted"] != false {
		t.Errorf("counted where no session is: %v", r)
	}
	attends(a, clock, "team", 0, 10)
	a.Kill()
	a = h.Start("a")
	attends(a, clock, "team", 10.1, 15)
	time.Sleep(6 * time.Second) // the daemon looks at its clocks every 5 seconds
	clock.Set(22 * time.Minute) // and has slept for 7 minutes
	time.Sleep(6 * time.Second)
	attends(a, clock, "team", 22.3, 30)
	clock.Set(30*time.Minute + 10*time.Second)
	daemontest.Eventually(t, soon, "the sum is written", func() bool { return a.Room("team").Events == 2 })
	seconds, idle, _ := attended(t, a, "team")
	// A step of the clock that the daemon sees before the client has said
	// anything is a short sleep.
	if seconds < 21*60 || seconds > 23.1*60 || idle < 6.4*60 || idle > 8.5*60 {
		t.Errorf("present for %v s, idle for %v s", seconds, idle)
	}
	a.Kill()
	a = h.Start("a")
	a.Raw(daemontest.Frame{"type": "present", "channel": "team"})
	time.Sleep(3 * time.Second) // rooms are looked at
	if _, _, events := attended(t, a, "team"); events != 2 {
		t.Errorf("%d events: said again", events)
	}
	if seconds, idle, events := attended(t, a, "cron"); seconds != 1800 || idle != 0 || events != 1 {
		t.Errorf("who had no client: %v s, %v s idle, %d events", seconds, idle, events)
	}
}

// TestASessionThatEndedWithoutADaemonIsSummedUpAtTheStart, if that is not too
// late to count.
func TestASessionThatEndedWithoutADaemonIsSummedUpAtTheStart(t *testing.T) {
	h := daemontest.NewHome(t)
	clock := daemontest.NewClock(t, h)
	run := func(room string, begin, back float64) *daemontest.Daemon {
		clock.Set(time.Duration(begin * float64(time.Minute)))
		a := h.Start("a")
		a.Raw(daemontest.Frame{"type": "focus_start", "room": room, "minutes": 5})
		attends(a, clock, room, begin, begin+4.9)
		a.Kill()
		clock.Set(time.Duration(back * float64(time.Minute)))
		return h.Start("a")
	}
	a := run("late", 0, 20.2)
	time.Sleep(3 * time.Second) // rooms are looked at
	if n := a.Room("late").Events; n != 1 {
		t.Errorf("%d events of a session that is over for 15 minutes", n)
	}
	a.Kill()
	a = run("soon", 21, 27)
	daemontest.Eventually(t, soon, "the sum is written", func() bool { return a.Room("soon").Events == 2 })
}
