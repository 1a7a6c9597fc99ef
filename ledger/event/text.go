package event

import (
	"bytes"
	"encoding/hex"
	"fmt"
)

// The byte names travel as hex in JSON and as byte strings of exact length in
// CBOR; both directions refuse any other length.

func parseHex(dst []byte, text []byte) error {
	if len(text) != hex.EncodedLen(len(dst)) {
		return fmt.Errorf("%w: %d hex digits instead of %d", ErrEncoding, len(text), hex.EncodedLen(len(dst)))
	}
	if _, err := hex.Decode(dst, text); err != nil {
		return fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	return nil
}

func parseBytes(dst, b []byte) error {
	r := reader{buf: b}
	r.fixed(dst)
	return r.end()
}

// Bytes is a byte string of any length. Unlike a Go byte slice it does not
// decode from an array of integers, which would be a second encoding.
type Bytes []byte

// UnmarshalCBOR reads a byte string.
func (b *Bytes) UnmarshalCBOR(data []byte) error {
	r := reader{buf: data}
	*b = bytes.Clone(r.bytes())
	return r.end()
}

// ParseID reads 64 hex digits.
func ParseID(s string) (id ID, err error) { return id, parseHex(id[:], []byte(s)) }

// ParseKey reads 64 hex digits.
func ParseKey(s string) (k Key, err error) { return k, parseHex(k[:], []byte(s)) }

// MarshalText returns hex.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads hex.
func (id *ID) UnmarshalText(b []byte) error { return parseHex(id[:], b) }

// MarshalCBOR returns a byte string.
func (id ID) MarshalCBOR() ([]byte, error) { return appendBytes(nil, id[:]), nil }

// UnmarshalCBOR reads a byte string of 32 bytes.
func (id *ID) UnmarshalCBOR(b []byte) error { return parseBytes(id[:], b) }

// MarshalText returns hex.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads hex.
func (k *Key) UnmarshalText(b []byte) error { return parseHex(k[:], b) }

// MarshalCBOR returns a byte string.
func (k Key) MarshalCBOR() ([]byte, error) { return appendBytes(nil, k[:]), nil }

// UnmarshalCBOR reads a byte string of 32 bytes.
func (k *Key) UnmarshalCBOR(b []byte) error { return parseBytes(k[:], b) }

// MarshalText returns hex.
func (i Instance) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText reads hex.
func (i *Instance) UnmarshalText(b []byte) error { return parseHex(i[:], b) }

// MarshalCBOR returns a byte string.
func (i Instance) MarshalCBOR() ([]byte, error) { return appendBytes(nil, i[:]), nil }

// UnmarshalCBOR reads a byte string of 8 bytes.
func (i *Instance) UnmarshalCBOR(b []byte) error { return parseBytes(i[:], b) }
