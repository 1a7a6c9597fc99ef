package expense

import (
	"maps"
	"slices"

	"intercom/internal/app"
	"intercom/ledger/event"
)

type entryRow struct {
	_       struct{} `cbor:",toarray"`
	Lamport uint64
}

// tallyRow is a sum over entries and how many they are. It goes with the last
// of them, so a member whose balance is 0 is known as long as an entry names
// him.
type tallyRow struct {
	_     struct{} `cbor:",toarray"`
	Sum   Sum
	Count int64
}

// reason is why an event does not count.
type reason uint8

const (
	counts reason = iota
	isDuplicate
	noCheckpoint
	noClose
	badSplit
)

// String says the reason in words.
func (r reason) String() string {
	switch r {
	case isDuplicate:
		return "an earlier event has the same key"
	case noCheckpoint:
		return "the checkpoint to keep was not known to the author"
	case badSplit:
		return "the split names others than the shares"
	case noClose:
		return "no close with that id was known to the author"
	}
	return "counts"
}

type refusedRow struct {
	_      struct{} `cbor:",toarray"`
	Reason reason
}

// apply keeps each entry at its place, a function of the valid closes alone,
// and the sums over the entries of a place. Closes and reopens move what they
// include; no order of arrival can matter.
func apply(v app.View, e *event.Signed, m app.Meta, body event.Body) {
	f := fold{View: v, tally: map[string]tallyRow{}}
	var why reason
	switch b := body.(type) {
	case *Add:
		why = f.add(e, m, b)
	case *Close:
		why = f.close(e, m, b)
	case *Reopen:
		why = f.reopen(e, m, b)
	case *Checkpoint:
		why = f.checkpoint(e, m)
	default:
		return
	}
	if m.Duplicate {
		why = isDuplicate
	}
	if why != counts {
		v.Put(refusedKey(m.Lamport, e.ID), refusedRow{Reason: why})
	}
	f.flush()
}

// fold is one event's work on the rows. Sums are changed once, at its end.
type fold struct {
	app.View
	tally map[string]tallyRow // changes
}

func (f *fold) add(e *event.Signed, m app.Meta, b *Add) reason {
	if !b.Split.names(b.Shares) {
		return badSplit
	}
	s := spotOf(e)
	if !m.Duplicate {
		f.Put(entryKey(openPlace, s), entryRow{Lamport: m.Lamport})
		f.stand(openPlace, 1, b)
		return counts
	}
	for p := range f.places() {
		if key := entryKey(p, s); f.Get(key, new(entryRow)) {
			f.Del(key)
			f.stand(p, -1, b)
			return counts
		}
	}
	return counts
}

// stand counts an entry in (1) or out (-1) at a place.
func (f *fold) stand(p place, sign int64, b *Add) {
	f.count(bucketKey(p), 0, sign)
	if p.first == open {
		f.count(totalKey(b.Currency, b.Exp), sign*b.Amount, sign)
	}
	if p.end == open {
		f.balance(sign, b)
	}
}

func (f *fold) balance(sign int64, b *Add) {
	net := make(map[string]int64, len(b.Shares)+len(b.Payers))
	for _, p := range b.Payers {
		net[p.Name] += p.Amount
	}
	for _, s := range b.Shares {
		net[s.Name] -= s.Amount // both below 2^53
	}
	for name, amount := range net {
		f.count(balanceKey(b.Currency, b.Exp, name), sign*amount, sign)
	}
}

func (f *fold) count(key string, amount, n int64) {
	t := f.tally[key]
	t.Sum, t.Count = t.Sum.Add(amount), t.Count+n
	f.tally[key] = t
}

func (f *fold) flush() {
	for _, key := range slices.Sorted(maps.Keys(f.tally)) {
		change := f.tally[key]
		if change == (tallyRow{}) {
			continue
		}
		var row tallyRow
		f.Get(key, &row)
		row.Sum, row.Count = row.Sum.Plus(change.Sum), row.Count+change.Count
		if row.Count == 0 {
			f.Del(key)
		} else {
			f.Put(key, row)
		}
	}
}

// places returns where entries stand, and how many.
func (f *fold) places() map[place]int64 { return placesOf(f) }

func placesOf(r app.Reader) map[place]int64 {
	all := map[place]int64{}
	r.Scan(bucketRows, func(key string, decode func(any)) bool {
		var row tallyRow
		decode(&row)
		all[parseBucket(key)] = row.Count
		return true
	})
	return all
}

// standing is an entry at its place.
type standing struct {
	place
	spot
	entryRow
}

func (s standing) key() string { return entryKey(s.place, s.spot) }

// move puts an entry at another place and counts it there.
func (f *fold) move(s standing, to place) {
	if s.place == to {
		return
	}
	b := new(Add)
	if (s.first == open) != (to.first == open) || (s.end == open) != (to.end == open) {
		e, ok := f.Event(s.id)
		if !ok || event.Unmarshal(e.Body, b) != nil {
			return // never: the entry was folded
		}
	}
	f.Del(s.key())
	f.stand(s.place, -1, b)
	f.Put(entryKey(to, s.spot), s.entryRow)
	f.stand(to, 1, b)
}
