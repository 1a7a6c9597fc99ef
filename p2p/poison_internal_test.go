package p2p

import (
	"fmt"
	"log/slog"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"
)

// idOf is one of many ids.
func idOf(t testing.TB, n int) peer.ID {
	t.Helper()
	id, err := peerID(Key{7, byte(n), byte(n >> 8), byte(n >> 16)})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestFalseAddressesComeBesideTheTrueOneAndPutOffNoDial(t *testing.T) {
	truth := ma(t, "/ip4/192.168.0.2/tcp/1")
	lie := func(n int) string { return fmt.Sprintf("/ip4/192.168.9.%d/tcp/%d", n%200, 1+n/200) }
	id := testID(t, 1)
	for name, first := range map[string]int{"before the true one": 1000, "after it": 0} {
		s := newSchedule(noJitter)
		now, n := t0, 0
		announce := func(addrs ...string) {
			t.Helper()
			if _, err := s.setFound(addrInfo(t, id, addrs...), false, now, newcomerGrace); err != nil {
				t.Fatal(err)
			}
		}
		lies := func(count int) {
			for range count {
				announce(lie(n))
				n++
				now = now.Add(time.Millisecond)
			}
		}
		lies(first)
		announce(truth.String())
		if first == 0 {
			lies(1000)
		}
		if got := s.targets[id].info().Addrs; len(got) > maxFoundAddrs || !slices.ContainsFunc(got, truth.Equal) {
			t.Errorf("lies %s leave %v", name, got)
		}
		// Lies go on all the time, faster than a dial may begin.
		dialed := false
		for range 2 * newcomerGrace / time.Millisecond {
			lies(1)
			dial, _ := s.due(now)
			dialed = dialed || len(dial) > 0
		}
		if !dialed {
			t.Errorf("with lies %s the peer is never dialed", name)
		}
	}
}

func TestLiesOfTheLocalNetworkLeaveWhatWorkedAndWhatTheUserSaid(t *testing.T) {
	s := newSchedule(noJitter)
	id, worked, said := testID(t, 1), ma(t, "/ip4/192.168.0.2/tcp/1"), ma(t, "/ip4/192.168.0.3/tcp/1")
	s.addExplicit(addrInfo(t, id, said.String()), false, t0)
	s.remember(id, []multiaddr.Multiaddr{worked}, false, t0)
	up := testID(t, 2)
	s.setFound(addrInfo(t, up, "/ip4/192.168.0.4/tcp/1"), true, t0, 0)
	for n := range 5000 {
		s.setFound(addrInfo(t, id, fmt.Sprintf("/ip4/192.168.9.1/tcp/%d", 1+n)), false, t0, 0)
		s.setFound(addrInfo(t, idOf(t, n), "/ip4/192.168.9.1/tcp/1"), false, t0, 0)
		for _, info := range dialsOf(s.due(t0.Add(time.Duration(n) * time.Second))) {
			s.dialed(info.ID, t0) // nobody is there
		}
	}
	if got := s.targets[id].info().Addrs; !got[0].Equal(said) || !slices.ContainsFunc(got, worked.Equal) || len(got) > maxFoundAddrs+2 {
		t.Errorf("dialed at %v", got)
	}
	if s.targets[up] == nil || s.targets[up].up.IsZero() {
		t.Error("a connected peer made room")
	}
	if n := len(s.targets); n > maxFound+1 {
		t.Errorf("%d targets", n)
	}
}

func dialsOf(dial []peer.AddrInfo, _ time.Time) []peer.AddrInfo { return dial }

// TestWhatTheLocalNetworkTellsIsCheckedAndCounted looks at announcements
// through a node that dials nobody.
func TestWhatTheLocalNetworkTellsIsCheckedAndCounted(t *testing.T) {
	h, err := libp2p.New(libp2p.NoListenAddrs, libp2p.DisableMetrics())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	n := &Node{host: h, counts: &counters{}, peers: newRoster(), log: slog.New(slog.DiscardHandler), nets: &localNetworks{
		list: func() ([]net.Addr, error) {
			return []net.Addr{&net.IPNet{IP: net.IPv4(192, 168, 0, 1), Mask: net.CIDRMask(16, 32)}}, nil
		},
	}}
	n.keeper = newKeeper(n, nil)
	refused := func() uint64 { return n.Stats()["mdns_refused"] }
	_, ecdsa, err := crypto.GenerateKeyPair(crypto.ECDSA, 256)
	if err != nil {
		t.Fatal(err)
	}
	otherKind, err := peer.IDFromPublicKey(ecdsa)
	if err != nil {
		t.Fatal(err)
	}
	for name, info := range map[string]peer.AddrInfo{
		"public":             addrInfo(t, testID(t, 1), "/ip4/8.8.8.8/tcp/1"),
		"another network":    addrInfo(t, testID(t, 1), "/ip4/10.0.0.1/tcp/1"),
		"this machine":       addrInfo(t, testID(t, 1), "/ip4/127.0.0.1/tcp/1", "/ip6/::1/tcp/1"),
		"a name":             addrInfo(t, testID(t, 1), "/dns4/example.com/tcp/1"),
		"nothing":            addrInfo(t, testID(t, 1)),
		"another kind of id": addrInfo(t, otherKind, "/ip4/192.168.0.2/tcp/1"),
	} {
		before := refused()
		finder{n}.HandlePeerFound(info)
		if len(n.keeper.s.targets) != 0 || refused() != before+1 {
			t.Errorf("%s: %d targets, counted %d", name, len(n.keeper.s.targets), refused()-before)
		}
	}
	finder{n}.HandlePeerFound(addrInfo(t, h.ID(), "/ip4/192.168.0.2/tcp/1"))
	mixed := []string{"/ip4/8.8.8.8/tcp/1"}
	for i := range 100 {
		mixed = append(mixed, fmt.Sprintf("/ip4/192.168.0.%d/tcp/1", i))
	}
	before := refused()
	finder{n}.HandlePeerFound(addrInfo(t, testID(t, 1), mixed...))
	if got := n.keeper.s.targets[testID(t, 1)].info().Addrs; len(got) != maxContactAddrs || got[0].String() != mixed[1] {
		t.Errorf("taken %v", got)
	}
	const flood = 3000
	for i := range flood {
		finder{n}.HandlePeerFound(addrInfo(t, idOf(t, i), "/ip4/192.168.0.2/tcp/1"))
	}
	if got := len(n.keeper.s.targets); got != maxFound || refused()-before != flood+1-maxFound {
		t.Errorf("%d targets, %d refused", got, refused()-before)
	}
}
