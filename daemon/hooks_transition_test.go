//go:build unix

package daemon_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"intercom/daemon/daemontest"
)

// TestWhatTimeBringsRunsItsHooksOnceOverAKill: 5 minutes before the end, and
// at the end, with kills between and a clock that is set back.
func TestWhatTimeBringsRunsItsHooksOnceOverAKill(t *testing.T) {
	h := daemontest.NewHome(t)
	clock := daemontest.NewClock(t, h)
	dir := hookOf(t, h, "a", "focus_event", `echo "$INTERCOM_EVENT_TYPE" >>seen`)
	seen := func() []string {
		b, _ := os.ReadFile(filepath.Join(dir, "seen")) // absent: none has run
		return strings.Fields(string(b))
	}
	ran := func(what string) {
		t.Helper()
		daemontest.Eventually(t, soon, "the hook for "+what, func() bool { return slices.Contains(seen(), what) })
	}
	a := h.Start("a")
	daemontest.Eventually(t, soon, "the hook is known", func() bool {
		a.Raw(daemontest.Frame{"type": "focus_checkin", "room": "other", "text": "anybody?"})
		return len(seen()) > 0
	})
	a.Raw(daemontest.Frame{"type": "focus_start", "room": "team", "minutes": 25})
	ran("session_start")
	a.Raw(daemontest.Frame{"type": "focus_pause", "room": "team"})
	ran("session_pause")
	clock.Set(15*time.Minute + 30*time.Second) // the pause lapses
	ran("session_resume")
	a.Kill()
	a = h.Start("a")
	clock.Set(36 * time.Minute) // 40 minutes is the end
	ran("session_soon")
	a.Kill()
	clock.Set(20 * time.Minute)
	a = h.Start("a")
	clock.Set(36 * time.Minute)
	a.Raw(daemontest.Frame{"type": "focus_join", "room": "team"})
	ran("session_join")
	clock.Set(41 * time.Minute)
	ran("session_expired")
	a.Kill()
	a = h.Start("a")
	a.Raw(daemontest.Frame{"type": "focus_start", "room": "last", "minutes": 25})
	daemontest.Eventually(t, soon, "the second start", func() bool {
		return strings.Count(strings.Join(seen(), " "), "session_start") == 2
	})
	got := slices.DeleteFunc(seen(), func(s string) bool { return s == "session_checkin" })
	want := "session_start session_pause session_resume session_soon session_join session_expired session_start"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("hooks ran for %s\nwant %s", s, want)
	}
}

// TestTheDesktopHearsOfTheEndOnce: of sessions that its person is in.
func TestTheDesktopHearsOfTheEndOnce(t *testing.T) {
	h := daemontest.NewHome(t)
	clock := daemontest.NewClock(t, h)
	bin := t.TempDir()
	record := filepath.Join(bin, "record")
	script := "#!/bin/sh\nshift 2\nprintf '%s|%s\\n' \"$@\" >>" + record + "\n"
	if err := os.WriteFile(filepath.Join(bin, "notify-send"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	h.Env = append(h.Env, "PATH="+bin+":"+os.Getenv("PATH"), "DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere")
	told := func() string {
		b, _ := os.ReadFile(record) // absent: nothing was shown
		return string(b)
	}
	a, b := h.Start("a"), h.Start("b", "--notify", "off")
	b.Join("team")
	a.Raw(daemontest.Frame{"type": "focus_start", "room": "team", "minutes": 25, "goal": "ship <v2>"})
	b.Raw(daemontest.Frame{"type": "focus_start", "room": "foreign", "minutes": 25})
	a.Join("foreign")
	daemontest.WaitSame(t, "team", 1, a, b)
	daemontest.WaitSame(t, "foreign", 1, a, b)
	clock.Set(26 * time.Minute)
	daemontest.Eventually(t, soon, "the notice", func() bool { return told() != "" })
	a.Kill()
	a = h.Start("a")
	a.Raw(daemontest.Frame{"type": "focus_start", "room": "next", "minutes": 10})
	clock.Set(37 * time.Minute)
	daemontest.Eventually(t, soon, "the next notice", func() bool { return strings.Contains(told(), "next") })
	want := "team: the session is over|ship &lt;v2&gt;\nnext: the session is over|next\n"
	if got := told(); got != want {
		t.Errorf("shown: %q\nwant %q", got, want)
	}
}
