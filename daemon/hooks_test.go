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
