package daemon

import (
	"context"
	"sync"
	"time"

	"intercom/ledger/event"
)

// The pace at which rooms are looked at after they have changed.
const (
	watchQuiet = time.Second      // so long nothing more has come
	watchDelay = 10 * time.Second // but a room that never rests waits no longer
	watchRest  = 10 * time.Second // between two looks at a room of which the first told something
	watchShare = 10               // one part of so many of the time is spent at most
)

// watcher looks at rooms that have changed: a moment later, once for all that
// came meanwhile, one room after the other, and never for more than a part of
// the time. So a burst of entries costs a few looks and a hostile room cannot
// make the daemon work, or tell, without end.
type watcher struct {
	// look looks at a room, for the first time or not, and reports whether it
	// told of something.
	look func(ctx context.Context, room event.ID, first bool) (told bool)
	wake chan struct{}

	mu    sync.Mutex
	rooms map[event.ID]touched // of at most all rooms
	rest  map[event.ID]time.Time
	free  time.Time // not before
}

// touched is when a room changed since it was looked at.
type touched struct {
	since, last time.Time
	first       bool // look at it as if for the first time
}

func newWatcher(look func(context.Context, event.ID, bool) bool) *watcher {
	return &watcher{
		look: look, wake: make(chan struct{}, 1),
		rooms: map[event.ID]touched{}, rest: map[event.ID]time.Time{},
	}
}

// touch notes that a room has changed, or is to be looked at first.
func (w *watcher) touch(room event.ID, first bool) {
	now := time.Now()
	w.mu.Lock()
	t, ok := w.rooms[room]
	if !ok {
		t.since = now
	}
	t.last, t.first = now, t.first || first
	w.rooms[room] = t
	w.mu.Unlock()
	if ok {
		return
	}
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// next takes out a room that is due, or returns how long to wait for one; 0 is
// until one is touched.
func (w *watcher) next() (room event.ID, first, due bool, wait time.Duration) {
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, at := range w.rest {
		if !at.After(now) {
			delete(w.rest, id)
		}
	}
	var soonest time.Time
	for id, t := range w.rooms {
		at := t.last.Add(watchQuiet)
		if most := t.since.Add(watchDelay); most.Before(at) {
			at = most
		}
		for _, other := range []time.Time{w.rest[id], w.free, now} {
			if other.After(at) {
				at = other
			}
		}
		// Of those that are due, the one that has waited longest.
		if c := at.Compare(soonest); soonest.IsZero() || c < 0 || c == 0 && t.since.Before(w.rooms[room].since) {
			room, soonest = id, at
		}
	}
	switch {
	case soonest.IsZero():
		return room, false, false, 0
	case soonest.After(now):
		return room, false, false, soonest.Sub(now)
	}
	first = w.rooms[room].first
	delete(w.rooms, room)
	return room, first, true, 0
}

// run looks at rooms until ctx ends.
func (w *watcher) run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		room, first, due, wait := w.next()
		if due {
			w.at(ctx, room, first)
			continue
		}
		var later <-chan time.Time
		if wait > 0 {
			timer.Reset(wait)
			later = timer.C
		}
		select {
		case <-ctx.Done():
		case <-later:
		case <-w.wake:
		}
	}
	return ctx.Err()
}

func (w *watcher) at(ctx context.Context, room event.ID, first bool) {
	began := time.Now()
	told := w.look(ctx, room, first)
	ended := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.free = ended.Add((watchShare - 1) * ended.Sub(began))
	if told {
		w.rest[room] = ended.Add(watchRest)
	}
}
