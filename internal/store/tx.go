package store

import (
	"bytes"
	"fmt"

	"github.com/tidwall/btree"
)

// Tx is what a function given to Update reads and writes. It sees the function's own writes and
// all earlier ones. It may be used only until the function returns.
type Tx struct {
	base  snapshot // what earlier groups wrote
	batch *batch   // what this group wrote so far
	err   error    // the first refused write; undoes the function
}

// Put sets key to value and takes ownership of both: neither may be changed afterwards. A key that
// is empty, longer than MaxKey or begins with "!store!" or "!badger!", or a value longer than
// MaxValue, is refused: Update then undoes the function and returns ErrInvalid.
func (t *Tx) Put(key, value []byte) {
	if len(value) > MaxValue {
		t.refuse(fmt.Errorf("%w: value of %d bytes for key %.40q: the limit is %d", ErrInvalid, len(value), key, MaxValue))
		return
	}
	t.set(row{key: key, value: value})
}

// Delete removes key, if it is there, and takes ownership of it. It refuses the keys Put refuses.
func (t *Tx) Delete(key []byte) { t.set(row{key: key, gone: true}) }

func (t *Tx) set(r row) {
	switch {
	case len(r.key) == 0 || len(r.key) > MaxKey:
		t.refuse(fmt.Errorf("%w: key %.40q of %d bytes: the limits are 1 and %d", ErrInvalid, r.key, len(r.key), MaxKey))
	case reserved(r.key):
		t.refuse(fmt.Errorf("%w: key %.40q is reserved", ErrInvalid, r.key))
	default:
		t.batch.set(r)
	}
}

func (t *Tx) refuse(err error) {
	if t.err == nil {
		t.err = err
	}
}

// Get is Reader's.
func (t *Tx) Get(key []byte) ([]byte, error) {
	if r, ok := t.batch.rows.Get(row{key: key}); ok {
		if r.gone {
			return nil, ErrNotFound
		}
		if r.value == nil {
			return []byte{}, nil
		}
		return r.value, nil
	}
	return t.base.Get(key)
}

// Scan is Reader's. f may write; Scan goes on over the rows as they were when it began.
func (t *Tx) Scan(prefix, from []byte, f func(k, v []byte) bool) error {
	rows, done := t.batch.share()
	defer done()
	if bytes.Compare(from, prefix) < 0 {
		from = prefix
	}
	old := t.base.ascend(prefix, from)
	defer old.close()
	fresh := rows.Iter()
	defer fresh.Release()
	more := fresh.Seek(row{key: from}) && bytes.HasPrefix(fresh.Item().key, prefix)
	for more || old.valid() {
		order := 1 // of the fresh row to the old one
		if more {
			order = -1
			if old.valid() {
				order = bytes.Compare(fresh.Item().key, old.key())
			}
		}
		if order > 0 {
			k, v, err := old.row()
			if err != nil {
				return err
			}
			if !f(k, v) {
				return nil
			}
			old.next()
			continue
		}
		if r := fresh.Item(); !r.gone && !f(r.key, r.value) {
			return nil
		}
		if order == 0 {
			old.next()
		}
		more = fresh.Next() && bytes.HasPrefix(fresh.Item().key, prefix)
	}
	return nil
}

// Last is Reader's.
func (t *Tx) Last(prefix, upTo []byte) (k, v []byte, err error) {
	k, v, err = t.base.lastExcept(prefix, upTo, func(key []byte) bool {
		_, ok := t.batch.rows.Get(row{key: key})
		return ok
	})
	if err != nil && err != ErrNotFound {
		return nil, nil, err
	}
	found := err == nil
	visit := func(r row) bool {
		if !bytes.HasPrefix(r.key, prefix) {
			return bytes.Compare(r.key, prefix) > 0
		}
		if found && bytes.Compare(r.key, k) < 0 {
			return false
		}
		if r.gone {
			return true
		}
		found, k, v = true, bytes.Clone(r.key), append([]byte{}, r.value...)
		return false
	}
	start := end(prefix)
	if upTo != nil && (start == nil || bytes.Compare(upTo, start) < 0) {
		start = upTo
	}
	if start == nil {
		t.batch.rows.Reverse(visit)
	} else {
		t.batch.rows.Descend(row{key: start}, visit)
	}
	if !found {
		return nil, nil, ErrNotFound
	}
	return k, v, nil
}

type row struct {
	key, value []byte
	gone       bool
}

// rowCost is more than what Badger adds to the key and value of a row: version, header, checksum.
const rowCost = 40

func (r row) size() int { return len(r.key) + len(r.value) + rowCost }

// batch holds the writes of a group, in key order.
type batch struct {
	rows   *btree.BTreeG[row]
	bytes  int
	undo   []change // of the function that runs
	shared int      // scans under way
	loose  bool     // no scan under way reads rows
}

type change struct {
	now    []byte
	before row
	had    bool
}

func newBatch() *batch {
	less := func(a, b row) bool { return bytes.Compare(a.key, b.key) < 0 }
	return &batch{rows: btree.NewBTreeGOptions(less, btree.Options{NoLocks: true}), loose: true}
}

func (b *batch) set(r row) {
	b.own()
	before, had := b.rows.Set(r)
	b.undo = append(b.undo, change{r.key, before, had})
	b.bytes += r.size()
	if had {
		b.bytes -= before.size()
	}
}

// keep makes the writes since the last call of keep or revert permanent.
func (b *batch) keep() { b.undo = b.undo[:0] }

// revert takes the writes since the last call of keep or revert back.
func (b *batch) revert() {
	b.own()
	for i := len(b.undo) - 1; i >= 0; i-- {
		c := b.undo[i]
		now, _ := b.rows.Delete(row{key: c.now})
		b.bytes -= now.size()
		if c.had {
			b.rows.Set(c.before)
			b.bytes += c.before.size()
		}
	}
	b.undo = b.undo[:0]
}

// share returns the rows for reading until done is called; writes in between go to a copy.
func (b *batch) share() (rows *btree.BTreeG[row], done func()) {
	b.shared++
	b.loose = false
	return b.rows, func() {
		b.shared--
		if b.shared == 0 {
			b.loose = true
		}
	}
}

func (b *batch) own() {
	if !b.loose {
		b.rows, b.loose = b.rows.Copy(), true
	}
}
