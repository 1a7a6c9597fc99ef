package p2p

import (
	"context"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

const (
	saveAfter    = 5 * time.Second // changes within this time are stored together
	sweepEvery   = time.Hour
	saveWithin   = 5 * time.Second // the last time, when the node closes
	rememberMost = 64              // peers of the book that are dialed after a start, beside those to keep
)

// keepBook reads the address book, has who is in it dialed, and stores what changes, until ctx ends.
func (n *Node) keepBook(ctx context.Context, store Book) {
	n.loadBook(store)
	sweep := time.NewTicker(sweepEvery)
	defer sweep.Stop()
	var save <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			n.touchConnected()
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveWithin)
			n.saveBook(ctx, store)
			cancel()
			return
		case <-n.book.changed:
			if save == nil {
				save = time.After(saveAfter)
			}
		case <-save:
			save = nil
			n.saveBook(ctx, store)
		case now := <-sweep.C:
			n.touchConnected()
			n.book.sweep(now)
		}
	}
}

func (n *Node) loadBook(store Book) {
	if store == nil {
		return
	}
	bad := 0
	err := store.Load(func(k Key, row []byte) {
		id, err := peerID(k)
		c, bad2 := decodeContact(row)
		if err != nil || bad2 != nil {
			bad++
			return
		}
		n.book.mu.Lock()
		defer n.book.mu.Unlock()
		if _, newer := n.book.contacts[id]; !newer {
			n.book.contacts[id] = c
			n.book.evict(id)
		}
	})
	if err != nil || bad > 0 {
		n.log.Warn("address book read in part", "rows_not_understood", bad, "error", err)
	}
	n.book.sweep(time.Now())
	for _, id := range n.book.latest(rememberMost) {
		n.recall(id)
	}
}

// recall has a peer of the book dialed while it is not connected.
func (n *Node) recall(id peer.ID) {
	if id == n.host.ID() {
		return
	}
	addrs := n.book.addrs(id)
	if n.book.kept(id) {
		n.keeper.addExplicit(peer.AddrInfo{ID: id, Addrs: addrs})
	} else if len(addrs) > 0 {
		n.keeper.remember(id, addrs)
	}
}

func (b *book) kept(id peer.ID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.contacts[id]
	return c != nil && c.keep
}

func (n *Node) saveBook(ctx context.Context, store Book) {
	if store == nil {
		return
	}
	rows := make(map[Key][]byte)
	for id, row := range n.book.rows() {
		if k, ok := keyOf(id); ok {
			rows[k] = row
		}
	}
	if len(rows) == 0 {
		return
	}
	if err := store.Save(ctx, rows); err != nil {
		n.log.Warn("address book not stored", "peers", len(rows), "error", err)
	}
}

// touchConnected notes that who is connected was seen now.
func (n *Node) touchConnected() {
	now := time.Now()
	for _, id := range n.peers.ids() {
		n.book.seen(id, now)
	}
}

// note writes into the book how a peer that has just connected was reached, or where it says that it listens: there it
// is believed only if that is a public address, and the one from which it came.
func (n *Node) note(id peer.ID) {
	now := time.Now()
	for _, c := range n.host.Network().ConnsToPeer(id) {
		if c.Stat().Direction == network.DirOutbound {
			source := n.keeper.sourceOf(id, c.RemoteMultiaddr())
			switch source {
			case byFolder: // the folder tells again after a restart, and its ports change with every start
				continue
			case byBook:
				n.book.confirm(id, c.RemoteMultiaddr(), now)
				continue
			case numSources:
				source = byUser
			}
			n.book.met(id, c.RemoteMultiaddr(), source.String(), now)
			continue
		}
		for _, a := range n.host.Peerstore().Addrs(id) {
			if bare := withoutID(a); manet.IsPublicAddr(bare) && sameIP(bare, c.RemoteMultiaddr()) {
				n.book.met(id, bare, cameIn, now)
			}
		}
	}
	if addrs := n.book.addrs(id); len(addrs) > 0 {
		n.keeper.remember(id, addrs)
	}
}

// confirm notes that an address of the book was good again.
func (b *book) confirm(id peer.ID, addr multiaddr.Multiaddr, now time.Time) {
	b.change(id, now, func(c *contact) {
		for _, a := range c.addrs {
			if a.addr.Equal(addr) {
				c.add(contactAddr{addr: addr, source: a.source, ok: now})
				return
			}
		}
	})
}

func withoutID(a multiaddr.Multiaddr) multiaddr.Multiaddr {
	bare, _ := peer.SplitAddr(a)
	return bare
}

func sameIP(a, b multiaddr.Multiaddr) bool {
	x, okX := ipOf(a)
	y, okY := ipOf(b)
	return okX && okY && x == y
}
