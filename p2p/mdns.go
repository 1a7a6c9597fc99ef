package p2p

import (
	"context"
	"slices"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/discovery/mdns"
	"github.com/multiformats/go-multiaddr"
)

// mdnsService is the DNS-SD name (RFC 6763) under which the nodes of a network look for each other.
func mdnsService(network string) string { return "_intercom-" + network + "._udp" }

// watchMDNS announces this node in the local networks and looks for others there, until ctx ends. It begins again when
// the addresses change, and waits while there is no address that others could reach.
func (n *Node) watchMDNS(ctx context.Context, network string) {
	for {
		s := n.startMDNS(network)
		select {
		case <-ctx.Done():
		case <-n.announce:
		}
		if s != nil {
			s.Close()
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// startMDNS returns nil where there is no network to announce in: that is how many machines are, and no error.
func (n *Node) startMDNS(network string) mdns.Service {
	addrs, err := n.host.Network().InterfaceListenAddresses()
	if err != nil || !slices.ContainsFunc(addrs, func(a multiaddr.Multiaddr) bool { return !isLoopback(a) }) {
		n.log.Debug("no mdns: nothing but this machine is reached by the listening addresses", "error", err)
		return nil
	}
	s := mdns.NewMdnsService(n.host, mdnsService(network), finder{n})
	if err := s.Start(); err != nil {
		n.log.Debug("no mdns", "error", err)
		s.Close()
		return nil
	}
	n.log.Debug("announced by mdns", "addresses", n.host.Addrs())
	return s
}

// finder takes what the local network tells, which anybody in it can: it is a hint where to dial.
type finder struct{ n *Node }

func (f finder) HandlePeerFound(info peer.AddrInfo) {
	n := f.n
	if _, ok := keyOf(info.ID); !ok || info.ID == n.host.ID() {
		return
	}
	// Addresses of other networks are not its business, and loopback ones lead to this machine instead of the peer's.
	info.Addrs = slices.DeleteFunc(info.Addrs, func(a multiaddr.Multiaddr) bool {
		return isLoopback(a) || !n.nets.holds(a)
	})
	if info.Addrs = info.Addrs[:min(len(info.Addrs), maxContactAddrs)]; len(info.Addrs) == 0 {
		return
	}
	grace := newcomerGrace // both find each other at once: one of them dials first
	if n.host.ID() < info.ID {
		grace = 0
	}
	if n.keeper.setFound(info, grace) {
		n.log.Debug("found by mdns", "peer", info.ID, "addresses", info.Addrs)
	}
}
