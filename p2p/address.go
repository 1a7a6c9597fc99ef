package p2p

import (
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

// ipOf is false for an address that begins with no IP.
func ipOf(a multiaddr.Multiaddr) (netip.Addr, bool) {
	ip, err := manet.ToIP(a)
	if err != nil {
		return netip.Addr{}, false
	}
	addr, ok := netip.AddrFromSlice(ip)
	return addr.Unmap(), ok
}

func isLoopback(a multiaddr.Multiaddr) bool {
	ip, ok := ipOf(a)
	return ok && ip.IsLoopback()
}

func isQUIC(a multiaddr.Multiaddr) bool {
	_, err := a.ValueForProtocol(multiaddr.P_QUIC_V1)
	return err == nil
}

// transportOf is tcp or quic.
func transportOf(a multiaddr.Multiaddr) string {
	if isQUIC(a) {
		return "quic"
	}
	return "tcp"
}

// rankDials puts TCP before QUIC where packets do not get lost: it carries more there for less. Elsewhere the order is
// that of RFC 8305 with QUIC first.
func rankDials(addrs []multiaddr.Multiaddr) []network.AddrDelay {
	var near, far []multiaddr.Multiaddr
	tcp := false
	for _, a := range addrs {
		if manet.IsPublicAddr(a) {
			far = append(far, a)
			continue
		}
		near = append(near, a)
		tcp = tcp || !isQUIC(a)
	}
	ranked := swarm.DefaultDialRanker(far)
	for _, a := range near {
		d := network.AddrDelay{Addr: a}
		if tcp && isQUIC(a) {
			d.Delay = swarm.PublicQUICDelay
		}
		ranked = append(ranked, d)
	}
	return ranked
}

// localNetworks are the private networks that this machine is in. They are asked for again when they are older than
// netsFor.
type localNetworks struct {
	list func() ([]net.Addr, error)

	mu   sync.Mutex
	nets []netip.Prefix
	at   time.Time
}

const netsFor = 2 * time.Second

func newLocalNetworks() *localNetworks { return &localNetworks{list: net.InterfaceAddrs} }

// holds reports whether an address is on this machine or in one of its networks.
func (l *localNetworks) holds(a multiaddr.Multiaddr) bool {
	ip, ok := ipOf(a)
	if !ok {
		return false
	}
	if ip.IsLoopback() || ip.IsLinkLocalUnicast() {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); now.Sub(l.at) > netsFor {
		l.nets, l.at = privateNets(l.list), now
	}
	for _, n := range l.nets {
		if n.Contains(ip) {
			return true
		}
	}
	return false
}

func privateNets(list func() ([]net.Addr, error)) (nets []netip.Prefix) {
	addrs, err := list()
	if err != nil {
		return nil // none is the safe answer
	}
	for _, a := range addrs {
		p, err := netip.ParsePrefix(a.String())
		if err == nil && p.Addr().IsPrivate() {
			nets = append(nets, p.Masked())
		}
	}
	return nets
}

// dials are the addresses that are being dialed on purpose. Private and loopback addresses are dialed no other way:
// else a peer could make this machine knock at doors of a network that the peer is not in.
type dials struct {
	mu     sync.Mutex
	wanted map[peer.ID][]*dialing
}

type dialing struct {
	addrs []multiaddr.Multiaddr
	named bool // one of them is a name, which leads to any address
}

func newDials() *dials { return &dials{wanted: make(map[peer.ID][]*dialing)} }

// begin allows the addresses of a peer until end is called.
func (d *dials) begin(info peer.AddrInfo) (end func()) {
	w := &dialing{addrs: info.Addrs, named: slices.ContainsFunc(info.Addrs, func(a multiaddr.Multiaddr) bool {
		_, ok := ipOf(a)
		return !ok
	})}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wanted[info.ID] = append(d.wanted[info.ID], w)
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		rest := slices.DeleteFunc(d.wanted[info.ID], func(other *dialing) bool { return other == w })
		if d.wanted[info.ID] = rest; len(rest) == 0 {
			delete(d.wanted, info.ID)
		}
	}
}

func (d *dials) allow(id peer.ID, addr multiaddr.Multiaddr) bool {
	if manet.IsPublicAddr(addr) {
		return true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.ContainsFunc(d.wanted[id], func(w *dialing) bool {
		return w.named || slices.ContainsFunc(w.addrs, addr.Equal)
	})
}
