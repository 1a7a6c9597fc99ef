package p2p

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"
)

// keeper keeps connections to the peers that one of the sources knows: it runs the schedule.
type keeper struct {
	n    *Node
	wake chan struct{}

	mu sync.Mutex
	s  *schedule
}

func newKeeper(n *Node, explicit []peer.AddrInfo) *keeper {
	k := &keeper{n: n, wake: make(chan struct{}, 1), s: newSchedule(rand.Float64)}
	for _, info := range explicit {
		k.addExplicit(info)
	}
	return k
}

// tagExplicit protects connections from being trimmed.
const tagExplicit = "explicit"

func (k *keeper) addExplicit(info peer.AddrInfo) {
	if info.ID == k.n.host.ID() {
		return
	}
	k.n.host.ConnManager().Protect(info.ID, tagExplicit)
	k.n.expect(info)
	k.with(func(s *schedule, now time.Time) { s.addExplicit(info, k.n.peers.has(info.ID), now) })
}

// rest sends a peer away for as long as nobody asks for it.
func (k *keeper) rest(id peer.ID) {
	k.n.host.ConnManager().Unprotect(id, tagExplicit)
	k.with(func(s *schedule, _ time.Time) { s.rest(id) })
}

// with changes the schedule and has it looked at again.
func (k *keeper) with(f func(s *schedule, now time.Time)) {
	k.mu.Lock()
	f(k.s, time.Now())
	k.mu.Unlock()
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

func (k *keeper) connected(id peer.ID) {
	k.with(func(s *schedule, now time.Time) { s.connected(id, now) })
}

func (k *keeper) disconnected(id peer.ID) {
	k.with(func(s *schedule, now time.Time) { s.disconnected(id, now) })
}

func (k *keeper) setLocal(found map[peer.ID]localPeer, grace time.Duration) {
	k.with(func(s *schedule, now time.Time) { s.setLocal(found, k.n.peers.has, now, grace) })
}

func (k *keeper) setFound(info peer.AddrInfo, grace time.Duration) (fresh bool, err error) {
	k.with(func(s *schedule, now time.Time) { fresh, err = s.setFound(info, k.n.peers.has(info.ID), now, grace) })
	return fresh, err
}

func (k *keeper) remember(id peer.ID, addrs []multiaddr.Multiaddr) {
	k.with(func(s *schedule, now time.Time) { s.remember(id, addrs, k.n.peers.has(id), now) })
}

func (k *keeper) reset() { k.with((*schedule).reset) }

// sourceOf says which source gave an address of a peer, or else which knows the peer.
func (k *keeper) sourceOf(id peer.ID, addr multiaddr.Multiaddr) source {
	k.mu.Lock()
	defer k.mu.Unlock()
	t := k.s.targets[id]
	if t == nil {
		return numSources
	}
	for s, addrs := range t.addrs {
		for _, a := range addrs {
			if addr != nil && a.Equal(addr) {
				return source(s)
			}
		}
	}
	return t.source()
}

// describe says what knows of a peer, and whether it is to be kept connected with.
func (k *keeper) describe(id peer.ID) (from source, explicit bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if t := k.s.targets[id]; t != nil {
		return t.source(), t.explicit
	}
	return numSources, false
}

// each calls f with every target.
func (k *keeper) each(f func(t *target)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, t := range k.s.targets {
		f(t)
	}
}

func (k *keeper) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.wake:
		case <-timer.C:
		}
		now := time.Now()
		k.mu.Lock()
		dial, next := k.s.due(now)
		k.mu.Unlock()
		for _, info := range dial {
			k.n.spawn(func() { k.dial(ctx, info) })
		}
		timer.Stop()
		if !next.IsZero() {
			timer.Reset(next.Sub(now))
		}
	}
}

func (k *keeper) dial(ctx context.Context, info peer.AddrInfo) {
	if err := k.n.connect(ctx, info); err != nil {
		k.n.log.Debug("dial failed", "peer", info.ID, "error", err)
		k.n.book.failed(info.ID)
	}
	k.with(func(s *schedule, now time.Time) {
		// Asked here and not taken from err: it may be gone again, or be known since before it became a target.
		if k.n.peers.has(info.ID) {
			s.connected(info.ID, now)
		}
		s.dialed(info.ID, now)
	})
}
