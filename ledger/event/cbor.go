package event

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// The subset of CBOR that events use: RFC 8949 4.2.1 core deterministic
// encoding without floats, tags and indefinite lengths; booleans are the only
// simple values. The reader accepts nothing else, so what it has read has one
// encoding and need not be encoded again to compare.

// maxDepth is the depth of the deepest item, a number as well as an array; the
// outermost item is at depth 1. An envelope's body is bytes and counts anew.
const maxDepth = 8

// Major types, RFC 8949 section 3.1.
const (
	majorUint  = 0
	majorNeg   = 1
	majorBytes = 2
	majorText  = 3
	majorArray = 4
	majorMap   = 5
	majorOther = 7
)

type reader struct {
	buf []byte
	err error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", ErrEncoding, fmt.Sprintf(format, args...))
	}
}

// head reads the initial byte and its argument, in shortest form only.
func (r *reader) head() (major byte, arg uint64) {
	if r.err != nil {
		return 0, 0
	}
	if len(r.buf) == 0 {
		r.fail("truncated")
		return 0, 0
	}
	major, info := r.buf[0]>>5, r.buf[0]&31
	r.buf = r.buf[1:]
	if info < 24 {
		return major, uint64(info)
	}
	if info > 27 {
		r.fail("indefinite length or reserved form")
		return 0, 0
	}
	n := 1 << (info - 24)
	if len(r.buf) < n {
		r.fail("truncated")
		return 0, 0
	}
	for _, b := range r.buf[:n] {
		arg = arg<<8 | uint64(b)
	}
	r.buf = r.buf[n:]
	if arg < [4]uint64{24, 1 << 8, 1 << 16, 1 << 32}[info-24] {
		r.fail("not the shortest form")
	}
	return major, arg
}

func (r *reader) expect(major byte) uint64 {
	got, arg := r.head()
	if r.err == nil && got != major {
		r.fail("major type %d instead of %d", got, major)
	}
	return arg
}

func (r *reader) take(n uint64) []byte {
	if r.err != nil {
		return nil
	}
	if n > uint64(len(r.buf)) {
		r.fail("truncated")
		return nil
	}
	b := r.buf[:n:n]
	r.buf = r.buf[n:]
	return b
}

func (r *reader) uint() uint64  { return r.expect(majorUint) }
func (r *reader) bytes() []byte { return r.take(r.expect(majorBytes)) }

func (r *reader) text() string {
	b := r.take(r.expect(majorText))
	if !utf8.Valid(b) {
		r.fail("text is not UTF-8")
	}
	return string(b)
}

func (r *reader) int() int64 {
	major, arg := r.head()
	switch {
	case r.err != nil:
		return 0
	case arg > 1<<63-1 || major > majorNeg:
		r.fail("not an integer in range")
		return 0
	case major == majorNeg:
		return -1 - int64(arg)
	}
	return int64(arg)
}

// fixed copies a byte string of exactly len(dst) bytes.
func (r *reader) fixed(dst []byte) {
	b := r.bytes()
	if r.err == nil && len(b) != len(dst) {
		r.fail("%d bytes instead of %d", len(b), len(dst))
	}
	copy(dst, b)
}

// skip walks over one item of any permitted kind, checking all of it.
func (r *reader) skip(depth int) {
	if depth > maxDepth {
		r.fail("nested deeper than %d", maxDepth)
	}
	before := r.buf
	major, arg := r.head()
	if r.err != nil {
		return
	}
	switch major {
	case majorUint, majorNeg:
		if arg > 1<<63-1 {
			r.fail("integer out of range")
		}
	case majorBytes:
		r.take(arg)
	case majorText:
		if !utf8.Valid(r.take(arg)) {
			r.fail("text is not UTF-8")
		}
	case majorArray:
		for ; arg > 0 && r.err == nil; arg-- {
			r.skip(depth + 1)
		}
	case majorMap:
		r.skipMap(arg, depth)
	case majorOther:
		if before[0] != 0xf4 && before[0] != 0xf5 {
			r.fail("float or simple value")
		}
	default:
		r.fail("tag")
	}
}

func (r *reader) skipMap(pairs uint64, depth int) {
	var last []byte
	for ; pairs > 0 && r.err == nil; pairs-- {
		start := r.buf
		r.text()
		key := start[:len(start)-len(r.buf)]
		if r.err == nil && bytes.Compare(last, key) >= 0 {
			r.fail("map keys not sorted and unique")
		}
		last = key
		r.skip(depth + 1)
	}
}

// end fails unless everything has been read.
func (r *reader) end() error {
	if r.err == nil && len(r.buf) > 0 {
		r.fail("%d trailing bytes", len(r.buf))
	}
	return r.err
}

func appendHead(b []byte, major byte, arg uint64) []byte {
	m := major << 5
	switch {
	case arg < 24:
		return append(b, m|byte(arg))
	case arg < 1<<8:
		return append(b, m|24, byte(arg))
	case arg < 1<<16:
		return append(b, m|25, byte(arg>>8), byte(arg))
	case arg < 1<<32:
		return append(b, m|26, byte(arg>>24), byte(arg>>16), byte(arg>>8), byte(arg))
	}
	return append(b, m|27, byte(arg>>56), byte(arg>>48), byte(arg>>40), byte(arg>>32),
		byte(arg>>24), byte(arg>>16), byte(arg>>8), byte(arg))
}

func appendBytes(b, v []byte) []byte {
	return append(appendHead(b, majorBytes, uint64(len(v))), v...)
}

func appendText(b []byte, v string) []byte {
	return append(appendHead(b, majorText, uint64(len(v))), v...)
}

func appendInt(b []byte, v int64) []byte {
	if v < 0 {
		return appendHead(b, majorNeg, uint64(-1-v))
	}
	return appendHead(b, majorUint, uint64(v))
}
