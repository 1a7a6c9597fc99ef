//go:build unix

package daemon_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"intercom/client/wire"
	"intercom/daemon/daemontest"
)

// hookOf puts a hook into a profile's folder.
func hookOf(t *testing.T, h *daemontest.Home, profile, name, text string) (dir string) {
	t.Helper()
	dir = h.Profile(profile).HooksDir()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func hooksOf(d *daemontest.Daemon) wire.HooksInfo {
	return *daemontest.Call(d, wire.Health, wire.None{}).Hooks
}

func TestAHookThatAKillCutsShortIsNotRunAgain(t *testing.T) {
	h := daemontest.NewHome(t)
	dir := hookOf(t, h, "a", "focus_event", `
grep -o '"eventType":"[a-z_]*"' >> seen
grep -q session_checkin seen && exit 0
read wait < gate`)
	if err := os.WriteFile(filepath.Join(dir, "seen"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	gate := filepath.Join(dir, "gate")
	if err := syscall.Mkfifo(gate, 0o600); err != nil {
		t.Fatal(err)
	}
	a := h.Start("a")
	seen := func() string {
		b, err := os.ReadFile(filepath.Join(dir, "seen"))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	daemontest.Eventually(t, soon, "the hook is known", func() bool {
		a.Raw(daemontest.Frame{"type": "focus_start", "room": "team", "minutes": 25, "key": "k"})
		return len(strings.Fields(seen())) > 0 || hooksOf(a).Run > 0
	})
	a.Kill()
	open, err := os.OpenFile(gate, os.O_RDWR, 0) // the hook outlived the daemon
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	if _, err := open.WriteString("go\n"); err != nil {
		t.Fatal(err)
	}
	a = h.Start("a")
	daemontest.Eventually(t, soon, "the interruption is told", func() bool { return hooksOf(a).Interrupted == 1 })
	a.Raw(daemontest.Frame{"type": "focus_checkin", "room": "team", "text": "half"})
	daemontest.Eventually(t, soon, "the next runs", func() bool { return hooksOf(a).Run == 1 })
	if got, want := seen(), "\"eventType\":\"session_start\"\n\"eventType\":\"session_checkin\"\n"; got != want {
		t.Errorf("the hook saw %q", got)
	}
	if last := hooksOf(a).Last["interrupted"]; last.Hook != "focus_event" || last.Cursor != "r:1" {
		t.Errorf("told %+v", last)
	}
	if a.Count("hooks_interrupted") != 1 {
		t.Error("stats do not count it")
	}
}

func TestAnExpiryRunsItsHookOnceAndNotWhenItWasMissed(t *testing.T) {
	h := daemontest.NewHome(t)
	clock := daemontest.NewClock(t, h)
	dir := hookOf(t, h, "a", "session_expired.sh", "cat >> seen")
	a := h.Start("a")
	a.Raw(daemontest.Frame{"type": "focus_start", "room": "one", "minutes": 10})
	a.Raw(daemontest.Frame{"type": "focus_start", "room": "two", "minutes": 30})
	clock.Set(10*time.Minute + time.Second)
	daemontest.Eventually(t, soon, "the hook has run", func() bool { return hooksOf(a).Run == 1 })
	a.Kill()
	clock.Set(45 * time.Minute)
	for range 2 {
		a = h.Start("a")
		daemontest.Eventually(t, soon, "it is up", func() bool { return a.Count("hooks_run") == 0 })
		a.Raw(daemontest.Frame{"type": "focus_start", "room": "three", "minutes": 10, "key": "three"})
		if code := a.Stop(); code != 0 {
			t.Fatal(code)
		}
	}
	b, err := os.ReadFile(filepath.Join(dir, "seen"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(b), "session_expired"); n != 1 || !strings.Contains(string(b), `"room":"one"`) {
		t.Errorf("the hook ran %d times: %s", n, b)
	}
}

// TestWhatComesLateFromAPeerThatWasAwayIsReplayedAndRunsNoHook: it was written
// while the two were apart, and comes more than a minute later.
func TestWhatComesLateFromAPeerThatWasAwayIsReplayedAndRunsNoHook(t *testing.T) {
	x, y := apart(t)
	clocks := []*daemontest.Clock{daemontest.NewClock(t, x), daemontest.NewClock(t, y)}
	dir := hookOf(t, y, "b", "any", "cat >> seen")
	a := x.Start("a")
	way := daemontest.NewProxy(t, a)
	b := y.Start("b", "--peers", way.Addr)
	meet(t, a, b)
	gather(t, "team", a, b)
	follower, _ := follow(t, b, daemontest.Frame{"types": []string{"focus_event", "expense_event", "ledger_event"}})
	old := hears(b)

	apartFor := func(d time.Duration, write func()) {
		t.Helper()
		way.Cut()
		daemontest.Eventually(t, soon, "the two are apart", func() bool { return !a.Sees(b) && !b.Sees(a) })
		write()
		for _, c := range clocks {
			c.Set(d)
		}
		way.Heal()
		meet(t, a, b)
	}
	apartFor(2*time.Minute, func() {
		a.Raw(daemontest.Frame{"type": "focus_start", "room": "team", "minutes": 25})
		a.Raw(daemontest.Entry("team", 0))
		a.Raw(daemontest.Frame{"type": "expense_clear", "channel": "team"})
	})
	for _, want := range []string{"session_start", "expense_add", "expense_clear"} {
		if f := follower.Next(); f["eventType"] != want || f["replayed"] != true || f["source"] != "remote" {
			t.Errorf("%s came as %v", want, f)
		}
	}
	// What is a minute old at most is news, also after the two were apart.
	apartFor(2*time.Minute+30*time.Second, func() {
		a.Raw(daemontest.Frame{"type": "focus_checkin", "room": "team", "text": "news"})
	})
	if f := follower.Next(); f["eventType"] != "session_checkin" || f["replayed"] != nil {
		t.Errorf("the news came as %v", f)
	}
	if got := quiet(old); len(got) == 0 || strings.Contains(strings.Join(got, " "), "start") || strings.Contains(strings.Join(got, " "), "expense") {
		t.Errorf("who does not follow sees %q", got)
	}
	daemontest.Eventually(t, soon, "the hook has run for the news", func() bool { return hooksOf(b).Run > 0 })
	seen, err := os.ReadFile(filepath.Join(dir, "seen"))
	if err != nil {
		t.Fatal(err)
	}
	if h := hooksOf(b); h.Run != 1 || h.Missed != 0 || strings.Count(string(seen), "\n") != 1 || !strings.Contains(string(seen), "session_checkin") {
		t.Errorf("%+v, the hook saw %s", h, seen)
	}
}
