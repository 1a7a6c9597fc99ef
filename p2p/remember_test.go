package p2p_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/multiformats/go-multiaddr"

	"intercom/p2p"
)

// shelf is a Book in memory.
type shelf struct {
	mu   sync.Mutex
	rows map[p2p.Key][]byte
}

func (s *shelf) Load(f func(p2p.Key, []byte)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, row := range s.rows {
		f(k, row)
	}
	return nil
}

func (s *shelf) Save(_ context.Context, rows map[p2p.Key][]byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, row := range rows {
		if s.rows[k] = row; row == nil {
			delete(s.rows, k)
		}
	}
	return nil
}

func TestANodeRemembersAcrossRestartsAndPassesOverBadRows(t *testing.T) {
	s := &shelf{rows: map[p2p.Key][]byte{{9}: []byte("no row"), {8}: nil}}
	with := func(o *p2p.Options) { o.Book = s }
	b := start(t, "b", "")
	a := start(t, "a", "", with)
	if _, err := a.Connect(t.Context(), b.Addrs()[0], false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "connected", func() bool { return linked(a, b) })
	a.Close()
	a = start(t, "a", "", with)
	eventually(t, "connected again", func() bool { return linked(a, b) })
}

// TestWhatAPeerTellsOfItselfComesIntoNoBook: all but a public address that it came from is left out, and what others'
// rows hold stays.
func TestWhatAPeerTellsOfItselfComesIntoNoBook(t *testing.T) {
	s := &shelf{rows: map[p2p.Key][]byte{}}
	b := start(t, "b", "")
	n := start(t, "n", "", func(o *p2p.Options) { o.Book = s })
	if _, err := n.Connect(t.Context(), b.Addrs()[0], false); err != nil {
		t.Fatal(err)
	}
	var lies []multiaddr.Multiaddr
	for _, a := range []string{b.Addrs()[0], "/ip4/8.8.8.8/tcp/1", "/ip4/10.0.0.1/tcp/1", "/ip4/127.0.0.1/tcp/1", "/dns4/example.com/tcp/1"} {
		listen, _, _ := strings.Cut(a, "/p2p/")
		lies = append(lies, multiaddr.StringCast(listen))
	}
	for i := range 20 {
		h := lean(t, fmt.Sprint("liar ", i), libp2p.AddrsFactory(func([]multiaddr.Multiaddr) []multiaddr.Multiaddr { return lies }))
		connect(t, h, n)
		eventually(t, "the liar is a peer", func() bool { return sees(n, pub(fmt.Sprint("liar ", i))) })
	}
	n.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	listen, _, _ := strings.Cut(b.Addrs()[0], "/p2p/")
	if row := string(s.rows[pub("b")]); len(s.rows) != 1 || !strings.Contains(row, listen) {
		t.Errorf("the book has %d rows, of b %s", len(s.rows), row)
	}
}

// lean is a host that costs little and listens nowhere.
func lean(t *testing.T, name string, more ...libp2p.Option) host.Host {
	t.Helper()
	k, err := crypto.UnmarshalEd25519PrivateKey(key(name))
	if err != nil {
		t.Fatal(err)
	}
	h, err := libp2p.New(append(more, libp2p.Identity(k), libp2p.NoListenAddrs, libp2p.DisableMetrics(), libp2p.DisableRelay(),
		libp2p.Transport(tcp.NewTCPTransport), libp2p.ResourceManager(&network.NullResourceManager{}),
		libp2p.ProtocolVersion("intercom/1/main"))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// TestAFloodOfConnectionsDoesNotKeepTheExplicitPeerOut: more than two hundred peers fill every place for strangers.
func TestAFloodOfConnectionsDoesNotKeepTheExplicitPeerOut(t *testing.T) {
	friend := start(t, "friend", "")
	addr := friend.Addrs()[0]
	friend.Close()
	n := start(t, "n", "", func(o *p2p.Options) { o.Peers = []string{addr} })
	info, err := peer.AddrInfoFromString(n.Addrs()[0])
	if err != nil {
		t.Fatal(err)
	}
	for i := range 220 {
		h := lean(t, fmt.Sprint("stranger ", i))
		if err := h.Connect(t.Context(), *info); err != nil {
			t.Log(err) // some learn it later
		}
	}
	eventually(t, "the places are full, and that is counted", func() bool {
		st := n.Stats()
		return len(n.Peers()) >= 128 && len(n.Peers()) <= 160 && st["rcmgr_blocked_conns_in"]+st["rcmgr_blocked_peers"] >= 60
	})
	// It dials, and is not dialed: it listens nowhere.
	back := lean(t, "friend")
	if err := back.Connect(t.Context(), *info); err != nil {
		t.Fatalf("the friend is kept out: %v", err)
	}
	eventually(t, "the friend is a peer", func() bool { return sees(n, pub("friend")) })
}
