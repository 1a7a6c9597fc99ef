//go:build !windows

package cli_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// running lets the daemon answer with a session that ends at a time, and
// returns the types of requests as they come.
func (w *world) running(t *testing.T, ends func() time.Time) (asked func() string) {
	w.LookPath = exec.LookPath
	w.Environ = os.Environ()
	zero := w.answer
	var types []string
	w.answer = func(request map[string]json.RawMessage) []string {
		var name string
		_ = json.Unmarshal(request["type"], &name)
		session := fmt.Sprintf(`"room":"ship","session":"%064d","status":"active","endsAt":%q,"participants":[],"checkins":[]`,
			1, ends().UTC().Format(time.RFC3339Nano))
		types = append(types, name)
		switch name {
		case "focus_start":
			return []string{`{"type":"focus_started",` + session + `}`}
		case "focus_extend":
			return []string{`{"type":"focus_extended",` + session + `}`}
		case "focus_status":
			return []string{`{"type":"focus_status","rooms":[{` + session + `}]}`}
		}
		return zero(request)
	}
	return func() string {
		w.mu.Lock()
		defer w.mu.Unlock()
		return strings.Join(types, " ")
	}
}

func TestACommandIsStoppedWhenItsTimeIsOver(t *testing.T) {
	w := newWorld(t).serve(t)
	ends := time.Now().Add(time.Second)
	asked := w.running(t, func() time.Time { return ends })
	if exit := w.run(t, "focus", "run", "ship", "--stop", "--", "sleep", "600"); exit != 143 {
		t.Errorf("exit code %d: %s", exit, w.stderr.String())
	}
	if strings.Contains(asked(), "focus_extend") {
		t.Errorf("asked for %s", asked())
	}
}

func TestASessionLastsAsLongAsItsCommand(t *testing.T) {
	w := newWorld(t).serve(t)
	over := filepath.Join(t.TempDir(), "over")
	ends := time.Now().Add(10 * time.Second)
	var extended bool
	asked := w.running(t, func() time.Time {
		if extended {
			return ends.Add(5 * time.Minute)
		}
		return ends
	})
	session := w.answer
	w.answer = func(request map[string]json.RawMessage) []string {
		if string(request["type"]) == `"focus_extend"` {
			extended = true
			_ = os.WriteFile(over, nil, 0o600)
		}
		return session(request)
	}
	if exit := w.run(t, "focus", "run", "ship", "--", "sh", "-c", `until test -e "$1"; do sleep 0.05; done; exit 5`, "sh", over); exit != 5 {
		t.Errorf("exit code %d: %s", exit, w.stderr.String())
	}
	if n := strings.Count(asked(), "focus_extend"); n != 1 || !strings.HasSuffix(asked(), "focus_end") {
		t.Errorf("asked for %s", asked())
	}
}
