package p2p

import (
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
)

const (
	explicitFirst = time.Second
	explicitMax   = 10 * time.Minute
	localFirst    = 250 * time.Millisecond
	localMax      = 10 * time.Second
	steadyAfter   = time.Minute            // a connection that lived so long clears the back-off
	newcomerGrace = 250 * time.Millisecond // who comes later dials first, so that both do not dial at once
	dialsAtOnce   = 8
)

// schedule decides whom to dial when. It is pure: the caller gives the time and dials.
type schedule struct {
	rand    func() float64 // in [0, 1)
	targets map[peer.ID]*target
}

type target struct {
	info     peer.AddrInfo
	explicit bool
	local    string // what the runtime folder says of it; empty: not in there
	tries    int    // dials that failed and connections that did not last, since the last good one
	at       time.Time
	up       time.Time // since when it is connected; zero: it is not
	dialing  bool
}

func newSchedule(rand func() float64) *schedule {
	return &schedule{rand: rand, targets: make(map[peer.ID]*target)}
}

func (s *schedule) addExplicit(info peer.AddrInfo, now time.Time) {
	s.targets[info.ID] = &target{info: info, explicit: true, at: now}
}

// setLocal takes what the runtime folder holds. Who is gone from there is forgotten; who is new or changed is dialed
// after grace.
func (s *schedule) setLocal(found map[peer.ID]localPeer, isUp func(peer.ID) bool, now time.Time, grace time.Duration) {
	for id, t := range s.targets {
		if _, ok := found[id]; !ok && t.local != "" {
			t.local = ""
			if !t.explicit {
				delete(s.targets, id)
			}
		}
	}
	for id, p := range found {
		t := s.targets[id]
		if t == nil {
			t = &target{}
			if isUp(id) {
				t.up = now
			}
			s.targets[id] = t
		}
		if t.local == p.stamp {
			continue
		}
		t.local, t.tries, t.at = p.stamp, 0, now.Add(grace)
		t.info.ID = id
		if !t.explicit {
			t.info.Addrs = p.addrs
		}
	}
}

func (s *schedule) connected(id peer.ID, now time.Time) {
	if t := s.targets[id]; t != nil && t.up.IsZero() {
		t.up = now
	}
}

func (s *schedule) disconnected(id peer.ID, now time.Time) {
	t := s.targets[id]
	if t == nil || t.up.IsZero() {
		return
	}
	if now.Sub(t.up) >= steadyAfter {
		t.tries = 0
	}
	t.up = time.Time{}
	s.later(t, now)
}

// dialed ends what due began. Unless the peer is connected by now, the dial has failed.
func (s *schedule) dialed(id peer.ID, now time.Time) {
	t := s.targets[id]
	if t == nil {
		return
	}
	t.dialing = false
	if t.up.IsZero() {
		s.later(t, now)
	}
}

func (s *schedule) later(t *target, now time.Time) {
	first, most := explicitFirst, explicitMax
	if t.local != "" {
		first, most = localFirst, localMax
	}
	t.at = now.Add(backoff(t.tries, first, most, s.rand()))
	t.tries++
}

// backoff is first * 2^tries with half of it up or down by r in [0, 1), and never more than most.
func backoff(tries int, first, most time.Duration, r float64) time.Duration {
	d := most
	if tries < 30 {
		d = min(first<<tries, most)
	}
	return min(time.Duration((0.5+r)*float64(d)), most)
}

// due returns whom to dial now and when to ask again; zero: not before something changes.
func (s *schedule) due(now time.Time) (dial []peer.AddrInfo, next time.Time) {
	busy := 0
	var waiting []*target
	for _, t := range s.targets {
		if t.dialing {
			busy++
		} else if t.up.IsZero() {
			waiting = append(waiting, t)
		}
	}
	slices.SortFunc(waiting, func(a, b *target) int { return a.at.Compare(b.at) })
	for _, t := range waiting {
		if t.at.After(now) {
			return dial, t.at
		}
		if busy == dialsAtOnce {
			break // asked again when a dial ends
		}
		busy++
		t.dialing = true
		dial = append(dial, t.info)
	}
	return dial, time.Time{}
}
