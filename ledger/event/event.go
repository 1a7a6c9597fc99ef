// Package event holds the signed event, the one thing that rooms store and
// peers exchange: its encoding, id, signature and the ids of channels.
//
// The format is described in docs/format.md. Decoding is strict: every event
// has exactly one encoding, so an id names one byte string and nothing else.
// The package is pure and light; it knows no disk, network or clock.
package event

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf8"
)

// Limits of an envelope. They are part of the format and never shrink.
const (
	Version     = 1                         // the only envelope version
	MaxSize     = 64 << 10                  // bytes of [cbor, sig], the stored and sent form
	MaxType     = 64                        // bytes of a type name
	MaxKey      = 128                       // bytes of an idempotency key
	MaxDeps     = 16                        // other heads that an ordinary event names
	MaxHeads    = 1024                      // heads that a closing event names
	MaxInteger  = 1<<53 - 1                 // largest sequence number and time
	MaxTZ       = 1080                      // minutes east or west of UTC
	sigOverhead = 6 + ed25519.SignatureSize // of [cbor, sig] around a cbor of 256 bytes or more
)

var (
	// ErrEncoding reports bytes that are no canonical envelope.
	ErrEncoding = errors.New("event: bad encoding")
	// ErrSignature reports a signature that the author did not make.
	ErrSignature = errors.New("event: bad signature")
	// ErrTooLarge reports an event above MaxSize.
	ErrTooLarge = errors.New("event: too large")
)

// ID is the SHA-256 name of an event, a room or a channel.
type ID [32]byte

// Key is an ed25519 public key: the identity of a peer and author of events.
type Key [32]byte

// Instance tells the chains of one key apart: each store draws its own.
type Instance [8]byte

// String returns the lower-case hex form.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// IsZero reports whether id is absent.
func (id ID) IsZero() bool { return id == ID{} }

// Compare orders ids by their bytes.
func (id ID) Compare(o ID) int { return bytes.Compare(id[:], o[:]) }

// String returns the lower-case hex form.
func (k Key) String() string { return hex.EncodeToString(k[:]) }

// Short returns the first 12 hex digits, for people.
func (id ID) Short() string { return id.String()[:12] }

// Short returns the first 8 hex digits, for people.
func (k Key) Short() string { return k.String()[:8] }

// String returns the lower-case hex form.
func (i Instance) String() string { return hex.EncodeToString(i[:]) }

// Event is an envelope. The zero Prev stands for the empty one at Seq 0.
type Event struct {
	Room     ID
	Author   Key
	Instance Instance
	Seq      uint64 // 0, 1, 2... per room, author and instance
	Prev     ID     // event Seq-1 of the same chain
	Deps     []ID   // heads of other chains seen, sorted, unique
	TS       int64  // the author's clock, ms since 1970 UTC
	TZ       int    // the author's offset, minutes east of UTC
	Type     string
	Key      string // idempotency key, or empty
	Epoch    uint64 // 0: Body is plain; else ciphertext under that key epoch
	Body     []byte // CBOR map of the type
}

// Signed is an event with its exact bytes, id and signature.
// A Signed from Parse or Sign is well formed; Verify checks the signature.
type Signed struct {
	Event
	ID  ID
	Raw []byte // the canonical CBOR that ID is the hash of
	Sig [ed25519.SignatureSize]byte
}

var (
	idPrefix  = []byte("intercom/event/1\x00")
	sigPrefix = []byte("intercom/sig/event/1\x00")
)

// HeadLimit returns how many deps an event of type t may name.
func HeadLimit(t string) int {
	switch t {
	case "room.close", "room.reopen", "room.checkpoint":
		return MaxHeads
	}
	return MaxDeps
}

// Check reports the first field outside the format's ranges.
func (e *Event) Check() error {
	switch {
	case e.Seq > MaxInteger:
		return fmt.Errorf("%w: seq %d", ErrEncoding, e.Seq)
	case (e.Seq == 0) != e.Prev.IsZero():
		return fmt.Errorf("%w: prev does not fit seq %d", ErrEncoding, e.Seq)
	case len(e.Deps) > HeadLimit(e.Type):
		return fmt.Errorf("%w: %d deps", ErrEncoding, len(e.Deps))
	case e.TS < 0 || e.TS > MaxInteger:
		return fmt.Errorf("%w: ts %d", ErrEncoding, e.TS)
	case e.TZ < -MaxTZ || e.TZ > MaxTZ:
		return fmt.Errorf("%w: tz %d", ErrEncoding, e.TZ)
	case e.Type == "" || len(e.Type) > MaxType:
		return fmt.Errorf("%w: type of %d bytes", ErrEncoding, len(e.Type))
	case len(e.Key) > MaxKey:
		return fmt.Errorf("%w: key of %d bytes", ErrEncoding, len(e.Key))
	case !utf8.ValidString(e.Type) || !utf8.ValidString(e.Key):
		return fmt.Errorf("%w: text is not UTF-8", ErrEncoding)
	case e.Epoch > math.MaxInt64:
		return fmt.Errorf("%w: epoch", ErrEncoding)
	}
	for i := 1; i < len(e.Deps); i++ {
		if e.Deps[i-1].Compare(e.Deps[i]) >= 0 {
			return fmt.Errorf("%w: deps not sorted and unique", ErrEncoding)
		}
	}
	return nil
}

// Sign encodes and signs e, whose Author must be priv's public key.
// It fails with ErrEncoding or ErrTooLarge where e breaks the format.
func Sign(e Event, priv ed25519.PrivateKey) (Signed, error) {
	if err := e.Check(); err != nil {
		return Signed{}, err
	}
	if Key(priv.Public().(ed25519.PublicKey)) != e.Author {
		return Signed{}, fmt.Errorf("%w: author is not the signer", ErrSignature)
	}
	s := Signed{Event: e, Raw: encode(&e)}
	if err := checkSize(s.Raw); err != nil {
		return Signed{}, err
	}
	s.ID = hashID(s.Raw)
	copy(s.Sig[:], ed25519.Sign(priv, sigInput(s.ID)))
	return s, nil
}

func checkSize(raw []byte) error {
	if n := len(raw) + sigOverhead; n > MaxSize {
		return fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, n, MaxSize)
	}
	return nil
}

// Verify checks the signature of s against its author; ErrSignature if bad.
func (s *Signed) Verify() error {
	if !ed25519.Verify(s.Author[:], sigInput(s.ID), s.Sig[:]) {
		return fmt.Errorf("%w on %s", ErrSignature, s.ID)
	}
	return nil
}

func hashID(raw []byte) ID {
	h := sha256.New()
	h.Write(idPrefix)
	h.Write(raw)
	return ID(h.Sum(nil))
}

func sigInput(id ID) []byte { return append(sigPrefix[:len(sigPrefix):len(sigPrefix)], id[:]...) }

// lastInstant is the last one that RFC 3339 can write, in ms since 1970 UTC.
const lastInstant = 253402300799999

// Instant returns a ts as a time in UTC. A clock may claim any year; what is
// later than the year 9999 is shown as its end, since JSON holds no more.
func Instant(ts int64) time.Time { return time.UnixMilli(min(ts, lastInstant)).UTC() }
