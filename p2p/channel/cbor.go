package channel

import "encoding/binary"

// The few forms of deterministic CBOR (RFC 8949 4.2.1) that a packet has. Written by hand since this is the path of
// every message: no reflection, no copies, and only the shortest form of a head is taken, so that nothing has to be
// encoded again to be compared.
const (
	majorUint  = 0
	majorBytes = 2
	majorArray = 4
)

func appendCBORHead(b []byte, major byte, n uint64) []byte {
	major <<= 5
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n < 1<<8:
		return append(b, major|24, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, major|25), uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(b, major|26), uint32(n))
	default:
		return binary.BigEndian.AppendUint64(append(b, major|27), n)
	}
}

// headSize is the length of a head with the number n.
func headSize(n int) int {
	switch {
	case n < 24:
		return 1
	case n < 1<<8:
		return 2
	case n < 1<<16:
		return 3
	}
	return 5
}

func arrayHead(n int) []byte               { return appendCBORHead(nil, majorArray, uint64(n)) }
func appendUint(b []byte, n uint64) []byte { return appendCBORHead(b, majorUint, n) }
func appendBytes(b []byte, data []byte) []byte {
	return append(appendCBORHead(b, majorBytes, uint64(len(data))), data...)
}

// reader takes values off b. After the first that does not fit it is bad, and returns zero values.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) head(major byte) uint64 {
	if r.bad || len(r.b) == 0 || r.b[0]>>5 != major {
		r.bad = true
		return 0
	}
	info := r.b[0] & 31
	r.b = r.b[1:]
	if info < 24 {
		return uint64(info)
	}
	width := 1 << (info - 24)
	if info > 27 || len(r.b) < width {
		r.bad = true
		return 0
	}
	var n, least uint64
	switch width {
	case 1:
		n, least = uint64(r.b[0]), 24
	case 2:
		n, least = uint64(binary.BigEndian.Uint16(r.b)), 1<<8
	case 4:
		n, least = uint64(binary.BigEndian.Uint32(r.b)), 1<<16
	case 8:
		n, least = binary.BigEndian.Uint64(r.b), 1<<32
	}
	r.b = r.b[width:]
	if n < least { // a shorter form exists
		r.bad = true
		return 0
	}
	return n
}

func (r *reader) uint() uint64 { return r.head(majorUint) }

func (r *reader) bytes() []byte {
	n := r.head(majorBytes)
	if r.bad || n > uint64(len(r.b)) {
		r.bad = true
		return nil
	}
	out := r.b[:n:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) fixed(n int) []byte {
	b := r.bytes()
	if len(b) != n {
		r.bad = true
	}
	return b
}

// array returns how many elements follow, between least and most.
func (r *reader) array(least, most uint64) int {
	n := r.head(majorArray)
	if r.bad || n < least || n > most {
		r.bad = true
		return 0
	}
	return int(n)
}
