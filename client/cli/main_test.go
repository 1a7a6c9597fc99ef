package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"intercom/client/cli"
	"intercom/client/clienttest"
	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/internal/apps"
)

// world is a command line whose daemon is a test.
type world struct {
	*cli.Env
	in          bytes.Buffer
	out, stderr bytes.Buffer
	vars        map[string]string
	mu          sync.Mutex // for the two below: a second connection may overlap the first
	sent        []string   // requests, without id, protocol and deadline
	answer      func(request map[string]json.RawMessage) []string
}

func newWorld(t *testing.T, more ...app.Commands) *world {
	w := &world{vars: map[string]string{"INTERCOM_PROFILE": "test"}, answer: answerZero(t, more...)}
	folders := clienttest.Env(t)
	w.Env = &cli.Env{
		Stdin: &w.in, Stdout: &w.out, Stderr: &w.stderr,
		Getenv: func(name string) string {
			if v, ok := w.vars[name]; ok {
				return v
			}
			return folders(name)
		},
		Now: time.Now, NamesWithin: time.Minute, Zone: time.UTC, Apps: append(apps.Commands(), more...),
		Executable: os.Executable, LookPath: func(string) (string, error) { return "", os.ErrNotExist },
		ReadSecret: func() ([]byte, error) { return nil, os.ErrClosed }, Restore: func() {},
	}
	return w
}

// serve starts the daemon.
func (w *world) serve(t *testing.T) *world {
	clienttest.Bridge{Hello: clienttest.Greeting(), Answer: func(request map[string]json.RawMessage) []string {
		short := map[string]json.RawMessage{}
		for k, v := range request {
			if k != "id" && k != "deadlineMs" && k != "protocol" {
				short[k] = v
			}
		}
		b, _ := json.Marshal(short)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.sent = append(w.sent, string(b))
		return w.answer(request)
	}}.ServeSocket(t, mustProfile(t, w.Getenv))
	return w
}

// run runs one command line and returns its exit code.
func (w *world) run(t *testing.T, args ...string) int {
	w.out.Reset()
	w.stderr.Reset()
	w.mu.Lock()
	w.sent = nil
	w.mu.Unlock()
	return cli.Main(t.Context(), args, w.Env)
}

func (w *world) wantSent(t *testing.T, want ...string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if got := strings.Join(w.sent, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("sent\n%s\nwant\n%s\nerrors: %s", got, strings.Join(want, "\n"), w.stderr.String())
	}
}

func (w *world) wantError(t *testing.T, exit, want int, parts ...string) {
	t.Helper()
	if exit != want {
		t.Errorf("exit code %d, want %d: %s", exit, want, w.stderr.String())
	}
	for _, part := range parts {
		if !strings.Contains(w.stderr.String(), part) {
			t.Errorf("%q is not in the error: %s", part, w.stderr.String())
		}
	}
}

func declared(more ...app.Commands) map[string]wire.Declared {
	all := map[string]wire.Declared{}
	for _, d := range wire.Base() {
		all[d.Request] = d
	}
	for _, a := range append(apps.Commands(), more...) {
		for _, r := range a.Requests {
			all[r.Request] = r
		}
	}
	return all
}
