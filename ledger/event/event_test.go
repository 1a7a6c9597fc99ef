package event_test

import (
	"crypto/ed25519"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"intercom/ledger/event"
)

func TestDecodeReturnsWhatWasSigned(t *testing.T) {
	key := testKey(1)
	rapid.Check(t, func(t *rapid.T) {
		e := genEvent(publicKey(key)).Draw(t, "event")
		signed, err := event.Sign(e, key)
		if err != nil {
			t.Fatal(err)
		}
		got, err := event.Decode(signed.Encode())
		if err != nil {
			t.Fatal(err)
		}
		if err := got.Verify(); err != nil {
			t.Fatal(err)
		}
		if len(e.Deps) == 0 {
			e.Deps = got.Deps // none, but perhaps not nil
		}
		if !reflect.DeepEqual(got.Event, e) {
			t.Fatalf("decoded %+v, want %+v", got.Event, e)
		}
		if got.ID != signed.ID || got.Sig != signed.Sig {
			t.Fatal("another id or signature")
		}
	})
}

func TestNoBitCanBeFlipped(t *testing.T) {
	for _, s := range signedVectors(t) {
		whole := s.Encode()
		for bit := range 8 * len(whole) {
			flipped := slices.Clone(whole)
			flipped[bit/8] ^= 1 << (bit % 8)
			if got, err := event.Decode(flipped); err == nil && got.Verify() == nil {
				t.Fatalf("bit %d of %s flipped, and it is still signed", bit, s.Type)
			}
		}
	}
}

func TestAnyChangeOfBytesIsRefused(t *testing.T) {
	key := testKey(1)
	rapid.Check(t, func(t *rapid.T) {
		signed, err := event.Sign(genEvent(publicKey(key)).Draw(t, "event"), key)
		if err != nil {
			t.Fatal(err)
		}
		whole := signed.Encode()
		at := rapid.IntRange(0, len(whole)-1).Draw(t, "at")
		whole[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "change"))
		if got, err := event.Decode(whole); err == nil && got.Verify() == nil {
			t.Fatalf("byte %d changed, and it is still signed", at)
		}
	})
}

func TestAnotherKeyCannotSign(t *testing.T) {
	mine, other := testKey(1), testKey(2)
	e := event.Event{Author: publicKey(mine), Type: "note.add"}
	if _, err := event.Sign(e, other); !errors.Is(err, event.ErrSignature) {
		t.Errorf("signed for another author: %v", err)
	}
	signed, err := event.Sign(e, mine)
	if err != nil {
		t.Fatal(err)
	}
	id := append([]byte("intercom/sig/event/1\x00"), signed.ID[:]...)
	for name, sig := range map[string][]byte{
		"of another key":         ed25519.Sign(other, id),
		"without the label":      ed25519.Sign(mine, signed.ID[:]),
		"of the bytes":           ed25519.Sign(mine, signed.Raw),
		"with the packets label": ed25519.Sign(mine, append([]byte("intercom/sig/packet/1\x00"), signed.ID[:]...)),
		"zero":                   make([]byte, 64),
	} {
		forged := signed
		copy(forged.Sig[:], sig)
		if err := forged.Verify(); !errors.Is(err, event.ErrSignature) {
			t.Errorf("signature %s: %v", name, err)
		}
	}
}

// What Sign refuses and what Decode refuses is the same, or a writer would
// make events that nobody takes.
func TestSignRefusesWhatDecodeRefuses(t *testing.T) {
	key := testKey(1)
	id := func(b byte) event.ID { return event.ID{b} }
	for name, change := range map[string]func(e *event.Event){
		"seq too large":          func(e *event.Event) { e.Seq, e.Prev = event.MaxInteger+1, id(1) },
		"prev at seq 0":          func(e *event.Event) { e.Prev = id(1) },
		"no prev at seq 1":       func(e *event.Event) { e.Seq = 1 },
		"deps not sorted":        func(e *event.Event) { e.Deps = []event.ID{id(2), id(1)} },
		"dep twice":              func(e *event.Event) { e.Deps = []event.ID{id(1), id(1)} },
		"17 deps":                func(e *event.Event) { e.Deps = someIDs(17) },
		"1,025 deps on a close":  func(e *event.Event) { e.Type, e.Deps = "room.close", someIDs(1025) },
		"ts before 1970":         func(e *event.Event) { e.TS = -1 },
		"ts too large":           func(e *event.Event) { e.TS = event.MaxInteger + 1 },
		"tz too far west":        func(e *event.Event) { e.TZ = -event.MaxTZ - 1 },
		"tz too far east":        func(e *event.Event) { e.TZ = event.MaxTZ + 1 },
		"no type":                func(e *event.Event) { e.Type = "" },
		"type too long":          func(e *event.Event) { e.Type = strings.Repeat("t", event.MaxType+1) },
		"type not UTF-8":         func(e *event.Event) { e.Type = "\xff" },
		"key too long":           func(e *event.Event) { e.Key = strings.Repeat("k", event.MaxKey+1) },
		"key not UTF-8":          func(e *event.Event) { e.Key = "k\xc3" },
		"epoch too large":        func(e *event.Event) { e.Epoch = 1 << 63 },
		"body of 64 KiB":         func(e *event.Event) { e.Body = make([]byte, event.MaxSize) },
		"one byte over 64 KiB":   func(e *event.Event) { e.Body = make([]byte, largestBody(t)+1) },
		"deps that fill 64 KiB":  func(e *event.Event) { e.Type, e.Deps, e.Body = "room.close", someIDs(1024), make([]byte, 32<<10) },
		"seq and epoch negative": func(e *event.Event) { e.Seq, e.Epoch = 1<<64-1, 1<<64-1 },
	} {
		e := event.Event{Author: publicKey(key), Type: "note.add"}
		change(&e)
		if _, err := event.Sign(e, key); !errors.Is(err, event.ErrEncoding) && !errors.Is(err, event.ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func someIDs(n int) (out []event.ID) {
	for i := range n {
		out = append(out, event.ID{byte((i + 1) >> 8), byte(i + 1)})
	}
	return out
}

// largestBody returns the size of body that makes an event of 64 KiB.
func largestBody(t testing.TB) int {
	t.Helper()
	small, err := event.Sign(event.Event{Author: publicKey(testKey(1)), Type: "note.add", Body: make([]byte, 1000)}, testKey(1))
	if err != nil {
		t.Fatal(err)
	}
	return event.MaxSize - len(small.Encode()) + 1000
}

func TestTheLargestEventIsExactly64KiB(t *testing.T) {
	e := event.Event{Author: publicKey(testKey(1)), Type: "note.add", Body: make([]byte, largestBody(t))}
	s, err := event.Sign(e, testKey(1))
	if err != nil {
		t.Fatal(err)
	}
	whole := s.Encode()
	if len(whole) != event.MaxSize {
		t.Errorf("%d bytes", len(whole))
	}
	if _, err := event.Decode(whole); err != nil {
		t.Error(err)
	}
}
