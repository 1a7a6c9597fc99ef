package cli_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// TestTimesOfDayAreThoseOfTheTerminal wherever the daemon is.
func TestTimesOfDayAreThoseOfTheTerminal(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t).serve(t)
	w.answer = func(map[string]json.RawMessage) []string {
		return []string{`{"type":"error","code":"conflict","reason":"no"}`}
	}
	w.Zone = berlin
	w.Now = func() time.Time { return time.Date(2026, 3, 28, 20, 30, 0, 0, time.UTC) }
	for line, want := range map[string]string{
		"focus start r --at 22:00":                        "2026-03-28T22:00:00+01:00",
		"focus start r --at 2026-03-28T20:45:00Z":         "2026-03-28T21:45:00+01:00",
		"focus start r --at 21:00":                        "2026-03-28T21:00:00+01:00", // half an hour ago
		"focus schedule r --at 21:00":                     "2026-03-29T21:00:00+02:00", // clocks are set ahead
		"focus schedule r --at 2026-11-27T22:00 --goal g": "2026-11-27T22:00:00+01:00",
	} {
		w.run(t, strings.Fields(line)...)
		if len(w.sent) != 1 || !strings.Contains(w.sent[0], `"at":"`+want+`"`) {
			t.Errorf("%s: sent %s, want %s", line, w.sent, want)
		}
	}
	w.wantError(t, w.run(t, "focus", "schedule", "r", "--at", "2026-03-29 02:30"), 2, "there is no 02:30", "hint: an hour later")
	if len(w.sent) > 0 {
		t.Errorf("sent %s", w.sent)
	}
	w.run(t, "focus", "schedule", "r")
	if len(w.sent) != 1 || strings.Contains(w.sent[0], `"at"`) {
		t.Errorf("sent %s", w.sent)
	}
}
