package store

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/dgraph-io/badger/v4"
)

// Reader reads one state of the store. It may be used only during the function it was given to,
// and by one goroutine at a time.
type Reader interface {
	// Get returns the value of key, which must not be changed, or ErrNotFound.
	Get(key []byte) ([]byte, error)
	// Scan calls f in ascending order for every key with prefix that is not below from (nil: the
	// first). k and v are valid only during f. f returns false to stop.
	Scan(prefix, from []byte, f func(k, v []byte) bool) error
	// Last returns copies of the greatest key with prefix that is not above upTo (nil: no bound)
	// and of its value, or ErrNotFound.
	Last(prefix, upTo []byte) (k, v []byte, err error)
}

// View calls f with a snapshot of what is durable. It never waits for a commit. The error is that
// of f, ErrClosed, or ErrCorrupt once damage was found: rows may be missing then.
func (s *Store) View(f func(Reader) error) error {
	if err := s.damaged.Load(); err != nil {
		return *err
	}
	ts, err := s.snaps.enter()
	if err != nil {
		return err
	}
	defer s.snaps.leave(ts)
	txn := s.db.NewTransactionAt(ts, false)
	defer txn.Discard()
	return f(snapshot{txn})
}

// snapshot reads the database as it was at the transaction's timestamp.
type snapshot struct{ txn *badger.Txn }

func (s snapshot) Get(key []byte) (v []byte, err error) {
	if len(key) == 0 || len(key) > MaxKey || reserved(key) {
		return nil, ErrNotFound
	}
	item, err := s.txn.Get(key)
	switch {
	case errors.Is(err, badger.ErrKeyNotFound):
		return nil, ErrNotFound
	case err != nil:
		return nil, fmt.Errorf("%w: get %q: %w", ErrCorrupt, key, err)
	}
	// What Badger gives out is a copy already, of this item alone.
	err = item.Value(func(b []byte) error { v = b; return nil })
	if v == nil {
		v = []byte{}
	}
	return v, err
}

func (s snapshot) Scan(prefix, from []byte, f func(k, v []byte) bool) error {
	it := s.ascend(prefix, from)
	defer it.close()
	for ; it.valid(); it.next() {
		k, v, err := it.row()
		if err != nil {
			return err
		}
		if !f(k, v) {
			break
		}
	}
	return nil
}

func (s snapshot) Last(prefix, upTo []byte) (k, v []byte, err error) {
	return s.lastExcept(prefix, upTo, func([]byte) bool { return false })
}

// lastExcept is Last over the keys that skip does not hide.
func (s snapshot) lastExcept(prefix, upTo []byte, skip func(k []byte) bool) (k, v []byte, err error) {
	start := end(prefix)
	if upTo != nil && (start == nil || bytes.Compare(upTo, start) < 0) {
		start = upTo
	}
	if start != nil && len(start) == 0 {
		return nil, nil, ErrNotFound
	}
	// Not with the prefix as an option: backwards, Badger would take the end of the range, which
	// lacks the prefix, for the end of the data.
	it := s.txn.NewIterator(badger.IteratorOptions{Reverse: true})
	defer it.Close()
	for it.Seek(start); it.Valid(); it.Next() {
		key := it.Item().Key()
		if !bytes.HasPrefix(key, prefix) {
			if bytes.Compare(key, prefix) < 0 {
				break
			}
			continue
		}
		if reserved(key) || skip(key) {
			continue
		}
		v, err := it.Item().ValueCopy(nil)
		if err != nil {
			return nil, nil, fmt.Errorf("%w: read %q: %w", ErrCorrupt, key, err)
		}
		return bytes.Clone(key), v, nil
	}
	return nil, nil, ErrNotFound
}

// end returns the least key above all keys with prefix, nil if there is none.
func end(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] < 0xff {
			e := bytes.Clone(prefix[:i+1])
			e[i]++
			return e
		}
	}
	return nil
}

// rows walks upwards over the keys with a prefix. A key that is written often has as many versions
// as there were writes since the last compaction, and Badger passes them one by one; rows passes a
// few and then seeks the next key.
type rows struct {
	it   *badger.Iterator
	past []byte // the key that is being left
}

// nearVersions is how many older versions are passed before seeking is cheaper.
const nearVersions = 4

func (s snapshot) ascend(prefix, from []byte) *rows {
	r := &rows{it: s.txn.NewIterator(badger.IteratorOptions{Prefix: prefix, AllVersions: true})}
	if bytes.Compare(from, prefix) < 0 {
		from = prefix
	}
	r.it.Seek(from)
	r.skip()
	return r
}

func (r *rows) close()      { r.it.Close() }
func (r *rows) valid() bool { return r.it.Valid() }
func (r *rows) key() []byte { return r.it.Item().Key() }
func (r *rows) next()       { r.leave(); r.skip() }

// leave goes to the newest version of the next key.
func (r *rows) leave() {
	r.past = append(r.past[:0], r.key()...)
	for range nearVersions {
		r.it.Next()
		if !r.it.Valid() || !bytes.Equal(r.key(), r.past) {
			return
		}
	}
	r.past = append(r.past, 0) // the least key above
	r.it.Seek(r.past)
}

// skip leaves the keys that are no rows.
func (r *rows) skip() {
	for r.it.Valid() && (reserved(r.key()) || r.it.Item().IsDeletedOrExpired()) {
		r.leave()
	}
}

func (r *rows) row() (k, v []byte, err error) {
	item := r.it.Item()
	err = item.Value(func(b []byte) error { v = b; return nil })
	if err != nil {
		return nil, nil, fmt.Errorf("%w: read %q: %w", ErrCorrupt, item.Key(), err)
	}
	return item.Key(), v, nil
}

// snapshots knows the newest durable timestamp and who reads at which.
type snapshots struct {
	mu      sync.Mutex
	idle    sync.Cond
	durable uint64
	readers map[uint64]int
	closed  bool
}

func (s *snapshots) init(durable uint64) {
	s.idle.L = &s.mu
	s.durable, s.readers = durable, map[uint64]int{}
}

func (s *snapshots) enter() (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, ErrClosed
	}
	s.readers[s.durable]++
	return s.durable, nil
}

func (s *snapshots) leave(ts uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.readers[ts]--; s.readers[ts] == 0 {
		delete(s.readers, ts)
	}
	if len(s.readers) == 0 {
		s.idle.Broadcast()
	}
}

// publish makes ts what new readers see and returns the oldest timestamp still read.
func (s *snapshots) publish(ts uint64) (oldest uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.durable = ts
	return slices.Min(append(slices.Collect(maps.Keys(s.readers)), ts))
}

// close refuses new readers and waits for the last to leave: the files they read are mapped.
func (s *snapshots) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for len(s.readers) > 0 {
		s.idle.Wait()
	}
}
