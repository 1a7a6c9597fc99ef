package identity

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrPath means that a derivation path is not of the form m/N'/N'... with
// every N below 2147483648. The text after it is the one of trac-crypto-api.
var ErrPath = errors.New("bad derivation path")

const (
	maxPath  = 256     // bytes of a derivation path
	hardened = 1 << 31 // added to every index (SLIP-0010 knows no others for ed25519)
)

// parsePath returns the path without blanks and its indexes, not yet hardened.
func parsePath(path string) (string, []uint32, error) {
	if len(path) > maxPath {
		return "", nil, fmt.Errorf("%w: longer than %d bytes", ErrPath, maxPath)
	}
	path = strings.Join(strings.Fields(path), "")
	rest, ok := strings.CutPrefix(path, "m/")
	if !ok {
		return "", nil, fmt.Errorf("%w: %s", ErrPath, "Derivation path must start with 'm/'")
	}
	var indexes []uint32
	for segment := range strings.SplitSeq(rest, "/") {
		digits, ok := strings.CutSuffix(segment, "'")
		if !ok || !isDecimal(digits) {
			return "", nil, fmt.Errorf("%w: Invalid segment: '%s'. %s", ErrPath, printable(segment),
				"Only hardened segments (e.g. 0') are supported.")
		}
		n, err := strconv.ParseUint(digits, 10, 31)
		if err != nil {
			return "", nil, fmt.Errorf("%w: Invalid path: %s", ErrPath,
				"The index must be a non-negative decimal integer less than 2147483648.")
		}
		indexes = append(indexes, uint32(n))
	}
	return path, indexes, nil
}

func isDecimal(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// printable keeps control characters of a refused path off the terminal.
func printable(s string) string {
	q := strconv.Quote(s)
	return q[1 : len(q)-1]
}

// fullPath puts the bytes of the address prefix before the indexes, as
// trac-crypto-api does: one mnemonic gives other keys under another prefix.
func fullPath(hrp string, indexes []uint32) []uint32 {
	full := make([]uint32, 0, len(hrp)+len(indexes))
	for _, b := range []byte(hrp) {
		full = append(full, uint32(b))
	}
	return append(full, indexes...)
}

// derive walks the path from the seed and returns the 32 bytes ed25519 seed at
// its end (SLIP-0010, hardened children only).
func derive(seed []byte, path []uint32) []byte {
	key, chain := split(keyed([]byte("ed25519 seed"), seed))
	for _, index := range path {
		data := append([]byte{0}, key...)
		data = binary.BigEndian.AppendUint32(data, index|hardened)
		key, chain = split(keyed(chain, data))
	}
	return key
}

func keyed(key, data []byte) []byte {
	mac := hmac.New(sha512.New, key)
	mac.Write(data)
	return mac.Sum(nil)
}

func split(sum []byte) (key, chain []byte) { return sum[:32], sum[32:] }
