package event

import (
	"fmt"
	"sync"

	"github.com/fxamacker/cbor/v2"
)

// Body is what a type's body knows beyond its encoding: its own limits. Its
// byte strings are Bytes, ID, Key or Instance, its arrays slices or structs
// with the toarray option: these refuse other kinds and other lengths, which
// Go's own byte slices and arrays do not.
type Body interface {
	// Check returns the first broken limit, or nil.
	Check() error
}

// The modes are built once and shared: building one costs more than its use.
// They are built by a function and not by the variable itself, so that a client
// which only names ids does not link the codec.
var built struct {
	sync.Once
	enc cbor.EncMode
	dec cbor.DecMode
}

func modes() (cbor.EncMode, cbor.DecMode) {
	built.Do(func() { built.enc, built.dec = buildModes() })
	return built.enc, built.dec
}

func buildModes() (cbor.EncMode, cbor.DecMode) {
	opts := cbor.CoreDetEncOptions()
	opts.NilContainers = cbor.NilContainerAsEmpty // null is no value of the format
	enc, err := opts.EncMode()
	if err != nil {
		panic(err) // constant options
	}
	dec, err := cbor.DecOptions{
		DupMapKey:   cbor.DupMapKeyEnforcedAPF,
		IndefLength: cbor.IndefLengthForbidden,
		TagsMd:      cbor.TagsForbidden,
		// By default "Goal" would be read as "goal".
		FieldNameMatching: cbor.FieldNameMatchingCaseSensitive,
		// The walk over the whole body has bounded all of it before.
		MaxArrayElements: 1 << 16, MaxMapPairs: 1 << 16,
	}.DecMode()
	if err != nil {
		panic(err)
	}
	return enc, dec
}

// Canonical reports whether b is one item in the deterministic form that
// events use (docs/format.md); the error wraps ErrEncoding.
func Canonical(b []byte) error {
	r := reader{buf: b}
	r.skip(1)
	return r.end()
}

// Marshal encodes v in the deterministic form. It fails only on types that
// CBOR cannot hold.
func Marshal(v any) ([]byte, error) {
	enc, _ := modes()
	return enc.Marshal(v)
}

// Unmarshal decodes bytes that are known to be canonical, such as rows of the
// own store. Fields that v does not have are ignored.
func Unmarshal(b []byte, v any) error {
	_, dec := modes()
	return dec.Unmarshal(b, v)
}

// DecodeBody decodes a body strictly into v: a canonical map whose known
// fields fit and whose limits hold. Unknown fields are ignored, for growth.
func DecodeBody(b []byte, v Body) error {
	if len(b) == 0 || b[0]>>5 != majorMap {
		return fmt.Errorf("%w: body is not a map", ErrEncoding)
	}
	if err := Canonical(b); err != nil {
		return err
	}
	if err := Unmarshal(b, v); err != nil {
		return fmt.Errorf("%w: body: %w", ErrEncoding, err)
	}
	return v.Check()
}
