package daemon

import (
	"testing"
	"time"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// An event may come in the moment between the end of a session and its timer.
func TestWhatIsDueIsNotLostToAChangeOfTheRoom(t *testing.T) {
	now := time.UnixMilli(1_000)
	timers := newTimers(func() time.Time { return now }, nil)
	a, room := &app.App{Name: "a"}, event.ID{1}
	end := app.Due{ID: "end", At: now.Add(time.Second)}
	timers.set(room, a, []app.Due{end, {ID: "replaced", At: now.Add(time.Minute)}})
	now = now.Add(2 * time.Second)
	timers.set(room, a, nil) // an app names only what is to come
	next := longest
	if got := timers.due(&next)[timed{room, a}]; len(got) != 1 || got[0] != end {
		t.Errorf("due: %v, want %v alone", got, end)
	}
	timers.set(room, a, nil)
	if got := timers.due(&next); len(got) != 0 {
		t.Errorf("due again: %v", got)
	}
}
