package p2p

import (
	"context"
	"slices"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
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
	addrs := slices.DeleteFunc(n.host.Addrs(), isLoopback)
	if len(addrs) == 0 {
		n.log.Debug("no mdns: nothing but this machine is reached by the listening addresses")
		return nil
	}
	s := mdns.NewMdnsService(announced{n.host, addrs}, mdnsService(network), finder{n})
	if err := s.Start(); err != nil {
		n.log.Debug("no mdns", "error", err)
		s.Close()
		return nil
	}
	n.log.Debug("announced by mdns", "addresses", addrs)
	return s
}

// announced is the host with the addresses that others are to know: the library would announce loopback ones too, and
// after a change those of up to a minute ago.
type announced struct {
	host.Host
	addrs []multiaddr.Multiaddr
}

func (a announced) Network() network.Network { return announcedNetwork{a.Host.Network(), a.addrs} }

type announcedNetwork struct {
	network.Network
	addrs []multiaddr.Multiaddr
}

func (a announcedNetwork) InterfaceListenAddresses() ([]multiaddr.Multiaddr, error) {
	return a.addrs, nil
}

// finder takes what the local network tells, which anybody in it can: it is a hint where to dial.
type finder struct{ n *Node }

func (f finder) HandlePeerFound(info peer.AddrInfo) {
	n := f.n
	if info.ID == n.host.ID() {
		return
	}
	if _, ok := keyOf(info.ID); !ok {
		n.counts.add(refusedMDNS)
		return
	}
	// Addresses of other networks are not its business, and loopback ones lead to this machine instead of the peer's.
	info.Addrs = slices.DeleteFunc(info.Addrs, func(a multiaddr.Multiaddr) bool {
		return isLoopback(a) || !n.nets.holds(a)
	})
	if info.Addrs = info.Addrs[:min(len(info.Addrs), maxContactAddrs)]; len(info.Addrs) == 0 {
		n.counts.add(refusedMDNS)
		return
	}
	grace := newcomerGrace // both find each other at once: one of them dials first
	if n.host.ID() < info.ID {
		grace = 0
	}
	switch fresh, err := n.keeper.setFound(info, grace); {
	case err != nil:
		n.counts.add(refusedMDNS)
	case fresh:
		n.log.Debug("found by mdns", "peer", info.ID, "addresses", info.Addrs)
	}
}
