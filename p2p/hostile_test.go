package p2p_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"google.golang.org/protobuf/proto"

	"intercom/p2p"
)

const mesh = "/main/meshsub/1.2.0"

// stranger is a bare libp2p host with the key of name, connected to n: it obeys no rule of ours.
func stranger(t *testing.T, name string, n *p2p.Node) (host.Host, peer.ID) {
	t.Helper()
	h := bare(t, name, "intercom/1/main")
	h.SetStreamHandler(mesh, func(s network.Stream) { io.Copy(io.Discard, s) })
	return h, connect(t, h, n)
}

// bare is a host that says it belongs to network and speaks nothing.
func bare(t *testing.T, name, network string) host.Host {
	t.Helper()
	k, err := crypto.UnmarshalEd25519PrivateKey(key(name))
	if err != nil {
		t.Fatal(err)
	}
	h, err := libp2p.New(libp2p.Identity(k), libp2p.NoListenAddrs, libp2p.DisableMetrics(), libp2p.ProtocolVersion(network))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

func connect(t *testing.T, h host.Host, n *p2p.Node) peer.ID {
	t.Helper()
	info, err := peer.AddrInfoFromString(n.Addrs()[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Connect(t.Context(), *info); err != nil {
		t.Fatal(err)
	}
	return info.ID
}

func TestPeerIsJudgedByItsNetworkAndNotByWhatItSpeaks(t *testing.T) {
	a := start(t, "a", "")
	connect(t, bare(t, "starting", "intercom/1/main"), a)
	eventually(t, "one that does not speak yet is a peer", func() bool { return sees(a, pub("starting")) })
	foreign := bare(t, "foreign", "intercom/1/lab")
	foreign.SetStreamHandler(mesh, func(s network.Stream) { io.Copy(io.Discard, s) })
	id := connect(t, foreign, a)
	eventually(t, "the foreign one is sent away", func() bool {
		return foreign.Network().Connectedness(id) != network.Connected
	})
	if sees(a, pub("foreign")) || a.Stats()["peers_of_other_networks"] == 0 {
		t.Errorf("peers %v, counted %v", a.Peers(), a.Stats())
	}
}

// rpc writes one message of the gossip protocol.
func rpc(t *testing.T, s network.Stream, m *pb.RPC) {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write(append(binary.AppendUvarint(nil, uint64(len(b))), b...)); err != nil {
		t.Logf("write: %v", err) // it may be blocked by now
	}
}

func frame(text string) *pb.RPC {
	topic := "/intercom/1/" + hex.EncodeToString(room[:])
	return &pb.RPC{Publish: []*pb.Message{{Data: []byte(text), Topic: &topic}}}
}

func noX(_ p2p.Key, kind byte, _ []byte) p2p.Verdict {
	if kind == 'x' {
		return p2p.Reject
	}
	return p2p.Accept
}

func TestHostilePeerIsBlockedAndOthersGoOn(t *testing.T) {
	empty := frame("")
	signed := frame("good")
	signed.Publish[0].Signature = []byte("sig")
	authored := frame("good too")
	authored.Publish[0].From, authored.Publish[0].Seqno = []byte("me"), []byte{1}
	for name, bad := range map[string]struct {
		first   *pb.RPC
		counter string
	}{
		"judged invalid": {frame("x0"), "frames_rejected"},
		"no kind":        {empty, "frames_rejected"},
		"signed":         {signed, "frames_malformed"},
		"with author":    {authored, "frames_malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			a, b := start(t, "a", dir), start(t, "b", dir)
			inB := inbox{judge: noX}
			ta, _ := join(t, a, new(inbox)), join(t, b, &inB)
			eventually(t, "a listener", func() bool { return len(ta.Peers()) == 1 })

			evil, id := stranger(t, "evil", b)
			eventually(t, "evil is a peer", func() bool { return sees(b, pub("evil")) })
			s, err := evil.NewStream(t.Context(), id, mesh)
			if err != nil {
				t.Fatal(err)
			}
			rpc(t, s, bad.first)
			rpc(t, s, frame("x1"))
			if !sees(b, pub("evil")) {
				t.Error("blocked before the third strike")
			}
			rpc(t, s, frame("x2"))
			eventually(t, "evil is thrown out", func() bool { return !sees(b, pub("evil")) })
			if st := b.Stats(); st[bad.counter] == 0 || st["peers_blocked"] != 1 {
				t.Errorf("counted %v", st)
			}
			if err := b.Dial(t.Context(), fmt.Sprintf("/ip4/127.0.0.1/tcp/1/p2p/%s", evil.ID())); !errors.Is(err, p2p.ErrBlocked) {
				t.Errorf("dial to a blocked peer: %v", err)
			}
			refused(t, evil, b, id)
			publish(t, ta, "still here")
			eventually(t, "a and b go on", func() bool { return inB.has("still here") })
		})
	}
}

// refused: the handshake may seem to work for the one who dials; then the connection ends.
func refused(t *testing.T, evil host.Host, n *p2p.Node, id peer.ID) {
	t.Helper()
	info, _ := peer.AddrInfoFromString(n.Addrs()[0])
	eventually(t, "its connection ends", func() bool { return evil.Network().Connectedness(id) != network.Connected })
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	evil.Connect(ctx, *info)
	eventually(t, "its next connection ends", func() bool { return evil.Network().Connectedness(id) != network.Connected })
	p, _ := evil.ID().ExtractPublicKey()
	raw, _ := p.Raw()
	if sees(n, p2p.Key(raw)) {
		t.Error("a blocked peer came in again")
	}
}

func TestGarbageOnTheGossipProtocol(t *testing.T) {
	dir := t.TempDir()
	a, b := start(t, "a", dir), start(t, "b", dir)
	var inB inbox
	ta, _ := join(t, a, new(inbox)), join(t, b, &inB)
	eventually(t, "a listener", func() bool { return len(ta.Peers()) == 1 })
	evil, id := stranger(t, "evil", b)
	sum := sha256.Sum256(nil)
	for _, garbage := range [][]byte{
		binary.AppendUvarint(nil, 1<<40),                     // a length nobody has memory for
		append(binary.AppendUvarint(nil, 32), sum[:]...),     // no protobuf
		{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 99}, // no length
		binary.AppendUvarint(nil, 100),                       // cut
	} {
		s, err := evil.NewStream(t.Context(), id, mesh)
		if err != nil {
			t.Fatal(err)
		}
		s.Write(garbage)
		s.CloseWrite()
		s.SetDeadline(time.Now().Add(5 * time.Second))
		io.Copy(io.Discard, s) // until b has ended it
	}
	publish(t, ta, "still here")
	eventually(t, "a and b go on", func() bool { return inB.has("still here") })
}

func TestSubscriptionFloodIsBounded(t *testing.T) {
	b := start(t, "b", "")
	evil, id := stranger(t, "evil", b)
	s, err := evil.NewStream(t.Context(), id, mesh)
	if err != nil {
		t.Fatal(err)
	}
	const n, batch = 5000, 1000
	for i := 0; i < n; i += batch {
		m := &pb.RPC{}
		for j := range batch {
			name := sha256.Sum256(binary.BigEndian.AppendUint32(nil, uint32(i+j)))
			topic := "/intercom/1/" + hex.EncodeToString(name[:])
			m.Subscriptions = append(m.Subscriptions, &pb.RPC_SubOpts{Subscribe: proto.Bool(true), Topicid: &topic})
		}
		rpc(t, s, m)
	}
	rpc(t, s, &pb.RPC{Subscriptions: []*pb.RPC_SubOpts{{Subscribe: proto.Bool(true), Topicid: proto.String("not ours")}}})
	eventually(t, "the rest is refused", func() bool { return b.Stats()["subscriptions_refused"] == n-4096+1 })
}

func TestNothingIsSpokenOutsideTheNetwork(t *testing.T) {
	b := start(t, "b", "")
	b.Handle("/test/x/1", func(context.Context, p2p.Key, p2p.Stream) {})
	evil, id := stranger(t, "evil", b)
	for _, name := range []protocol.ID{pubsub.FloodSubID, "/main" + pubsub.FloodSubID, pubsub.GossipSubID_v12,
		"/test/x/1", "/lab/test/x/1"} {
		if s, err := evil.NewStream(t.Context(), id, name); err == nil {
			t.Errorf("%s is spoken", name)
			s.Reset()
		}
	}
}
