package p2p

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"
)

// Block is a peer that is refused.
type Block struct {
	Key    Key
	ByUser bool      // not for what it did
	Until  time.Time // zero: for good
}

// Known is a peer that is not connected.
type Known struct {
	Key      Key
	Addrs    []string // multiaddrs with /p2p/, the best first
	Source   string   // explicit, local, mdns or incoming
	Explicit bool
	LastSeen time.Time // when it was last connected; zero: unknown
	Tries    int       // dials since then that reached nobody
	Next     time.Time // when it is dialed again; zero: not by itself
}

// PeerAt is the peer that an address names, and whether it is connected. Errors: ErrAddress, ErrKind, ErrSelf.
func (n *Node) PeerAt(addr string) (k Key, connected bool, err error) {
	infos, err := parsePeers([]string{addr})
	if err != nil {
		return k, false, err
	}
	id := infos[0].ID
	k, ok := keyOf(id)
	switch {
	case !ok:
		return k, false, fmt.Errorf("peer %s: %w", id, ErrKind)
	case id == n.host.ID():
		return k, false, fmt.Errorf("peer %s: %w", id, ErrSelf)
	case len(infos[0].Addrs) == 0:
		return k, false, fmt.Errorf("peer %s: %w: nothing before /p2p/", id, ErrAddress)
	}
	return k, n.peers.has(id), nil
}

// Connect is Dial for a peer that the user names: its address is remembered, and with keep it stays connected with, also
// after restarts. A peer that Disconnect sent away is welcome again.
func (n *Node) Connect(ctx context.Context, addr string, keep bool) (Key, error) {
	k, _, err := n.PeerAt(addr)
	if err != nil {
		return k, fmt.Errorf("connect: %w", err)
	}
	if err := n.Dial(ctx, addr); err != nil {
		return k, err
	}
	if infos, err := parsePeers([]string{addr}); err == nil && keep {
		n.book.keep(infos[0], true, time.Now())
		n.keeper.addExplicit(infos[0])
	}
	return k, nil
}

// Disconnect closes every connection of a peer and dials it no more, until it comes by itself, is found anew, or Connect
// asks for it. It reports whether the peer was connected.
func (n *Node) Disconnect(k Key) (was bool) {
	id, err := peerID(k)
	if err != nil {
		return false
	}
	n.book.keep(peer.AddrInfo{ID: id}, false, time.Now())
	n.keeper.rest(id)
	was = n.peers.has(id)
	// Closing waits for the streams of the peer.
	n.spawn(func() { n.host.Network().ClosePeer(id) })
	return was
}

// Block closes every connection of a peer and refuses it for d from now, 0 for good. It replaces an earlier Block.
func (n *Node) Block(k Key, d time.Duration) {
	id, err := peerID(k)
	if err != nil {
		return
	}
	var until time.Time
	if d > 0 {
		until = time.Now().Add(d)
	}
	n.blocks.refuse(id, until)
	n.refuse(id, d)
}

// block is Block for what a peer did. A second one while it is blocked only lengthens the time.
func (n *Node) block(id peer.ID, d time.Duration) {
	n.blocks.add(id, time.Now().Add(d))
	n.refuse(id, d)
}

func (n *Node) refuse(id peer.ID, d time.Duration) {
	n.counts.add(blockedPeers)
	n.log.Warn("peer blocked", "peer", id, "for", d)
	// Closing waits for the streams of the peer: not on the goroutine of whoever found it guilty.
	n.spawn(func() { n.host.Network().ClosePeer(id) })
}

// Unblock ends every block of a peer, whoever's. What it did is forgiven.
func (n *Node) Unblock(k Key) {
	if id, err := peerID(k); err == nil {
		n.blocks.lift(id)
		n.strikes.forgive(id)
	}
}

// IsBlocked reports whether a peer is refused now.
func (n *Node) IsBlocked(k Key) bool {
	id, err := peerID(k)
	return err == nil && n.blocks.blocked(id, time.Now())
}

// IsBlockedByUser reports whether a peer is refused now because the user wants it so.
func (n *Node) IsBlockedByUser(k Key) bool {
	id, err := peerID(k)
	return err == nil && n.blocks.byUser(id, time.Now())
}

// Blocks are the peers that are refused now, in the order of their keys.
func (n *Node) Blocks() []Block {
	var out []Block
	for _, b := range n.blocks.all(time.Now()) {
		out = append(out, b)
	}
	slices.SortFunc(out, func(a, b Block) int { return slices.Compare(a.Key[:], b.Key[:]) })
	return out
}

// Known are the peers that are not connected but would be dialed, or are in the address book, in the order of their keys.
func (n *Node) Known() []Known {
	all := make(map[peer.ID]Known)
	n.book.each(func(id peer.ID, c *contact) {
		all[id] = Known{Source: c.source(), Explicit: c.keep, LastSeen: c.seen, Addrs: texts(peer.AddrInfo{ID: id, Addrs: c.list()})}
	})
	n.keeper.each(func(t *target) {
		k := all[t.id]
		if from := t.source(); from < byBook {
			k.Source = from.String()
		}
		k.Explicit, k.Tries, k.Addrs = t.explicit, t.tries, texts(t.info())
		if !t.resting {
			k.Next = t.at
		}
		all[t.id] = k
	})
	var out []Known
	for id, k := range all {
		var ok bool
		if k.Key, ok = keyOf(id); ok && !n.peers.has(id) {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, func(a, b Known) int { return slices.Compare(a.Key[:], b.Key[:]) })
	return out
}

func texts(info peer.AddrInfo) []string {
	var out []string
	for _, a := range info.Addrs {
		out = append(out, a.String()+"/p2p/"+info.ID.String())
	}
	return out
}

// Measure asks every connected peer for an answer, so that Peers knows how long that takes, and returns when all have
// answered or ctx ends.
func (n *Node) Measure(ctx context.Context) {
	var wg sync.WaitGroup
	for _, id := range n.peers.ids() {
		wg.Go(func() { n.answers(ctx, id) })
	}
	wg.Wait()
}

// answers asks a peer for an answer.
func (n *Node) answers(ctx context.Context, id peer.ID) bool {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(n.ctx, cancel)()
	select {
	case r := <-ping.Ping(ctx, n.host, id):
		return r.Error == nil
	case <-ctx.Done():
		return false
	}
}
