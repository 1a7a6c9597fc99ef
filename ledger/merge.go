package ledger

import (
	"container/heap"
	"math"

	"intercom/ledger/event"
)

// run is a stretch of one chain: events from up to, not including, to.
type run struct {
	chain    uint32
	from, to uint64
}

// runs returns the stretches that lead to p from seq `from` on, through the
// branches that p's chain stands on, each up to the branch's present end.
func (l *log) runs(p place, from uint64) []run {
	var out []run
	n, to := p.chain, l.chain(p.chain).Seq+1
	for l.err == nil {
		c := l.chain(n)
		if to > max(from, c.First) {
			out = append(out, run{chain: n, from: max(from, c.First), to: to})
		}
		if !c.Branch || from >= c.First {
			break
		}
		n, to = c.Parent, c.First
	}
	return out
}

// merger reads several runs in causal order: by (lamport, id); what waits for
// a cause comes last.
type merger struct {
	log     *log
	cursors []*cursor
	page    int // events that a cursor reads at once
}

// cursor reads one run, a page at a time.
type cursor struct {
	run
	page []*stored
}

const (
	pageEvents = 64
	pageBytes  = 64 << 10
)

func (l *log) merge(runs []run) *merger { return l.mergeBy(runs, pageEvents) }

// mergeBy is merge that reads so many events of a run at once.
func (l *log) mergeBy(runs []run, page int) *merger {
	m := &merger{log: l, page: page}
	for _, r := range runs {
		c := &cursor{run: r}
		if m.fill(c) {
			m.cursors = append(m.cursors, c)
		}
	}
	heap.Init(m)
	return m
}

// fill loads the cursor's next page; false at its end.
func (m *merger) fill(c *cursor) bool {
	row := m.log.chain(c.chain)
	prefix := key(kEvent, m.log.room, row.Author[:], row.Instance[:])
	bytes := 0
	m.log.scan(prefix, append(prefix[:len(prefix):len(prefix)], u64(c.from)...), func(k, v []byte) bool {
		id := event.ID(k[len(prefix)+8:])
		if p, ok := m.log.find(id); !ok || p.chain != c.chain {
			return true // another branch
		} else if p.seq >= c.to {
			return false
		}
		s, err := decodeStored(v, m.log.room, row.Author, row.Instance)
		if err != nil {
			m.log.fail(err)
			return false
		}
		c.page = append(c.page, s)
		c.from = s.Seq + 1
		bytes += len(s.Raw)
		return len(c.page) < m.page && bytes < pageBytes
	})
	return len(c.page) > 0 && m.log.err == nil
}

// next returns the next event of all runs and the cursor it came from.
func (m *merger) next() (*stored, *cursor) {
	if len(m.cursors) == 0 || m.log.err != nil {
		return nil, nil
	}
	c := m.cursors[0]
	s := m.take(c)
	if len(c.page) == 0 {
		heap.Pop(m)
	} else {
		heap.Fix(m, 0)
	}
	return s, c
}

// take removes the first event of a cursor and keeps a page behind it.
func (m *merger) take(c *cursor) *stored {
	s := c.page[0]
	c.page = c.page[1:]
	if len(c.page) == 0 {
		c.page = nil
		m.fill(c)
	}
	return s
}

// drain takes events of one cursor until f is content.
func (m *merger) drain(c *cursor, f func(*stored) bool) {
	for len(c.page) > 0 && m.log.err == nil && f(m.take(c)) {
	}
	kept := m.cursors[:0]
	for _, c := range m.cursors {
		if len(c.page) > 0 {
			kept = append(kept, c)
		}
	}
	m.cursors = kept
	heap.Init(m)
}

func (c *cursor) lamport() uint64 {
	if c.page[0].lamport == 0 {
		return math.MaxUint64
	}
	return c.page[0].lamport
}

func (m *merger) Len() int { return len(m.cursors) }

func (m *merger) Less(i, j int) bool {
	a, b := m.cursors[i], m.cursors[j]
	if x, y := a.lamport(), b.lamport(); x != y {
		return x < y
	}
	if a.page[0].lamport == 0 && a.page[0].Seq != b.page[0].Seq {
		return a.page[0].Seq < b.page[0].Seq // a branch comes after what it stands on
	}
	return a.page[0].ID.Compare(b.page[0].ID) < 0
}

func (m *merger) Swap(i, j int) { m.cursors[i], m.cursors[j] = m.cursors[j], m.cursors[i] }

func (m *merger) Push(x any) { m.cursors = append(m.cursors, x.(*cursor)) }

func (m *merger) Pop() any {
	last := m.cursors[len(m.cursors)-1]
	m.cursors = m.cursors[:len(m.cursors)-1]
	return last
}

// inOrder calls f with every folded event of the room, causes first.
func (w *work) inOrder(f func(*stored, place) bool) {
	var runs []run
	for n := range w.room.Chains {
		if c := w.chain(n); c.Applied > c.First {
			runs = append(runs, run{chain: n, from: c.First, to: c.Applied})
		}
	}
	for m := w.merge(runs); ; {
		s, c := m.next()
		if s == nil || !f(s, place{chain: c.chain, seq: s.Seq}) {
			return
		}
	}
}
