package ledger

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"intercom/internal/app"
	"intercom/internal/store"
	"intercom/ledger/event"
)

// The journal numbers what happens in the rooms here: 1, 2, 3 and so on,
// without gaps. An entry is written in the transaction of what it tells of, and
// refers to it. The self room is not in it.

// Entry is one entry of the journal: an event that became part of a room's
// state, or a transition that time brought.
type Entry struct {
	N      uint64
	Room   *Room
	At     time.Time // when it happened here; never before the entry before it
	Local  bool      // written here
	Event  *event.Signed
	Passed *Passed // where Event is nil
}

// Passed is a transition of an app that time alone brought, or one of its states
// that has become another.
type Passed struct {
	App    string
	ID     string    // as the app's timer names it
	Due    time.Time // when it was due
	Missed bool      // nobody ran here then
}

// Bounds say which entries there are.
type Bounds struct {
	Oldest uint64    // the first that is kept; Head + 1 where there is none
	Head   uint64    // the last; 0 before the first
	At     time.Time // of the last
}

// journalRow is Bounds as stored.
type journalRow struct {
	oldest, head uint64
	at           int64 // ms
}

const (
	entryPassed = 1 << iota // else an event
	entryLocal
	entryMissed
	entryShort // all since format 2 of the store
)

// An entry has flags, a time and the beginning of its room's id, which no other
// room begins with; in format 1 of the store 8 bytes of time and the whole id.
const (
	shortRoom = 16
	shortHead = 1 + 6 + shortRoom
	longHead  = 1 + 8 + 32
)

// splitEntry returns the parts of an entry; rest is what it is of.
func splitEntry(v []byte) (flags byte, ms int64, room, rest []byte, ok bool) {
	switch {
	case len(v) >= shortHead && v[0]&entryShort != 0:
		ms = int64(binary.BigEndian.Uint64(append([]byte{0, 0}, v[1:7]...)))
		return v[0], ms, v[7:shortHead], v[shortHead:], true
	case len(v) >= longHead && v[0]&entryShort == 0:
		return v[0], int64(binary.BigEndian.Uint64(v[1:9])), v[9:longHead], v[longHead:], true
	}
	return 0, 0, nil, nil, false
}

func journalKey(n uint64) []byte { return append([]byte{kJournal}, u64(n)...) }

func (r journalRow) encode() []byte {
	return append(append(u64(r.oldest), u64(r.head)...), u64(uint64(r.at))...)
}

func (l *log) journal() *journalRow {
	b, ok := l.get([]byte{kBounds})
	if !ok {
		return &journalRow{oldest: 1}
	}
	if len(b) != 24 {
		l.fail(fmt.Errorf("%w: bounds of the journal", ErrDamaged))
		return &journalRow{oldest: 1}
	}
	return &journalRow{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:]), int64(binary.BigEndian.Uint64(b[16:]))}
}

// enter writes the next entry and returns its number and time.
func (w *work) enter(flags byte, rest []byte) (uint64, time.Time) {
	if w.bounds == nil {
		w.bounds = w.log.journal()
		w.bounds.at = max(w.bounds.at, w.l.now().UnixMilli())
	}
	w.bounds.head++
	row := make([]byte, 0, shortHead+len(rest))
	row = append(row, flags|entryShort)
	row = append(row, u64(uint64(w.bounds.at))[2:]...)
	row = append(row, w.log.room[:shortRoom]...)
	w.tx.Put(journalKey(w.bounds.head), append(row, rest...))
	return w.bounds.head, time.UnixMilli(w.bounds.at)
}

// tell makes a folded event part of the change, and of the journal.
func (w *work) tell(s *stored, p place) {
	a := Applied{Signed: &s.Signed, Lamport: s.lamport}
	if w.room.Class != event.Self {
		var flags byte
		if w.local {
			flags = entryLocal
		}
		a.N, a.At = w.enter(flags, p.encode())
	}
	w.out = append(w.out, a)
}

// Pass records that time has brought a transition of an app, once and for
// ever: not again after a restart, nor if the clock is set back. holds says
// whether the transition is one, from the rows as they are then. Like an event
// it is told of as a change.
func (r *Room) Pass(ctx context.Context, a *app.App, due app.Due, missed bool, holds func(app.Reader) bool) error {
	_, err := r.update(ctx, func(w *work) error {
		once := key(kPassed, r.id, []byte(a.Name), []byte{0}, []byte(due.ID))
		if _, ok := w.get(once); ok || !holds(newSnapshot(w.log, a.Name)) {
			return w.err
		}
		w.tx.Put(once, u64(w.pass(r, a, due, missed)))
		return w.err
	}, true)
	if err != nil {
		return fmt.Errorf("record %s in %s: %w", due.ID, r.Name(), err)
	}
	return nil
}

