package channel

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// Solve finds the lowest nonce that gives digest a proof of work of so many bits. It takes 2^bits tries on average, at
// some 9 million a second, and ends with the error of ctx.
func Solve(ctx context.Context, digest [32]byte, bits int) (nonce uint64, err error) {
	const between = 1 << 12 // tries between two looks at ctx
	for ; ; nonce++ {
		if nonce%between == 0 && ctx.Err() != nil {
			return 0, ctx.Err()
		}
		if Worked(digest, nonce, bits) {
			return nonce, nil
		}
	}
}

// Worked is true when SHA-256(digest || nonce as 8 bytes, big-endian) begins with so many zero bits.
func Worked(digest [32]byte, nonce uint64, leading int) bool {
	var in [40]byte
	copy(in[:], digest[:])
	binary.BigEndian.PutUint64(in[32:], nonce)
	out := sha256.Sum256(in[:])
	zeros := 0
	for i := 0; i < len(out); i += 8 {
		n := bits.LeadingZeros64(binary.BigEndian.Uint64(out[i:]))
		if zeros += n; n < 64 {
			break
		}
	}
	return zeros >= leading
}
