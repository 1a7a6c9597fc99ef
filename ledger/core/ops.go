package core

import "intercom/ledger/event"

// MaxOps is how many operations one event holds.
const MaxOps = 1024

// Ops are operations of an ordered room, each in an encoding of its own,
// which whoever puts them in order reads.
type Ops struct {
	Ops []event.Bytes `cbor:"ops"`
}

// Check implements event.Body.
func (b *Ops) Check() error {
	for _, op := range b.Ops {
		if err := bounded("op", len(op), 1, event.MaxSize); err != nil {
			return err
		}
	}
	return bounded("ops", len(b.Ops), 1, MaxOps)
}
