package ledger

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"intercom/internal/app"
	"intercom/internal/store"
	"intercom/ledger/event"
)

// snapshot is one app's app.Reader over any state of the store. The first
// failure is kept in the log; from then on it reads as empty.
type snapshot struct {
	log    *log
	app    string
	prefix []byte
}

func newSnapshot(l *log, name string) snapshot {
	return snapshot{log: l, app: name, prefix: viewPrefix(l.room, name)}
}

var _ app.Reader = snapshot{}

func (s snapshot) rowKey(k string) []byte {
	return append(s.prefix[:len(s.prefix):len(s.prefix)], k...)
}

func (s snapshot) Get(k string, v any) bool {
	b, ok := s.log.get(s.rowKey(k))
	return ok && s.decode(b, v)
}

func (s snapshot) decode(b []byte, v any) bool {
	if err := event.Unmarshal(b, v); err != nil {
		s.log.fail(fmt.Errorf("%w: row of %s: %w", ErrDamaged, s.app, err))
		return false
	}
	return true
}

func (s snapshot) Scan(prefix string, f func(key string, decode func(v any)) bool) {
	s.scan(s.rowKey(prefix), nil, f)
}

func (s snapshot) ScanFrom(prefix, from string, f func(key string, decode func(v any)) bool) {
	s.scan(s.rowKey(prefix), s.rowKey(from), f)
}

func (s snapshot) scan(prefix, from []byte, f func(key string, decode func(v any)) bool) {
	s.log.scan(prefix, from, func(k, b []byte) bool {
		return f(string(k[len(s.prefix):]), func(v any) { s.decode(b, v) })
	})
}

func (s snapshot) IDs(digits string, f func(id event.ID) bool) {
	half, err := hex.DecodeString(digits[:len(digits)&^1])
	if err != nil {
		return
	}
	rows := key(kIndex, s.log.room)
	from, prefix := []byte(nil), append(rows[:len(rows):len(rows)], half...)
	if len(digits)%2 == 1 { // half a byte
		first, err := hex.DecodeString(digits[len(digits)-1:] + "0")
		if err != nil {
			return
		}
		from = append(prefix[:len(prefix):len(prefix)], first...)
	}
	s.log.scan(prefix, from, func(k, _ []byte) bool {
		id := event.ID(k[len(rows):])
		return strings.HasPrefix(id.String(), digits) && f(id)
	})
}

func (s snapshot) Event(id event.ID) (*event.Signed, bool) {
	e := s.log.event(id)
	if e == nil || e.lamport == 0 {
		return nil, false
	}
	return &e.Signed, true
}

func (s snapshot) Before(x, y event.ID) bool {
	px, ok := s.log.find(x)
	if !ok {
		return false
	}
	py, ok := s.log.find(y)
	return ok && s.log.before(px, py)
}

// view is a snapshot whose rows a fold changes; it keeps the hash of the rows
// up to date.
type view struct {
	snapshot
	tx    *store.Tx
	row   foldRow
	kept  bool // row is in the store as it is
	lanes event.LtHash16
	rows  *rowHashes
	old   map[string][]byte // rows as they were before this transaction; nil: absent
}

var _ app.View = (*view)(nil)

func openView(l *log, tx *store.Tx, rows *rowHashes, a *app.App) *view {
	v := &view{snapshot: newSnapshot(l, a.Name), tx: tx, rows: rows, old: map[string][]byte{}}
	if l.row(key(kFold, l.room, []byte(a.Name)), &v.row) {
		l.hash(&v.lanes, v.row.Lanes, lanesKey(l.room, a.Name))
		v.kept = len(v.row.Lanes) == 0 && v.row.Version == a.Version
	}
	v.row = foldRow{Version: a.Version}
	return v
}

func (v *view) remember(k string) {
	if _, ok := v.old[k]; ok {
		return
	}
	b, _ := v.log.get(v.rowKey(k))
	v.old[k] = b
}

func (v *view) Put(k string, row any) {
	b, err := event.Marshal(row)
	if err != nil {
		v.log.fail(fmt.Errorf("encode row of %s: %w", v.app, err))
		return
	}
	v.remember(k)
	v.tx.Put(v.rowKey(k), b)
}

