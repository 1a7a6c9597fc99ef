package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// A commit gets one timestamp, and readers get the newest durable one, so what is only partly
// written is seen by nobody. A batch too large for one transaction of Badger is written as several
// with the same timestamp, after a mark that names it and is on disk first. Open takes a batch
// back whose mark it finds: the rows before it are still there, because nothing newer than the
// newest durable timestamp is ever discarded.

// tornKey holds the timestamp of the large batch that is being written, as 8 bytes, big-endian.
var tornKey = []byte("!store!torn")

// commit makes b durable, then visible. After an error nothing of b is ever visible to this
// process; if it is not ErrDiskFull, the store takes no more writes.
func (s *Store) commit(b *batch) error {
	err := s.write(b)
	if errors.Is(err, ErrDiskFull) {
		return err // seen before it did harm
	}
	if err != nil {
		s.broken.Store(&err)
		s.log.Error("store is read-only now", "dir", s.dir, "error", err)
		return s.writable()
	}
	s.db.SetDiscardTs(s.snaps.publish(s.last))
	return nil
}

func (s *Store) write(b *batch) error {
	if b.bytes < int(s.db.MaxBatchSize()) && b.rows.Len()+1 < int(s.db.MaxBatchCount()) {
		s.last++
		if err := s.writeRows(slices.Values(b.rows.Items()), s.last); err != nil {
			return err
		}
		return s.sync()
	}
	s.torn = true
	if err := s.mark(s.last + 2); err != nil {
		return err
	}
	s.last++
	if err := s.writeRows(slices.Values(b.rows.Items()), s.last); err != nil {
		return err
	}
	if err := s.sync(); err != nil {
		return err
	}
	return s.unmark()
}

// mark notes on disk that the rows of timestamp ts are incomplete.
func (s *Store) mark(ts uint64) error {
	return s.put(row{key: tornKey, value: binary.BigEndian.AppendUint64(nil, ts)})
}

func (s *Store) unmark() error {
	if err := s.put(row{key: tornKey, gone: true}); err != nil {
		return err
	}
	s.torn = false
	return nil
}

func (s *Store) put(r row) error {
	s.last++
	if err := s.writeRows(slices.Values([]row{r}), s.last); err != nil {
		return err
	}
	return s.sync()
}

func (s *Store) sync() error {
	s.stats.syncs.Add(1)
	defer func(began time.Time) { s.stats.syncTook.Observe(time.Since(began)) }(time.Now())
	if err := s.wal.sync(); err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	return nil
}

// writeRows writes rows at ts in as many transactions as Badger's limits ask for.
func (s *Store) writeRows(rows func(func(row) bool), ts uint64) error {
	var txn *badger.Txn
	bytes, count := 0, 0 // in txn
	flush := func() error {
		if txn == nil {
			return nil
		}
		full := txn
		txn = nil
		if err := s.settle(bytes); err != nil {
			full.Discard()
			return err
		}
		if err := s.wal.write(full, ts); err != nil {
			return fmt.Errorf("write: %w", err)
		}
		return nil
	}
	for r := range rows {
		bytes, count = bytes+r.size(), count+1
		if bytes >= int(s.db.MaxBatchSize()) || count+1 >= int(s.db.MaxBatchCount()) {
			bytes -= r.size()
			if err := flush(); err != nil {
				return err
			}
			bytes, count = r.size(), 1
		}
		if txn == nil {
			txn = s.db.NewTransactionAt(ts, true)
		}
		set := txn.Delete
		if !r.gone {
			set = func(key []byte) error { return txn.Set(key, r.value) }
		}
		if err := set(r.key); err != nil {
			txn.Discard()
			return fmt.Errorf("write %.40q: %w", r.key, err)
		}
	}
	return flush()
}

// settle waits until compaction is not too far behind for another n bytes, and looks for space.
func (s *Store) settle(n int) error {
	if s.unsettled += n; s.unsettled > groupBytes {
		s.unsettled = 0
		for s.db.Levels()[0].NumTables >= behindTables && s.guard.check() == nil {
			time.Sleep(poll / 10)
		}
	}
	return s.guard.check()
}

// undoTorn takes back a large batch that a crash or a full disk cut short. A crash in the midst of
// it changes nothing: the rows to go back to stay until it is done.
func (s *Store) undoTorn() error {
	now := s.db.NewTransactionAt(s.last, false)
	defer now.Discard()
	item, err := now.Get(tornKey)
	if errors.Is(err, badger.ErrKeyNotFound) {
		s.torn = false
		return nil
	}
	if err != nil {
		return corrupt(s.dir, err)
	}
	value, err := item.ValueCopy(nil)
	if err != nil || len(value) != 8 {
		return corrupt(s.dir, fmt.Errorf("unreadable mark of an unfinished write: %w", err))
	}
	torn := binary.BigEndian.Uint64(value)
	s.log.Warn("taking back an unfinished write", "dir", s.dir)

	before := s.db.NewTransactionAt(torn-1, false)
	defer before.Discard()
	it := now.NewIterator(badger.IteratorOptions{AllVersions: true, SinceTs: torn - 1})
	defer it.Close()
	var last []byte
	var failed error
	rows := func(yield func(row) bool) {
		for it.Rewind(); it.Valid(); it.Next() {
			key := it.Item().Key()
			if slices.Equal(key, last) || reserved(key) {
				continue
			}
			last = slices.Clone(key)
			r := row{key: last}
			switch old, err := before.Get(last); {
			case errors.Is(err, badger.ErrKeyNotFound):
				r.gone = true
			case err != nil:
				failed = err
				return
			default:
				if r.value, failed = old.ValueCopy(nil); failed != nil {
					return
				}
			}
			if !yield(r) {
				return
			}
		}
	}
	s.last = max(s.last, torn) + 1
	err = s.writeRows(rows, s.last)
	if err = errors.Join(err, failed); err == nil {
		err = s.sync()
	}
	if err != nil {
		return fmt.Errorf("take back an unfinished write: %w", err)
	}
	return s.unmark()
}
