package expense

import (
	"errors"
	"fmt"

	"intercom/ledger/event"
)

// Unsettled is a balance that was open when a room was closed. It informs and
// counts nowhere.
type Unsettled struct {
	_        struct{} `cbor:",toarray"`
	Member   string
	Currency string
	Exp      int
	Amount   int64
}

// Close ends the epoch of what is in its causal past, less what is in the past
// of Keep.
type Close struct {
	Open  []Unsettled `cbor:"open"`
	Carry bool        `cbor:"carry,omitempty"` // its entries go on counting in the balance
	Keep  event.ID    `cbor:"keep,omitzero"`   // a checkpoint
}

// Reopen makes a close void for good.
type Reopen struct {
	Close event.ID `cbor:"close"`
}

// Checkpoint names a state that can be gone back to.
type Checkpoint struct {
	State event.ID `cbor:"state"`
	Label string   `cbor:"label,omitempty"`
}

// Check implements event.Body.
func (b *Close) Check() error {
	if len(b.Open) > MaxNames {
		return fmt.Errorf("expense: %d open balances, at most %d", len(b.Open), MaxNames)
	}
	for _, o := range b.Open {
		if err := errors.Join(checkName(o.Member), checkAmount(o.Amount, o.Currency, o.Exp)); err != nil {
			return err
		}
	}
	return nil
}

// Check implements event.Body.
func (b *Reopen) Check() error { return named(b.Close) }

// Check implements event.Body.
func (b *Checkpoint) Check() error {
	return errors.Join(named(b.State), bounded("label", b.Label, maxLabel))
}
