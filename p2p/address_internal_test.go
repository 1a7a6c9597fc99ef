package p2p

import (
	"net"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"
)

func addrInfo(t testing.TB, id peer.ID, addrs ...string) peer.AddrInfo {
	t.Helper()
	info := peer.AddrInfo{ID: id}
	for _, a := range addrs {
		info.Addrs = append(info.Addrs, ma(t, a))
	}
	return info
}

func TestTCPIsDialedFirstNearbyAndQUICElsewhere(t *testing.T) {
	tcp, quic := ma(t, "/ip4/192.168.0.2/tcp/1"), ma(t, "/ip4/192.168.0.2/udp/1/quic-v1")
	farTCP, farQUIC := ma(t, "/ip4/8.8.8.8/tcp/1"), ma(t, "/ip4/8.8.8.8/udp/1/quic-v1")
	at := map[string]time.Duration{}
	for _, d := range rankDials([]multiaddr.Multiaddr{quic, tcp, farTCP, farQUIC}) {
		at[d.Addr.String()] = d.Delay
	}
	if len(at) != 4 || at[tcp.String()] >= at[quic.String()] || at[farQUIC.String()] >= at[farTCP.String()] {
		t.Errorf("%v", at)
	}
	if alone := rankDials([]multiaddr.Multiaddr{quic}); len(alone) != 1 || alone[0].Delay != 0 {
		t.Errorf("without another way QUIC waits: %v", alone)
	}
}

func TestOnlyPrivateNetworksOfThisMachineAreNear(t *testing.T) {
	l := &localNetworks{list: func() ([]net.Addr, error) {
		var all []net.Addr
		for _, s := range []string{"192.168.7.5/24", "8.8.8.8/24", "fd00:1::5/64"} {
			ip, n, err := net.ParseCIDR(s)
			if err != nil {
				return nil, err
			}
			all = append(all, &net.IPNet{IP: ip, Mask: n.Mask})
		}
		return all, nil
	}}
	for addr, want := range map[string]bool{
		"/ip4/127.0.0.1/tcp/1": true, "/ip6/::1/tcp/1": true, "/ip4/192.168.7.9/udp/1/quic-v1": true, "/ip6/fd00:1::9/tcp/1": true,
		"/ip4/192.168.8.9/tcp/1": false, "/ip4/8.8.8.9/tcp/1": false, "/ip4/10.0.0.1/tcp/1": false, "/dns4/localhost/tcp/1": false,
	} {
		if got := l.holds(ma(t, addr)); got != want {
			t.Errorf("%s: %v", addr, got)
		}
	}
}

func TestPrivateAddressesAreDialedOnPurposeAlone(t *testing.T) {
	d := newDials()
	id := testID(t, 1)
	near, other := ma(t, "/ip4/192.168.0.2/tcp/22"), ma(t, "/ip4/127.0.0.1/tcp/22")
	if d.allow(id, near) || d.allow(id, other) || !d.allow(id, ma(t, "/ip4/8.8.8.8/tcp/1")) {
		t.Error("without a purpose")
	}
	first := d.begin(addrInfo(t, id, near.String()))
	second := d.begin(addrInfo(t, id, near.String()))
	first()
	if !d.allow(id, near) || d.allow(id, other) || d.allow(testID(t, 2), near) {
		t.Error("with one")
	}
	second()
	if d.allow(id, near) || len(d.wanted) != 0 {
		t.Error("after it")
	}
	defer d.begin(addrInfo(t, id, "/dns4/printer.lan/tcp/1"))()
	if !d.allow(id, near) {
		t.Error("what a name leads to")
	}
}

func TestClocksThatDisagreeMeanSleep(t *testing.T) {
	if asleep(5*time.Second, 6*time.Second) || asleep(time.Second, -time.Hour) || !asleep(time.Second, time.Minute) {
		t.Error("wrong")
	}
}
