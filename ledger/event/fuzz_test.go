package event_test

import (
	"bytes"
	"errors"
	"math/big"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"intercom/ledger/event"
)

func FuzzDecode(f *testing.F) {
	for _, s := range signedVectors(f) {
		f.Add(s.Encode())
	}
	f.Add(list(byteString(list(envelope()...)), byteString(noSig[:])))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := event.Decode(b)
		if err != nil {
			if !errors.Is(err, event.ErrEncoding) && !errors.Is(err, event.ErrTooLarge) {
				t.Fatalf("error of no kind: %v", err)
			}
			return
		}
		if again := s.Encode(); !bytes.Equal(again, b) {
			t.Fatalf("encoded again to\n%x, was\n%x", again, b)
		}
		// The fields say all: an event with the same fields has the same bytes.
		e := s.Event
		e.Author = publicKey(testKey(1))
		fresh, err := event.Sign(e, testKey(1))
		if err != nil {
			t.Fatalf("what decodes does not sign: %v", err)
		}
		fresh.Raw = bytes.Replace(fresh.Raw, e.Author[:], s.Author[:], 1)
		if !bytes.Equal(fresh.Raw, s.Raw) {
			t.Fatalf("fields encode to\n%x, were\n%x", fresh.Raw, s.Raw)
		}
	})
}

func FuzzDecodeBody(f *testing.F) {
	for _, s := range signedVectors(f) {
		f.Add(s.Body)
	}
	f.Add(fields(map[string]any{"id": make([]byte, 32), "pair": []any{"a", 1}, "bytes": []byte{1}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		var v anyBody
		if event.DecodeBody(b, &v) == nil && event.Canonical(b) != nil {
			t.Fatalf("%x: decoded, but not canonical", b)
		}
	})
}

// FuzzCanonical compares the reader with another implementation: an item is
// canonical if and only if that one decodes it, encodes it to the same bytes,
// and finds nothing in it that the format leaves out.
func FuzzCanonical(f *testing.F) {
	for _, s := range signedVectors(f) {
		f.Add(s.Raw)
		f.Add(s.Body)
	}
	for _, b := range [][]byte{{0xf6}, {0xf9, 0x3c, 0}, {0xc1, 0}, {0x5f, 0xff}, nested(8, 0), nestedMaps(7, 0xf5), num(1 << 63)} {
		f.Add(b)
	}
	enc, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		f.Fatal(err)
	}
	dec, err := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
	}.DecMode()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var v any
		same := false
		if dec.Unmarshal(b, &v) == nil {
			again, err := enc.Marshal(v)
			same = err == nil && bytes.Equal(again, b)
		}
		want := same && inSubset(v, 1)
		if err := event.Canonical(b); (err == nil) != want {
			t.Fatalf("%x: %v; the other implementation has %#v, same bytes: %v", b, err, v, same)
		}
	})
}

// inSubset reports whether a decoded value is of the format's kinds.
func inSubset(v any, depth int) bool {
	if depth > 8 {
		return false
	}
	switch v := v.(type) {
	case uint64:
		return v < 1<<63
	case int64, bool, string, []byte:
		return true
	case []any:
		for _, item := range v {
			if !inSubset(item, depth+1) {
				return false
			}
		}
		return true
	case map[any]any:
		for k, item := range v {
			if _, ok := k.(string); !ok || !inSubset(item, depth+1) {
				return false
			}
		}
		return true
	case big.Int, float64, nil:
	}
	return false
}
