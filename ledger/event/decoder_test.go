package event_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"intercom/internal/notrun"
	"intercom/ledger/event"
)

// decoder is the reader of docs/format.md in another language.
const decoder = "../../docs/decode.py"

// decodeElsewhere gives input to the decoder and returns the objects it
// prints; refused is what its exit code says.
func decodeElsewhere(t *testing.T, input []byte) (objects []map[string]any, refused bool) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		notrun.Skip(t, "python3")
	}
	cmd := exec.CommandContext(t.Context(), python, decoder)
	cmd.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if stderr.Len() > 0 {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	d := json.NewDecoder(bytes.NewReader(out))
	d.UseNumber()
	for d.More() {
		var o map[string]any
		if err := d.Decode(&o); err != nil {
			t.Fatal(err)
		}
		objects = append(objects, o)
	}
	return objects, err != nil
}

// object returns what the decoder should print for an event.
func object(t *testing.T, s *event.Signed) map[string]any {
	t.Helper()
	prev, deps := "", []any{}
	if s.Seq > 0 {
		prev = s.Prev.String()
	}
	for _, d := range s.Deps {
		deps = append(deps, d.String())
	}
	var body any = hex.EncodeToString(s.Body)
	if s.Epoch == 0 {
		var v any
		if err := cbor.Unmarshal(s.Body, &v); err != nil {
			t.Fatal(err)
		}
		body = plain(v)
	}
	number := func(v any) json.Number { return json.Number(fmt.Sprint(v)) }
	return map[string]any{
		"id": s.ID.String(), "v": number(1), "room": s.Room.String(), "author": s.Author.String(),
		"instance": s.Instance.String(), "seq": number(s.Seq), "prev": prev, "deps": deps, "ts": number(s.TS),
		"tz": number(s.TZ), "type": s.Type, "key": s.Key, "epoch": number(s.Epoch), "body": body,
		"sig": hex.EncodeToString(s.Sig[:]),
	}
}

// plain returns a decoded value as JSON has it, byte strings as hex.
func plain(v any) any {
	switch v := v.(type) {
	case []byte:
		return hex.EncodeToString(v)
	case int64, uint64:
		return json.Number(fmt.Sprint(v))
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plain(v[i])
		}
		return out
	case map[any]any:
		out := map[string]any{}
		for k, item := range v {
			out[k.(string)] = plain(item)
		}
		return out
	}
	return v
}

func randomEvents(t *testing.T, n int) []event.Signed {
	t.Helper()
	events := signedVectors(t)
	for i := range n {
		key := testKey(byte(i))
		e := genEvent(publicKey(key)).Example(i)
		if i%2 == 0 {
			e.Epoch = 0
		}
		s, err := event.Sign(e, key)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, s)
	}
	return events
}

func TestAnotherLanguageReadsWhatIsWritten(t *testing.T) {
	events := randomEvents(t, 50)
	var text strings.Builder
	var stream []byte
	for i := range events {
		fmt.Fprintf(&text, "%x\n", events[i].Encode())
		stream = append(stream, events[i].Encode()...)
	}
	for form, input := range map[string][]byte{"hex": []byte(text.String()), "bytes": stream} {
		objects, refused := decodeElsewhere(t, input)
		if refused || len(objects) != len(events) {
			t.Fatalf("%s: %d of %d events read: %v", form, len(objects), len(events), objects)
		}
		for i, got := range objects {
			if want := object(t, &events[i]); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: event %d read as\n%v, want\n%v", form, i, got, want)
			}
		}
	}
}

func TestAnotherLanguageRefusesTheSame(t *testing.T) {
	good := signedVectors(t)[0].Encode()
	cases := [][]byte{good[:len(good)-1], list(byteString(list(envelope()...)), byteString(noSig[:]))}
	for bit := 0; bit < 8*len(good); bit += 41 {
		flipped := slices.Clone(good)
		flipped[bit/8] ^= 1 << (bit % 8)
		cases = append(cases, flipped)
	}
	var text strings.Builder
	for _, b := range cases {
		if s, err := event.Decode(b); err == nil && s.Verify() == nil {
			t.Fatalf("%x is accepted here", b)
		}
		fmt.Fprintf(&text, "%x\n", b)
	}
	objects, refused := decodeElsewhere(t, []byte(text.String()))
	if !refused || len(objects) < len(cases) {
		t.Errorf("%d answers to %d cases", len(objects), len(cases))
	}
	for _, o := range objects {
		if o["error"] == nil {
			t.Errorf("accepted there: %v", o)
		}
	}
}

// What the tables of this package refuse or accept, the decoder does too.
func TestAnotherLanguageHasTheSameLimits(t *testing.T) {
	key := testKey(1)
	var text strings.Builder
	var here []error
	add := func(f [][]byte) {
		f[fAuthor] = byteString(key.Public().(ed25519.PublicKey))
		raw := list(f...)
		id := sha256.Sum256(append([]byte("intercom/event/1\x00"), raw...))
		sig := ed25519.Sign(key, append([]byte("intercom/sig/event/1\x00"), id[:]...))
		b := list(byteString(raw), byteString(sig))
		_, err := event.Decode(b)
		here = append(here, err)
		fmt.Fprintf(&text, "%x\n", b)
	}
	for field, values := range map[int][][]byte{
		fVersion: {num(1), num(2)},
		fSeq:     {num(0), num(event.MaxInteger), num(event.MaxInteger + 1), {0x18, 1}, {0xf5}},
		fPrev:    {byteString(nil), byteString(make([]byte, 32)), byteString(make([]byte, 31))},
		fDeps:    {list(), list(ids(16)...), list(ids(17)...), list(ids(2)[1], ids(2)[0]), list(ids(1)[0], ids(1)[0])},
		fTS:      {num(0), num(event.MaxInteger), num(event.MaxInteger + 1), minus(1)},
		fTZ:      {num(1080), minus(1080), num(1081), minus(1081), {0xf4}},
		fType:    {textString(""), textString(strings.Repeat("é", 32)), textString(strings.Repeat("é", 33)), textString("\xff")},
		fKey:     {textString(strings.Repeat("k", 128)), textString(strings.Repeat("k", 129))},
		fEpoch:   {num(1<<63 - 1), num(1 << 63), minus(1)},
		fBody:    {byteString(append([]byte{0xa1, 0x60}, nested(6, 0)...)), textString("")},
	} {
		for _, v := range values {
			f := envelope()
			f[field] = v
			add(f)
		}
	}
	objects, _ := decodeElsewhere(t, []byte(text.String()))
	if len(objects) != len(here) {
		t.Fatalf("%d answers to %d cases", len(objects), len(here))
	}
	for i, o := range objects {
		if (o["error"] == nil) != (here[i] == nil) {
			t.Errorf("case %d: %v here, %v there", i, here[i], o)
		}
	}
}

func TestTheDecoderIsShort(t *testing.T) {
	b, err := os.ReadFile(decoder)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(b, []byte("\n")); n > 100 {
		t.Errorf("%d lines; it is meant to be read in one go", n)
	}
}