func (v *view) Del(k string) {
	v.remember(k)
	v.tx.Delete(v.rowKey(k))
}

// flush writes the hash of the rows as this transaction leaves them.
func (v *view) flush() {
	for k, old := range v.old {
		now, ok := v.log.get(v.rowKey(k))
		if string(old) == string(now) && ok == (old != nil) {
			continue
		}
		if old != nil {
			v.lanes.Remove(v.rows.of(k, old, false))
		}
		if ok {
			v.lanes.Add(v.rows.of(k, now, old != nil))
		}
	}
	if len(v.old) > 0 || !v.kept {
		lanes, _ := v.lanes.MarshalBinary()
		v.tx.Put(lanesKey(v.log.room, v.app), lanes)
	}
	if !v.kept {
		put(v.log, v.tx, key(kFold, v.log.room, []byte(v.app)), &v.row)
		v.kept = true
	}
	clear(v.old)
}

func put(l *log, tx *store.Tx, k []byte, row any) {
	b, err := event.Marshal(row)
	if err != nil {
		l.fail(fmt.Errorf("encode row: %w", err))
		return
	}
	tx.Put(k, b)
}

// log reads one room in some state of the store: a snapshot or a transaction
// under way. The first failure is kept; callers look at err when they are done.
type log struct {
	r      store.Reader
	room   event.ID
	err    error
	chains map[uint32]*chainRow
}

func newLog(r store.Reader, room event.ID) *log {
	return &log{r: r, room: room, chains: map[uint32]*chainRow{}}
}

func (l *log) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

func (l *log) get(k []byte) ([]byte, bool) {
	if l.err != nil {
		return nil, false
	}
	b, err := l.r.Get(k)
	if err != nil {
		if !errors.Is(err, store.ErrNotFound) {
			l.fail(err)
		}
		return nil, false
	}
	return b, true
}

func (l *log) scan(prefix, from []byte, f func(k, v []byte) bool) {
	if l.err == nil {
		l.fail(l.r.Scan(prefix, from, f))
	}
}

func (l *log) last(prefix, upTo []byte) (k, v []byte, ok bool) {
	if l.err != nil {
		return nil, nil, false
	}
	k, v, err := l.r.Last(prefix, upTo)
	if err != nil {
		if !errors.Is(err, store.ErrNotFound) {
			l.fail(err)
		}
		return nil, nil, false
	}
	return k, v, true
}

func (l *log) row(k []byte, v any) bool {
	b, ok := l.get(k)
	if !ok {
		return false
	}
	if err := event.Unmarshal(b, v); err != nil {
		l.fail(fmt.Errorf("%w: %w", ErrDamaged, err))
		return false
	}
	return true
}

func (l *log) chain(n uint32) *chainRow {
	if c, ok := l.chains[n]; ok {
		return c
	}
	c := new(chainRow)
	if !l.row(key(kChain, l.room, u32(n)), c) {
		l.fail(fmt.Errorf("%w: no chain %d", ErrDamaged, n))
		return c
	}
	l.chains[n] = c
	return c
}

func (l *log) find(id event.ID) (place, bool) {
	b, ok := l.get(key(kIndex, l.room, id[:]))
	if !ok {
		return place{}, false
	}
	p, ok := decodePlace(b)
	if !ok {
		l.fail(fmt.Errorf("%w: place of %s", ErrDamaged, id))
	}
	return p, ok
}

// event returns a stored event, or nil.
func (l *log) event(id event.ID) *stored {
	p, ok := l.find(id)
	if !ok {
		return nil
	}
	return l.at(p, id)
}

func (l *log) at(p place, id event.ID) *stored {
	c := l.chain(p.chain)
	b, ok := l.get(key(kEvent, l.room, c.Author[:], c.Instance[:], u64(p.seq), id[:]))
	if !ok {
		l.fail(fmt.Errorf("%w: no event %s", ErrDamaged, id))
		return nil
	}
	s, err := decodeStored(b, l.room, c.Author, c.Instance)
	if err != nil {
		l.fail(err)
		return nil
	}
	return s
}

// applied reports whether everything up to p has been folded.
func (l *log) applied(p place) bool { return l.chain(p.chain).Applied > p.seq }
