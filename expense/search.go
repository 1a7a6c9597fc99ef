package expense

import "slices"

// The bounds of the search for small groups. They are part of the rule: peers
// that disagree on them print different plans.
const (
	// maxSearch is the number of open members above which no triples and quads
	// are looked for: names cost nothing in an open room.
	maxSearch = 4096
	// searchBlock is the number of members, in member order, that are searched
	// together. A block costs block^2 look-ups and pairs, twice.
	searchBlock = 512
	// maxCandidates is how many pairs of one sum are tried to complete a quad.
	maxCandidates = 16
)

// takeSmallGroups takes zero-sum triples, then quads, out of the open balances.
func takeSmallGroups(open []Balance) (groups [][]Balance, rest []Balance) {
	if len(open) > maxSearch {
		return nil, open
	}
	for block := range slices.Chunk(open, searchBlock) {
		triples, left := takeTriples(block)
		quads, left := takeQuads(left)
		groups = slices.Concat(groups, triples, quads)
		rest = append(rest, left...)
	}
	return groups, rest
}

// takeTriples takes the lowest member with the lowest second and third one that
// make a zero-sum triple, and so on.
func takeTriples(open []Balance) (groups [][]Balance, rest []Balance) {
	places := map[Sum][]int{} // amount -> places not taken, by member
	for i, b := range open {
		places[b.Amount] = append(places[b.Amount], i)
	}
	taken := make([]bool, len(open))
	for i := range open {
		for j := i + 1; j < len(open) && !taken[i]; j++ {
			if taken[j] {
				continue
			}
			third := open[i].Amount.Plus(open[j].Amount).Neg()
			for _, k := range places[third] {
				if k <= j { // i or j itself; a lower one would have found this triple
					continue
				}
				group := []Balance{open[i], open[j], open[k]}
				for n, place := range []int{i, j, k} {
					amount := group[n].Amount
					places[amount] = slices.DeleteFunc(places[amount], func(p int) bool { return p == place })
					taken[place] = true
				}
				groups = append(groups, group)
				break
			}
		}
	}
	return groups, untaken(open, taken)
}

// takeQuads goes through the pairs in member order and completes each with an
// earlier pair of the opposite sum, the latest first.
func takeQuads(open []Balance) (groups [][]Balance, rest []Balance) {
	type pair struct{ i, j, before int }
	var pairs []pair
	latest := map[Sum]int{} // sum -> 1 + place of the latest pair
	taken := make([]bool, len(open))
	complete := func(i, j int) (pair, bool) {
		sum := open[i].Amount.Plus(open[j].Amount).Neg()
		at := latest[sum]
		for range maxCandidates {
			if at == 0 {
				break
			}
			p := pairs[at-1]
			if !taken[p.i] && !taken[p.j] && p.i != i && p.j != i && p.i != j && p.j != j {
				return p, true
			}
			at = p.before
		}
		return pair{}, false
	}
	for i := range open {
		for j := i + 1; j < len(open) && !taken[i]; j++ {
			if taken[j] {
				continue
			}
			if p, ok := complete(i, j); ok {
				group := []int{p.i, p.j, i, j}
				slices.Sort(group)
				var quad []Balance
				for _, place := range group {
					taken[place] = true
					quad = append(quad, open[place])
				}
				groups = append(groups, quad)
				continue
			}
			sum := open[i].Amount.Plus(open[j].Amount)
			pairs = append(pairs, pair{i, j, latest[sum]})
			latest[sum] = len(pairs)
		}
	}
	return groups, untaken(open, taken)
}
