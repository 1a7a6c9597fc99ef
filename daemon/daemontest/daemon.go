//go:build unix

package daemontest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"intercom/client"
)

// Daemon is a daemon's process, which runs or has ended.
type Daemon struct {
	Home    *Home
	Profile client.Profile

	t        testing.TB
	cmd      *exec.Cmd
	client   *client.Client
	launched time.Time
	log      logged
	exited   chan struct{} // closed when the process is gone
	err      error         // what it ended with
}

// logged is what a process has printed so far.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// Log returns what the daemon has printed so far.
func (d *Daemon) Log() string {
	d.log.mu.Lock()
	defer d.log.mu.Unlock()
	return d.log.buf.String()
}

// PID returns the daemon's process id.
func (d *Daemon) PID() int { return d.cmd.Process.Pid }

// Launched returns when the process was started.
func (d *Daemon) Launched() time.Time { return d.launched }

// Signal sends a signal.
func (d *Daemon) Signal(s syscall.Signal) {
	d.t.Helper()
	if err := d.cmd.Process.Signal(s); err != nil {
		d.t.Fatalf("signal %v to %s: %v", s, d.Profile.Name, err)
	}
}

// Pause stops the process where it is, without its knowing; Continue lets it
// go on.
func (d *Daemon) Pause() {
	d.t.Helper()
	d.Signal(syscall.SIGSTOP)
	Eventually(d.t, callWithin, "every thread of the daemon has stopped", func() bool {
		// Where the system has no such files, the signal has to do.
		threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", d.PID()))
		return err == nil && !slices.ContainsFunc(threads, runs)
	})
}

// runs reports whether a thread is not stopped, by its stat file; see proc(5).
func runs(stat string) bool {
	b, err := os.ReadFile(stat)
	_, state, _ := strings.Cut(string(b), ") ")
	return err == nil && !strings.HasPrefix(state, "T")
}

// Continue ends Pause.
func (d *Daemon) Continue() { d.t.Helper(); d.Signal(syscall.SIGCONT) }

// Stop asks the daemon to end, waits for it and returns its exit code.
func (d *Daemon) Stop() int {
	d.t.Helper()
	d.Signal(syscall.SIGTERM)
	return d.Exit(30 * time.Second)
}

// Kill ends the process at once, if it runs, and waits until it is gone.
func (d *Daemon) Kill() {
	d.t.Helper()
	_ = d.cmd.Process.Kill() // it may be gone already
	<-d.exited
}

// Exit waits until the process has ended and returns its exit code, -1 where
// a signal ended it.
func (d *Daemon) Exit(within time.Duration) int {
	d.t.Helper()
	select {
	case <-d.exited:
	case <-time.After(within):
		d.t.Fatalf("daemon of %s has not ended within %v", d.Profile.Name, within)
	}
	return d.cmd.ProcessState.ExitCode()
}

// Running reports whether the process has not ended.
func (d *Daemon) Running() bool {
	select {
	case <-d.exited:
		return false
	default:
		return true
	}
}
