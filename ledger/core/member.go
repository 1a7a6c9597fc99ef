package core

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"intercom/ledger/event"
)

// MaxReason is the length limit of a reason in bytes.
const MaxReason = 4096

// The roles that a grant gives. The owner's is not given but handed over.
const (
	Admin  = "admin"
	Member = "member"
	Viewer = "viewer"
	Bot    = "bot" // a member within the limits of its grant
)

// Add gives a key a role.
type Add struct {
	Key    event.Key `cbor:"key"`
	Role   string    `cbor:"role"`
	Alias  string    `cbor:"alias,omitempty"` // the member name that the key speaks for
	Until  int64     `cbor:"until,omitempty"` // ms since 1970 UTC; 0: without end
	Limits Fields    `cbor:"limits,omitempty"`
}

// Claim says that its author speaks for a member name.
type Claim struct {
	Alias string `cbor:"alias"`
}

// Remove takes a key's role away. Of its writers the named ones count up to
// the named event, all others not at all.
type Remove struct {
	Key    event.Key `cbor:"key"`
	Last   []Last    `cbor:"last"` // by instance
	Reason string    `cbor:"reason,omitempty"`
}

// Last is the last event of a writer that counts.
type Last struct {
	_        struct{} `cbor:",toarray"`
	Instance event.Instance
	Seq      uint64
}

// Check implements event.Body.
func (b *Add) Check() error {
	if !slices.Contains([]string{Admin, Member, Viewer, Bot}, b.Role) {
		return fmt.Errorf("core: role %.16q", b.Role)
	}
	if b.Until < 0 || b.Until > event.MaxInteger {
		return fmt.Errorf("core: until is %d, not 0 to 2^53-1", b.Until)
	}
	alias := error(nil)
	if b.Alias != "" {
		alias = named("alias", b.Alias)
	}
	return errors.Join(given("key", b.Key), alias, b.Limits.check("limits"))
}

// Check implements event.Body.
func (b *Claim) Check() error { return named("alias", b.Alias) }

// Check implements event.Body.
func (b *Remove) Check() error {
	for i, l := range b.Last {
		if l.Seq > event.MaxInteger {
			return fmt.Errorf("core: seq %d of %s", l.Seq, l.Instance)
		}
		if i > 0 && bytes.Compare(b.Last[i-1].Instance[:], l.Instance[:]) >= 0 {
			return errors.New("core: instances are not sorted and unique")
		}
	}
	return errors.Join(given("key", b.Key), bounded("last", len(b.Last), 0, event.MaxHeads),
		bounded("reason", len(b.Reason), 0, MaxReason))
}
