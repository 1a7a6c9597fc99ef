package websocket

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Opcodes (RFC 6455 5.2).
const (
	opContinuation = 0
	opText         = 1
	opBinary       = 2
	opClose        = 8
	opPing         = 9
	opPong         = 10
)

const (
	final      = 0x80 // of the first byte
	reserved   = 0x70 // bits of extensions, of which none is agreed upon
	masked     = 0x80 // of the second byte
	maxControl = 125  // bytes in a control frame
	step       = 32 << 10
)

// ErrProtocol reports a server that breaks RFC 6455.
var ErrProtocol = errors.New("websocket: protocol error")

// ErrTooBig reports a message above the limit.
var ErrTooBig = errors.New("websocket: message too big")

// fault is an error that the server is told with a code.
type fault struct {
	code uint16
	err  error
}

func (f *fault) Error() string { return f.err.Error() }

func (f *fault) Unwrap() error { return f.err }

func broke(format string, args ...any) error {
	return &fault{BadProtocol, fmt.Errorf("%w: %s", ErrProtocol, fmt.Sprintf(format, args...))}
}

// Read returns the next text message. After an error the connection is of no
// use and every call returns that error: *CloseError when the server ended it,
// ErrProtocol, ErrTooBig, io.ErrUnexpectedEOF when it was cut, or that of the
// network, a deadline included.
func (c *Conn) Read() ([]byte, error) {
	if c.failed != nil {
		return nil, c.failed
	}
	message, err := c.read()
	if err == nil {
		return message, nil
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	code := uint16(Normal)
	if f, ok := errors.AsType[*fault](err); ok {
		code, err = f.code, f.err
	} else if end, ok := errors.AsType[*CloseError](err); ok && end.Code != NoStatus {
		code = uint16(end.Code)
	}
	c.failed = err
	c.goodbye(code)
	c.conn.Close()
	return nil, err
}

func (c *Conn) read() ([]byte, error) {
	var message []byte
	for begun := false; ; {
		h, err := c.header()
		if err != nil {
			return nil, err
		}
		switch h.op {
		case opPing, opPong, opClose:
			if err := c.control(h); err != nil {
				return nil, err
			}
			continue
		case opContinuation:
			if !begun {
				return nil, broke("a message begins with its continuation")
			}
		case opText:
			if begun {
				return nil, broke("a message begins inside another")
			}
			begun = true
		case opBinary:
			return nil, &fault{BadData, fmt.Errorf("%w: a message is not text", ErrProtocol)}
		default:
			return nil, broke("unknown opcode %d", h.op)
		}
		if h.size > uint64(c.limit-len(message)) {
			return nil, &fault{TooBig, fmt.Errorf("%w: more than %d bytes", ErrTooBig, c.limit)}
		}
		if message, err = c.payload(message, int(h.size)); err != nil {
			return nil, err
		}
		if !h.final {
			continue
		}
		if !utf8.Valid(message) {
			return nil, &fault{BadText, fmt.Errorf("%w: a message is not UTF-8", ErrProtocol)}
		}
		return message, nil
	}
}

type header struct {
	final bool
	op    byte
	size  uint64
}

// header reads the head of a frame and refuses what no server may send.
func (c *Conn) header() (header, error) {
	var b [8]byte
	if _, err := io.ReadFull(c.r, b[:2]); err != nil {
		return header{}, err
	}
	h := header{final: b[0]&final != 0, op: b[0] & 0x0f, size: uint64(b[1] &^ masked)}
	switch {
	case b[0]&reserved != 0:
		return h, broke("a frame uses an extension that was not agreed upon")
	case b[1]&masked != 0:
		return h, broke("a frame of the server is masked")
	case h.op >= opClose && (!h.final || h.size > maxControl):
		return h, broke("a control frame is fragmented or longer than %d bytes", maxControl)
	}
	least := uint64(0)
	switch h.size {
	case 126:
		if _, err := io.ReadFull(c.r, b[:2]); err != nil {
			return h, err
		}
		h.size, least = uint64(binary.BigEndian.Uint16(b[:])), 126
	case 127:
		if _, err := io.ReadFull(c.r, b[:8]); err != nil {
			return h, err
		}
		h.size, least = binary.BigEndian.Uint64(b[:]), 1<<16
	}
	if h.size < least || h.size > 1<<63-1 {
		return h, broke("a length is not written in the shortest form")
	}
	return h, nil
}

// payload appends n bytes to what is there of a message. It makes room as they
// come: a length is only a claim.
func (c *Conn) payload(message []byte, n int) ([]byte, error) {
	for n > 0 {
		part := min(n, max(step, len(message)))
		message = append(message, make([]byte, part)...)
		if _, err := io.ReadFull(c.r, message[len(message)-part:]); err != nil {
			return nil, err
		}
		n -= part
	}
	return message, nil
}

func (c *Conn) control(h header) error {
	var room [maxControl]byte
	payload := room[:h.size]
	if _, err := io.ReadFull(c.r, payload); err != nil {
		return err
	}
	switch h.op {
	case opPing:
		c.pong(payload)
	case opClose:
		return closed(payload)
	}
	return nil
}

// closed returns the end that a close frame announces.
func closed(payload []byte) error {
	if len(payload) == 0 {
		return &CloseError{Code: NoStatus}
	}
	if len(payload) == 1 {
		return broke("a close frame has half a code")
	}
	code, text := int(binary.BigEndian.Uint16(payload)), payload[2:]
	switch {
	case code >= 3000 && code < 5000, code >= 1000 && code <= 1003, code >= 1007 && code <= 1014:
	default:
		return broke("a close frame has the code %d", code)
	}
	if !utf8.Valid(text) {
		return &fault{BadText, fmt.Errorf("%w: the reason of a close is not UTF-8", ErrProtocol)}
	}
	return &CloseError{code, string(text)}
}

// frame writes one final frame, masked as a client must (RFC 6455 5.3); the
// caller holds mu.
func (c *Conn) frame(op byte, payload []byte) error {
	b := append(c.buf[:0], final|op)
	switch n := len(payload); {
	case n <= maxControl:
		b = append(b, masked|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, masked|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, masked|127), uint64(n))
	}
	var key [4]byte
	rand.Read(key[:]) // never fails
	b = append(b, key[:]...)
	// In parts of whole keys, so that a large message is not there twice.
	for {
		part := payload[:min(len(payload), step)]
		payload = payload[len(part):]
		at := len(b)
		b = append(b, part...)
		mask(b[at:], key)
		if _, err := c.conn.Write(b); err != nil {
			return err
		}
		c.buf, b = b, b[:0]
		if len(payload) == 0 {
			return nil
		}
	}
}

// mask changes b in place; applied twice it changes nothing.
func mask(b []byte, key [4]byte) {
	k := binary.LittleEndian.Uint32(key[:])
	wide := uint64(k)<<32 | uint64(k)
	for len(b) >= 8 {
		binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^wide)
		b = b[8:]
	}
	for i := range b {
		b[i] ^= key[i&3]
	}
}
