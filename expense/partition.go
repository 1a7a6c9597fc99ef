package expense

import "math/bits"

// A set of members is a mask: member 0, the lowest, is the highest bit, so of
// two groups of which neither begins with the whole other, the
// lexicographically smaller one is the larger mask.

// partition divides balances that add up to zero, by member, into the largest
// number of zero-sum groups; of several such partitions the lowest member gets
// the lexicographically smallest group, and so on with the rest. At most
// MaxExact balances.
func partition(open []Balance) [][]Balance {
	if len(open) == 0 {
		return nil
	}
	zero := zeroSums(open[:len(open)-1])
	depths := chains(zero)
	// The last member is left out of zero and depths, which halves them: its
	// group is whatever the other groups leave.
	count := func(set uint32) int {
		n := int(set & 1)
		for _, d := range depths {
			if !d.has(set >> 1) {
				break
			}
			n++
		}
		return n
	}
	isGroup := func(part, set uint32) bool {
		if part&1 == 1 {
			part ^= set // without the last member, and zero if part is
		}
		return part == 0 || zero.has(part>>1)
	}
	var groups [][]Balance
	for set := uint32(1)<<len(open) - 1; set != 0; {
		group := set
		if want := count(set) - 1; want > 0 {
			// The lowest member is in every mask above the set without it.
			for group = set; !isGroup(group, set) || count(set^group) != want; {
				group = (group - 1) & set
			}
		}
		groups = append(groups, members(open, group))
		set ^= group
	}
	return groups
}

func members(open []Balance, set uint32) []Balance {
	var group []Balance
	for i, b := range open {
		if set>>(len(open)-1-i)&1 == 1 {
			group = append(group, b)
		}
	}
	return group
}

// masks is a set of masks of n bits, one bit each.
type masks struct {
	n    int
	word []uint64
}

func newMasks(n int) masks { return masks{n, make([]uint64, max(1, 1<<n>>6))} }

func (m masks) has(mask uint32) bool { return m.word[mask>>6]>>(mask&63)&1 == 1 }
func (m masks) put(mask uint32)      { m.word[mask>>6] |= 1 << (mask & 63) }

// zeroSums returns the masks of balances, except the empty one, that add up to
// zero. The sums of the two halves meet in a map, so it costs 2^(n/2) sums and
// what it finds.
func zeroSums(open []Balance) masks {
	zero := newMasks(len(open))
	high, low := open[:len(open)/2], open[len(open)/2:]
	bySum := map[Sum][]uint32{}
	for mask, sum := range subsetSums(low) {
		bySum[sum] = append(bySum[sum], uint32(mask))
	}
	for mask, sum := range subsetSums(high) {
		for _, rest := range bySum[sum.Neg()] {
			zero.put(uint32(mask)<<len(low) | rest)
		}
	}
	zero.word[0] &^= 1
	return zero
}

// subsetSums returns the sum of each mask of balances.
func subsetSums(open []Balance) []Sum {
	sums := make([]Sum, 1<<len(open))
	for mask := 1; mask < len(sums); mask++ {
		first := bits.TrailingZeros(uint(mask))
		sums[mask] = sums[mask&(mask-1)].Plus(open[len(open)-1-first].Amount)
	}
	return sums
}

// chains returns, for t = 1, 2, ... while there are any, the masks that hold t
// disjoint zero-sum masks. These are the masks above a chain of t zero-sum
// masks, each within the next (its steps are the disjoint ones), so
// chains[t+1] is what lies above a zero-sum mask that lies strictly above one of
// chains[t]. A whole word of masks is treated at once.
func chains(zero masks) []masks {
	var depths []masks
	next, found := zero.above(nil)
	for found {
		next.close()
		depths = append(depths, next)
		next, found = zero.above(&next)
	}
	return depths
}

// lows[i] are the bits of a word whose number has bit i clear.
var lows = [6]uint64{
	0x5555555555555555, 0x3333333333333333, 0x0f0f0f0f0f0f0f0f,
	0x00ff00ff00ff00ff, 0x0000ffff0000ffff, 0x00000000ffffffff,
}

// above returns the masks of m that lie strictly above one of under (all of m
// without it), and whether there are any.
func (m masks) above(under *masks) (masks, bool) {
	out, found := newMasks(m.n), false
	for w, want := range m.word {
		if want != 0 && under != nil {
			want &= under.step(w)
		}
		out.word[w] = want
		found = found || want != 0
	}
	return out, found
}

// step returns the masks of word w that have one member more than a mask of m.
func (m masks) step(w int) uint64 {
	var out uint64
	for i := range min(m.n, 6) {
		out |= m.word[w] & lows[i] << (1 << i)
	}
	for rest := uint(w); rest != 0; rest &= rest - 1 {
		out |= m.word[w^1<<bits.TrailingZeros(rest)]
	}
	return out
}

// close adds every mask that lies above one of m.
func (m masks) close() {
	for i := range min(m.n, 6) {
		for w := range m.word {
			m.word[w] |= m.word[w] & lows[i] << (1 << i)
		}
	}
	for i := 6; i < m.n; i++ {
		for w := range m.word {
			if w>>(i-6)&1 == 1 {
				m.word[w] |= m.word[w^1<<(i-6)]
			}
		}
	}
}
