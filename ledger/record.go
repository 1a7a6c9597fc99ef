package ledger

import (
	"encoding/binary"
	"fmt"

	"intercom/ledger/event"
)

// stored is an event with what the store keeps beside its bytes.
type stored struct {
	event.Signed
	lamport uint64 // 1 + max over prev and deps; 0 while a cause is missing
	proof   byte
}

// How the author of a stored event is proven.
const (
	proofChained  byte = 0 // by the hash chain to a later event with proofVerified
	proofVerified byte = 1 // by its own signature, checked here
)

const recordHead = 1 + 8 + 64

// recordShort marks a record without the opening of its envelope, which is in
// its key. Those of format 1 of the store are whole.
const recordShort byte = 1 << 7

func (s *stored) encode() []byte {
	rest := s.Raw[event.OpeningSize:]
	b := make([]byte, 0, recordHead+len(rest))
	b = append(b, s.proof|recordShort)
	b = binary.BigEndian.AppendUint64(b, s.lamport)
	b = append(b, s.Sig[:]...)
	return append(b, rest...)
}

// decodeStored reads a record of the own store, of a writer in a room. It was
// decoded strictly when it came in, so a failure means a damaged store. Nothing
// of b is kept.
func decodeStored(b []byte, room event.ID, author event.Key, instance event.Instance) (*stored, error) {
	if len(b) < recordHead {
		return nil, fmt.Errorf("%w: event record of %d bytes", ErrDamaged, len(b))
	}
	s := &stored{proof: b[0] &^ recordShort, lamport: binary.BigEndian.Uint64(b[1:])}
	raw := make([]byte, 0, event.OpeningSize+len(b)-recordHead)
	if b[0]&recordShort != 0 {
		raw = event.AppendOpening(raw, room, author, instance)
	}
	signed, err := event.Parse(append(raw, b[recordHead:]...), [64]byte(b[9:recordHead]))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	s.Signed = signed
	return s, nil
}

// roomRow is what is known of a room as a whole.
type roomRow struct {
	_          struct{} `cbor:",toarray"`
	Name       string
	Class      event.Class
	Set        []byte // of format 1 of the store: the hash over all stored ids
	Events     uint64 // stored
	Bytes      uint64
	Chains     uint32
	Waiting    uint64 // stored, but a cause is missing
	Skipped    uint64 // stored, but not counted
	Incomplete bool   // a quota kept something out
	Tips       []tip  // folded events that no other folded event names, latest first
}

// tip is an event that the next own event names.
type tip struct {
	_       struct{} `cbor:",toarray"`
	Lamport uint64
	ID      event.ID
}

// chainRow is one branch of a writer's chain. A writer that never forks has
// one. Numbers are local: they follow the order of arrival.
type chainRow struct {
	_        struct{} `cbor:",toarray"`
	Author   event.Key
	Instance event.Instance
	Parent   uint32 // chain that this one branches from, if Branch
	Branch   bool
	First    uint64 // seq of the first event of this branch
	Seq      uint64 // of the last stored event
	Head     event.ID
	Lamport  uint64 // of the last applied event
	Applied  uint64 // seq after the last applied event
}

// winnerRow names the event that has an idempotency key.
type winnerRow struct {
	_       struct{} `cbor:",toarray"`
	Lamport uint64
	ID      event.ID
}

// requestRow is the first reply to a request that had an idempotency key.
type requestRow struct {
	_     struct{} `cbor:",toarray"`
	Hash  [32]byte // of the canonical request
	Reply []byte
}

// usageRow counts what an author takes in a room.
type usageRow struct {
	_      struct{} `cbor:",toarray"`
	Events uint64
	Bytes  uint64
}

// foldRow is the state of one app's fold in a room.
type foldRow struct {
	_       struct{} `cbor:",toarray"`
	Version string
	Lanes   []byte // of format 1 of the store: the hash over the view's rows
}

// instanceRow is the writer that this store is, and the place it is bound to.
type instanceRow struct {
	_        struct{} `cbor:",toarray"`
	Instance event.Instance
	Place    []byte
}
