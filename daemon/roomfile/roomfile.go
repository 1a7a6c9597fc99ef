// Package roomfile reads and writes a room as one encrypted file, for a member
// whom no network reaches: docs/format.md, "A room as a file".
//
// Both work on a stream in bounded memory. A file proves nothing but that it is
// whole: whoever knows the key of its reader can have written it. Its events
// are signed, and whoever reads them judges them as a peer's.
package roomfile

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"intercom/ledger"
	"intercom/ledger/event"
)

// version is that of the container; a reader knows one.
const version = 1

// Limits.
const (
	MaxReaders    = 64       // keys that a file may be for
	MaxPassphrase = 4 << 10  // bytes
	MaxHeader     = 64 << 10 // bytes before the encrypted part; 64 readers take 12 kB
	maxSealed     = 4 << 30  // bytes of the rest: twice what a room may have
	maxPlain      = 4 << 30  // bytes of all frames
)

var (
	// ErrReader means that a file is for other keys, or the passphrase is not its.
	ErrReader = errors.New("roomfile: not for this reader")
	// ErrFormat means that what is read is no file of a room, or one that breaks
	// the format; the error says where.
	ErrFormat = errors.New("roomfile: malformed")
	// ErrNewer means a version that this program does not know.
	ErrNewer = errors.New("roomfile: newer version")
	// ErrCut means that a file is not whole: it ends early, or was changed.
	ErrCut = errors.New("roomfile: cut short or damaged")
)

// Head says which room a file holds: what its id is made of.
type Head struct {
	_       struct{} `cbor:",toarray"`
	Version int
	Class   event.Class
	Name    string
	Owner   event.Bytes // 32 bytes; empty for an open room
}

// part is events, in their stored form; one without any comes before the end.
type part struct {
	_      struct{} `cbor:",toarray"`
	Events []event.Bytes
}

type end struct {
	_      struct{} `cbor:",toarray"`
	Events uint64   // in all parts
}

// Writer writes a file. Close ends it; without that it is not whole.
type Writer struct {
	sealed io.WriteCloser
	packed *gzip.Writer
	events uint64
}

// NewWriter begins a file of a room for its readers.
func NewWriter(w io.Writer, to []age.Recipient, class event.Class, name string, owner event.Key) (*Writer, error) {
	sealed, err := age.Encrypt(w, to...)
	if err != nil {
		return nil, fmt.Errorf("encrypt: %w", err)
	}
	packed, err := gzip.NewWriterLevel(sealed, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	h := Head{Version: version, Class: class, Name: name}
	if class == event.Owned {
		h.Owner = owner[:]
	}
	return &Writer{sealed: sealed, packed: packed}, ledger.WriteFrame(packed, &h)
}

// Write adds events in their stored form.
func (w *Writer) Write(events []event.Bytes) error {
	if len(events) == 0 {
		return nil
	}
	w.events += uint64(len(events))
	return ledger.WriteFrame(w.packed, &part{Events: events})
}

// Events returns how many were written.
func (w *Writer) Events() uint64 { return w.events }

// Close writes the end of the file.
func (w *Writer) Close() error {
	return errors.Join(
		ledger.WriteFrame(w.packed, &part{Events: []event.Bytes{}}), ledger.WriteFrame(w.packed, &end{Events: w.events}),
		w.packed.Close(), w.sealed.Close(),
	)
}
