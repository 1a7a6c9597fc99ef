package daemon

import (
	"context"
	"slices"
	"sync"
	"time"

	"intercom/internal/app"
	"intercom/ledger"
	"intercom/ledger/event"
)

// timers fires what time alone brings: the transitions that apps derive from
// their rows, or their chores. It may fire one again if the clock is set back;
// the journal, or the rows, have it then already.
type timers struct {
	fire func(ctx context.Context, r *ledger.Room, a *app.App, due app.Due)
	now  func() time.Time
	wake chan struct{}

	mu   sync.Mutex
	dues map[timed][]app.Due
}

// timed is an app in a room.
type timed struct {
	room event.ID
	app  *app.App
}

func newTimers(now func() time.Time, fire func(context.Context, *ledger.Room, *app.App, app.Due)) *timers {
	return &timers{fire: fire, now: now, wake: make(chan struct{}, 1), dues: map[timed][]app.Due{}}
}

// set replaces what will be due in a room. What is due already and has not been
// taken yet stays: who fires it asks the room whether it holds.
func (t *timers) set(room event.ID, a *app.App, dues []app.Due) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k, now := timed{room, a}, t.now()
	for _, old := range t.dues[k] {
		if !old.At.After(now) && !slices.Contains(dues, old) {
			dues = append(dues, old)
		}
	}
	if len(dues) == 0 {
		delete(t.dues, k)
	} else {
		t.dues[k] = dues
	}
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// longest is the longest sleep: a clock that was set, or a machine that slept,
// is noticed by then.
const longest = 5 * time.Second

// run fires what is due until ctx ends.
func (t *timers) run(ctx context.Context, room func(event.ID) *ledger.Room) error {
	timer := time.NewTimer(longest)
	defer timer.Stop()
	for {
		next := longest
		for k, dues := range t.due(&next) {
			for _, due := range dues {
				t.fire(ctx, room(k.room), k.app, due)
			}
		}
		timer.Reset(next)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		case <-t.wake:
		}
	}
}

// due takes out what is due now and lowers next to the time until the next.
func (t *timers) due(next *time.Duration) map[timed][]app.Due {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	out := map[timed][]app.Due{}
	for k, dues := range t.dues {
		var later []app.Due
		for _, d := range dues {
			if wait := d.At.Sub(now); wait > 0 {
				later = append(later, d)
				*next = min(*next, wait)
			} else {
				out[k] = append(out[k], d)
			}
		}
		t.dues[k] = later
	}
	return out
}
