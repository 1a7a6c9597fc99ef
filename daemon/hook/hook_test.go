//go:build unix

package hook_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"intercom/daemon/hook"
	"intercom/internal/notrun"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a runner over entries and rows in memory.
type rig struct {
	t   *testing.T
	dir string
	now time.Time

	last string // of the hooks by name

	mu      sync.Mutex
	rows    map[string][]byte
	entries []hook.Entry
	changed chan struct{}
}

func newRig(t *testing.T) *rig {
	return &rig{t: t, dir: t.TempDir(), now: time.Now(), rows: map[string][]byte{}, changed: make(chan struct{})}
}

func (r *rig) Load(name string) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rows[name], nil
}

func (r *rig) Save(_ context.Context, name string, row []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rows[name] = row
	return nil
}

// script puts a hook into the folder.
func (r *rig) script(name, text string) {
	r.t.Helper()
	r.last = max(r.last, name)
	if err := os.WriteFile(filepath.Join(r.dir, name), []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
		r.t.Fatal(err)
	}
}

// happen adds an entry of a focus room.
func (r *rig) happen(kind string, change ...func(*hook.Entry)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := uint64(len(r.entries) + 1)
	e := hook.Entry{N: n, At: r.now, Frames: []hook.Frame{
		{Type: "focus_event", Kind: kind, Channel: "team", JSON: fmt.Appendf(nil, `{"eventType":"%s","n":%d}`, kind, n)},
	}}
	for _, f := range change {
		f(&e)
	}
	r.entries = append(r.entries, e)
	close(r.changed)
	r.changed = make(chan struct{})
}

// start runs the hooks until stop is called. It waits until one is known.
func (r *rig) start(limit time.Duration) (runner *hook.Runner, stop func()) {
	r.t.Helper()
	runner = hook.New(hook.Options{
		Dir: r.dir, Limit: limit, Rows: r, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return r.now },
		Env: os.Environ(),
		Head: func() uint64 {
			r.mu.Lock()
			defer r.mu.Unlock()
			return uint64(len(r.entries))
		},
		Changed: func() <-chan struct{} {
			r.mu.Lock()
			defer r.mu.Unlock()
			return r.changed
		},
		Entries: func(from uint64) ([]hook.Entry, error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			return append([]hook.Entry{}, r.entries[min(int(from)-1, len(r.entries)):]...), nil
		},
	})
	ctx, cancel := context.WithCancel(r.t.Context())
	done := make(chan error, 1)
	go func() { done <- runner.Run(ctx) }()
	eventually(r.t, "the hooks are known", func() bool { row, _ := r.Load(r.last); return row != nil })
	return runner, func() { cancel(); <-done }
}

// await waits until an outcome was counted so often.
func await(t *testing.T, runner *hook.Runner, outcome string, n int64) {
	t.Helper()
	eventually(t, fmt.Sprintf("%d times %s", n, outcome), func() bool { return runner.Report().Counts[outcome] >= n })
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	late := time.After(20 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("never: %s", what)
		}
	}
}

func (r *rig) read(name string) string {
	r.t.Helper()
	b, err := os.ReadFile(filepath.Join(r.dir, name))
	if err != nil && !os.IsNotExist(err) {
		r.t.Fatal(err)
	}
	return string(b)
}

func TestAHookRunsOnceForEachEventOfItsNameAlsoOverARestart(t *testing.T) {
	r := newRig(t)
	note := `cat >> $0.seen; echo $INTERCOM_TYPE $INTERCOM_EVENT_TYPE $INTERCOM_CHANNEL $INTERCOM_CURSOR >> $0.env`
	r.happen("session_start") // from before there was a hook
	r.script("session_start.sh", note)
	r.script("focus_event", note)
	r.script("any", note)
	r.script("expense_event", note)
	r.script(".hidden", note)
	runner, stop := r.start(time.Minute)
	r.happen("session_start")
	r.happen("session_end")
	await(t, runner, hook.Ran, 5)
	stop()
	r.happen("session_start") // while nobody runs
	runner, stop = r.start(time.Minute)
	await(t, runner, hook.Ran, 3)
	stop()
	start2, end3, start4 := `{"eventType":"session_start","n":2}`, `{"eventType":"session_end","n":3}`, `{"eventType":"session_start","n":4}`
	for name, want := range map[string][]string{
		"session_start.sh": {start2, start4}, "focus_event": {start2, end3, start4}, "any": {start2, end3, start4}, "expense_event": nil,
	} {
		if got := r.read(name + ".seen"); got != strings.Join(append(want, ""), "\n") {
			t.Errorf("%s got\n%s", name, got)
		}
	}
	if got := r.read("session_start.sh.env"); got != "focus_event session_start team r:2\nfocus_event session_start team r:4\n" {
		t.Errorf("environment: %s", got)
	}
}

