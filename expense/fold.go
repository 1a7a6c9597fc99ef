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
	Out     bool // dead, or not the one that counts: its amounts are in no sum
	Lost    bool // in conflict; then it is out too
	Said    bool // somebody confirmed or disputed it
	Gate    gate // whether it is out for want of agreement alone
}

// tallyRow is a sum over the entries that count and how many they are. It goes
// with the last of them, so a member whose balance is 0 is known as long as an
// entry names him. Of a place the sum is how many entries stand there, whether
// they count or not.
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
	noEntry
	notAuthor
	noRule
	notRuler
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
	case noEntry:
		return "no entry with that id was known to the author"
	case notAuthor:
		return "only its author, and in a room with an owner an admin, changes an entry"
	case noRule:
		return "no rule with that id was known to the author"
	case notRuler:
		return "only its author, and in a room with an owner an admin, does that with a rule"
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
// whether it counts, a function of the rows that name it, its targets or its
// source, and the sums over the entries of a place that count. What an event
// changes of these is worked out anew when it comes; no order of arrival can
// matter.
func apply(v app.View, e *event.Signed, m app.Meta, body event.Body) {
	f := fold{View: v, tally: map[string]tallyRow{}}
	f.witness(e, m, body) // before a close moves what it weighs
	var why reason
	switch b := body.(type) {
	case *Add:
		why = f.add(e, m, b)
	case *Payment:
		why = f.pay(e, m, b)
	case *Replace:
		why = f.replace(e, m, b)
	case *Void:
		why = f.void(e, m, b)
	case *Confirm:
		why = f.opine(e, m, b.Target, false)
	case *Dispute:
		why = f.opine(e, m, b.Target, true)
	case *Recur:
		why = f.recur(e, m, b)
	case *Stop:
		why = f.stop(e, m, b)
	case *Pinned:
		why = f.pin(e, m)
	case *Defaults:
		why = f.usual(e, m)
	case *Close:
		why = f.close(e, m, b)
	case *Reopen:
		why = f.reopen(e, m, b)
	case *Checkpoint:
		why = f.checkpoint(e, m)
	}
	if m.Duplicate {
		why = isDuplicate
	}
	if why != counts {
		key := refusedKey(m.Lamport, e.ID)
		if !v.Get(key, new(refusedRow)) {
			f.count(refusedCount, 0, 1)
		}
		v.Put(key, refusedRow{Reason: why})
	}
	f.flush()
}

// fold is one event's work on the rows. Sums are changed once, at its end.
type fold struct {
	app.View
	tally map[string]tallyRow // changes
}

// flow is what an entry that counts changes.
type flow struct {
	Add
	payment bool // no expense, so in no total
}

// flowOf returns the flow of an event, false if it is no entry.
func flowOf(e *event.Signed) (fl flow, ok bool) {
	switch e.Type {
	case typeAdd:
		return fl, event.Unmarshal(e.Body, &fl.Add) == nil
	case typeReplace:
		var b Replace
		ok = event.Unmarshal(e.Body, &b) == nil
		return flow{Add: b.Add}, ok
	case typePayment:
		var b Payment
		if event.Unmarshal(e.Body, &b) != nil {
			return fl, false
		}
		return flow{Add: b.entry(), payment: true}, true
	}
	return fl, false
}

// enter puts a new entry at its place and counts it.
func (f *fold) enter(e *event.Signed, m app.Meta, fl flow) {
	f.put(standing{openPlace, spotOf(e), entryRow{Lamport: m.Lamport}})
	f.weigh(openPlace, 1, fl)
}

// drop takes out an entry that turned out to be a duplicate, if it is there.
func (f *fold) drop(e *event.Signed, fl flow) {
	s, ok := find(f, spotOf(e))
	if !ok {
		return
	}
	f.take(s)
	if !s.Out {
		f.weigh(s.place, -1, fl)
	}
	f.letGo(e.ID)
}

// put writes the rows of an entry at its place, and take takes them out.
func (f *fold) put(s standing) {
	f.Put(s.key(), s.entryRow)
	f.stand(s.place, 1)
	if s.place == openPlace {
		f.Put(orderKey(s.Lamport, s.id), presentRow{})
		f.lose(s, 1)
	}
	f.await(s, 1)
}

func (f *fold) take(s standing) {
	f.Del(s.key())
	f.stand(s.place, -1)
	if s.place == openPlace {
		f.Del(orderKey(s.Lamport, s.id))
		f.lose(s, -1)
	}
	f.await(s, -1)
}

// lose counts an entry in (1) or out (-1) of those in conflict, if it is.
func (f *fold) lose(s standing, sign int64) {
	if s.Lost && s.place == openPlace {
		f.count(lostCount, 0, sign)
	}
}

// await counts an entry in (1) or out (-1) of those that would be in the
// balances if somebody agreed, if it is one.
func (f *fold) await(s standing, sign int64) {
	if s.Gate != waits || s.end != open {
		return
	}
	if e, ok := f.Event(s.id); ok {
		fl, _ := flowOf(e)
		f.count(waitKey(fl.Currency, fl.Exp), sign*fl.Amount, sign)
	}
}

// find returns where an entry stands.
func find(r app.Reader, s spot) (standing, bool) {
	at := standing{place: openPlace, spot: s}
	if r.Get(at.key(), &at.entryRow) {
		return at, true
	}
	for p := range placesOf(r) {
		if at.place = p; r.Get(at.key(), &at.entryRow) {
			return at, true
		}
	}
	return at, false
}

// stand counts an entry in (1) or out (-1) of those that stand at a place.
func (f *fold) stand(p place, sign int64) { f.count(bucketKey(p), sign, 0) }

// weigh counts an entry in (1) or out (-1) of the sums of a place.
func (f *fold) weigh(p place, sign int64, fl flow) {
	f.count(bucketKey(p), 0, sign)
	if p.first == open && !fl.payment {
		f.count(totalKey(fl.Currency, fl.Exp), sign*fl.Amount, sign)
	}
	if p.end == open {
		f.balance(balanceRows, sign, &fl.Add)
		if p.first != open {
			f.balance(carriedRows, sign, &fl.Add)
		}
	}
}

func (f *fold) balance(rows string, sign int64, b *Add) {
	for name, amount := range netOf(b) {
		f.count(memberKey(rows, b.Currency, b.Exp, name), sign*amount, sign)
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
		if row == (tallyRow{}) {
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
		all[parseBucket(key)], _ = row.Sum.Int64()
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
	var fl flow
	if !s.Out && ((s.first == open) != (to.first == open) || (s.end == open) != (to.end == open)) {
		e, ok := f.Event(s.id)
		if ok {
			fl, ok = flowOf(e)
		}
		if !ok {
			return // never: the entry was folded
		}
	}
	f.take(s)
	f.put(standing{to, s.spot, s.entryRow})
	if !s.Out {
		f.weigh(s.place, -1, fl)
		f.weigh(to, 1, fl)
	}
}
