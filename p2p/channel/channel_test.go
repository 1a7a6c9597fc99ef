package channel_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"go.uber.org/goleak"

	"intercom/p2p/channel"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.UnixMilli(1_700_000_000_000)

// bench is a channel of "bob" with a clock and a publisher under the test's control.
type bench struct {
	*channel.Channel
	now       atomic.Pointer[time.Time]
	published [][]byte
	peers     int
	got       []channel.Message
}

func (b *bench) Publish(_ context.Context, data []byte) (int, error) {
	b.published = append(b.published, data)
	return b.peers, nil
}

func (b *bench) set(now time.Time) { b.now.Store(&now) }

func newBench(t *testing.T, policy channel.Policy, change ...func(*channel.Options)) *bench {
	t.Helper()
	b := &bench{peers: 2}
	b.set(noon)
	o := channel.Options{
		Name: "town", ID: here, Key: key("bob"), Boot: [16]byte{7}, Policy: policy, Publisher: b,
		Deliver: func(m channel.Message) { b.got = append(b.got, m) },
		Now:     func() time.Time { return *b.now.Load() }, TTL: 3,
	}
	for _, f := range change {
		f(&o)
	}
	c, err := channel.New(o)
	if err != nil {
		t.Fatal(err)
	}
	b.Channel = c
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { c.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return b
}

// by is a packet's way over gossip.
func by(neighbour string) channel.Hop { return channel.Hop{From: pub(neighbour)} }

func at(d time.Duration) channel.Packet {
	return channel.Packet{TS: uint64(noon.Add(d).UnixMilli())}
}

func TestEachCheckRefusesAndIsCounted(t *testing.T) {
	forged := sealed(t, "alice", at(0), 12, `"x"`)
	forged.Sig[0] ^= 1
	elsewhere := at(0)
	elsewhere.Channel = [32]byte{1}
	for _, c := range []struct {
		check string
		wire  []byte
		want  channel.Verdict
	}{
		{"decode", []byte("nonsense"), channel.Reject},
		{"channelMatch", sealed(t, "alice", elsewhere, 12, `1`).Encode(), channel.Reject},
		{"age", sealed(t, "alice", at(-121*time.Second), 12, `1`).Encode(), channel.Ignore},
		{"age", sealed(t, "alice", at(31*time.Second), 12, `1`).Encode(), channel.Ignore},
		{"seen", sealed(t, "bob", at(0), 12, `"my own from before"`).Encode(), channel.Ignore},
		{"pow", unworked(t), channel.Reject},
		{"blocked", sealed(t, "mallory", at(0), 12, `1`).Encode(), channel.Ignore},
		{"signature", forged.Encode(), channel.Reject},
		{"json", resigned(t, `{"a":`), channel.Reject},
		{"json", resigned(t, ""), channel.Reject},
		{"json", resigned(t, "\"\xff\""), channel.Reject},
		{"accepted", sealed(t, "alice", at(-120*time.Second), 12, `1`).Encode(), channel.Accept},
		{"accepted", sealed(t, "alice", at(30*time.Second), 12, `1`).Encode(), channel.Accept},
	} {
		b := newBench(t, channel.OpenPolicy, func(o *channel.Options) {
			o.Blocked = func(k channel.Key) bool { return k == pub("mallory") }
		})
		if got := b.Judge(by("carol"), c.wire); got != c.want {
			t.Errorf("%s: got %v, want %v", c.check, got, c.want)
		}
		if b.Stats()[c.check] != 1 {
			t.Errorf("%s is not counted: %v", c.check, b.Stats())
		}
		if (len(b.got) == 1) != (c.want == channel.Accept) {
			t.Errorf("%s: delivered %v", c.check, b.got)
		}
	}
}

// resigned is a packet of which only the message is bad: its author made it so, with proof of work and signature.
func resigned(t *testing.T, msg string) []byte {
	t.Helper()
	alice := pub("alice")
	fields := []any{here[:], alice[:], make([]byte, 16), 0, noon.UnixMilli(), [][]byte{[]byte(msg)}}
	sum := func(label string, v []any) [32]byte {
		b, err := cbor.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return sha256.Sum256(append([]byte(label), b...))
	}
	nonce, err := channel.Solve(t.Context(), sum("intercom/pow/1\x00", fields), 12)
	if err != nil {
		t.Fatal(err)
	}
	fields = slices.Insert(fields, 5, any(nonce))
	id := sum("intercom/packet/1\x00", fields)
	sig := ed25519.Sign(key("alice"), append([]byte("intercom/sig/packet/1\x00"), id[:]...))
	wire, err := cbor.Marshal(append(fields, sig))
	if err != nil {
		t.Fatal(err)
	}
	return wire
}

// unworked is a signed packet whose nonce happens to be no proof of 12 bits.
func unworked(t *testing.T) []byte {
	for seq := uint64(0); ; seq++ {
		p := at(0)
		p.Seq = seq
		wire := sealed(t, "alice", p, 0, `1`).Encode()
		b := newBench(t, channel.Policy{WorkBits: 12})
		if b.Judge(by("carol"), wire) == channel.Reject {
			return wire
		}
	}
}

func TestAPacketIsDeliveredOnce(t *testing.T) {
	b := newBench(t, channel.Policy{})
	wire := sealed(t, "alice", at(30*time.Second), 0, `{"a":1}`, `2`).Encode() // her clock is ahead
	if b.Judge(by("alice"), wire) != channel.Accept || b.Judge(by("carol"), wire) != channel.Ignore {
		t.Fatal("want accepted, then ignored")
	}
	// Just before it is too old it must still be known.
	b.set(noon.Add(150 * time.Second))
	b.Judge(by("dave"), sealed(t, "dave", at(150*time.Second), 0, `3`).Encode())
	if v := b.Judge(by("carol"), wire); v != channel.Ignore || b.Stats()["seen"] != 2 {
		t.Errorf("replayed at the end of its time: %v %v", v, b.Stats())
	}
	p, _ := channel.Decode(wire)
	alice := pub("alice")
	want := channel.Message{
		Channel: "town", ID: p.MessageID(0), From: hex.EncodeToString(alice[:]), TS: noon.UnixMilli() + 30_000,
		Sig: hex.EncodeToString(p.Sig[:]), TTL: 3, Message: json.RawMessage(`{"a":1}`),
	}
	if len(b.got) != 3 || fmt.Sprint(b.got[0]) != fmt.Sprint(want) {
		t.Errorf("got %v, want first %v", b.got, want)
	}
}

func TestRelayIsNamed(t *testing.T) {
	b := newBench(t, channel.Policy{})
	b.Judge(by("carol"), sealed(t, "alice", at(0), 0, `1`).Encode())
	carol := pub("carol")
	if b.got[0].RelayedBy != hex.EncodeToString(carol[:]) {
		t.Errorf("relayed by %q", b.got[0].RelayedBy)
	}
}

func TestForgedPacketsCostTheNamedAuthorNothing(t *testing.T) {
	b := newBench(t, channel.Policy{RateBytes: 100, Burst: 1000})
	msg := `"` + strings.Repeat("x", 500) + `"`
	for seq := range uint64(5) {
		p := at(0)
		p.Seq = seq
		forged := sealed(t, "alice", p, 0, msg)
		forged.Sig[3] ^= 1
		b.Judge(channel.Hop{From: channel.Key{byte(seq)}}, forged.Encode()) // each time from another neighbour
	}
	if b.Stats()["signature"] != 5 {
		t.Fatalf("forgeries passed: %v", b.Stats())
	}
	true0 := at(0)
	if v := b.Judge(by("carol"), sealed(t, "alice", true0, 0, msg).Encode()); v != channel.Accept {
		t.Errorf("the true packet was refused: %v", b.Stats())
	}
}

func TestBucketsLimitHopAndAuthor(t *testing.T) {
	msg := `"` + strings.Repeat("x", 700) + `"`
	numbered := func(author string, seq uint64) []byte {
		p := at(0)
		p.Seq = seq
		return sealed(t, author, p, 0, msg).Encode()
	}
	b := newBench(t, channel.Policy{RateBytes: 100, Burst: 1000})
	b.Judge(by("alice"), numbered("alice", 0))
	b.Judge(by("alice"), numbered("alice", 5))
	if b.Stats()["hopBucket"] != 1 {
		t.Errorf("one hop sent twice the burst: %v", b.Stats())
	}
	b.Judge(by("erin"), numbered("alice", 1))
	if b.Stats()["authorBucket"] != 1 {
		t.Errorf("one author sent twice the burst: %v", b.Stats())
	}
	b.set(noon.Add(20 * time.Second))
	if v := b.Judge(by("erin"), numbered("alice", 2)); v != channel.Accept {
		t.Errorf("buckets do not fill up again: %v", b.Stats())
	}
}

func TestSend(t *testing.T) {
	b := newBench(t, channel.OpenPolicy)
	sent, err := b.Send(t.Context(), json.RawMessage(` {"text" : "hé"} `))
	if err != nil {
		t.Fatal(err)
	}
	p, err := channel.Decode(b.published[0])
	if err != nil {
		t.Fatal(err)
	}
	if sent.ID != p.MessageID(0) || sent.Peers != 2 || sent.TS != noon.UnixMilli() || string(p.Msgs[0]) != `{"text":"hé"}` {
		t.Errorf("sent %+v, packet %s", sent, p.Msgs[0])
	}
	if len(b.got) != 1 || !b.got[0].Own || b.got[0].ID != sent.ID {
		t.Errorf("own deliveries: %v", b.got)
	}
	other := newBench(t, channel.OpenPolicy, func(o *channel.Options) { o.Key = key("alice") })
	if v := other.Judge(by("bob"), b.published[0]); v != channel.Accept || other.got[0].ID != sent.ID {
		t.Errorf("receiver says %v, %v", v, other.got)
	}
	if b.Judge(by("alice"), b.published[0]) != channel.Ignore {
		t.Error("the echo was not ignored")
	}
}

func TestSendRefuses(t *testing.T) {
	// With this much work asked for, a message that is too large must be refused before.
	hard := newBench(t, channel.Policy{WorkBits: 200})
	_, err := hard.Send(t.Context(), json.RawMessage(`"`+strings.Repeat("x", channel.MaxPayload)+`"`))
	var large *channel.TooLargeError
	if !errors.Is(err, channel.ErrTooLarge) || !errors.As(err, &large) || *large != (channel.TooLargeError{Size: 1_000_002, Limit: 1_000_000}) {
		t.Errorf("got %v", err)
	}
	for _, text := range []string{``, `{`, `1 2`, "\"\xff\""} {
		if _, err := hard.Send(t.Context(), json.RawMessage(text)); !errors.Is(err, channel.ErrNotJSON) {
			t.Errorf("%q: got %v", text, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := hard.Send(ctx, json.RawMessage(`1`)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	slow := newBench(t, channel.Policy{RateBytes: 1, Burst: 300})
	if _, err := slow.Send(t.Context(), json.RawMessage(`1`)); err != nil {
		t.Fatal(err)
	}
	soon, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	var late *channel.RateError
	if _, err := slow.Send(soon, json.RawMessage(`2`)); !errors.As(err, &late) || late.Wait < time.Minute || len(slow.published) != 1 {
		t.Errorf("got %v", err)
	}
}

func TestLargestLegalMessagePasses(t *testing.T) {
	b := newBench(t, channel.OpenPolicy)
	if _, err := b.Send(t.Context(), json.RawMessage(`"`+strings.Repeat("x", channel.MaxPayload-2)+`"`)); err != nil {
		t.Fatal(err)
	}
	other := newBench(t, channel.OpenPolicy, func(o *channel.Options) { o.Key = key("alice") })
	if v := other.Judge(by("bob"), b.published[0]); v != channel.Accept {
		t.Errorf("refused: %v", other.Stats())
	}
}

func TestConcurrentSendsNumberPacketsWithoutGap(t *testing.T) {
	b := newBench(t, channel.Policy{})
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := b.Send(t.Context(), json.RawMessage(`1`)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	msgs := 0
	for i, wire := range b.published {
		p, err := channel.Decode(wire)
		if err != nil || p.Seq != uint64(i) {
			t.Errorf("packet %d: %+v, %v", i, p, err)
		}
		msgs += len(p.Msgs)
	}
	if msgs != 20 {
		t.Errorf("%d messages in %d packets", msgs, len(b.published))
	}
}
