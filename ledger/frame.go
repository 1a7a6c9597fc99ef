package ledger

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"intercom/ledger/event"
)

// Protocol is the libp2p protocol by which rooms are compared and fetched:
// frames of a uvarint length and that many bytes of CBOR.
const Protocol = "/intercom/room/1"

// Limits of a frame in bytes.
const (
	maxQuestion = 64 << 10
	maxAnswer   = 8 << 20
)

// The questions of the protocol.
const (
	askHeads  = 1 // the heads of a room, unless the set hash is the same
	askEvents = 2 // the events that lead to heads
)

type question struct {
	_     struct{} `cbor:",toarray"`
	Op    int
	Room  event.ID
	Set   event.Bytes // askHeads: the asker's set hash
	Wants []want      // askEvents
}

// want asks for the events that lead to a head, from a seq on.
type want struct {
	_        struct{} `cbor:",toarray"`
	Author   event.Key
	Instance event.Instance
	Head     event.ID
	From     uint64
}

const (
	maxWants = 64
	maxHeads = 16_384
)

// The states of a room at the one who answers.
const (
	roomUnknown = 0
	roomSame    = 1 // both have the same set of events
	roomDiffers = 2
)

type headsAnswer struct {
	_     struct{} `cbor:",toarray"`
	State int
	Heads []head
}

type head struct {
	_        struct{} `cbor:",toarray"`
	Author   event.Key
	Instance event.Instance
	Seq      uint64
	ID       event.ID
}

// eventsAnswer is one of several; the last has no events.
type eventsAnswer struct {
	_      struct{}      `cbor:",toarray"`
	Events []event.Bytes // [cbor, sig] each, causes first
}

func writeFrame(w io.Writer, v any) error {
	b, err := event.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode frame: %w", err)
	}
	_, err = w.Write(append(binary.AppendUvarint(nil, uint64(len(b))), b...))
	return err
}

// readFrame reads a frame of at most limit bytes, strictly. Errors: ErrRefused
// for what the peer should not have sent, or that of the stream.
func readFrame(r *bufio.Reader, limit uint64, v any) error {
	n, err := binary.ReadUvarint(r)
	if err != nil {
		return err
	}
	if n > limit {
		return fmt.Errorf("%w: frame of %d bytes, at most %d", ErrRefused, n, limit)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return err
	}
	if err := event.Canonical(b); err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if err := event.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%w: frame: %w", ErrRefused, err)
	}
	return nil
}
