package cli_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"intercom/daemon/daemontest"
)

// openTerminal returns both ends of a pseudo-terminal of 80 columns.
func openTerminal(t *testing.T, lines uint16) (screen, terminal *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { screen.Close() })
	fd := int(screen.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: lines, Col: 80}); err != nil {
		t.Fatal(err)
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return screen, terminal
}

// onTerminal runs intercom with a terminal as its three streams, and returns
// what that shows.
func onTerminal(t *testing.T, lines uint16, env []string, args ...string) string {
	t.Helper()
	return whileShown(t, lines, env, func(string) {}, args...)
}

// whileShown is onTerminal that calls f with what is shown so far.
func whileShown(t *testing.T, lines uint16, env []string, f func(shown string), args ...string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "intercom")
	if err := os.Symlink(os.Args[0], program); err != nil {
		t.Fatal(err)
	}
	screen, terminal := openTerminal(t, lines)
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), append([]string{"INTERCOM_HOME=" + t.TempDir(), "TERM=xterm", "PAGER=", "NO_COLOR=", "CLICOLOR_FORCE=", "INTERCOM_PAGER=cat"}, env...)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	terminal.Close()
	var shown []byte
	for part := make([]byte, 4096); ; {
		n, err := screen.Read(part)
		if shown = append(shown, part[:n]...); errors.Is(err, syscall.EIO) { // that is how a terminal ends
			break
		} else if err != nil {
			t.Fatal(err)
		}
		f(string(shown))
	}
	if err := cmd.Wait(); err != nil {
		t.Logf("%v: %s", err, shown)
	}
	return string(shown)
}

func TestOnATerminal(t *testing.T) {
	pager := filepath.Join(t.TempDir(), "pager")
	if err := os.WriteFile(pager, []byte("#!/bin/sh\necho paged\nexec cat\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	const bold = "\x1b[1mKEY"
	for name, c := range map[string]struct {
		lines uint16
		env   string
		args  string
		want  []string // `!` before what is not shown
	}{
		"a long table":   {10, "INTERCOM_PAGER=" + pager, "config list", []string{"paged\r\n", bold}},
		"a high one":     {200, "INTERCOM_PAGER=" + pager, "config list", []string{"!paged", bold}},
		"no pager":       {10, "INTERCOM_PAGER=" + pager, "config list --no-pager", []string{"!paged", bold}},
		"NO_COLOR":       {200, "NO_COLOR=1", "config list", []string{"!\x1b", "KEY"}},
		"a dumb one":     {200, "TERM=dumb", "config list", []string{"!\x1b", "KEY"}},
		"--color never":  {200, "CLICOLOR_FORCE=1", "config list --color never", []string{"!\x1b", "KEY"}},
		"forced":         {200, "INTERCOM_FORCE_TTY=40", "config list", []string{bold, "…"}},
		"long wait":      {200, "", "wait --timeout 700ms", []string{"\r\x1b[K| waiting for the daemon", "\r\x1b[Kintercom: the daemon is not ready in time"}},
		"dumb long wait": {200, "TERM=dumb", "wait --timeout 700ms", []string{"!\x1b", "!waiting", "not ready in time"}},
	} {
		shown := onTerminal(t, c.lines, []string{c.env}, strings.Fields(c.args)...)
		for _, want := range c.want {
			want, not := strings.CutPrefix(want, "!")
			if strings.Contains(shown, want) == not {
				t.Errorf("%s shows %q", name, shown)
			}
		}
	}
}

// TestWatchOnATerminal counts down in one line of a real terminal, and ends
// with the session.
func TestWatchOnATerminal(t *testing.T) {
	h := daemontest.NewHome(t)
	h.Program = daemontest.Program(t, daemontest.Build{Lean: true})
	a := h.Start("a")
	a.Raw(daemontest.Frame{"type": "focus_start", "room": "ship", "minutes": 25, "goal": "ship v2"})
	var once sync.Once
	countdown := regexp.MustCompile(`ship  2\d:\d\d  ship v2  1 there`)
	shown := whileShown(t, 24, []string{"INTERCOM_HOME=" + h.Dir, "INTERCOM_PROFILE=a"}, func(shown string) {
		if len(countdown.FindAllString(shown, -1)) > 1 {
			once.Do(func() { a.Raw(daemontest.Frame{"type": "focus_end", "room": "ship", "summary": "released"}) })
		}
	}, "focus", "watch")
	lines := strings.Split(shown, "\r\x1b[K")
	if last := lines[len(lines)-1]; !regexp.MustCompile(`^ship  ended after \d:\d\d  ship v2  1 took part, 0 check-ins: released\r\n$`).MatchString(last) {
		t.Errorf("the last line is %q of %q", last, shown)
	}
	if strings.Count(shown, "\n") != 1 {
		t.Errorf("more than one line: %q", shown)
	}
}

// TestASignalLeavesNoTerminalMute: a command that is left alone while it reads
// what is not shown has no time to show again what is typed.
func TestASignalLeavesNoTerminalMute(t *testing.T) {
	program := filepath.Join(t.TempDir(), "intercom")
	if err := os.Symlink(os.Args[0], program); err != nil {
		t.Fatal(err)
	}
	screen, terminal := openTerminal(t, 24)
	defer terminal.Close()
	cmd := exec.Command(program, "id", "import")
	cmd.Env = append(os.Environ(), "INTERCOM_HOME="+t.TempDir(), "TERM=dumb")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	shown, part := "", make([]byte, 4096)
	for !strings.Contains(shown, "not shown") {
		n, err := screen.Read(part)
		if err != nil {
			t.Fatal(err)
		}
		shown += string(part[:n])
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if _ = cmd.Wait(); cmd.ProcessState.ExitCode() != 130 {
		t.Errorf("%s: %q", cmd.ProcessState, shown)
	}
	mode, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	if mode.Lflag&unix.ECHO == 0 {
		t.Error("the terminal shows no more what is typed")
	}
}
