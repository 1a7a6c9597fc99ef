package cli_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
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
	shown, err := io.ReadAll(screen)
	if err != nil && !errors.Is(err, syscall.EIO) { // that is how a terminal ends
		t.Fatal(err)
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
