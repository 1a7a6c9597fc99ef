package expense

import (
	"math"
	"slices"
	"sort"

	"intercom/internal/app"
	"intercom/ledger/event"
)

type closeRow struct {
	_       struct{} `cbor:",toarray"`
	Lamport uint64
	Carry   bool
	Keep    event.ID // zero: nothing is kept
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
	row = closeRow{Lamport: m.Lamport, Carry: b.Carry, Keep: b.Keep}
	f.Put(key, row)
	f.Put(validKey(r), presentRow{})
	f.capture(r, row, m.Cut(), m.Past)
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
		// The past of the reopen holds that of the close.
		f.capture(r, row, m.Cut(), func(id event.ID) bool { return f.Before(id, b.Close) })
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

// capture moves what the close r includes and no lower close has. It looks only
// where entries stand that it could take: at the heads of the writers that it
// has seen, or at all entries where these are fewer.
func (f *fold) capture(r rank, row closeRow, cut []app.Head, past func(event.ID) bool) {
	var taken []standing
	for p, n := range f.places() {
		switch {
		case p.to(r, row.Carry) == p:
		case n <= int64(len(cut)):
			taken = f.collect(taken, p, "", math.MaxUint64)
		default:
			for _, h := range cut {
				taken = f.collect(taken, p, writerOf(h.Author, h.Instance)+"/", h.Seq)
			}
		}
	}
	for _, s := range taken {
		if past(s.id) && !keeps(f, row, s.id) {
			f.move(s, s.to(r, row.Carry))
		}
	}
}

// collect appends the entries at p whose keys go on with a prefix, up to a seq.
func (f *fold) collect(to []standing, p place, prefix writer, last uint64) []standing {
	return collect(f, to, p, prefix, last)
}

// standings returns the entries at p.
func standings(r app.Reader, p place) []standing { return collect(r, nil, p, "", math.MaxUint64) }

func collect(r app.Reader, to []standing, p place, prefix writer, last uint64) []standing {
	r.Scan(entryPrefix(p)+string(prefix), func(key string, decode func(any)) bool {
		s := standing{place: p, spot: parseEntry(p, key)}
		if s.seq > last {
			return false
		}
		decode(&s.entryRow)
		to = append(to, s)
		return true
	})
	return to
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
	for p := range f.places() {
		if p.first == r || p.end == r {
			left = f.collect(left, p, "", math.MaxUint64)
		}
	}
	if len(left) == 0 {
		return
	}
	h := heirs{Reader: f, all: closesAfter(f, r)}
	for _, s := range left {
		f.move(s, h.place(s, r))
	}
}

// validClose is a close that is not void.
type validClose struct {
	rank
	closeRow
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
		v.Get(closeKey(all[i].id()), &all[i].closeRow)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].compare(all[j].rank) < 0 })
	return all
}

// heirs finds the closes that take over the entries of a void one. A close
// that has not seen an entry has seen nothing that comes after it either, so
// in a chain each misses once, however many entries there are.
type heirs struct {
	app.Reader
	all  []validClose
	last event.ID     // the entry that was placed before
	left []validClose // those that may have seen what comes after it
}

// place returns where an entry of the close r stands without it.
func (h *heirs) place(s standing, r rank) place {
	if !h.Before(h.last, s.id) {
		h.left = slices.Clone(h.all)
	}
	h.last = s.id
	to := s.place
	first, end := to.first == r, to.end == r // still to be found
	if first {
		to.first = open
	}
	if end {
		to.end = open
	}
	seen, asked := h.left[:0], 0
	for ; (first || end) && asked < len(h.left); asked++ {
		c := h.left[asked]
		if !h.Before(s.id, c.id()) {
			continue
		}
		seen = append(seen, c)
		if keeps(h, c.closeRow, s.id) {
			continue
		}
		if first {
			to.first, first = c.rank, false
		}
		if end && !c.Carry {
			to.end, end = c.rank, false
		}
	}
	if len(seen) < asked {
		h.left = append(seen, h.left[asked:]...)
	}
	return to
}
