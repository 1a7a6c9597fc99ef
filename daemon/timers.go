package daemon

import (
	"context"
	"maps"
	"sync"
	"time"

	"intercom/internal/app"
	"intercom/ledger"
	"intercom/ledger/event"
)

// timers fires what time alone brings: the transitions that apps derive from
// their rows. Each fires once; a restart fires nothing that was due before it.
type timers struct {
	fire func(r *ledger.Room, a *app.App, id string)
	now  func() time.Time
	wake chan struct{}

	mu    sync.Mutex
	dues  map[timed][]app.Due
	fired map[firing]time.Time // and when, for as long as a clock may be set back
}

// timed is an app in a room.
type timed struct {
	room event.ID
	app  *app.App
}

// firing is a transition of an app in a room.
type firing struct {
	timed
	id string
}

func newTimers(now func() time.Time, fire func(*ledger.Room, *app.App, string)) *timers {
	return &timers{
		fire: fire, now: now, wake: make(chan struct{}, 1),
		dues: map[timed][]app.Due{}, fired: map[firing]time.Time{},
	}
}

// set replaces what is due in a room.
func (t *timers) set(r *ledger.Room, a *app.App, dues []app.Due) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k := timed{r.ID(), a}
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
		for k, ids := range t.due(&next) {
			for _, id := range ids {
				t.fire(room(k.room), k.app, id)
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
func (t *timers) due(next *time.Duration) map[timed][]string {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	maps.DeleteFunc(t.fired, func(_ firing, at time.Time) bool { return now.Sub(at) > 48*time.Hour })
	out := map[timed][]string{}
	for k, dues := range t.dues {
		var later []app.Due
		for _, d := range dues {
			if wait := d.At.Sub(now); wait > 0 {
				later = append(later, d)
				*next = min(*next, wait)
			} else if _, ok := t.fired[firing{k, d.ID}]; !ok {
				t.fired[firing{k, d.ID}] = now
				out[k] = append(out[k], d.ID)
			}
		}
		t.dues[k] = later
	}
	return out
}
