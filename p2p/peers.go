package p2p

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/host/eventbus"
)

// Peer is a connected peer.
type Peer struct {
	Key       Key
	Addr      string        // the multiaddr at its end of the oldest connection, with /p2p/
	Since     time.Time     // when that connection was opened
	Transport string        // tcp or quic
	Outbound  bool          // this node dialed
	Addrs     []string      // those of all its connections
	Source    string        // how its address was first known: explicit, local, mdns, or incoming when it came by itself
	Explicit  bool          // to be kept connected with
	Protected bool          // its connection is not trimmed when there are many
	Latency   time.Duration // there and back, as last measured; 0: not yet
}

// roster holds who is connected, identified and of this network, and tells the watchers, one change after the other.
type roster struct {
	telling  sync.Mutex // held while watchers are called, taken before mu
	watchers map[int]func(Key, bool)
	next     int

	mu sync.Mutex
	up map[peer.ID]Key
}

func newRoster() *roster {
	return &roster{up: make(map[peer.ID]Key), watchers: make(map[int]func(Key, bool))}
}

// set is idempotent: only a change reaches the watchers.
func (r *roster) set(id peer.ID, k Key, connected bool) (changed bool) {
	r.telling.Lock()
	defer r.telling.Unlock()
	if r.has(id) == connected {
		return false
	}
	r.mu.Lock()
	if connected {
		r.up[id] = k
	} else {
		delete(r.up, id)
	}
	r.mu.Unlock()
	for _, f := range r.watchers {
		f(k, connected)
	}
	return true
}

func (r *roster) has(id peer.ID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.up[id]
	return ok
}

func (r *roster) ids() []peer.ID {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]peer.ID, 0, len(r.up))
	for id := range r.up {
		out = append(out, id)
	}
	return out
}

// PeerEvents calls f for every peer that is connected now, then for each one that comes (true) or goes (false), one
// call at a time and in order. f must return at once, and must not call PeerEvents, cancel or Dial. After cancel returns
// f is called no more.
func (n *Node) PeerEvents(f func(k Key, connected bool)) (cancel func()) {
	r := n.peers
	r.telling.Lock()
	defer r.telling.Unlock()
	for _, id := range r.ids() {
		k, _ := keyOf(id)
		f(k, true)
	}
	id := r.next
	r.next++
	r.watchers[id] = f
	return func() {
		r.telling.Lock()
		defer r.telling.Unlock()
		delete(r.watchers, id)
	}
}

// AddrOf is Peer.Addr of a connected peer, else empty.
func (n *Node) AddrOf(k Key) string {
	id, err := peerID(k)
	if err != nil {
		return ""
	}
	for _, c := range n.host.Network().ConnsToPeer(id) {
		return c.RemoteMultiaddr().String() + "/p2p/" + id.String()
	}
	return ""
}

// Peers are the connected peers of this network, in the order of their keys.
func (n *Node) Peers() []Peer {
	var out []Peer
	for _, id := range n.peers.ids() {
		k, _ := keyOf(id)
		p := Peer{Key: k, Protected: n.host.ConnManager().IsProtected(id, ""), Latency: n.host.Peerstore().LatencyEWMA(id)}
		for _, c := range n.host.Network().ConnsToPeer(id) {
			addr := c.RemoteMultiaddr().String() + "/p2p/" + id.String()
			p.Addrs = append(p.Addrs, addr)
			if at := c.Stat().Opened; p.Since.IsZero() || at.Before(p.Since) {
				p.Addr, p.Since, p.Transport = addr, at, transportOf(c.RemoteMultiaddr())
				p.Outbound = c.Stat().Direction == network.DirOutbound
			}
		}
		var from source
		from, p.Explicit = n.keeper.describe(id)
		p.Source = n.book.describe(id, from, p.Outbound)
		if !p.Since.IsZero() { // else it went just now
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b Peer) int { return slices.Compare(a.Key[:], b.Key[:]) })
	return out
}

// watchPeers follows connections from before the first dial.
func (n *Node) watchPeers() error {
	sub, err := n.host.EventBus().Subscribe([]any{
		new(event.EvtPeerIdentificationCompleted),
		new(event.EvtPeerIdentificationFailed),
		new(event.EvtPeerConnectednessChanged),
	}, eventbus.BufSize(256))
	if err != nil {
		return fmt.Errorf("watch peers: %w", err)
	}
	n.spawn(func() {
		defer sub.Close()
		for {
			select {
			case <-n.ctx.Done():
				return
			case e := <-sub.Out():
				switch e := e.(type) {
				case event.EvtPeerIdentificationCompleted:
					n.admit(e.Peer)
				case event.EvtPeerIdentificationFailed: // it could be used for nothing, and dialing again may help
					n.spawn(func() { n.host.Network().ClosePeer(e.Peer) })
				case event.EvtPeerConnectednessChanged:
					if e.Connectedness == network.NotConnected {
						n.subs.forget(e.Peer)
						n.dismiss(e.Peer)
					}
				}
			}
		}
	})
	return nil
}

// admit takes an identified peer into the roster, or closes it when it is of another network. What it speaks would be no
// sign: the list of protocols that a starting peer sends may still lack some.
func (n *Node) admit(id peer.ID) error {
	network, err := n.host.Peerstore().Get(id, "ProtocolVersion")
	if err != nil {
		return ErrNotConnected // it went before it was identified
	}
	if network != networkID(n.prefix) {
		n.counts.add(foreignPeers)
		n.log.Info("peer of another network", "peer", id)
		n.spawn(func() { n.host.Network().ClosePeer(id) })
		return ErrOtherNetwork
	}
	k, ok := keyOf(id)
	if !ok || !n.isUp(id) {
		return ErrNotConnected
	}
	if n.peers.set(id, k, true) {
		n.log.Info("peer connected", "peer", id)
		n.keeper.connected(id)
		n.note(id)
	}
	return nil
}

func (n *Node) dismiss(id peer.ID) {
	k, _ := keyOf(id)
	if n.peers.set(id, k, false) {
		n.log.Info("peer disconnected", "peer", id)
		n.keeper.disconnected(id)
		n.book.seen(id, time.Now())
		n.lookAround() // if it was killed, its file goes now
	}
	// The peer may be back already: events of two connections are not ordered between each other.
	if n.isUp(id) {
		n.admit(id)
	}
}

func (n *Node) isUp(id peer.ID) bool { return n.host.Network().Connectedness(id) == network.Connected }

// networkID is what peers of one network have in common when they identify themselves.
func networkID(prefix string) string { return "intercom/1" + prefix }
