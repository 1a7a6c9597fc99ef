package cli_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// screen calls f with all that it shows so far.
type screen struct {
	shown strings.Builder
	f     func(shown string)
}

func (s *screen) Write(p []byte) (int, error) {
	s.shown.Write(p)
	s.f(s.shown.String())
	return len(p), nil
}

// TestACountdownIsRightAfterASleep: the machine sleeps for 10 minutes of 25,
// then beyond the end.
func TestACountdownIsRightAfterASleep(t *testing.T) {
	w := newWorld(t).serve(t)
	w.vars["TERM"] = "xterm"
	w.Terminal.Tty, w.Terminal.Width = true, 60
	var slept atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(slept.Load())) }
	w.Now = now
	begun := time.Now()
	zero := w.answer
	w.answer = func(request map[string]json.RawMessage) []string {
		if string(request["type"]) != `"focus_status"` {
			return zero(request)
		}
		ends := begun.Add(25 * time.Minute)
		left := int64(ends.Sub(now()).Seconds())
		status := "active"
		if left <= 0 {
			status = `ended","stats":{"actualDurationMs":1500000},"summary":"released\u001b[2J`
		}
		return []string{fmt.Sprintf(`{"type":"focus_status","rooms":[{"room":"ship","session":"%064d","status":"%s","goal":"ship\u202e v2","endsAt":%q,
			"participants":[],"participantCount":2,"presentCount":2,"checkins":[],"joined":true,"phaseSeconds":%d}]}`, 1, status, ends.UTC().Format(time.RFC3339Nano), left)}
	}
	s := &screen{}
	s.f = func(shown string) {
		switch {
		case strings.Contains(shown, "ship  1"):
			slept.Store(int64(26 * time.Minute))
		case strings.Contains(shown, "ship  2"):
			slept.Store(int64(10 * time.Minute))
		}
	}
	w.Stdout = s
	if exit := w.run(t, "focus", "watch", "ship"); exit != 0 {
		t.Fatalf("exit code %d: %s", exit, w.stderr.String())
	}
	shown := s.shown.String()
	if strings.Count(shown, "\n") != 1 || !strings.HasSuffix(shown, "\n") {
		t.Errorf("more than one line: %q", shown)
	}
	if !strings.Contains(shown, "ship  1") {
		t.Errorf("the countdown does not know of the sleep: %q", shown)
	}
	lines := strings.Split(strings.TrimSuffix(shown, "\n"), "\r\x1b[K")
	for _, line := range lines {
		if strings.ContainsAny(line, "\x1b\u202e\r") || len([]rune(line)) >= 60 {
			t.Errorf("a peer controls the terminal, or the line wraps: %q", line)
		}
	}
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, "ship  ended after 25:00") {
		t.Errorf("the last line is %q", last)
	}
}
