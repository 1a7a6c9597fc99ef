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

// WriteFrame writes a frame as the protocol has them.
func WriteFrame(w io.Writer, v any) error { return writeFrame(w, v) }

// ReadFrame reads a frame of at most 8 MiB, strictly. Errors: ErrRefused for
// what is none, or that of the stream.
func ReadFrame(r *bufio.Reader, v any) error { return readFrame(r, maxAnswer, v) }

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
	n, err := readLength(r, limit)
	if err != nil {
		return err
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

// readLength reads an unsigned LEB128 number up to limit, and no further than
// one may be long. Errors are those of readFrame.
func readLength(r io.ByteReader, limit uint64) (n uint64, err error) {
	for shift := 0; shift < 64; shift += 7 {
		b, err := r.ReadByte()
		if err == io.EOF && shift > 0 {
			return 0, io.ErrUnexpectedEOF
		}
		if err != nil {
			return 0, err
		}
		if n |= uint64(b&0x7f) << shift; n > limit {
			return 0, fmt.Errorf("%w: frame of more than %d bytes", ErrRefused, limit)
		}
		if b < 0x80 {
			return n, nil
		}
	}
	return 0, fmt.Errorf("%w: length of a frame without end", ErrRefused)
}
