package p2p

import (
	"maps"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/protobuf/proto"
)

// load is an amount of frames, or one per second.
type load struct{ frames, bytes float64 }

// allowance says how much a peer may send: burst at once, and rate per second from then on.
type allowance struct{ rate, burst load }

// All topics share one queue of frames to be judged. What a peer sends beyond its fair share of it is dropped before it
// takes a place there, and costs nobody else one. Honest peers lose a frame that way when they write in a hurry or pass
// on what many write; ten times as much comes from none of them, and is an offence. The large burst of bytes lets a
// sender pass whose whole outbound queue of the largest frames arrives at once.
var (
	fair     = allowance{rate: load{1_000, 8 << 20}, burst: load{4_000, 16 << 20}}
	patience = allowance{rate: load{10_000, 80 << 20}, burst: load{40_000, 1 << 30}}
)

// after is what is left once d has passed.
func (a allowance) after(left load, d time.Duration) load {
	s := max(d.Seconds(), 0)
	return load{
		frames: min(left.frames+s*a.rate.frames, a.burst.frames),
		bytes:  min(left.bytes+s*a.rate.bytes, a.burst.bytes),
	}
}

// spend takes one frame of this size, or nothing when not enough is left.
func (l *load) spend(size int) bool {
	bytes := float64(size)
	if l.frames < 1 || l.bytes < bytes {
		return false
	}
	l.frames, l.bytes = l.frames-1, l.bytes-bytes
	return true
}

// budget is what is left to a peer.
type budget struct {
	fair, patience load
	at             time.Time
}

// budgets holds what is left by peer, not by connection: whoever reconnects gets no new one. Only gossip's loop uses it.
type budgets map[peer.ID]budget

const (
	maxBudgets = 1024             // far more than connections; the one that was idle for longest makes room
	idleBudget = 15 * time.Second // by then everything is refilled, and forgetting it changes nothing
)

// spend says how many of the frames, from the first on, are within the peer's share, and whether all of them are within
// what can come from an honest peer.
func (b budgets) spend(id peer.ID, frames []*pb.Message, now time.Time) (kept int, honest bool) {
	p, ok := b[id]
	if !ok {
		b.makeRoom(now)
		p = budget{fair: fair.burst, patience: patience.burst, at: now}
	}
	past := now.Sub(p.at)
	p.fair, p.patience, p.at = fair.after(p.fair, past), patience.after(p.patience, past), now
	honest = true
	for i, m := range frames {
		size := proto.Size(m)
		if honest = p.patience.spend(size); !honest {
			break // the rest is dropped unread
		}
		if kept == i && p.fair.spend(size) {
			kept++
		}
	}
	b[id] = p
	return kept, honest
}

func (b budgets) makeRoom(now time.Time) {
	maps.DeleteFunc(b, func(_ peer.ID, p budget) bool { return now.Sub(p.at) >= idleBudget })
	if len(b) >= maxBudgets {
		deleteEarliest(b, func(p budget) time.Time { return p.at })
	}
}

// inspect runs in gossip's loop before anything of a message is looked at, and must not block. Subscriptions and control
// messages pass when frames are dropped: without them the peer would be lost to its topics for good.
func (n *Node) inspect(from peer.ID, rpc *pubsub.RPC) error {
	now, frames := time.Now(), rpc.GetPublish()
	if n.blocks.blocked(from, now) { // its connection is being closed
		n.counts[overBudget].Add(uint64(len(frames)))
		return ErrBlocked
	}
	if len(frames) == 0 {
		return nil
	}
	kept, honest := n.budgets.spend(from, frames, now)
	n.counts[overBudget].Add(uint64(len(frames) - kept))
	rpc.Publish = frames[:kept]
	if !honest {
		n.strike(from)
	}
	return nil
}
