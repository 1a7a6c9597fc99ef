package ledger

import (
	"context"
	"time"

	"intercom/ledger/event"
)

// A room that is used here for the first time is compared with a peer before
// anything is decided or shown: otherwise two people who know the same name
// would each begin on their own, although they are connected.

// How long a first use waits: for a connected peer to say that it has the
// room, and then for the comparison with it.
const (
	meetWithin    = 60 * time.Millisecond
	compareWithin = time.Second
)

// Visit fetches what connected peers have of a room that is not joined, for as
// long as it waits for them, at most about a second. leave ends the visit; a
// room that was not joined meanwhile is not replicated any more. It must be
// called.
func (r *Room) Visit(ctx context.Context) (leave func(), err error) {
	nothing := func() {}
	n := r.l.network()
	if n == nil || r.class == event.Self || !n.Connected() {
		return nothing, nil
	}
	if joined, err := r.joined(); err != nil || joined {
		return nothing, err
	}
	r.l.visit(r, 1)
	leave = func() {
		if joined, err := r.joined(); r.l.visit(r, -1) == 0 && err == nil && !joined {
			if err := n.Unsubscribe(r); err != nil {
				r.l.log.Warn("visit not ended", "room", r.Name(), "error", err)
			}
		}
	}
	if err := r.meet(ctx, n); err != nil {
		leave()
		return nothing, err
	}
	return leave, nil
}

// meet subscribes to the room and waits for its first comparison.
func (r *Room) meet(ctx context.Context, n Network) error {
	w := r.l.sync.watch(r)
	defer r.l.sync.unwatch(r, w)
	if err := n.Subscribe(r); err != nil || !n.Connected() {
		return err
	}
	timer := time.NewTimer(meetWithin)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	case <-w.met:
	}
	timer.Reset(compareWithin)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
	case <-w.compared:
	}
	return nil
}

// visit counts the visits of a room up or down and returns how many are left.
func (l *Ledger) visit(r *Room, n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := l.visits[r.id]
	v.room, v.n = r, v.n+n
	if v.n == 0 {
		delete(l.visits, r.id)
	} else {
		l.visits[r.id] = v
	}
	return v.n
}

// used reports whether a room is joined or visited.
func (l *Ledger) used(r *Room) (bool, error) {
	l.mu.Lock()
	visits := l.visits[r.id].n
	l.mu.Unlock()
	if visits > 0 {
		return true, nil
	}
	return r.joined()
}

// visited is a room that is in use here without being joined.
type visited struct {
	room *Room
	n    int
}

// watch is what somebody waits for: that a peer has the room (met), and that a
// comparison of it has ended (compared).
type watch struct {
	met, compared chan struct{}
}

func (s *syncer) watch(r *Room) *watch {
	w := &watch{met: make(chan struct{}), compared: make(chan struct{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watches[r.id] = append(s.watches[r.id], w)
	return w
}

func (s *syncer) unwatch(r *Room, w *watch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var kept []*watch
	for _, o := range s.watches[r.id] {
		if o != w {
			kept = append(kept, o)
		}
	}
	if len(kept) == 0 {
		delete(s.watches, r.id)
	} else {
		s.watches[r.id] = kept
	}
}

// tell closes one of the channels of those who watch a room; mu is held.
func (s *syncer) tell(r *Room, which func(*watch) chan struct{}) {
	for _, w := range s.watches[r.id] {
		c := which(w)
		select {
		case <-c:
		default:
			close(c)
		}
	}
}
