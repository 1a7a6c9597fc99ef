package core

import (
	"crypto/ed25519"
	"errors"
	"slices"

	"intercom/ledger/event"
)

// Limits of the bodies. They are part of the format and never shrink.
const (
	NonceSize    = 16 // bytes
	MaxFields    = 64 // of a policy or of a grant's limits
	MaxFieldName = 64 // bytes
)

// Create is the first event of a room with an owner: the fields that its id
// is made from, and the policy it starts with.
type Create struct {
	Name   string      `cbor:"name"`
	Owner  event.Key   `cbor:"owner"`
	Nonce  event.Bytes `cbor:"nonce,omitempty"` // private rooms have one
	Policy Fields      `cbor:"policy"`
}

// Fields are named settings: a policy, what of it changes, or the limits of a
// grant. A name that a reader does not know says nothing to it.
type Fields map[string]any

// Owner hands a room over.
type Owner struct {
	To      event.Key   `cbor:"to"`
	Consent event.Bytes `cbor:"consent"` // signature of the new owner over ConsentTo
}

// ConsentTo returns what the next owner of a room signs to take it from the
// present one: "intercom/sig/owner/1\0" || room || from || to.
func ConsentTo(room event.ID, from, to event.Key) []byte {
	return slices.Concat([]byte("intercom/sig/owner/1\x00"), room[:], from[:], to[:])
}

// Consented reports whether the new owner has signed to take a room from its
// present owner.
func (b *Owner) Consented(room event.ID, from event.Key) bool {
	return ed25519.Verify(b.To[:], ConsentTo(room, from, b.To), b.Consent)
}

// Check implements event.Body.
func (b *Create) Check() error {
	nonce := error(nil)
	if len(b.Nonce) > 0 {
		nonce = bounded("nonce", len(b.Nonce), NonceSize, NonceSize)
	}
	return errors.Join(named("name", b.Name), given("owner", b.Owner), nonce, b.Policy.check("policy"))
}

// Check implements event.Body: a change of policy changes something.
func (b *Fields) Check() error {
	return errors.Join(bounded("policy", len(*b), 1, MaxFields), b.check("policy"))
}

func (b Fields) check(field string) error {
	if err := bounded(field, len(b), 0, MaxFields); err != nil {
		return err
	}
	for name := range b {
		if err := bounded("name in "+field, len(name), 1, MaxFieldName); err != nil {
			return err
		}
	}
	return nil
}

// Check implements event.Body.
func (b *Owner) Check() error {
	return errors.Join(given("to", b.To), bounded("consent", len(b.Consent), ed25519.SignatureSize, ed25519.SignatureSize))
}
