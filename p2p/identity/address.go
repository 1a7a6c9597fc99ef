package identity

import (
	"errors"
	"fmt"
	"strings"

	"github.com/btcsuite/btcd/btcutil/bech32"
)

// ErrAddress means that a text is not a Trac address with a right checksum, or
// that a prefix cannot lead one.
var ErrAddress = errors.New("not an address")

const (
	addressChars = "qpzry9x8gf2tvdw0s3jn54khce6mua7l" // BIP-173
	addressData  = 52 + 6                             // characters of 32 bytes and of the checksum
	maxHRP       = 90 - 1 - addressData               // BIP-173 ends at 90 characters
)

// EncodeAddress returns the address of a public key: bech32m (BIP-350) of its
// 32 bytes under the prefix hrp, 1 to 31 lower case letters. The only error is
// ErrAddress, for another prefix.
func EncodeAddress(hrp string, pub [32]byte) (string, error) {
	if !isPrefix(hrp) {
		return "", fmt.Errorf("%w: prefix %q is not 1 to %d lower case letters", ErrAddress, hrp, maxHRP)
	}
	groups, err := bech32.ConvertBits(pub[:], 8, 5, true)
	if err != nil {
		return "", fmt.Errorf("encode address: %w", err)
	}
	address, err := bech32.EncodeM(hrp, groups)
	if err != nil {
		return "", fmt.Errorf("encode address: %w", err)
	}
	return address, nil
}

// DecodeAddress returns the prefix and the public key of an address whose form
// and bech32m checksum are right. Upper case is refused, as MSB refuses it.
// Whether the prefix is the expected one is for the caller to check. The only
// error is ErrAddress; it does not tell the checksum that would be right, since
// to complete a mistyped address is to pay a stranger.
func DecodeAddress(addr string) (hrp string, pub [32]byte, err error) {
	if _, ok := AddressFormat(addr); !ok {
		return "", pub, fmt.Errorf("%w: want a lower case prefix, 1 and %d letters or digits", ErrAddress, addressData)
	}
	hrp, groups, version, err := bech32.DecodeGeneric(addr)
	if err != nil || version != bech32.VersionM {
		return "", pub, fmt.Errorf("%w: the checksum does not fit, a character is wrong", ErrAddress)
	}
	key, err := bech32.ConvertBits(groups, 5, 8, false)
	if err != nil || len(key) != len(pub) {
		return "", pub, fmt.Errorf("%w: does not hold a 32 bytes key", ErrAddress)
	}
	return hrp, [32]byte(key), nil
}

// AddressFormat returns the prefix of a text that looks like an address: lower
// case letters, 1, and 58 characters of the bech32 alphabet. It is all that
// MSB's own routes check. The checksum is not looked at, so a mistyped address
// passes: DecodeAddress is the check for whatever is paid to or trusted.
func AddressFormat(addr string) (hrp string, ok bool) {
	hrp, data, ok := strings.Cut(addr, "1")
	if !ok || !isPrefix(hrp) || len(data) != addressData || strings.Trim(data, addressChars) != "" {
		return "", false
	}
	return hrp, true
}

func isPrefix(hrp string) bool {
	return 0 < len(hrp) && len(hrp) <= maxHRP && strings.Trim(hrp, "abcdefghijklmnopqrstuvwxyz") == ""
}
