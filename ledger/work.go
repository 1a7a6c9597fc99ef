package ledger

import (
	"errors"
	"fmt"

	"intercom/internal/app"
	"intercom/internal/store"
	"intercom/ledger/core"
	"intercom/ledger/event"
)

// Quotas of a room, against peers that fill the disk. They are local and say
// nothing of validity.
type Quotas struct {
	AuthorEvents uint64 // per other author
	AuthorBytes  uint64
	RoomBytes    uint64
	RoomChains   uint32
}

// DefaultQuotas are the limits of a room.
var DefaultQuotas = Quotas{AuthorEvents: 100_000, AuthorBytes: 64 << 20, RoomBytes: 2 << 30, RoomChains: 1_024}

var (
	errMissing = errors.New("ledger: previous event is not here")
	errQuota   = errors.New("ledger: over quota")
)

// work is one room during one transaction: rows that several events change
// are read once and written once.
type work struct {
	*log
	l      *Ledger
	tx     *store.Tx
	room   roomRow
	set    event.LtHash16
	dirty  map[uint32]bool // chains
	usage  map[event.Key]*usageRow
	views  map[string]*view
	local  bool // what happens is written here
	out    []Applied
	passed []Entry
	bounds *journalRow // nil: no entry was written
	change bool

	gov     *core.State // nil: not asked for
	lessons map[lesson]bool
	refused map[event.ID]error // events of this transaction that their authors had no right to
	again   bool               // what was folded before has to be folded again
	freed   *Room              // was left, for another room with its name
}

func (l *Ledger) newWork(tx *store.Tx, r *Room) (*work, error) {
	w := &work{
		log: newLog(tx, r.id), l: l, tx: tx,
		dirty: map[uint32]bool{}, usage: map[event.Key]*usageRow{}, views: map[string]*view{},
	}
	if w.row(key(kRoom, r.id), &w.room) {
		w.hash(&w.set, w.room.Set, setKey(r.id))
		w.room.Set = nil
	} else {
		w.room = roomRow{Name: r.name, Class: r.class}
	}
	return w, w.err
}

// flush writes every row that changed.
func (w *work) flush() error {
	if w.change {
		for n := range w.dirty {
			put(w.log, w.tx, key(kChain, w.log.room, u32(n)), w.chains[n])
		}
		for author, u := range w.usage {
			put(w.log, w.tx, key(kUsage, w.log.room, author[:]), u)
		}
		for _, v := range w.views {
			v.flush()
		}
		set, _ := w.set.MarshalBinary()
		w.tx.Put(setKey(w.log.room), set)
		put(w.log, w.tx, key(kRoom, w.log.room), &w.room)
	}
	if w.bounds != nil {
		w.tx.Put([]byte{kBounds}, w.bounds.encode())
	}
	return w.err
}

func (w *work) view(a *app.App) *view {
	v, ok := w.views[a.Name]
	if !ok {
		v = openView(w.log, w.tx, &w.l.rows, a)
		w.views[a.Name] = v
	}
	return v
}

// add stores an event and folds it, and what waited for it, if its causes are
// here. It reports whether the event is new. Errors: errMissing without the
// previous event, errQuota, ErrRefused.
func (w *work) add(e *event.Signed, proof byte) (bool, error) {
	if _, ok := w.find(e.ID); ok || w.err != nil {
		return false, w.err
	}
	n, err := w.place(e)
	if err != nil {
		return false, err
	}
	if err := w.count(e); err != nil {
		return false, err
	}
	c := w.chain(n)
	c.Seq, c.Head = e.Seq, e.ID
	w.dirty[n], w.change = true, true
	s := &stored{Signed: *e, proof: proof}
	p := place{chain: n, seq: e.Seq}
	w.tx.Put(key(kIndex, e.Room, e.ID[:]), p.encode())
	w.set.AddID(e.ID)
	w.room.Events++
	w.room.Bytes += uint64(len(e.Raw))
	w.settle(s, p)
	return true, w.err
}

// place finds the chain that e continues, or opens a new one: a new writer,
// or a fork, of which both sides are kept as proof.
func (w *work) place(e *event.Signed) (uint32, error) {
	branch := chainRow{Author: e.Author, Instance: e.Instance, First: e.Seq, Applied: e.Seq}
	if e.Seq > 0 {
		prev, ok := w.find(e.Prev)
		if !ok {
			return 0, errMissing
		}
		c := w.chain(prev.chain)
		if c.Author != e.Author || c.Instance != e.Instance || prev.seq+1 != e.Seq {
			return 0, fmt.Errorf("%w: prev of %s is not its chain's event %d", ErrRefused, e.ID, e.Seq-1)
		}
		if c.Seq == prev.seq {
			return prev.chain, nil
		}
		branch.Branch, branch.Parent = true, prev.chain
	}
	if w.room.Chains >= w.l.quotas.RoomChains {
		w.room.Incomplete, w.change = true, true
		return 0, errQuota
	}
	n := w.room.Chains
	w.room.Chains++
	w.markFork(e)
	w.chains[n] = &branch
	w.tx.Put(key(kWriter, e.Room, e.Author[:], e.Instance[:], u32(n)), nil)
	return n, nil
}

// markFork keeps the ids of two events at one seq of one writer as proof.
func (w *work) markFork(e *event.Signed) {
	at := key(kEvent, e.Room, e.Author[:], e.Instance[:], u64(e.Seq))
	w.scan(at, nil, func(k, _ []byte) bool {
		other := k[len(at):]
		w.tx.Put(key(kFork, e.Room, e.Author[:], other), nil)
		w.tx.Put(key(kFork, e.Room, e.Author[:], e.ID[:]), nil)
		return false
	})
}

// count charges e to its author and refuses what is over quota.
func (w *work) count(e *event.Signed) error {
	u, ok := w.usage[e.Author]
	if !ok {
		u = new(usageRow)
		w.row(key(kUsage, e.Room, e.Author[:]), u)
		w.usage[e.Author] = u
	}
	q, size := w.l.quotas, uint64(len(e.Raw))
	over := w.room.Bytes+size > q.RoomBytes
	if e.Author != w.l.self && w.room.Class != event.Self {
		over = over || u.Events >= q.AuthorEvents || u.Bytes+size > q.AuthorBytes
	}
	if over {
		w.room.Incomplete, w.change = true, true
		return errQuota
	}
	u.Events++
	u.Bytes += size
	return nil
}
