package expense

import (
	"cmp"
	"encoding/binary"
	"errors"
	"math/bits"
	"strconv"
	"strings"
)

// Sum is a signed 128-bit integer in minor units: the exact total of any
// number of amounts that can be stored (2^63 entries of 2^53 do not fill it).
// The zero value is 0. Sums are comparable and may be map keys. In JSON a Sum
// is written by Format, as a string.
type Sum struct {
	hi int64 // two's complement
	lo uint64
}

// SumOf returns v as a Sum.
func SumOf(v int64) Sum { return Sum{hi: v >> 63, lo: uint64(v)} }

// Add returns s + v.
func (s Sum) Add(v int64) Sum { return s.Plus(SumOf(v)) }

// Plus returns s + t.
func (s Sum) Plus(t Sum) Sum {
	lo, carry := bits.Add64(s.lo, t.lo, 0)
	hi, _ := bits.Add64(uint64(s.hi), uint64(t.hi), carry)
	return Sum{hi: int64(hi), lo: lo}
}

// Neg returns -s.
func (s Sum) Neg() Sum {
	lo, borrow := bits.Sub64(0, s.lo, 0)
	hi, _ := bits.Sub64(0, uint64(s.hi), borrow)
	return Sum{hi: int64(hi), lo: lo}
}

// Cmp returns -1, 0 or 1 as s is below, equal to or above t.
func (s Sum) Cmp(t Sum) int {
	if c := cmp.Compare(s.hi, t.hi); c != 0 {
		return c
	}
	return cmp.Compare(s.lo, t.lo)
}

// Sign returns -1, 0 or 1.
func (s Sum) Sign() int { return s.Cmp(Sum{}) }

// IsZero reports whether s is 0.
func (s Sum) IsZero() bool { return s == Sum{} }

// Int64 returns s and whether it fits.
func (s Sum) Int64() (v int64, ok bool) {
	v = int64(s.lo)
	return v, s == SumOf(v)
}

func (s Sum) abs() Sum {
	if s.hi < 0 {
		return s.Neg()
	}
	return s
}

// Format writes s as a decimal number with exactly exp decimals (0 to 8, the
// nearest of them if outside).
func (s Sum) Format(exp int) string {
	exp = max(0, min(exp, MaxExponent))
	digits := s.abs().digits()
	if missing := exp + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	point := len(digits) - exp
	text := digits[:point]
	if exp > 0 {
		text += "." + digits[point:]
	}
	if s.hi < 0 {
		return "-" + text
	}
	return text
}

// digits writes the 128 bits as an unsigned decimal number, for magnitudes up
// to 2^127.
func (s Sum) digits() string {
	if s.hi == 0 {
		return strconv.FormatUint(s.lo, 10)
	}
	const chunk = 1e19 // the largest power of ten in 64 bits; 2^127 / chunk fits too
	head, rest := bits.Div64(uint64(s.hi), s.lo, chunk)
	tail := strconv.FormatUint(rest, 10)
	return strconv.FormatUint(head, 10) + strings.Repeat("0", 19-len(tail)) + tail
}

// sumHeader opens a CBOR byte string of 16 bytes (RFC 8949 section 3.1).
const sumHeader = 0x50

var errSumEncoding = errors.New("sum is not a CBOR byte string of 16 bytes")

// MarshalCBOR writes s as a byte string of 16 bytes, big-endian two's
// complement: one form for each value, whatever the encoder's options.
func (s Sum) MarshalCBOR() ([]byte, error) {
	out := make([]byte, 1, 17)
	out[0] = sumHeader
	out = binary.BigEndian.AppendUint64(out, uint64(s.hi))
	return binary.BigEndian.AppendUint64(out, s.lo), nil
}

// UnmarshalCBOR reads what MarshalCBOR writes and refuses all else.
func (s *Sum) UnmarshalCBOR(data []byte) error {
	if len(data) != 17 || data[0] != sumHeader {
		return errSumEncoding
	}
	s.hi = int64(binary.BigEndian.Uint64(data[1:]))
	s.lo = binary.BigEndian.Uint64(data[9:])
	return nil
}
