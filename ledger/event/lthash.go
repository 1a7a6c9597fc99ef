package event

import (
	"crypto/sha256"
	"crypto/sha3"
	"encoding/binary"
	"errors"
)

// LtHash16 is a hash of a set that can be changed by one member at a time:
// 1,024 sums mod 2^16 (Bellare and Micciancio 1997; the lattice form is of
// Lewi and others 2019). The zero value is the hash of the empty set.
type LtHash16 [1024]uint16

var setPrefix = []byte("intercom/set/1\x00")

// set makes h the hash of the set of one member: prefix and parts.
func (h *LtHash16) set(prefix []byte, parts ...[]byte) {
	x := sha3.NewSHAKE128()
	x.Write(prefix)
	for _, p := range parts {
		x.Write(p)
	}
	var lanes [2 * len(h)]byte
	x.Read(lanes[:])
	for i := range h {
		h[i] = binary.LittleEndian.Uint16(lanes[2*i:])
	}
}

// Add puts the members of another set into the set.
func (h *LtHash16) Add(o *LtHash16) {
	for i := range h {
		h[i] += o[i]
	}
}

// Remove takes the members of another set out of the set.
func (h *LtHash16) Remove(o *LtHash16) {
	for i := range h {
		h[i] -= o[i]
	}
}

// AddID puts an event's id into the set.
func (h *LtHash16) AddID(id ID) {
	var e LtHash16
	e.set(setPrefix, id[:])
	h.Add(&e)
}

var rowPrefix = []byte("intercom/row/1\x00")

// SetRow makes h the hash of the set of one row of a view.
func (h *LtHash16) SetRow(key string, value []byte) {
	var l [4]byte
	binary.BigEndian.PutUint32(l[:], uint32(len(key)))
	h.set(rowPrefix, l[:], []byte(key), value)
}

// AddRow puts a row of a view into the set.
func (h *LtHash16) AddRow(key string, value []byte) {
	var e LtHash16
	e.SetRow(key, value)
	h.Add(&e)
}

// RemoveRow takes a row of a view out of the set.
func (h *LtHash16) RemoveRow(key string, value []byte) {
	var e LtHash16
	e.SetRow(key, value)
	h.Remove(&e)
}

// MarshalBinary returns the 2,048 bytes of the lanes, little-endian.
func (h *LtHash16) MarshalBinary() ([]byte, error) {
	b := make([]byte, 0, 2*len(h))
	for _, lane := range h {
		b = binary.LittleEndian.AppendUint16(b, lane)
	}
	return b, nil
}

// UnmarshalBinary reads what MarshalBinary returned.
func (h *LtHash16) UnmarshalBinary(b []byte) error {
	if len(b) != 2*len(h) {
		return errors.New("event: set hash has the wrong length")
	}
	for i := range h {
		h[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return nil
}

// Sum returns the SHA-256 of the lanes: what peers compare.
func (h *LtHash16) Sum() [32]byte {
	b, _ := h.MarshalBinary() // cannot fail
	return sha256.Sum256(b)
}
