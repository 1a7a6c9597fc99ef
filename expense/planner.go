package expense

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"sync"
)

const keptPlans = 16

// planner keeps the last plans by the hash of their balances and computes one
// at a time: a plan of many members is the one thing here that takes long.
// The zero value is ready; it may be used by several goroutines.
type planner struct {
	busy sync.Mutex // held while a plan is computed
	mu   sync.Mutex
	kept []keptPlan // the latest last
}

type keptPlan struct {
	asked
	Solution
}

// asked is what a plan follows from.
type asked struct {
	hash     [32]byte
	maxExact int
}

// solve returns the plan of the balances of one unit, sorted by member.
func (p *planner) solve(sorted []MemberBalance, maxExact int) Solution {
	open := openOf(sorted)
	a := asked{hashBalances(open), maxExact}
	if s, ok := p.find(a); ok {
		return s
	}
	p.busy.Lock()
	defer p.busy.Unlock()
	if s, ok := p.find(a); ok {
		return s // computed while this one waited
	}
	s := Solve(open, maxExact)
	p.keep(keptPlan{a, s})
	return s
}

func (p *planner) find(a asked) (Solution, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.kept, func(k keptPlan) bool { return k.asked == a })
	if i < 0 {
		return Solution{}, false
	}
	found := p.kept[i]
	p.kept = append(slices.Delete(p.kept, i, i+1), found)
	return found.Solution, true
}

func (p *planner) keep(k keptPlan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.kept) == keptPlans {
		p.kept = slices.Delete(p.kept, 0, 1)
	}
	p.kept = append(p.kept, k)
}

// hashBalances is the SHA-256 of the balances that are not zero, each as
// u16be length, name, and the amount as 16 bytes, big-endian.
func hashBalances(sorted []Balance) [32]byte {
	h := sha256.New()
	var b []byte
	for _, x := range sorted {
		if x.Amount.IsZero() {
			continue
		}
		b = binary.BigEndian.AppendUint16(b[:0], uint16(len(x.Member)))
		b = append(b, x.Member...)
		b = binary.BigEndian.AppendUint64(b, uint64(x.Amount.hi))
		b = binary.BigEndian.AppendUint64(b, x.Amount.lo)
		h.Write(b)
	}
	return [32]byte(h.Sum(nil))
}
