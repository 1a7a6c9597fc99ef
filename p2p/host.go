package p2p

import (
	"fmt"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/net/connmgr"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	quic "github.com/libp2p/go-libp2p/p2p/transport/quic"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
)

func newHost(o Options, n *Node) (host.Host, error) {
	key, err := crypto.UnmarshalEd25519PrivateKey(o.Key)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	rm, allowed, err := newResources(n.counts)
	if err != nil {
		return nil, err
	}
	n.allowed = allowed
	cm, err := connmgr.NewConnManager(connsLow, connsHigh)
	if err != nil {
		rm.Close()
		return nil, fmt.Errorf("make connection manager: %w", err)
	}
	h, err := libp2p.New(
		libp2p.Identity(key),
		libp2p.NoListenAddrs, // see listen
		// Without port reuse: two nodes that dial each other from their listening ports at the same moment end in one
		// TCP connection of which both think they opened it.
		libp2p.Transport(tcp.NewTCPTransport, tcp.DisableReuseport()),
		libp2p.Transport(quic.NewTransport),
		libp2p.Security(noise.ID, noise.New),
		libp2p.Muxer(yamux.ID, yamux.DefaultTransport),
		libp2p.UserAgent("intercom"),
		libp2p.ProtocolVersion(networkID(n.prefix)),
		libp2p.ResourceManager(rm),
		libp2p.ConnectionManager(cm),
		libp2p.ConnectionGater(gater{n}),
		libp2p.AddrsFactory(n.current),
		libp2p.SwarmOpts(swarm.WithDialRanker(rankDials)),
		libp2p.DisableRelay(),
		libp2p.DisableMetrics(),
		libp2p.DisableIdentifyAddressDiscovery(),
	)
	if err != nil {
		rm.Close()
		cm.Close()
		return nil, fmt.Errorf("make host: %w", err)
	}
	n.listening.Store(&h)
	return h, nil
}

// forgetDials makes the swarm try again at once: the keeper has a back-off of its own, and a daemon that was restarted
// must not wait for a failure of its predecessor. Nor is a peer looked for where it once was: that place may be another's.
func (n *Node) forgetDials(id peer.ID) {
	if s, ok := n.host.Network().(*swarm.Swarm); ok {
		s.Backoff().Clear(id)
	}
	if n.host.Network().Connectedness(id) == network.NotConnected {
		n.host.Peerstore().ClearAddrs(id)
	}
}
