//go:build unix

package daemontest

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"intercom/client"
	"intercom/client/wire"
)

// Home is the folders of one user. Daemons of one home find each other, those
// of two do not.
type Home struct {
	Dir     string
	Program string   // of the daemons; empty: Program(t, Build{})
	Env     []string // of the daemons, beside folders and PATH

	t testing.TB
}

// NewHome returns a home without profiles.
func NewHome(t testing.TB) *Home {
	t.Helper()
	// Not TempDir: a Unix socket's path has about 100 bytes, and the name of
	// the test would be in it.
	dir, err := os.MkdirTemp("", "ic")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return HomeAt(t, dir)
}

// HomeAt returns the home in a folder that is there.
func HomeAt(t testing.TB, dir string) *Home { return &Home{Dir: dir, t: t} }

// Profile returns a profile of the home.
func (h *Home) Profile(name string) client.Profile {
	h.t.Helper()
	p, err := client.FindProfile(name, func(key string) string {
		if key == "INTERCOM_HOME" {
			return h.Dir
		}
		return ""
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

// readyWithin is how long a daemon may take to be ready on a busy machine.
const readyWithin = 60 * time.Second

// Start runs a daemon of the profile and waits until it is ready.
func (h *Home) Start(profile string, flags ...string) *Daemon {
	h.t.Helper()
	d := h.Launch(profile, flags...)
	d.WaitReady()
	return d
}

// Launch runs a daemon of the profile and does not wait. Its bridge takes any
// free port unless a flag says otherwise.
func (h *Home) Launch(profile string, flags ...string) *Daemon {
	h.t.Helper()
	program := h.Program
	if program == "" {
		program = Program(h.t, Build{})
	}
	d := &Daemon{t: h.t, Home: h, Profile: h.Profile(profile), exited: make(chan struct{})}
	d.cmd = exec.Command(program, append([]string{"--profile", profile}, flags...)...)
	d.cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + h.Dir, "INTERCOM_HOME=" + h.Dir, "INTERCOM_SC_BRIDGE_PORT=0",
		"INTERCOM_MDNS=false",      // so it listens on loopback, and nothing is sent to a network
		"GORACE=atexit_sleep_ms=0", // else a daemon with the race detector sleeps a second when it ends
	}, h.Env...)
	d.cmd.Stdout, d.cmd.Stderr = &d.log, &d.log
	d.launched = time.Now()
	if err := d.cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	go func() {
		d.err = d.cmd.Wait()
		close(d.exited)
	}()
	d.client = d.Dial()
	h.t.Cleanup(func() {
		d.Kill()
		for _, bad := range []string{"DATA RACE", "panic: ", "fatal error: "} {
			if strings.Contains(d.Log(), bad) {
				h.t.Errorf("%s has met a %s", profile, strings.Trim(bad, ": "))
			}
		}
		if h.t.Failed() {
			h.t.Logf("%s (process %d) logged:\n%s", profile, d.PID(), tail(d.Log()))
		}
	})
	return d
}

// WaitReady waits until the daemon answers requests.
func (d *Daemon) WaitReady() {
	d.t.Helper()
	Eventually(d.t, readyWithin, "daemon of "+d.Profile.Name+" is ready", func() bool {
		select {
		case <-d.exited:
			d.t.Fatalf("daemon of %s ended: %v\n%s", d.Profile.Name, d.err, tail(d.Log()))
		default:
		}
		h, err := Try(d, wire.Health, wire.None{})
		return err == nil && h.Ready
	})
}

// tail returns the last lines of a log.
func tail(log string) string {
	const lines = 200
	all := strings.Split(strings.TrimSpace(log), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