func TestAHookThatHangsIsEndedWithAllThatItStarted(t *testing.T) {
	const note = `echo $$ >> pids; sleep 1000 & echo $! >> pids; `
	for name, text := range map[string]string{
		"a child":         note + `echo about to hang >&2; wait`,
		"many children":   `for n in 1 2 3 4 5 6 7 8 9 10; do (` + note + `wait) & done; echo about to hang >&2; wait`,
		"prints for ever": note + `while :; do echo about to hang >&2; echo on and on; done`,
		"deaf":            note + `trap "" HUP INT TERM; echo about to hang >&2; while :; do sleep 1000; done`,
		"a new session":   `setsid sh -c '` + note + `wait' & echo about to hang >&2; wait`,
		"children again and again in new sessions": `echo about to hang >&2; while :; do setsid sh -c '` + note + `wait' & sleep 0.02; done`,
	} {
		t.Run(name, func(t *testing.T) {
			if strings.Contains(text, "setsid") {
				if _, err := exec.LookPath("setsid"); err != nil || runtime.GOOS != "linux" {
					notrun.Skip(t, "setsid (util-linux)")
				}
			}
			r := newRig(t)
			r.script("any", text)
			runner, stop := r.start(time.Second)
			defer stop()
			r.happen("session_start")
			await(t, runner, hook.TimedOut, 1)
			last := runner.Report().Last[hook.TimedOut]
			if last.Hook != "any" || last.Cursor != "r:1" || !strings.Contains(last.Detail, "about to hang") || len(last.Detail) > 3<<10 {
				t.Errorf("told %d bytes: %.200s", len(last.Detail), last.Detail)
			}
			pids := strings.Fields(r.read("pids"))
			if len(pids) < 2 {
				t.Fatalf("it has started %v", pids)
			}
			for _, s := range pids {
				pid, err := strconv.Atoi(s)
				if err != nil {
					t.Fatal(err)
				}
				p, err := os.FindProcess(pid)
				if err != nil {
					continue
				}
				eventually(t, "process "+s+" is gone", func() bool { return !alive(p) })
			}
		})
	}
}

func TestWhatAHookLeavesRunningInTimeGoesOn(t *testing.T) {
	r := newRig(t)
	r.script("any", `sleep 1000 </dev/null >/dev/null 2>&1 & echo $! > child`)
	runner, stop := r.start(time.Minute)
	defer stop()
	r.happen("session_start")
	await(t, runner, hook.Ran, 1)
	child, err := strconv.Atoi(strings.TrimSpace(r.read("child")))
	if err != nil {
		t.Fatal(err)
	}
	p, err := os.FindProcess(child)
	if err != nil || !alive(p) {
		t.Fatalf("it was ended: %v", err)
	}
	if err := p.Kill(); err != nil {
		t.Error(err)
	}
}

func TestWhatIsNoNewsRunsNothing(t *testing.T) {
	r := newRig(t)
	r.script("any", "cat >> $0.seen")
	runner, stop := r.start(time.Minute)
	defer stop()
	r.happen("a", func(e *hook.Entry) { e.Late = true })
	r.happen("b", func(e *hook.Entry) { e.Missed = true })
	r.happen("c", func(e *hook.Entry) { e.At = r.now.Add(-11 * time.Minute) })
	r.happen("d", func(e *hook.Entry) { e.At = r.now.Add(-9 * time.Minute) })
	await(t, runner, hook.Ran, 1)
	if got := runner.Report().Counts[hook.Missed]; got != 2 {
		t.Errorf("%d missed", got)
	}
	if got := r.read("any.seen"); got != `{"eventType":"d","n":4}`+"\n" {
		t.Errorf("ran for %s", got)
	}
}

func TestWhatWasInterruptedIsNotRunAgain(t *testing.T) {
	r := newRig(t)
	r.script("any", "cat >> $0.seen")
	r.happen("a")
	r.happen("b")
	r.rows["any"] = append(append(make([]byte, 7), 1), 1) // entry 1 was running
	runner, stop := r.start(time.Minute)
	defer stop()
	await(t, runner, hook.Ran, 1)
	rep := runner.Report()
	if rep.Counts[hook.Interrupted] != 1 || rep.Last[hook.Interrupted].Cursor != "r:1" {
		t.Errorf("told %+v", rep)
	}
	if got := r.read("any.seen"); got != `{"eventType":"b","n":2}`+"\n" {
		t.Errorf("ran for %s", got)
	}
}

func TestFailuresAreToldAndTheNextRuns(t *testing.T) {
	r := newRig(t)
	r.script("any", `n=$(cat); case $n in *2*) exit 0;; esac; echo no such thing >&2; exit 3`)
	runner, stop := r.start(time.Minute)
	defer stop()
	r.happen("a")
	r.happen("b")
	await(t, runner, hook.Ran, 1)
	if last := runner.Report().Last[hook.Failed]; last.Detail != "exit status 3: no such thing" {
		t.Errorf("told %+v", last)
	}
}

func TestWhatOthersCouldChangeIsNotRun(t *testing.T) {
	r := newRig(t)
	r.script("focus_event", "cat >> $0.seen")
	if err := os.Chmod(filepath.Join(r.dir, "focus_event"), 0o722); err != nil {
		t.Fatal(err)
	}
	r.script("any", "true")
	r.last = "any"
	runner, stop := r.start(time.Minute)
	defer stop()
	r.happen("a")
	await(t, runner, hook.Ran, 1)
	if got := r.read("focus_event.seen"); got != "" {
		t.Errorf("it ran: %s", got)
	}
}

// alive reports whether a process goes on; one that has ended may still wait
// for its parent to look.
func alive(p *os.Process) bool {
	if p.Signal(syscall.Signal(0)) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.Pid))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}
