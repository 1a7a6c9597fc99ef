package channel

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Protocol is the name of the stream that carries frames from one peer to another.
const Protocol = "/chan/1"

const (
	shortSize = 8
	// MaxTo bounds Frame.To.
	MaxTo = 64
	// MaxFrame bounds a frame without its length, in bytes.
	MaxFrame = MaxWire + MaxTo*shortSize + 16
)

// ErrFrame is what ReadFrame returns for anything that is not one canonical frame.
var ErrFrame = errors.New("channel: bad frame")

// Frame is a packet on its way over a link. Encoded it is its length in bytes as an unsigned LEB128 number, then the
// deterministic CBOR array [to, packet], both bytes. To says who gets the packet without the receiver's help: the first
// 8 bytes of each one's key. The receiver passes it on to the other members that it knows.
type Frame struct {
	To     []Key // 64 at most; only the first 8 bytes of each count
	Packet []byte
}

// Encode returns the frame with its length. To beyond 64 is left out.
func (f Frame) Encode() []byte { return append(f.head(), f.Packet...) }

// head is the frame up to its packet.
func (f Frame) head() []byte {
	to := f.To[:min(len(f.To), MaxTo)]
	n := 1 + headSize(len(to)*shortSize) + len(to)*shortSize + headSize(len(f.Packet)) + len(f.Packet)
	b := binary.AppendUvarint(make([]byte, 0, n-len(f.Packet)+binary.MaxVarintLen32), uint64(n))
	b = append(b, arrayHead(2)...)
	b = appendCBORHead(b, majorBytes, uint64(len(to)*shortSize))
	for _, k := range to {
		b = append(b, k[:shortSize]...)
	}
	return appendCBORHead(b, majorBytes, uint64(len(f.Packet)))
}

// Lists reports whether To has a key.
func (f Frame) Lists(k Key) bool {
	return slices.ContainsFunc(f.To, func(t Key) bool { return bytes.Equal(t[:shortSize], k[:shortSize]) })
}

// By reports whether the packet says that k is its author.
func (f Frame) By(k Key) bool {
	r := reader{b: f.Packet}
	r.array(8, 8)
	r.bytes()
	return bytes.Equal(r.bytes(), k[:])
}

// Channel returns the id of the channel that the packet says it is for.
func (f Frame) Channel() (id [32]byte, ok bool) {
	r := reader{b: f.Packet}
	r.array(8, 8)
	copy(id[:], r.fixed(len(id)))
	return id, !r.bad
}

// ReadFrame reads one frame, of which it keeps nothing. It returns io.EOF at the end, ErrFrame, or the error of r. What
// it allocates grows with what has come.
func ReadFrame(r *bufio.Reader) (Frame, error) {
	n, err := readLength(r)
	if err != nil {
		return Frame{}, err
	}
	var body bytes.Buffer
	body.Grow(min(n, batchBytes+4<<10) + bytes.MinRead)
	if _, err := io.CopyN(&body, r, int64(n)); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return Frame{}, err
	}
	return decodeFrame(body.Bytes())
}

// readLength returns a length from 1 to MaxFrame in its shortest form. It reads no further than such a one may be long.
// The error is io.EOF only before the first byte.
func readLength(r io.ByteReader) (n int, err error) {
	for shift := 0; ; shift += 7 {
		b, err := r.ReadByte()
		if err == io.EOF && shift > 0 {
			return 0, io.ErrUnexpectedEOF
		}
		if err != nil {
			return 0, err
		}
		n |= int(b&0x7f) << shift
		switch {
		case n > MaxFrame:
			return 0, fmt.Errorf("%w: more than %d bytes", ErrFrame, MaxFrame)
		case b == 0:
			return 0, fmt.Errorf("%w: length of no use", ErrFrame)
		case b < 0x80:
			return n, nil
		case shift == 21:
			return 0, fmt.Errorf("%w: length in a longer form", ErrFrame)
		}
	}
}

func decodeFrame(b []byte) (Frame, error) {
	rd := reader{b: b}
	rd.array(2, 2)
	to := rd.bytes()
	f := Frame{Packet: rd.bytes()}
	if rd.bad || len(rd.b) != 0 || len(to)%shortSize != 0 || len(to) > MaxTo*shortSize {
		return Frame{}, ErrFrame
	}
	for short := range slices.Chunk(to, shortSize) {
		var k Key
		copy(k[:], short)
		f.To = append(f.To, k)
	}
	return f, nil
}
