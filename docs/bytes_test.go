package docs_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
)

func keyOfExample() ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	for i := range seed {
		seed[i] = byte(i)
	}
	return ed25519.NewKeyFromSeed(seed)
}

func sha(label string, b []byte) [32]byte { return sha256.Sum256(append([]byte(label), b...)) }

// head returns a small integer in CBOR, up to 2^32-1.
func head(n uint64) []byte {
	switch {
	case n < 24:
		return []byte{byte(n)}
	case n < 1<<8:
		return []byte{24, byte(n)}
	case n < 1<<16:
		return binary.BigEndian.AppendUint16([]byte{25}, uint16(n))
	}
	return binary.BigEndian.AppendUint32([]byte{26}, uint32(n))
}
