package channel_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"pgregory.net/rapid"

	"intercom/p2p/channel"
)

var update = flag.Bool("update", false, "write the golden files anew")

func key(name string) ed25519.PrivateKey {
	var seed [32]byte
	copy(seed[:], name)
	return ed25519.NewKeyFromSeed(seed[:])
}

func pub(name string) channel.Key {
	return channel.Key(key(name).Public().(ed25519.PublicKey))
}

var here = [32]byte{0: 0xc4, 31: 0x01}

// sealed makes a packet of author with these messages.
func sealed(t testing.TB, author string, p channel.Packet, bits int, msgs ...string) *channel.Packet {
	t.Helper()
	if p.Channel == ([32]byte{}) {
		p.Channel = here
	}
	p.Msgs = nil
	for _, m := range msgs {
		p.Msgs = append(p.Msgs, []byte(m))
	}
	if err := p.Seal(t.Context(), key(author), bits); err != nil {
		t.Fatal(err)
	}
	return &p
}

type vector struct {
	Name   string   `json:"name"`
	Wire   string   `json:"wire"`
	ID     string   `json:"id"`
	Nonce  uint64   `json:"nonce"`
	MsgIDs []string `json:"messageIds"`
}

func TestGoldenPackets(t *testing.T) {
	many := make([]string, channel.MaxMessages)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	boot := [16]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
	var got []vector
	for _, c := range []struct {
		name string
		p    *channel.Packet
	}{
		{"one message, work of 12 bits", sealed(t, "alice", channel.Packet{Boot: boot, Seq: 0, TS: 1_700_000_000_000}, 12, `"hello"`)},
		{"no work", sealed(t, "alice", channel.Packet{Boot: boot, Seq: 23, TS: 1_700_000_000_001}, 0, `{"a":[1,2,null]}`)},
		{"heads of one, two and four bytes", sealed(t, "bob", channel.Packet{Seq: 65_536, TS: 255}, 0, `"`+strings.Repeat("x", 300)+`"`)},
		{"64 messages, largest numbers", sealed(t, "bob", channel.Packet{Seq: 1<<53 - 1, TS: 1<<53 - 1}, 4, many...)},
	} {
		v := vector{Name: c.name, Wire: hex.EncodeToString(c.p.Encode()), Nonce: c.p.Nonce}
		id := c.p.ID()
		v.ID = hex.EncodeToString(id[:])
		for i := range c.p.Msgs[:min(3, len(c.p.Msgs))] {
			v.MsgIDs = append(v.MsgIDs, c.p.MessageID(i))
		}
		got = append(got, v)
	}
	text, err := json.MarshalIndent(got, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	const file = "testdata/packets.json"
	if *update {
		if err := os.WriteFile(file, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(append(text, '\n'), want) {
		t.Errorf("packets differ from %s:\n%s", file, text)
	}
}

// An independent reading of the format: a general CBOR library, and the hashes from the definition.
func TestFormatIsWhatIsWritten(t *testing.T) {
	p := sealed(t, "alice", channel.Packet{Boot: [16]byte{9}, Seq: 300, TS: 1_700_000_000_000}, 8, `1`, `"zwei"`)
	var a []any
	if err := cbor.Unmarshal(p.Encode(), &a); err != nil {
		t.Fatal(err)
	}
	enc, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		t.Fatal(err)
	}
	hash := func(label string, v []any) [32]byte {
		b, err := enc.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return sha256.Sum256(append([]byte(label), b...))
	}
	id := hash("intercom/packet/1\x00", a[:7])
	if id != p.ID() {
		t.Error("id is not the hash of the first seven")
	}
	author := pub("alice")
	if !ed25519.Verify(author[:], append([]byte("intercom/sig/packet/1\x00"), id[:]...), a[7].([]byte)) {
		t.Error("signature is not over the label and the id")
	}
	work := hash("intercom/pow/1\x00", append(slices.Clone(a[:5]), a[6]))
	if !channel.Worked(work, a[5].(uint64), 8) {
		t.Error("nonce does not work for the hash without nonce and signature")
	}
	if again, err := enc.Marshal(a); err != nil || !bytes.Equal(again, p.Encode()) {
		t.Error("not the deterministic encoding")
	}
}

func TestWhatIsDecodedIsWhatWasEncoded(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := drawPacket(rt, t)
		wire := p.Encode()
		q, err := channel.Decode(wire)
		if err != nil {
			rt.Fatal(err)
		}
		if !bytes.Equal(q.Encode(), wire) || q.ID() != p.ID() || !q.Verify() {
			rt.Fatal("another packet came out")
		}
	})
}

func drawPacket(rt *rapid.T, t testing.TB) *channel.Packet {
	msgs := rapid.SliceOfN(rapid.Map(rapid.String(), func(s string) string {
		b, _ := json.Marshal(s)
		return string(b)
	}), 1, 5).Draw(rt, "msgs")
	return sealed(t, rapid.SampledFrom([]string{"alice", "bob"}).Draw(rt, "author"), channel.Packet{
		Seq: rapid.Uint64Max(1<<53-1).Draw(rt, "seq"), TS: rapid.Uint64Max(1<<53-1).Draw(rt, "ts"),
	}, 0, msgs...)
}

