package p2p

import (
	"fmt"
	"slices"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
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

// current is where a node can be dialed now, of which others are told: with nearOnly in the local networks alone. The
// library's own list lags behind the interfaces by up to a minute.
func (n *Node) current(addrs []multiaddr.Multiaddr) []multiaddr.Multiaddr {
	if h := n.listening.Load(); h != nil {
		interfaces, err := manet.InterfaceMultiaddrs()
		if err == nil {
			interfaces = slices.DeleteFunc(interfaces, manet.IsIP6LinkLocal)
			if fresh, err := manet.ResolveUnspecifiedAddresses((*h).Network().ListenAddresses(), interfaces); err == nil {
				addrs = fresh
			}
		}
	}
	if !n.nearOnly {
		return addrs
	}
	return slices.DeleteFunc(slices.Clone(addrs), func(a multiaddr.Multiaddr) bool { return !n.nets.holds(a) })
}
