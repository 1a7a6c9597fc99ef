package expense

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MaxName is the longest member name, in bytes.
const MaxName = 128

// Kinds of refused input.
var (
	ErrName    = errors.New("invalid name")
	ErrWeights = errors.New("invalid weights")
)

// Name returns a member's name as an author writes it into an entry: trimmed,
// NFC, lower case, 1 to 128 bytes, without control characters and commas (lists
// of names are written with commas). Receivers compare bytes. Errors are ErrName.
func Name(s string) (string, error) {
	if len(s) > 8*MaxName || !utf8.ValidString(s) {
		return "", fmt.Errorf("%w %.64q: use at most %d bytes of UTF-8", ErrName, s, MaxName)
	}
	// Lower-casing may leave a sequence that composes, so normalise last.
	s = norm.NFC.String(strings.ToLower(norm.NFC.String(strings.TrimSpace(s))))
	switch {
	case s == "":
		return "", fmt.Errorf("%w: it is empty", ErrName)
	case len(s) > MaxName:
		return "", fmt.Errorf("%w %.64q: use at most %d bytes", ErrName, s, MaxName)
	case strings.Contains(s, ","):
		return "", fmt.Errorf("%w %q: leave out commas, they separate names", ErrName, s)
	case strings.ContainsFunc(s, misleads):
		return "", fmt.Errorf("%w %q: leave out control characters", ErrName, s)
	}
	return s, nil
}

// misleads tells characters that break or reorder the line a name is printed
// in; a reordered "a pays b" reads as its opposite.
func misleads(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}

// Seed identifies the event that splits an amount; it decides who carries the
// odd units, so that no member carries them every time.
type Seed struct {
	Author   [32]byte
	Instance [8]byte
	Seq      uint64
}

// Weight is a member's part of an amount: N of the total of all weights.
type Weight struct {
	Name string
	N    int64
}

// Share is what a member carries of an amount, in minor units.
type Share struct {
	Name   string
	Amount int64
}

// EqualShares divides amount among members in equal parts, by the rule of
// Shares. No members, no shares.
func EqualShares(amount int64, members []string, seed Seed) []Share {
	weights := make([]Weight, len(members))
	for i, m := range members {
		weights[i] = Weight{Name: m, N: 1}
	}
	shares, err := Shares(amount, weights, seed)
	if err != nil { // only without members
		return nil
	}
	return shares
}

// Shares divides amount in proportion to the weights and returns one share per
// weight, in their order. Each is the floor of the exact part of the absolute
// amount; the units left over go one each to the largest remainders, and the
// sign is put back. Equal remainders are served in order of name bytes, rotated
// by the seed (docs/format.md). Shares add up to amount, and each is less than
// one unit from exact.
// It returns ErrWeights if a weight is negative, none is above zero, or their
// total reaches 2^63.
func Shares(amount int64, weights []Weight, seed Seed) ([]Share, error) {
	total, err := totalWeight(weights)
	if err != nil {
		return nil, err
	}
	magnitude, sign := uint64(amount), int64(1)
	if amount < 0 {
		magnitude, sign = -magnitude, -1
	}
	shares := make([]Share, len(weights))
	remainders := make([]uint64, len(weights))
	left := magnitude
	for i, w := range weights {
		hi, lo := bits.Mul64(magnitude, uint64(w.N))
		// hi < total, for w.N <= total and magnitude < 2^64: no overflow.
		floor, remainder := bits.Div64(hi, lo, total)
		shares[i] = Share{Name: w.Name, Amount: int64(floor)}
		remainders[i] = remainder
		left -= floor
	}
	turns := rotated(amount, weights, seed)
	slices.SortStableFunc(turns, func(a, b int) int { return cmp.Compare(remainders[b], remainders[a]) })
	// left is the sum of the remainders over total, so below the number of
	// remainders that are not zero: a weight of zero is never charged.
	for _, i := range turns[:left] {
		shares[i].Amount++
	}
	for i := range shares {
		shares[i].Amount *= sign
	}
	return shares, nil
}

func totalWeight(weights []Weight) (uint64, error) {
	var total uint64
	for _, w := range weights {
		if w.N < 0 {
			return 0, fmt.Errorf("%w: %q has %d, use 0 or more", ErrWeights, w.Name, w.N)
		}
		if total += uint64(w.N); total >= 1<<63 {
			return 0, fmt.Errorf("%w: their total is too large", ErrWeights)
		}
	}
	if total == 0 {
		return 0, fmt.Errorf("%w: give at least one above zero", ErrWeights)
	}
	return total, nil
}

// rotated returns the indexes of the weights by name bytes, starting at the
// place the seed names.
func rotated(amount int64, weights []Weight, seed Seed) []int {
	order := make([]int, len(weights))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(weights[a].Name, weights[b].Name) })
	start := int(seed.number(amount, weights) % uint64(len(order)))
	return slices.Concat(order[start:], order[:start])
}

// number is the first 8 bytes, big-endian, of
// SHA-256(author || instance || u64be seq || i64be amount || L(name)...), the
// names in split order and L(x) = uint16 big-endian length, then x.
func (s Seed) number(amount int64, weights []Weight) uint64 {
	text := slices.Concat(s.Author[:], s.Instance[:])
	text = binary.BigEndian.AppendUint64(text, s.Seq)
	text = binary.BigEndian.AppendUint64(text, uint64(amount))
	for _, w := range weights {
		text = binary.BigEndian.AppendUint16(text, uint16(len(w.Name)))
		text = append(text, w.Name...)
	}
	sum := sha256.Sum256(text)
	return binary.BigEndian.Uint64(sum[:])
}
