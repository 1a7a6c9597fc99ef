package p2p_test

import (
	"crypto/ed25519"
	"fmt"
	"testing"

	pb "github.com/libp2p/go-libp2p-pubsub/pb"

	"intercom/p2p"
)

// frames are n different ones in one message; each call with another name makes others.
func frames(name string, n int) *pb.RPC {
	m := &pb.RPC{}
	for i := range n {
		m.Publish = append(m.Publish, frame(fmt.Sprint("i", name, " ", i)).Publish...)
	}
	return m
}

// ignoring looks at frames as closely as who checks a signature, and ignores them.
func ignoring(p2p.Key, byte, []byte) p2p.Verdict {
	k := key("author")
	ed25519.Verify(k.Public().(ed25519.PublicKey), []byte("text"), make([]byte, ed25519.SignatureSize))
	return p2p.Ignore
}

func TestFloodOfIgnoredFramesCostsNoFrameOfOthers(t *testing.T) {
	a, b := start(t, "a", ""), start(t, "b", "")
	if err := a.Dial(t.Context(), b.Addrs()[0]); err != nil {
		t.Fatal(err)
	}
	join(t, b, &inbox{judge: ignoring})
	var inB inbox
	other := [32]byte{7}
	if _, err := b.Join(other, &inB); err != nil {
		t.Fatal(err)
	}
	ta, err := a.Join(other, new(inbox))
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "a listener", func() bool { return len(ta.Peers()) == 1 })
	evil, id := stranger(t, "evil", b)
	s, err := evil.NewStream(t.Context(), id, mesh)
	if err != nil {
		t.Fatal(err)
	}

	// Together less than what gets evil blocked: the flood goes on to the end. Its burst is far beyond the share of a
	// peer, however slowly it is read; from then on the next frames come when the honest one before has arrived.
	const honest, batch = 50, 50
	for i := range 4 {
		rpc(t, s, frames(fmt.Sprint("burst", i), 5_000))
	}
	for i := range honest {
		rpc(t, s, frames(fmt.Sprint("slow", i), batch))
		text := fmt.Sprint("honest", i)
		publish(t, ta, text)
		eventually(t, text+" arrives", func() bool { return inB.has(text) })
	}
	if st := b.Stats(); st["frames_over_budget"] == 0 || st["frames_dropped_inbound"] != 0 || st["peers_blocked"] != 0 {
		t.Errorf("counted %v", st)
	}

	tries := 0
	eventually(t, "evil is thrown out", func() bool {
		tries++
		rpc(t, s, frames(fmt.Sprint("fast", tries), 5_000))
		return !sees(b, pub("evil"))
	})
	if st := b.Stats(); st["peers_blocked"] != 1 {
		t.Errorf("blocked more than once: %v", st)
	}
	publish(t, ta, "still here")
	eventually(t, "a and b go on", func() bool { return inB.has("still here") })
}

func TestBurstOfAWriterPasses(t *testing.T) {
	b := start(t, "b", "")
	join(t, b, new(inbox))
	eager, id := stranger(t, "eager", b)
	s, err := eager.NewStream(t.Context(), id, mesh)
	if err != nil {
		t.Fatal(err)
	}
	const n = 3_000
	for i := range n {
		rpc(t, s, frame(fmt.Sprint("event ", i)))
	}
	eventually(t, "all are accepted", func() bool { return b.Stats()["frames_accepted"] == n })
	if st := b.Stats(); st["frames_over_budget"] != 0 || st["frames_dropped_inbound"] != 0 || st["peers_blocked"] != 0 {
		t.Errorf("counted %v", st)
	}
}
