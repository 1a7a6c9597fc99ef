package ledger

import (
	"slices"
	"sync"
	"time"

	"intercom/ledger/event"
)

// syncer says which rooms to compare with which peers, and when. A room is
// compared with one peer at a time, so that nothing is fetched twice, but a
// peer that is slow keeps nobody waiting: after a while the next one is asked
// too.
type syncer struct {
	arrived chan arrival
	wake    chan struct{}

	mu      sync.Mutex
	wanted  []wanted // in the order of the wishes
	running map[exchange]*turn
	shown   map[exchange][32]byte // last set of a peer that was not ours
	watches map[event.ID][]*watch
}

// turn is an exchange under way. Until free it has its room for itself.
type turn struct{ began, free time.Time }

type exchange struct {
	room *Room
	peer event.Key
}

// wanted is an exchange that waits for its turn.
type wanted struct {
	exchange
	failed int       // times in a row
	at     time.Time // not before
}

const (
	exchangesAtOnce = 8
	exchangesOfPeer = 2
	aloneFor        = time.Second // without news, an exchange has its room for itself
	aloneAtMost     = 10 * time.Second
	retryFirst      = 250 * time.Millisecond
	retries         = 6    // in a row; then the next round asks again
	maxWanted       = 4096 // what does not fit is found by the next round
	forever         = 1<<63 - 1
)

func newSyncer() *syncer {
	return &syncer{
		arrived: make(chan arrival, 4096), wake: make(chan struct{}, 1), running: map[exchange]*turn{},
		shown: map[exchange][32]byte{}, watches: map[event.ID][]*watch{},
	}
}

func (s *syncer) want(r *Room, peer event.Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(wanted{exchange: exchange{r, peer}})
	s.tell(r, func(w *watch) chan struct{} { return w.met })
}

// differs is told of the set that a peer has and that is not ours: it may have
// what is missing here. Each set of a peer is looked into once, so that two
// who never come to agree let each other be.
func (s *syncer) differs(r *Room, peer event.Key, set [32]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := exchange{r, peer}
	if last, ok := s.shown[x]; ok && last == set {
		return
	}
	if len(s.shown) >= maxWanted {
		clear(s.shown) // peers may have any number of keys
	}
	s.shown[x] = set
	s.add(wanted{exchange: x})
}

func (s *syncer) add(w wanted) {
	known := func(o wanted) bool { return o.exchange == w.exchange }
	if len(s.wanted) < maxWanted && !slices.ContainsFunc(s.wanted, known) {
		s.wanted = append(s.wanted, w)
		s.signal()
	}
}

func (s *syncer) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// take returns the first wanted exchange whose turn it is, or how long none
// will be unless something changes.
func (s *syncer) take(now time.Time) (w wanted, wait time.Duration, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	wait = forever
	for i, w := range s.wanted {
		d := s.turn(w, now)
		if d > 0 {
			wait = min(wait, d)
			continue
		}
		s.wanted = slices.Delete(s.wanted, i, i+1)
		s.running[w.exchange] = &turn{began: now, free: now.Add(aloneFor)}
		s.signal() // the next one may be due as well
		return w, 0, true
	}
	return w, wait, false
}

// turn returns how long w has to wait.
func (s *syncer) turn(w wanted, now time.Time) time.Duration {
	wait := w.at.Sub(now)
	ofPeer := 0
	for x, t := range s.running {
		if x.peer == w.peer {
			ofPeer++
		}
		if x == w.exchange || ofPeer == exchangesOfPeer {
			return forever
		}
		if x.room == w.room {
			wait = max(wait, t.free.Sub(now))
		}
	}
	return wait
}

// progress is told of news that an exchange has brought.
func (s *syncer) progress(x exchange, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.running[x]; t != nil {
		t.free = now.Add(aloneFor)
		if most := t.began.Add(aloneAtMost); t.free.After(most) {
			t.free = most
		}
	}
}

// done ends an exchange. One that failed is tried again for a while.
func (s *syncer) done(w wanted, failed bool, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.running, w.exchange)
	if !failed {
		s.tell(w.room, func(w *watch) chan struct{} { return w.compared })
	}
	if failed && w.failed < retries {
		w.at = now.Add(retryFirst << w.failed)
		w.failed++
		s.add(w)
	}
	s.signal()
}
