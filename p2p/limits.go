package p2p

import (
	"fmt"
	"net/netip"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"
	"github.com/libp2p/go-libp2p/x/rate"
	"github.com/multiformats/go-multiaddr"
)

// Connections are trimmed to connsLow when there are more than connsHigh, which stays below the hard limit of limits:
// else newcomers would be refused before anything is trimmed. One IPv4 address, or IPv6 /64, has at most connsPerIP of
// them, and opens as many at once and one a second from then on. This machine is not limited so.
const (
	connsLow   = 96
	connsHigh  = 128
	connsPerIP = 16
	siteConns  = 4 * connsPerIP // of an IPv6 /48
)

// limits are fixed, not scaled by the memory of the machine: a node is a guest on somebody's desktop. Explicit peers
// have places of their own beside those of the rest.
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
		AllowlistedSystem: rcmgr.ResourceLimits{
			Conns: 64, ConnsInbound: 32, ConnsOutbound: 32, FD: 64, Memory: 64 * mib,
			Streams: 512, StreamsInbound: 512, StreamsOutbound: 512,
		},
		AllowlistedTransient: rcmgr.ResourceLimits{
			Conns: 16, ConnsInbound: 8, ConnsOutbound: 8, FD: 16, Memory: 16 * mib,
			Streams: 64, StreamsInbound: 64, StreamsOutbound: 64,
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

// newResources makes the resource manager, which counts whatever it refuses.
func newResources(c *counters) (network.ResourceManager, *rcmgr.Allowlist, error) {
	at := rate.Limit{RPS: 1, Burst: connsPerIP}
	rm, err := rcmgr.NewResourceManager(rcmgr.NewFixedLimiter(limits()),
		rcmgr.WithMetricsDisabled(), // the library's own, which are of the whole process
		rcmgr.WithMetrics(refusals{c}),
		rcmgr.WithLimitPerSubnet(
			[]rcmgr.ConnLimitPerSubnet{{PrefixLength: 32, ConnCount: connsPerIP}},
			[]rcmgr.ConnLimitPerSubnet{{PrefixLength: 64, ConnCount: connsPerIP}, {PrefixLength: 48, ConnCount: siteConns}},
		),
		rcmgr.WithConnRateLimiters(&rate.Limiter{
			NetworkPrefixLimits: []rate.PrefixLimit{
				{Prefix: netip.MustParsePrefix("127.0.0.0/8")}, {Prefix: netip.MustParsePrefix("::1/128")},
			},
			SubnetRateLimiter: rate.SubnetLimiter{
				IPv4SubnetLimits: []rate.SubnetLimit{{PrefixLength: 32, Limit: at}},
				IPv6SubnetLimits: []rate.SubnetLimit{{PrefixLength: 64, Limit: at}},
			},
		}),
	)
	if err != nil {
		return nil, nil, fmt.Errorf("make resource manager: %w", err)
	}
	return resources{rm, c}, rcmgr.GetAllowlist(rm), nil
}

// resources counts the connections that are refused, those of one address too many included, of which the reporter of
// the library is not told.
type resources struct {
	network.ResourceManager
	counts *counters
}

func (r resources) OpenConnection(dir network.Direction, usefd bool, a multiaddr.Multiaddr) (network.ConnManagementScope, error) {
	scope, err := r.ResourceManager.OpenConnection(dir, usefd, a)
	if err != nil {
		r.counts.add(either(dir, blockedConnsIn, blockedConnsOut))
		return nil, err
	}
	return connScope{scope, r.counts}, nil
}

// connScope counts the connections that find no place once it is known whose they are: also those that came from the
// address of an explicit peer and are another's, of which the reporter is not told either.
type connScope struct {
	network.ConnManagementScope
	counts *counters
}

func (c connScope) SetPeer(id peer.ID) error {
	err := c.ConnManagementScope.SetPeer(id)
	if err != nil {
		c.counts.add(blockedPeerConns)
	}
	return err
}

func either(dir network.Direction, in, out counter) counter {
	if dir == network.DirInbound {
		return in
	}
	return out
}

// refusals is a rcmgr.MetricsReporter that is interested in nothing else.
type refusals struct{ counts *counters }

func (r refusals) BlockStream(_ peer.ID, dir network.Direction) {
	r.counts.add(either(dir, blockedStreamsIn, blockedStreamsOut))
}
func (r refusals) BlockProtocol(protocol.ID)              { r.counts.add(blockedProtocols) }
func (r refusals) BlockProtocolPeer(protocol.ID, peer.ID) { r.counts.add(blockedProtocols) }
func (r refusals) BlockService(string)                    { r.counts.add(blockedServices) }
func (r refusals) BlockServicePeer(string, peer.ID)       { r.counts.add(blockedServices) }
func (r refusals) BlockMemory(int)                        { r.counts.add(blockedMemory) }

func (refusals) BlockConn(network.Direction, bool)      {} // see resources
func (refusals) BlockPeer(peer.ID)                      {} // see connScope
func (refusals) AllowConn(network.Direction, bool)      {}
func (refusals) AllowStream(peer.ID, network.Direction) {}
func (refusals) AllowPeer(peer.ID)                      {}
func (refusals) AllowProtocol(protocol.ID)              {}
func (refusals) AllowService(string)                    {}
func (refusals) AllowMemory(int)                        {}

// expect gives an explicit peer a place of its own: it comes in from its address however many others there are.
func (n *Node) expect(info peer.AddrInfo) {
	for _, a := range info.Addrs {
		if _, ok := ipOf(a); !ok {
			continue // a name: it is dialed, and has a place as soon as it is connected
		}
		if full, err := multiaddr.NewMultiaddr(a.String() + "/p2p/" + info.ID.String()); err == nil {
			if err := n.allowed.Add(full); err != nil {
				n.log.Debug("no place of its own", "peer", info.ID, "error", err)
			}
		}
	}
}
