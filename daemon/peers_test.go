//go:build unix

package daemon_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"intercom/client/wire"
	"intercom/daemon/daemontest"
)

// apart are homes of two users, whose daemons do not find each other.
func apart(t *testing.T) (a, b *daemontest.Home) { return daemontest.NewHome(t), daemontest.NewHome(t) }

// addr returns a listening address of a daemon over a transport.
func addr(t *testing.T, d *daemontest.Daemon, transport string) string {
	t.Helper()
	for _, a := range d.Info().Listen {
		if strings.Contains(a, transport) {
			return a
		}
	}
	t.Fatalf("%s listens at %v", d.Profile.Name, d.Info().Listen)
	return ""
}

func connect(t *testing.T, from, to *daemontest.Daemon, save bool) {
	t.Helper()
	daemontest.Call(from, wire.PeerConnect, wire.PeerConnectReq{Address: addr(t, to, ""), Save: save})
	meet(t, from, to)
}

// peer returns what a daemon lists of another; zero where it lists nothing.
func peer(d, other *daemontest.Daemon) wire.PeerEntry {
	key := other.Info().PeerPubkey
	for _, p := range daemontest.Call(d, wire.Peers, wire.PeersReq{All: true}).Peers {
		if p.Peer == key {
			return p
		}
	}
	return wire.PeerEntry{}
}

func TestTwoDaemonsMeetOverEachTransportAlone(t *testing.T) {
	for transport, listen := range map[string]string{
		"tcp":  "/ip4/127.0.0.1/tcp/0",
		"quic": "/ip4/127.0.0.1/udp/0/quic-v1",
	} {
		t.Run(transport, func(t *testing.T) {
			x, y := apart(t)
			a, b := x.Start("a", "--listen", listen), y.Start("b", "--listen", listen)
			connect(t, a, b, false)
			a.Write("team", 0, 3)
			b.Write("team", 3, 6)
			daemontest.WaitSame(t, "team", 6, a, b)
			p, q := peer(a, b), peer(b, a)
			if p.Transport != transport || p.Direction != "out" || p.Source != "explicit" || p.LatencyMs == nil {
				t.Errorf("%s lists %+v", a.Profile.Name, p)
			}
			if q.Direction != "in" || q.Source != "incoming" || !slices.Contains(q.Channels, "team") {
				t.Errorf("%s lists %+v", b.Profile.Name, q)
			}
		})
	}
}

func TestASavedPeerIsFoundAgainAfterARestart(t *testing.T) {
	x, y := apart(t)
	a, b := x.Start("a"), y.Start("b")
	connect(t, a, b, true)
	if p := peer(a, b); !p.Explicit || !p.Protected {
		t.Errorf("%+v is not kept", p)
	}
	a.Stop()
	daemontest.Eventually(t, soon, "b sees a go", func() bool { return len(b.Info().Peers) == 0 })
	a = x.Start("a")
	meet(t, a, b)
	if p := peer(a, b); !p.Explicit || p.Source != "explicit" {
		t.Errorf("%+v is not kept any more", p)
	}
}

func TestAPeerOfTheAddressBookIsFoundAgainAfterAKill(t *testing.T) {
	x, y := apart(t)
	a, b := x.Start("a"), y.Start("b")
	connect(t, a, b, false)
	// What is known is written by and by, and at a stop at once.
	a.Stop()
	a = x.Start("a")
	meet(t, a, b)
	a.Kill()
	a = x.Start("a")
	meet(t, a, b)
	if p := peer(a, b); p.Explicit || p.Source != "explicit" {
		t.Errorf("%+v", p)
	}
}

func TestABlockHoldsAgainstBothDirectionsAndOverARestart(t *testing.T) {
	x, y := apart(t)
	a, b := x.Start("a"), y.Start("b")
	key := b.Info().PeerPubkey
	connect(t, b, a, true) // b dials a, again and again
	a.Join("team")
	b.Write("team", 0, 2)
	daemontest.WaitSame(t, "team", 2, a, b)

	if r := daemontest.Call(a, wire.PeerBlock, wire.PeerBlockReq{Peer: key[:12]}); !r.Changed || r.Peer != key {
		t.Errorf("%+v", r)
	}
	gone := func(d *daemontest.Daemon) func() bool { return func() bool { return len(d.Info().Peers) == 0 } }
	daemontest.Eventually(t, soon, "a is alone", gone(a))
	daemontest.Eventually(t, soon, "b is refused when it dials", func() bool { return a.Count("node_connections_refused") > 0 })
	if _, err := daemontest.Try(a, wire.PeerConnect, wire.PeerConnectReq{Address: addr(t, b, "")}); !errors.Is(err, &wire.Error{Code: wire.Conflict}) {
		t.Errorf("a dials whom it blocks: %v", err)
	}
	a.Kill()
	a = x.Start("a", "--listen", listenOf(t, b, a))
	if p := peer(a, b); p.State != wire.PeerBlocked || !p.ByUser || p.Until != nil {
		t.Errorf("after a restart %+v", p)
	}
	daemontest.Eventually(t, soon, "b is refused after the restart too", func() bool { return a.Count("node_connections_refused") > 0 })
	if r := daemontest.Call(a, wire.PeerBlock, wire.PeerBlockReq{Peer: key}); r.Changed {
		t.Error("a second block is a change")
	}
	if r := daemontest.Call(a, wire.PeerUnblock, wire.PeerReq{Peer: key}); !r.Changed {
		t.Errorf("%+v", r)
	}
	meet(t, a, b)
	b.Write("team", 2, 4)
	daemontest.WaitSame(t, "team", 4, a, b)
}