// pass enters a transition of an app into the journal and returns its number.
func (w *work) pass(r *Room, a *app.App, due app.Due, missed bool) uint64 {
	p := Passed{App: a.Name, ID: due.ID, Due: due.At, Missed: missed}
	flags := byte(entryPassed)
	if missed {
		flags |= entryMissed
	}
	n, at := w.enter(flags, append(u64(uint64(due.At.UnixMilli())), a.Name+"\x00"+due.ID...))
	w.passed = append(w.passed, Entry{N: n, Room: r, At: at, Passed: &p})
	return n
}

// Journal returns which entries there are.
func (s *Snapshot) Journal() Bounds {
	row := s.log(event.ID{}).journal()
	return Bounds{Oldest: row.oldest, Head: row.head, At: time.UnixMilli(row.at)}
}

// Entries calls f with the entries from the number on, in order, until it
// returns false. There are none before Bounds.Oldest.
func (s *Snapshot) Entries(from uint64, f func(Entry) bool) {
	j := s.log(event.ID{})
	j.scan([]byte{kJournal}, journalKey(max(from, 1)), func(k, v []byte) bool {
		e, err := s.entry(binary.BigEndian.Uint64(k[1:]), v)
		if err != nil {
			j.fail(err)
			return false
		}
		return f(e)
	})
}

func (s *Snapshot) entry(n uint64, v []byte) (Entry, error) {
	bad := fmt.Errorf("%w: entry %d of the journal", ErrDamaged, n)
	flags, ms, begin, rest, ok := splitEntry(v)
	if !ok {
		return Entry{}, bad
	}
	id := s.begins(begin)
	e := Entry{N: n, At: time.UnixMilli(ms), Room: s.l.ByID(id)}
	switch {
	case e.Room == nil:
		return Entry{}, bad
	case flags&entryPassed != 0:
		name, due, ok := bytes.Cut(rest[min(8, len(rest)):], []byte{0})
		if !ok {
			return Entry{}, bad
		}
		e.Passed = &Passed{
			App: string(name), ID: string(due), Missed: flags&entryMissed != 0,
			Due: time.UnixMilli(int64(binary.BigEndian.Uint64(rest))),
		}
		return e, nil
	}
	p, ok := decodePlace(rest)
	if !ok {
		return Entry{}, bad
	}
	e.Local = flags&entryLocal != 0
	log := s.log(id)
	if stored := log.standing(p); stored != nil {
		e.Event = &stored.Signed
		return e, nil
	}
	return Entry{}, errors.Join(bad, log.err)
}

// begins returns the id of the room whose id begins so; zero if there is none.
func (s *Snapshot) begins(begin []byte) (id event.ID) {
	if known, ok := s.begin[string(begin)]; ok {
		return known
	}
	s.log(event.ID{}).scan(append([]byte{kRoom}, begin...), nil, func(k, _ []byte) bool {
		id = event.ID(k[1:])
		return false
	})
	s.begin[string(begin)] = id
	return id
}

// standing returns the event of a place.
func (l *log) standing(p place) *stored {
	c := l.chain(p.chain)
	prefix := key(kEvent, l.room, c.Author[:], c.Instance[:], u64(p.seq))
	var found *stored
	l.scan(prefix, nil, func(k, v []byte) bool {
		if at, ok := l.find(event.ID(k[len(prefix):])); !ok || at != p {
			return true // the other side of a fork
		}
		var err error
		if found, err = decodeStored(v, l.room, c.Author, c.Instance); err != nil {
			l.fail(err)
		}
		return false
	})
	return found
}

// After returns the number of the first entry that is not before t, Head + 1
// if there is none.
func (s *Snapshot) After(t time.Time) uint64 {
	b, log := s.Journal(), s.log(event.ID{})
	low, high := b.Oldest, b.Head+1
	for low < high && log.err == nil {
		mid := low + (high-low)/2
		if at, ok := entryTime(log, mid); ok && at < t.UnixMilli() {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

func entryTime(l *log, n uint64) (ms int64, ok bool) {
	b, ok := l.get(journalKey(n))
	if !ok {
		return 0, false
	}
	_, ms, _, _, ok = splitEntry(b)
	return ms, ok
}

// pruned is how many entries one transaction forgets.
const pruned = 1000

// Forget removes the entries from before t; the events stay. It reads none
// that it has removed before, so it costs what it removes.
func (l *Ledger) Forget(ctx context.Context, t time.Time) (n int, err error) {
	for more := true; more && err == nil; {
		err = l.store.Update(ctx, func(tx *store.Tx) error {
			log := newLog(tx, event.ID{})
			row := log.journal()
			first := row.oldest
			for row.oldest <= row.head && row.oldest-first < pruned {
				if at, ok := entryTime(log, row.oldest); ok && at >= t.UnixMilli() {
					break
				}
				tx.Delete(journalKey(row.oldest))
				row.oldest++
			}
			more = row.oldest-first == pruned
			if row.oldest > first {
				n += int(row.oldest - first)
				tx.Put([]byte{kBounds}, row.encode())
			}
			return log.err
		})
	}
	if err != nil {
		return n, fmt.Errorf("forget old entries of the journal: %w", err)
	}
	return n, nil
}
