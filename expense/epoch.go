package expense

import (
	"slices"

	"intercom/internal/app"
	"intercom/ledger/event"
)

type closeRow struct {
	_       struct{} `cbor:",toarray"`
	Lamport uint64
	Carry   bool
	Keep    event.ID // zero: nothing is kept
	Cut     []cutRow
}

// cutRow is how far one writer's events reach in the past of a close.
type cutRow struct {
	_        struct{} `cbor:",toarray"`
	Author   event.Key
	Instance event.Instance
	Seq      uint64
}

type presentRow struct {
	_ struct{} `cbor:",toarray"`
}

// close folds a room.close: it takes the entries that it includes from the
// open epoch and from later closes.
func (f *fold) close(e *event.Signed, m app.Meta, b *Close) reason {
	var row closeRow
	key, r := closeKey(e.ID), rankOf(m.Lamport, e.ID)
	switch {
	case m.Duplicate && f.Get(key, &row):
		f.Del(key)
		f.annul(r)
		return isDuplicate
	case m.Duplicate:
		return isDuplicate
	case !b.Keep.IsZero() && !(m.Past(b.Keep) && wellFormed(f, b.Keep, typeCheckpoint, new(Checkpoint))):
		return noCheckpoint
	}
	row = closeRow{Lamport: m.Lamport, Carry: b.Carry, Keep: b.Keep, Cut: []cutRow{}}
	for _, h := range m.Cut() {
		row.Cut = append(row.Cut, cutRow{Author: h.Author, Instance: h.Instance, Seq: h.Seq})
	}
	f.Put(key, row)
	f.Put(validKey(r), presentRow{})
	f.capture(r, row, m.Past)
	return counts
}

// reopen folds a room.reopen. The reopens of a close are kept apart, because
// one that turns out to be a duplicate leaves the others standing.
func (f *fold) reopen(e *event.Signed, m app.Meta, b *Reopen) reason {
	if !m.Past(b.Close) || !wellFormed(f, b.Close, typeClose, new(Close)) {
		return noClose
	}
	var row closeRow
	key, known := reopenPrefix(b.Close)+e.ID.String(), f.Get(closeKey(b.Close), &row)
	if !m.Duplicate {
		f.Put(key, presentRow{})
		if known {
			f.annul(rankOf(row.Lamport, b.Close))
		}
		return counts
	}
	if !f.Get(key, new(presentRow)) {
		return isDuplicate
	}
	f.Del(key)
	if known && !reopened(f, b.Close) {
		r := rankOf(row.Lamport, b.Close)
		f.Put(validKey(r), presentRow{})
		f.capture(r, row, func(id event.ID) bool { return f.Before(id, b.Close) })
	}
	return isDuplicate
}

func reopened(r app.Reader, close event.ID) (yes bool) {
	r.Scan(reopenPrefix(close), func(string, func(any)) bool {
		yes = true
		return false
	})
	return yes
}

// wellFormed reports whether an event is a plain one of that type that keeps
// the rules of its type. What it turned out to be later is not asked: a
// duplicate is still an event that its readers saw.
func wellFormed(r app.Reader, id event.ID, kind string, body event.Body) bool {
	e, ok := r.Event(id)
	return ok && e.Type == kind && e.Epoch == 0 && event.DecodeBody(e.Body, body) == nil
}

// annul makes a close void, if it is not yet.
func (f *fold) annul(r rank) {
	if key := validKey(r); f.Get(key, new(presentRow)) {
		f.Del(key)
		f.release(r)
	}
}

// capture moves what the close r includes and no lower close has. It walks
// over the writers that the close has seen, and only where entries stand that
// it could take.
func (f *fold) capture(r rank, row closeRow, past func(event.ID) bool) {
	var taken []standing
	for _, p := range f.places() {
		if p.to(r, row.Carry) == p {
			continue
		}
		for _, h := range row.Cut {
			prefix := entryPrefix(p) + string(writerOf(h.Author, h.Instance)) + "/"
			f.Scan(prefix, func(key string, decode func(any)) bool {
				s := standing{place: p, spot: parseEntry(p, key)}
				if s.seq > h.Seq {
					return false
				}
				decode(&s.entryRow)
				taken = append(taken, s)
				return true
			})
		}
	}
	for _, s := range taken {
		if past(s.id) && !keeps(f, row, s.id) {
			f.move(s, s.to(r, row.Carry))
		}
	}
}

// to returns the place of an entry at p that the close r includes as well.
func (p place) to(r rank, carry bool) place {
	p.first = min(p.first, r)
	if !carry {
		p.end = min(p.end, r)
	}
	return p
}

func keeps(r app.Reader, row closeRow, entry event.ID) bool {
	return !row.Keep.IsZero() && r.Before(entry, row.Keep)
}

// release moves the entries of the close r, which is void now, to the next
// closes that include them.
func (f *fold) release(r rank) {
	var left []standing
	for _, p := range f.places() {
		if p.first != r && p.end != r {
			continue
		}
		f.Scan(entryPrefix(p), func(key string, decode func(any)) bool {
			s := standing{place: p, spot: parseEntry(p, key)}
			decode(&s.entryRow)
			left = append(left, s)
			return true
		})
	}
	if len(left) == 0 {
		return
	}
	later := closesAfter(f, r)
	for _, s := range left {
		to := s.place
		if to.first == r {
			to.first = f.next(later, s.spot, false)
		}
		if to.end == r {
			to.end = f.next(later, s.spot, true)
		}
		f.move(s, to)
	}
}

// next returns the lowest of the closes that includes an entry, and open if
// none does.
func (f *fold) next(closes []validClose, s spot, ending bool) rank {
	for _, c := range closes {
		if !(ending && c.Carry) && c.reach[s.writer] > s.seq && f.Before(s.id, c.id()) && !keeps(f, c.closeRow, s.id) {
			return c.rank
		}
	}
	return open
}

// validClose is a close that is not void.
type validClose struct {
	rank
	closeRow
	reach map[writer]uint64 // per writer, the seq after the last in its past
}

// closesAfter returns the valid closes above r in order.
func closesAfter(v app.Reader, r rank) []validClose {
	var all []validClose
	v.Scan(validRows, func(key string, _ func(any)) bool {
		c := validClose{rank: parseValid(key)}
		if c.lamport() < r.lamport() {
			return false
		}
		if c.rank > r {
			all = append(all, c)
		}
		return true
	})
	for i := range all {
		c := &all[i]
		v.Get(closeKey(c.id()), &c.closeRow)
		c.reach = make(map[writer]uint64, len(c.Cut))
		for _, h := range c.Cut {
			c.reach[writerOf(h.Author, h.Instance)] = h.Seq + 1
		}
	}
	slices.SortFunc(all, func(a, b validClose) int { return a.compare(b.rank) })
	return all
}