// listenOf returns where b looks for a, as a listening address.
func listenOf(t *testing.T, b, a *daemontest.Daemon) string {
	t.Helper()
	for _, p := range daemontest.Call(b, wire.Peers, wire.PeersReq{All: true}).Peers {
		if p.Explicit && len(p.Addresses) > 0 {
			at, _, _ := strings.Cut(p.Addresses[0], "/p2p/")
			return at
		}
	}
	t.Fatalf("%s does not look for %s", b.Profile.Name, a.Profile.Name)
	return ""
}

func TestABlockForAWhileEndsByItself(t *testing.T) {
	x, y := apart(t)
	a, b := x.Start("a"), y.Start("b")
	connect(t, b, a, true)
	key := b.Info().PeerPubkey
	r := daemontest.Call(a, wire.PeerBlock, wire.PeerBlockReq{Peer: key, ForMs: 1500})
	if r.Until == nil || time.Until(*r.Until) > 1500*time.Millisecond {
		t.Errorf("until %v", r.Until)
	}
	daemontest.Eventually(t, soon, "a is alone", func() bool { return len(a.Info().Peers) == 0 })
	meet(t, a, b)
}

func TestMessagesOfABlockedAuthorAreDroppedWhoeverBringsThemAndHisEventsCount(t *testing.T) {
	x, y := apart(t)
	z := daemontest.NewHome(t)
	a, b, c := x.Start("a"), y.Start("b"), z.Start("c")
	connect(t, a, b, false)
	connect(t, c, b, false) // a and c have b between them
	for _, d := range []*daemontest.Daemon{a, b, c} {
		d.Join("team")
	}
	daemontest.Call(a, wire.PeerBlock, wire.PeerBlockReq{Peer: c.Info().PeerPubkey})
	daemontest.Eventually(t, soon, "a drops what c says", func() bool {
		daemontest.Call(c, wire.Send, wire.SendReq{Channel: "team", Message: []byte(`"x"`)})
		return a.Count("channel_blocked") > 0
	})
	c.Write("team", 0, 4)
	daemontest.WaitSame(t, "team", 4, a, b, c)
}

func TestADisconnectedPeerIsNotDialedUntilAskedFor(t *testing.T) {
	x, y := apart(t)
	a, b := x.Start("a"), y.Start("b")
	connect(t, a, b, true)
	key := b.Info().PeerPubkey
	if r := daemontest.Call(a, wire.PeerDisconnect, wire.PeerReq{Peer: key}); !r.Changed {
		t.Errorf("%+v", r)
	}
	daemontest.Eventually(t, soon, "they are apart", func() bool { return !a.Sees(b) && !b.Sees(a) })
	if p := peer(a, b); p.State != wire.PeerAway || p.Explicit {
		t.Errorf("%+v", p)
	}
	connect(t, a, b, false)
}

func TestPeersThatCannotBeMeantAreRefused(t *testing.T) {
	x, y := apart(t)
	a, b := x.Start("a"), y.Start("b")
	own, other := a.Info(), b.Info()
	for name, c := range map[string]struct {
		frame daemontest.Frame
		code  wire.Code
	}{
		"itself":          {daemontest.Frame{"type": "peer_block", "peer": own.PeerPubkey}, wire.InvalidRequest},
		"itself, address": {daemontest.Frame{"type": "peer_block", "peer": own.PeerTracAddress}, wire.InvalidRequest},
		"to itself":       {daemontest.Frame{"type": "peer_connect", "address": own.Listen[0]}, wire.InvalidRequest},
		"nobody":          {daemontest.Frame{"type": "peer_block", "peer": "12D3"}, wire.NotFound},
		"nothing":         {daemontest.Frame{"type": "peer_unblock", "peer": " "}, wire.MissingField},
		"absent":          {daemontest.Frame{"type": "peer_disconnect"}, wire.MissingField},
		"no multiaddress": {daemontest.Frame{"type": "peer_connect", "address": "127.0.0.1:4001"}, wire.InvalidRequest},
		"no id":           {daemontest.Frame{"type": "peer_connect", "address": "/ip4/127.0.0.1/tcp/1"}, wire.InvalidRequest},
		"another id": {daemontest.Frame{"type": "peer_connect",
			"address": strings.Split(other.Listen[0], "/p2p/")[0] + "/p2p/12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA"}, wire.Unavailable},
		"in the past": {daemontest.Frame{"type": "peer_block", "peer": other.PeerPubkey, "forMs": -1}, wire.InvalidRequest},
	} {
		if _, err := a.TryRaw(c.frame); !errors.Is(err, &wire.Error{Code: c.code}) {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	if _, err := a.TryRaw(daemontest.Frame{"type": "peer_block", "peer": other.PeerTracAddress, "dryRun": true}); err != nil {
		t.Error(err)
	}
	if p := peer(a, b); p.Blocked {
		t.Error("a dry run blocks")
	}
}
