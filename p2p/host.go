package p2p

import (
	"fmt"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/net/connmgr"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/multiformats/go-multiaddr"
)

// Connections are trimmed to connsLow when there are more than connsHigh, which stays below the hard limit of limits:
// else newcomers would be refused before anything is trimmed.
const (
	connsLow  = 96
	connsHigh = 128
)

func newHost(o Options, n *Node) (host.Host, error) {
	key, err := crypto.UnmarshalEd25519PrivateKey(o.Key)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	rm, err := rcmgr.NewResourceManager(rcmgr.NewFixedLimiter(limits()), rcmgr.WithMetricsDisabled())
	if err != nil {
		return nil, fmt.Errorf("make resource manager: %w", err)
	}
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
		libp2p.Security(noise.ID, noise.New),
		libp2p.Muxer(yamux.ID, yamux.DefaultTransport),
		libp2p.UserAgent("intercom"),
		libp2p.ProtocolVersion(networkID(n.prefix)),
		libp2p.ResourceManager(rm),
		libp2p.ConnectionManager(cm),
		libp2p.ConnectionGater(gater{n.blocks}),
		libp2p.DisableRelay(),
		libp2p.DisableMetrics(),
		libp2p.DisableIdentifyAddressDiscovery(),
	)
	if err != nil {
		rm.Close()
		cm.Close()
		return nil, fmt.Errorf("make host: %w", err)
	}
	return h, nil
}

// listen opens the node to others. It is called when every protocol has its handler and the roster watches: a peer that
// came earlier would learn that we speak nothing.
func listen(h host.Host, addrs []string) error {
	if len(addrs) == 0 {
		addrs = []string{"/ip4/127.0.0.1/tcp/0"}
	}
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

// limits are fixed, not scaled by the memory of the machine: a node is a guest on somebody's desktop.
func limits() rcmgr.ConcreteLimitConfig {
	const mib = 1 << 20
	return rcmgr.PartialLimitConfig{
		System: rcmgr.ResourceLimits{
			Conns: 256, ConnsInbound: 160, ConnsOutbound: 128, FD: 512, Memory: 256 * mib,
			Streams: 2048, StreamsInbound: 2048, StreamsOutbound: 2048,
		},
		Transient: rcmgr.ResourceLimits{
			Conns: 64, ConnsInbound: 48, ConnsOutbound: 48, FD: 64, Memory: 32 * mib,
			Streams: 256, StreamsInbound: 256, StreamsOutbound: 256,
		},
		PeerDefault: rcmgr.ResourceLimits{
			Conns: 4, ConnsInbound: 4, ConnsOutbound: 4, FD: 4, Memory: 16 * mib,
			Streams: 128, StreamsInbound: 64, StreamsOutbound: 64,
		},
		// Twice what Handle allows a peer, so that it is Handle that refuses and counts.
		ProtocolPeerDefault: rcmgr.ResourceLimits{
			Streams: 4 * streamsPerPeer, StreamsInbound: 2 * streamsPerPeer, StreamsOutbound: 2 * streamsPerPeer,
			Memory: 16 * mib,
		},
	}.Build(rcmgr.InfiniteLimits)
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
