package p2p

import (
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/control"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"
)

// blocklist holds who is refused until when.
type blocklist struct {
	mu    sync.Mutex
	until map[peer.ID]time.Time
	user  map[peer.ID]time.Time // by the user's word; the zero time is for good
}

func newBlocklist() *blocklist {
	return &blocklist{until: make(map[peer.ID]time.Time), user: make(map[peer.ID]time.Time)}
}

// maxBlocks bounds the memory that peers with ever new keys can take; the block that ends first makes room.
const maxBlocks = 4096

func (b *blocklist) add(id peer.ID, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.until[id].After(until) {
		return
	}
	if _, ok := b.until[id]; !ok && len(b.until) >= maxBlocks {
		deleteEarliest(b.until, func(t time.Time) time.Time { return t })
	}
	b.until[id] = until
}

func (b *blocklist) blocked(id peer.ID, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refused(id, now) {
		return true
	}
	until, ok := b.until[id]
	if ok && !now.Before(until) {
		delete(b.until, id)
		return false
	}
	return ok
}

func (b *blocklist) byUser(id peer.ID, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.refused(id, now)
}

func (b *blocklist) refused(id peer.ID, now time.Time) bool {
	until, ok := b.user[id]
	return ok && (until.IsZero() || now.Before(until))
}

// refuse blocks a peer by the user's word, which no flood of other blocks pushes out.
func (b *blocklist) refuse(id peer.ID, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.user[id] = until
}

// lift ends every block of a peer.
func (b *blocklist) lift(id peer.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.user, id)
	delete(b.until, id)
}

// all are the blocks that hold at now, those by the user first.
func (b *blocklist) all(now time.Time) map[peer.ID]Block {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make(map[peer.ID]Block, len(b.user)+len(b.until))
	for id, until := range b.until {
		if now.Before(until) {
			out[id] = Block{Until: until}
		}
	}
	for id, until := range b.user {
		if until.IsZero() || now.Before(until) {
			out[id] = Block{ByUser: true, Until: until}
		}
	}
	for id, block := range out {
		block.Key, _ = keyOf(id)
		out[id] = block
	}
	return out
}

func deleteEarliest[V any](m map[peer.ID]V, at func(V) time.Time) {
	var first peer.ID
	for id, v := range m {
		if first == "" || at(v).Before(at(m[first])) {
			first = id
		}
	}
	delete(m, first)
}

// gater refuses blocked peers, peers whose identity is not an ed25519 key, peers of other networks where the node serves
// its own alone, and dials to private addresses that nobody but a peer told, before a connection can be used.
type gater struct{ n *Node }

func (g gater) InterceptPeerDial(id peer.ID) bool {
	return g.count(gatedDials, !g.n.blocks.blocked(id, time.Now()))
}

func (g gater) InterceptAddrDial(id peer.ID, a multiaddr.Multiaddr) bool {
	return g.count(gatedDials, g.n.dials.allow(id, a))
}

func (g gater) InterceptAccept(c network.ConnMultiaddrs) bool {
	return g.count(gatedAccepts, !g.n.nearOnly || g.n.nets.holds(c.RemoteMultiaddr()))
}

func (g gater) InterceptSecured(dir network.Direction, id peer.ID, _ network.ConnMultiaddrs) bool {
	_, ok := keyOf(id)
	return g.count(either(dir, gatedAccepts, gatedDials), ok && !g.n.blocks.blocked(id, time.Now()))
}

func (g gater) InterceptUpgraded(network.Conn) (bool, control.DisconnectReason) { return true, 0 }

func (g gater) count(refused counter, ok bool) bool {
	if !ok {
		g.n.counts.add(refused)
	}
	return ok
}
