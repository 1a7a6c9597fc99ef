package cli_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"intercom/daemon/daemontest"
)

// within is how long something may take on a busy machine.
const within = time.Minute

// process is a run of the client's program.
type process struct {
	mu   sync.Mutex
	out  strings.Builder
	done chan struct{} // closed when it has ended
	exit int
}

// Write takes what the program prints.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(b)
}

func (p *process) shown() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

// runProgram starts the client's program for the profile a of a home. It ends
// with the test.
func runProgram(t *testing.T, h *daemontest.Home, line string) *process {
	t.Helper()
	program := filepath.Join(t.TempDir(), "intercom")
	if err := os.Symlink(os.Args[0], program); err != nil {
		t.Fatal(err)
	}
	p := &process{done: make(chan struct{})}
	cmd := exec.Command(program, strings.Fields(line)...)
	cmd.Env = append(os.Environ(), "INTERCOM_HOME="+h.Dir, "INTERCOM_PROFILE=a")
	cmd.Stdout, cmd.Stderr = p, p
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.done)
		_ = cmd.Wait() // the exit code says the same
		p.exit = cmd.ProcessState.ExitCode()
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it has ended, where all went well
		<-p.done
	})
	return p
}

// hasLooked reports whether a daemon has told somebody of a session.
func hasLooked(t *testing.T, d *daemontest.Daemon) bool {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", d.Profile.Socket())
	}}
	b, err := d.Profile.Bridge()
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Client{Transport: transport}).Get("http://" + b.TCP + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`duration_seconds_count\{request="focus_status"\} [1-9]`).Match(page)
}

// TestWhatFollowsASessionGoesOnWhenTheDaemonWasKilled: they show what happens
// in the one that comes after it, and end as if nothing had been.
func TestWhatFollowsASessionGoesOnWhenTheDaemonWasKilled(t *testing.T) {
	h := daemontest.NewHome(t)
	h.Program = daemontest.Program(t, daemontest.Build{Lean: true})
	a := h.Start("a")
	a.Raw(daemontest.Frame{"type": "focus_start", "room": "ship", "minutes": 25, "goal": "v2"})
	wait := runProgram(t, h, "focus status ship --wait --timeout 10m --format tsv --fields room,status")
	daemontest.Eventually(t, within, "--wait has looked at the session", func() bool { return hasLooked(t, a) })
	watch := runProgram(t, h, "focus watch ship")
	daemontest.Eventually(t, within, "the session is shown", func() bool { return strings.Contains(watch.shown(), "active") })
	a.Kill()
	a = h.Start("a")
	select {
	case <-watch.done:
		t.Fatalf("focus watch has ended with the daemon: %s", watch.shown())
	case <-wait.done:
		t.Fatalf("focus status --wait has ended with the daemon: %s", wait.shown())
	default:
	}
	a.Raw(daemontest.Frame{"type": "focus_end", "room": "ship", "summary": "released"})
	for name, p := range map[string]*process{"focus watch": watch, "focus status --wait": wait} {
		<-p.done
		if p.exit != 0 || !strings.Contains(p.shown(), "ended") {
			t.Errorf("%s ended with %d: %s", name, p.exit, p.shown())
		}
	}
	if shown := watch.shown(); strings.Count(shown, "\n") != 2 || !strings.Contains(shown, `"summary":"released"`) {
		t.Errorf("focus watch shows %s", shown)
	}
	if shown := wait.shown(); shown != "room\tstatus\nship\tended\n" {
		t.Errorf("focus status --wait shows %q", shown)
	}
}

// isSeen reports whether a daemon knows that its person is there.
func isSeen(d *daemontest.Daemon, room string) bool {
	people := d.Raw(daemontest.Frame{"type": "focus_who", "room": room})["people"].([]any)
	return len(people) == 1 && people[0].(map[string]any)["seen"] != nil
}

// TestWatchAndRunSayThatThePersonIsThere; what only looks does not.
func TestWatchAndRunSayThatThePersonIsThere(t *testing.T) {
	h := daemontest.NewHome(t)
	h.Program = daemontest.Program(t, daemontest.Build{Lean: true})
	a := h.Start("a")
	for _, room := range []string{"watched", "piped"} {
		a.Raw(daemontest.Frame{"type": "focus_start", "room": room, "minutes": 25})
	}
	piped := runProgram(t, h, "focus watch piped")
	var once sync.Once
	env := []string{"INTERCOM_HOME=" + h.Dir, "INTERCOM_PROFILE=a"}
	whileShown(t, 24, env, func(shown string) {
		if strings.Contains(shown, "watched  2") {
			once.Do(func() {
				daemontest.Eventually(t, within, "who watches is there", func() bool { return isSeen(a, "watched") })
				a.Raw(daemontest.Frame{"type": "focus_end", "room": "watched"})
			})
		}
	}, "focus", "watch", "watched")
	if piped.shown() == "" || isSeen(a, "piped") {
		t.Errorf("a program that watches is a person: %q", piped.shown())
	}
	release := filepath.Join(t.TempDir(), "release")
	script := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(script, fmt.Appendf(nil, "until test -e %s; do sleep 0.05; done\n", release), 0o600); err != nil {
		t.Fatal(err)
	}
	run := runProgram(t, h, "focus run build -- sh "+script)
	daemontest.Eventually(t, within, "who runs a command is there", func() bool { return isSeen(a, "build") })
	if err := os.WriteFile(release, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if <-run.done; run.exit != 0 {
		t.Errorf("focus run ended with %d: %s", run.exit, run.shown())
	}
}
