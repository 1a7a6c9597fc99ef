//go:build unix

package daemon_test

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"testing"
	"time"

	"intercom/daemon/daemontest"
	"intercom/focus"
	"intercom/ledger"
	"intercom/ledger/event"
	"intercom/p2p"
)

// announces is the kind of frames that announce events.
const announces = 2

// stranger is a peer that does what a test wants: it has a node of its own in
// the room's topic and no ledger behind it.
type stranger struct {
	t     *testing.T
	node  *p2p.Node
	topic *p2p.Topic
	key   ed25519.PrivateKey
	room  event.ID
}

// quietly is the handler of a topic that takes everything.
type quietly struct{}

func (quietly) Judge(p2p.Key, byte, []byte) p2p.Verdict { return p2p.Accept }
func (quietly) PeerJoined(p2p.Key)                      {}
func (quietly) PeerLeft(p2p.Key)                        {}

// answerer answers the questions of a daemon's ledger on a stream.
type answerer func(s *stranger, q *bufio.Reader, out p2p.Stream)

// newStranger connects a stranger with the daemon and joins the room.
func newStranger(t *testing.T, d *daemontest.Daemon, room string, answer answerer) *stranger {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := &stranger{t: t, key: key, room: event.OpenRoom(room)}
	if s.node, err = p2p.New(t.Context(), p2p.Options{Key: key}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.node.Close() })
	if answer == nil {
		answer = nothing
	}
	s.node.Handle(ledger.Protocol, func(_ context.Context, _ p2p.Key, out p2p.Stream) {
		answer(s, bufio.NewReader(out), out)
	})
	if s.topic, err = s.node.Join(s.room, quietly{}); err != nil {
		t.Fatal(err)
	}
	if err := s.node.Dial(t.Context(), d.Info().Listen[0]); err != nil {
		t.Fatal(err)
	}
	daemontest.Eventually(t, soon, "the stranger is in the room", func() bool { return len(s.topic.Peers()) == 1 })
	return s
}

// Self returns the stranger's key in hex.
func (s *stranger) Self() string { return hex.EncodeToString(s.key.Public().(ed25519.PublicKey)) }

// connectedTo reports whether the daemon has the stranger as a peer.
func (s *stranger) connectedTo(d *daemontest.Daemon) bool {
	for _, p := range d.Info().Peers {
		if p.Peer == s.Self() {
			return true
		}
	}
	return false
}

// event returns the stranger's event seq of the chain n, signed after change.
func (s *stranger) event(n byte, seq uint64, prev event.ID, change ...func(*event.Event)) event.Signed {
	s.t.Helper()
	body, err := event.Marshal(&focus.CheckIn{Text: fmt.Sprintf("stranger %d/%d", n, seq)})
	if err != nil {
		s.t.Fatal(err)
	}
	e := event.Event{
		Room: s.room, Author: event.Key(s.key.Public().(ed25519.PublicKey)), Instance: event.Instance{n},
		Seq: seq, Prev: prev, TS: time.Now().UnixMilli(), Type: "focus.checkin", Body: body,
	}
	for _, f := range change {
		f(&e)
	}
	signed, err := event.Sign(e, s.key)
	if err != nil {
		s.t.Fatal(err)
	}
	return signed
}

// forged returns an event whose signature does not hold.
func (s *stranger) forged(n byte) event.Signed {
	e := s.event(n, 0, event.ID{})
	e.Sig[0] ^= 1
	return e
}

// chain returns count events of one chain.
func (s *stranger) chain(n byte, count int) []event.Signed {
	var all []event.Signed
	var prev event.ID
	for seq := range count {
		e := s.event(n, uint64(seq), prev)
		prev = e.ID
		all = append(all, e)
	}
	return all
}

// publish sends a frame to the room's topic; the stranger may be blocked by
// then, so a failure is none of the test.
func (s *stranger) publish(kind byte, data []byte) { _, _ = s.topic.Publish(s.t.Context(), kind, data) }

// announcement is what a topic carries of a room.
type announcement struct {
	_           struct{} `cbor:",toarray"`
	Event, Head []byte
}

func (s *stranger) announce(e event.Signed) {
	s.t.Helper()
	s.publish(announces, s.encode(&announcement{Event: e.Encode()}))
}

// beckon makes the daemon compare the room with the stranger.
func (s *stranger) beckon() {
	s.t.Helper()
	head := make([]byte, 32)
	rand.Read(head)
	s.publish(announces, s.encode(&announcement{Head: head}))
}

func (s *stranger) encode(v any) []byte {
	s.t.Helper()
	b, err := event.Marshal(v)
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

// The frames of the ledger's protocol, as docs/format.md has them.
type (
	question struct {
		_     struct{} `cbor:",toarray"`
		Op    int
		Room  event.ID
		Set   []byte
		Wants []want
	}
	want struct {
		_        struct{} `cbor:",toarray"`
		Author   event.Key
		Instance event.Instance
		Head     event.ID
		From     uint64
	}
	heads struct {
		_     struct{} `cbor:",toarray"`
		State int
		Heads []head
	}
	head struct {
		_        struct{} `cbor:",toarray"`
		Author   event.Key
		Instance event.Instance
		Seq      uint64
		ID       event.ID
	}
	events struct {
		_      struct{} `cbor:",toarray"`
		Events [][]byte
	}
)

const differs = 2 // state of a room at the one who answers

func headOf(e event.Signed) head {
	return head{Author: e.Author, Instance: e.Instance, Seq: e.Seq, ID: e.ID}
}

// framed returns a frame of the ledger's protocol.
func framed(b []byte) []byte { return append(binary.AppendUvarint(nil, uint64(len(b))), b...) }

// frame writes v as a frame, and reports whether it went out.
func (s *stranger) frame(out io.Writer, v any) bool {
	_, err := out.Write(framed(s.encode(v)))
	return err == nil
}

// asked reads a question, and reports whether there was one.
func asked(q *bufio.Reader) bool {
	n, err := binary.ReadUvarint(q)
	if err != nil {
		return false
	}
	_, err = q.Discard(int(n))
	return err == nil
}

// nothing answers that the room is unknown.
func nothing(s *stranger, q *bufio.Reader, out p2p.Stream) {
	for asked(q) && s.frame(out, &heads{}) {
	}
}

// offering answers with a head, and then with whatever rest sends.
func offering(tip func(*stranger) event.Signed, rest answerer) answerer {
	return func(s *stranger, q *bufio.Reader, out p2p.Stream) {
		if asked(q) && s.frame(out, &heads{State: differs, Heads: []head{headOf(tip(s))}}) && asked(q) {
			rest(s, q, out)
		}
	}
}
