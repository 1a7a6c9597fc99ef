package p2p

import (
	"fmt"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/multiformats/go-multiaddr"
)

// Where a node listens that was told nothing: on this machine, or with MDNS in its local networks.
var (
	listenHere  = []string{"/ip4/127.0.0.1/tcp/0"}
	listenLocal = []string{"/ip4/0.0.0.0/tcp/0", "/ip4/0.0.0.0/udp/0/quic-v1"}
)

// Reach is how far away peers may be that can dial a node.
type Reach string

// The reaches.
const (
	ReachMachine Reach = "local-only" // this machine
	ReachNetwork Reach = "lan"        // and the private networks that it is in
	ReachAll     Reach = "configured" // whoever the listening addresses can be reached by
)

// listenAddrs are where to listen, and whether peers of other networks are to be refused there.
func (o Options) listenAddrs() (addrs []string, nearOnly bool) {
	switch {
	case len(o.Listen) > 0:
		return o.Listen, false
	case o.MDNS:
		return listenLocal, true
	}
	return listenHere, false
}

// listen opens the node to others. It is called when every protocol has its handler and the roster watches: a peer that
// came earlier would learn that we speak nothing.
func listen(h host.Host, addrs []string) error {
	var all []multiaddr.Multiaddr
	for _, s := range addrs {
		a, err := multiaddr.NewMultiaddr(s)
		if err != nil {
			return fmt.Errorf("listen address %q: %w", s, err)
		}
		all = append(all, a)
	}
	if err := h.Network().Listen(all...); err != nil {
		return fmt.Errorf("listen on %v: %w", addrs, err)
	}
	return nil
}

// Reach says who can dial this node now: it changes with the networks that the machine is in.
func (n *Node) Reach() Reach {
	for _, a := range n.host.Addrs() {
		if !isLoopback(a) {
			if n.nearOnly {
				return ReachNetwork
			}
			return ReachAll
		}
	}
	return ReachMachine
}

// nearby keeps the addresses that a node which serves its local networks alone tells to others.
func (n *Node) nearby(addrs []multiaddr.Multiaddr) []multiaddr.Multiaddr {
	if !n.nearOnly {
		return addrs
	}
	near := make([]multiaddr.Multiaddr, 0, len(addrs))
	for _, a := range addrs {
		if n.nets.holds(a) {
			near = append(near, a)
		}
	}
	return near
}
