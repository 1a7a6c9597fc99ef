package p2p

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
)

// keeper keeps connections to the explicit peers and to those of the runtime folder: it runs the schedule.
type keeper struct {
	n    *Node
	wake chan struct{}

	mu sync.Mutex
	s  *schedule
}

func newKeeper(n *Node, explicit []peer.AddrInfo) *keeper {
	k := &keeper{n: n, wake: make(chan struct{}, 1), s: newSchedule(rand.Float64)}
	for _, info := range explicit {
		if info.ID == n.host.ID() {
			continue
		}
		k.s.addExplicit(info, time.Now())
		n.host.ConnManager().Protect(info.ID, "explicit")
	}
	return k
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
	}
	k.with(func(s *schedule, now time.Time) {
		// Asked here and not taken from err: it may be gone again, or be known since before it became a target.
		if k.n.peers.has(info.ID) {
			s.connected(info.ID, now)
		}
		s.dialed(info.ID, now)
	})
}
