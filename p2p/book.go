package p2p

import (
	"cmp"
	"context"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"
)

// Book stores the address book: for each peer a row whose content is the node's affair.
type Book interface {
	// Load calls f with every row. f may keep neither.
	Load(f func(k Key, row []byte)) error
	// Save replaces the rows of peers; nil takes one away.
	Save(ctx context.Context, rows map[Key][]byte) error
}

// The address book holds maxContacts peers with maxContactAddrs addresses each, and forgets who was not seen for
// forgetAfter. Of peers that came by themselves, maxOfSubnet may come from one /24 (IPv6: /64).
const (
	maxContacts     = 5000
	maxContactAddrs = 8
	maxOfSubnet     = 32
	forgetAfter     = 30 * 24 * time.Hour
)

// cameIn is the source of addresses that a peer told by itself when it connected.
const cameIn = "incoming"

// book is the address book of a node. It is changed in memory; what changed is handed out for storing.
type book struct {
	mu       sync.Mutex
	contacts map[peer.ID]*contact
	gone     map[peer.ID]bool // to be taken from the store
	changed  chan struct{}
}

func newBook() *book {
	return &book{contacts: make(map[peer.ID]*contact), gone: make(map[peer.ID]bool), changed: make(chan struct{}, 1)}
}

// change calls f with the peer's contact, which is made if there is none, and has it stored soon.
func (b *book) change(id peer.ID, now time.Time, f func(c *contact)) {
	b.mu.Lock()
	c := b.contacts[id]
	if c == nil {
		c = &contact{}
		b.contacts[id] = c
	}
	f(c)
	c.seen, c.dirty = now, true
	delete(b.gone, id)
	b.evict(id)
	b.mu.Unlock()
	select {
	case b.changed <- struct{}{}:
	default:
	}
}

// evict makes room: who was seen longest ago goes first, whoever the user wants last.
func (b *book) evict(spare peer.ID) {
	for len(b.contacts) > maxContacts {
		var first peer.ID
		for id, c := range b.contacts {
			if id == spare {
				continue
			}
			if f := b.contacts[first]; f == nil || f.keep && !c.keep || f.keep == c.keep && c.seen.Before(f.seen) {
				first = id
			}
		}
		b.drop(first)
	}
}

func (b *book) drop(id peer.ID) {
	delete(b.contacts, id)
	b.gone[id] = true
}

// met notes that a peer was reached at addr, or that it says it can be.
func (b *book) met(id peer.ID, addr multiaddr.Multiaddr, source string, now time.Time) {
	if source == cameIn && !b.roomFor(id, addr) {
		return
	}
	b.change(id, now, func(c *contact) { c.add(contactAddr{addr: addr, source: source, ok: now}) })
}

// roomFor keeps one subnet from filling the book with names.
func (b *book) roomFor(id peer.ID, addr multiaddr.Multiaddr) bool {
	net, ok := subnetOf(addr)
	b.mu.Lock()
	defer b.mu.Unlock()
	if !ok || b.contacts[id] != nil {
		return ok
	}
	n := 0
	for _, c := range b.contacts {
		if slices.ContainsFunc(c.addrs, func(a contactAddr) bool {
			other, ok := subnetOf(a.addr)
			return ok && a.source == cameIn && other == net
		}) {
			n++
		}
	}
	return n < maxOfSubnet
}

func subnetOf(a multiaddr.Multiaddr) (netip.Prefix, bool) {
	ip, ok := ipOf(a)
	if !ok {
		return netip.Prefix{}, false
	}
	bits := 24
	if ip.Is6() {
		bits = 64
	}
	p, err := ip.Prefix(bits)
	return p, err == nil
}

// seen notes when a peer of the book was last connected.
func (b *book) seen(id peer.ID, now time.Time) {
	if b.addrs(id) != nil {
		b.change(id, now, func(*contact) {})
	}
}

// failed counts a dial that reached nobody. It is stored with the next change.
func (b *book) failed(id peer.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c := b.contacts[id]; c != nil {
		for i := range c.addrs {
			c.addrs[i].fails++
		}
	}
}

// keep makes a peer one that stays connected with after restarts too, or no longer.
func (b *book) keep(info peer.AddrInfo, on bool, now time.Time) {
	if !on && b.addrs(info.ID) == nil {
		return
	}
	b.change(info.ID, now, func(c *contact) {
		c.keep = on
		for _, a := range info.Addrs {
			c.add(contactAddr{addr: a, source: byUser.String(), ok: now})
		}
	})
}

// addrs are where a peer may be dialed, the best first; nil for one that is not in the book.
func (b *book) addrs(id peer.ID) []multiaddr.Multiaddr {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.contacts[id]
	if c == nil {
		return nil
	}
	return c.list()
}

// describe says how a peer was first known, where from is what knows of it now.
func (b *book) describe(id peer.ID, from source, outbound bool) string {
	if from < byBook {
		return from.String()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch c := b.contacts[id]; {
	case c != nil && len(c.addrs) > 0:
		return c.source()
	case outbound:
		return byUser.String()
	}
	return cameIn
}

// each calls f with every contact.
func (b *book) each(f func(id peer.ID, c *contact)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, c := range b.contacts {
		f(id, c)
	}
}

// sweep forgets who was not seen for too long.
func (b *book) sweep(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, c := range b.contacts {
		if !c.keep && now.Sub(c.seen) > forgetAfter {
			b.drop(id)
		}
	}
}

// latest are the peers to dial after a start: those to keep, and the n others that were seen last.
func (b *book) latest(n int) []peer.ID {
	b.mu.Lock()
	defer b.mu.Unlock()
	ids := slices.SortedFunc(maps.Keys(b.contacts), func(x, y peer.ID) int {
		cx, cy := b.contacts[x], b.contacts[y]
		return cmp.Or(order(cy.keep, cx.keep), cy.seen.Compare(cx.seen), cmp.Compare(x, y))
	})
	kept := 0
	for kept < len(ids) && b.contacts[ids[kept]].keep {
		kept++
	}
	return ids[:min(len(ids), kept+n)]
}

func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// rows hands out what is not stored yet, nil for what is to be taken away. It counts as stored from now on.
func (b *book) rows() map[peer.ID][]byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make(map[peer.ID][]byte)
	for id := range b.gone {
		out[id] = nil
	}
	clear(b.gone)
	for id, c := range b.contacts {
		if !c.dirty {
			continue
		}
		if row, err := c.encode(); err == nil && len(row) <= maxRowBytes {
			out[id] = row
		}
		c.dirty = false
	}
	return out
}