func TestAnyBitFlipIsRefused(t *testing.T) {
	p := sealed(t, "alice", channel.Packet{Seq: 7, TS: 1_700_000_000_000}, 0, `"pay 10"`, `[1]`)
	wire := p.Encode()
	for i := range len(wire) * 8 {
		flipped := bytes.Clone(wire)
		flipped[i/8] ^= 1 << (i % 8)
		if q, err := channel.Decode(flipped); err == nil && q.Verify() {
			t.Fatalf("bit %d may be flipped", i)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	good := sealed(t, "alice", channel.Packet{Seq: 1, TS: 2}, 0, `1`).Encode()
	list := func(change func([]any) any) []byte {
		var a []any
		if err := cbor.Unmarshal(good, &a); err != nil {
			t.Fatal(err)
		}
		b, err := cbor.Marshal(change(a))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	set := func(i int, v any) []byte {
		return list(func(a []any) any { a[i] = v; return a })
	}
	// Before seq come the head of the array, channel, author and boot; seq itself takes one byte.
	const seqAt = 1 + 34 + 34 + 17
	if good[seqAt] != 1 {
		t.Fatal("seq is elsewhere")
	}
	big := append([]byte(`"`), bytes.Repeat([]byte("x"), channel.MaxPayload)...)
	for name, wire := range map[string][]byte{
		"nothing":                  {},
		"cut":                      good[:len(good)-1],
		"trailing byte":            append(bytes.Clone(good), 0),
		"seven elements":           list(func(a []any) any { return a[:7] }),
		"nine elements":            list(func(a []any) any { return append(a, 1) }),
		"a map":                    {0xa0},
		"short channel":            set(0, make([]byte, 31)),
		"long author":              set(1, make([]byte, 33)),
		"boot is text":             set(2, "0123456789abcdef"),
		"negative seq":             set(3, -1),
		"seq of 2^53":              set(3, uint64(1<<53)),
		"ts of 2^53":               set(4, uint64(1<<53)),
		"fraction":                 set(4, 1.5),
		"no messages":              set(6, []any{}),
		"65 messages":              set(6, slices.Repeat([]any{[]byte("1")}, 65)),
		"message is text":          set(6, []any{"1"}),
		"payload over the limit":   set(6, []any{append(big, '"')}),
		"short signature":          set(7, make([]byte, 63)),
		"seq in two bytes":         slices.Concat(good[:seqAt], []byte{0x18, 1}, good[seqAt+1:]),
		"seq in nine bytes":        slices.Concat(good[:seqAt], []byte{0x1b, 0, 0, 0, 0, 0, 0, 0, 1}, good[seqAt+1:]),
		"indefinite array":         slices.Concat([]byte{0x9f}, good[1:], []byte{0xff}),
		"array head in two bytes":  slices.Concat([]byte{0x98, 8}, good[1:]),
		"more than the wire takes": make([]byte, channel.MaxWire+1),
		"length beyond the end":    {0x88, 0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	} {
		if _, err := channel.Decode(wire); !errors.Is(err, channel.ErrPacket) {
			t.Errorf("%s: got %v, want ErrPacket", name, err)
		}
	}
	if _, err := channel.Decode(good); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

func TestMessageIDsDiffer(t *testing.T) {
	p := sealed(t, "alice", channel.Packet{TS: 5}, 0, `1`, `1`)
	q := sealed(t, "alice", channel.Packet{TS: 5, Seq: 1}, 0, `1`)
	seen := map[string]bool{p.MessageID(0): true, p.MessageID(1): true, q.MessageID(0): true}
	if len(seen) != 3 {
		t.Errorf("ids repeat: %v", seen)
	}
	from := pub("alice")
	rest, ok := strings.CutPrefix(p.MessageID(0), hex.EncodeToString(from[:])+":5:")
	if !ok || len(rest) != 8 || strings.Trim(rest, "0123456789abcdefghijklmnopqrstuvwxyz") != "" {
		t.Errorf("form of id: %s", p.MessageID(0))
	}
}

func TestSolveEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := channel.Solve(ctx, [32]byte{}, 255); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	nonce, err := channel.Solve(t.Context(), [32]byte{1}, 12)
	if err != nil || !channel.Worked([32]byte{1}, nonce, 12) || channel.Worked([32]byte{1}, nonce, 60) {
		t.Errorf("nonce %d, %v", nonce, err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(sealed(f, "alice", channel.Packet{Seq: 1, TS: 2}, 0, `1`, `{"a":"b"}`).Encode())
	f.Add([]byte{0x88, 0x58, 0x20})
	f.Fuzz(func(t *testing.T, wire []byte) {
		p, err := channel.Decode(wire)
		if err != nil {
			if !errors.Is(err, channel.ErrPacket) {
				t.Fatal(err)
			}
			return
		}
		if !bytes.Equal(p.Encode(), wire) {
			t.Fatal("two encodings of one packet")
		}
	})
}

func BenchmarkSealAndVerify(b *testing.B) {
	msg := []byte(`"` + strings.Repeat("x", 198) + `"`)
	b.ReportAllocs()
	for i := range b.N {
		p := &channel.Packet{Channel: here, Seq: uint64(i), TS: 1, Msgs: [][]byte{msg}}
		if err := p.Seal(b.Context(), key("alice"), 0); err != nil {
			b.Fatal(err)
		}
		if q, err := channel.Decode(p.Encode()); err != nil || !q.Verify() {
			b.Fatal(err)
		}
	}
}
