package ledger

import (
	"bytes"
	"encoding/binary"
	"slices"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// The causal past of an event is everything that its prev and deps lead to.
// Each dep leaves a row `chain, other chain, seq -> other's seq`, so the past
// of (chain, seq) is found by following the greatest such row at or below seq
// for each other chain: a walk over chains, not over events.

// reach is a set of events that is closed under causes: per chain, the count
// of events from its start.
type reach map[uint32]uint64

// before reports whether x is in the causal past of y.
func (l *log) before(x, y place) bool {
	if x.chain == y.chain {
		return x.seq < y.seq
	}
	return l.closure(y, &x)[x.chain] > x.seq
}

// closure returns the causal past of y, y's own chain included up to y. With
// a target it may stop as soon as the target is in it.
func (l *log) closure(y place, target *place) reach {
	past := reach{}
	todo := []place{y}
	visit := func(p place) {
		if past[p.chain] <= p.seq {
			past[p.chain] = p.seq + 1
			todo = append(todo, p)
		}
	}
	past[y.chain] = y.seq + 1
	for len(todo) > 0 && l.err == nil {
		if target != nil && past[target.chain] > target.seq {
			return past
		}
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if past[p.chain] > p.seq+1 {
			continue // a later event of this chain is on the list
		}
		if c := l.chain(p.chain); c.Branch {
			visit(place{chain: c.Parent, seq: c.First - 1})
		}
		l.known(p, visit)
	}
	return past
}

// known calls visit with the last event of each other chain that the events
// of p's chain up to p name.
func (l *log) known(p place, visit func(place)) {
	prefix := key(kKnown, l.room, u32(p.chain))
	var from []byte
	for l.err == nil {
		var other uint32
		found := false
		l.scan(prefix, from, func(k, _ []byte) bool {
			other, found = binary.BigEndian.Uint32(k[len(prefix):]), true
			return false
		})
		if !found {
			return
		}
		if seq, ok := l.knows(p, other); ok {
			visit(place{chain: other, seq: seq})
		}
		if other == 1<<32-1 {
			return
		}
		from = append(prefix[:len(prefix):len(prefix)], u32(other+1)...)
	}
}

// knows returns the last event of chain other that p's chain up to p names.
func (l *log) knows(p place, other uint32) (uint64, bool) {
	prefix := key(kKnown, l.room, u32(p.chain), u32(other))
	_, v, ok := l.last(prefix, append(prefix[:len(prefix):len(prefix)], u64(p.seq)...))
	if !ok {
		return 0, false
	}
	return binary.BigEndian.Uint64(v), true
}

// meta returns what the fold may know of an event at p. The past is walked
// once, and only if the fold asks.
func (l *log) meta(s *stored, p place) app.Meta {
	var past reach
	all := func() reach {
		if past == nil {
			past = l.closure(p, nil)
		}
		return past
	}
	return app.Meta{
		Lamport: s.lamport,
		Past: func(id event.ID) bool {
			x, ok := l.find(id)
			switch {
			case !ok || id == s.ID:
				return false
			case x.chain == p.chain:
				return x.seq < p.seq
			}
			if seq, ok := l.knows(p, x.chain); ok && seq >= x.seq {
				return true
			}
			return all()[x.chain] > x.seq
		},
		Cut: func() []app.Head { return l.cut(all(), p) },
	}
}

// cut returns the heads of a past, the event at p itself left out: for each
// writer the furthest, over all branches.
func (l *log) cut(past reach, p place) []app.Head {
	type writer struct {
		author   event.Key
		instance event.Instance
	}
	furthest := map[writer]uint64{}
	for n, count := range past {
		c := l.chain(n)
		if n == p.chain {
			count--
		}
		if count > c.First {
			w := writer{c.Author, c.Instance}
			furthest[w] = max(furthest[w], count)
		}
	}
	heads := make([]app.Head, 0, len(furthest))
	for w, count := range furthest {
		heads = append(heads, app.Head{Author: w.author, Instance: w.instance, Seq: count - 1})
	}
	slices.SortFunc(heads, func(a, b app.Head) int {
		if c := bytes.Compare(a.Author[:], b.Author[:]); c != 0 {
			return c
		}
		return bytes.Compare(a.Instance[:], b.Instance[:])
	})
	return heads
}
