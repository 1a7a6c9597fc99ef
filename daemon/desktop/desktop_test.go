//go:build unix

package desktop_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"intercom/daemon/desktop"
)

// fake puts a program of that name into a folder, beside the pipe `shown` into
// which record writes the program's arguments, one a line.
func fake(t *testing.T, name, text string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "shown"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

const record = `printf '%s\n' "$@" >"$(dirname "$0")/shown"`

func world(goos, dir string, env map[string]string) desktop.World {
	return desktop.World{
		GOOS: goos, Getenv: func(name string) string { return env[name] },
		LookPath: func(name string) (string, error) { return exec.LookPath(filepath.Join(dir, name)) },
		Exists:   func(path string) bool { return path == "/run/user/1/bus" },
	}
}

func show(t *testing.T, w desktop.World, notices ...desktop.Notice) {
	t.Helper()
	n := desktop.Find(w, slog.New(slog.DiscardHandler))
	if n == nil {
		t.Fatal("no desktop was found")
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- n.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	for _, notice := range notices {
		n.Show(notice)
	}
}

func shown(t *testing.T, dir string) string {
	t.Helper()
	written := make(chan []byte, 1)
	go func() {
		b, _ := os.ReadFile(filepath.Join(dir, "shown")) // waits for the writer
		written <- b
	}()
	select {
	case b := <-written:
		return string(b)
	case <-time.After(30 * time.Second):
		t.Fatal("nothing was shown")
	}
	return ""
}

func TestTextsOfPeersAreNoOptionsMarkupOrScript(t *testing.T) {
	hostile := desktop.Notice{Title: "-e\x1b[2J", Text: "--icon=x <b>&\"\n\u202e'"}
	bus := map[string]string{"DBUS_SESSION_BUS_ADDRESS": "unix:path=/x"}
	for _, c := range []struct{ goos, program, want string }{
		{"linux", "notify-send", "--app-name=Intercom\n--\n-e [2J\n--icon=x &lt;b&gt;&amp;&#34;  &#39;\n"},
		{"darwin", "terminal-notifier", "-title\n\u200b-e [2J\n-message\n\u200b--icon=x <b>&\"  '\n-group\nintercom\n"},
		{"darwin", "osascript", "-e\non run argv\n-e\ndisplay notification (item 2 of argv) with title (item 1 of argv)\n-e\nend run\n--\n-e [2J\n--icon=x <b>&\"  '\n"},
	} {
		dir := fake(t, c.program, record)
		show(t, world(c.goos, dir, bus), hostile)
		if got := shown(t, dir); got != c.want {
			t.Errorf("%s was run with %q\nwant %q", c.program, got, c.want)
		}
	}
}

func TestWithoutADesktopNothingIsShown(t *testing.T) {
	dir := fake(t, "notify-send", record)
	log := slog.New(slog.DiscardHandler)
	if desktop.Find(world("linux", dir, nil), log) != nil {
		t.Error("without a session bus")
	}
	if desktop.Find(world("linux", t.TempDir(), map[string]string{"DBUS_SESSION_BUS_ADDRESS": "x"}), log) != nil {
		t.Error("without notify-send")
	}
	if desktop.Find(world("linux", dir, map[string]string{"XDG_RUNTIME_DIR": "/run/user/1"}), log) == nil {
		t.Error("not with the bus of the user's session")
	}
	var none *desktop.Notifier
	none.Show(desktop.Notice{})
	if err := none.Run(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAProgramThatHangsMakesNobodyWait(t *testing.T) {
	dir := fake(t, "notify-send", "exec sleep 600")
	begun := time.Now()
	show(t, world("linux", dir, map[string]string{"DBUS_SESSION_BUS_ADDRESS": "x"}), make([]desktop.Notice, 100)...)
	if passed := time.Since(begun); passed > 4*time.Second {
		t.Errorf("100 notices took %v", passed)
	}
}
