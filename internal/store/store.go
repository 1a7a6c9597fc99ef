// Package store keeps a profile's data in one Badger; what Update wrote is on disk before it returns.
//
// Functions given to Update run one after the other in one goroutine, so each sees all that was
// written before it. Those that wait together are committed together, with one fsync. A group is
// all or nothing across a crash, whatever its size. View reads what is durable and never waits for
// the disk. A full disk, a failing disk and a damaged database end in an error a caller can test
// for; a full disk is survived and writing goes on when there is space again.
package store

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// What a caller can test for with errors.Is. The text of a returned error has the details: the
// folder or key concerned, the figures, and for a person the next step after "hint:".
var (
	ErrLocked   = errors.New("store: in use by another process")
	ErrNewer    = errors.New("store: made by a newer version")
	ErrCorrupt  = errors.New("store: damaged")
	ErrDiskFull = errors.New("store: disk full")
	ErrReadOnly = errors.New("store: read-only after a failed write")
	ErrClosed   = errors.New("store: closed")
	ErrNotFound = errors.New("store: key not found")
	ErrInvalid  = errors.New("store: key or value not allowed")
)

// Options says where a store lives and what it needs from its surroundings.
type Options struct {
	Dir     string                           // folder of the store; made 0700 if absent
	MinFree uint64                           // bytes that must stay free on the disk; 0: 160 MiB
	Free    func(dir string) (uint64, error) // free bytes on the disk of dir; nil: ask the system
	Log     *slog.Logger                     // nil: discard
}

// Store is an open database. All methods may be called from several goroutines.
type Store struct {
	dir   string
	log   *slog.Logger
	db    *badger.DB
	guard *guard
	wal   journal

	snaps  snapshots
	queue  queue
	writer sync.WaitGroup

	last      uint64 // newest timestamp given to a commit; only the writer uses it
	torn      bool   // a large batch is half written; only the writer uses it
	unsettled int    // bytes written since compaction was looked at; only the writer uses it

	broken   atomic.Pointer[error] // why the store is read-only
	damaged  atomic.Pointer[error] // why it cannot be read either
	closing  chan struct{}
	verified chan struct{} // closed when all tables were looked through
	stats    counters
}

// Open opens the store in o.Dir, making it if absent. It holds the folder until Close. Errors:
// ErrLocked, ErrNewer, ErrCorrupt, ErrDiskFull, or that of the file system.
func Open(o Options) (*Store, error) {
	s, err := open(o)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", o.Dir, err)
	}
	return s, nil
}

func open(o Options) (_ *Store, err error) {
	s := &Store{dir: o.Dir, log: o.Log, guard: newGuard(o), closing: make(chan struct{}), verified: make(chan struct{})}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	if s.guard.lock, err = lockFolder(o.Dir); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.guard.lock.release())
		}
	}()
	data := filepath.Join(o.Dir, dataDir)
	if err := checkVersion(o.Dir, data); err != nil {
		return nil, err
	}
	if err := s.guard.check(); err != nil {
		return nil, err
	}
	if err := sweep(data); err != nil {
		return nil, err
	}
	tables := listed(data) // before Badger goes on: a table that it is writing looks damaged
	if s.db, err = openBadger(data, s.log, s.guard); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.db.Close())
		}
	}()
	if s.wal, err = newJournal(s.db, data); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.wal.close())
		}
	}()
	s.last = s.db.MaxVersion()
	if err := s.undoTorn(); err != nil {
		return nil, err
	}
	s.snaps.init(s.last)
	s.db.SetDiscardTs(s.last)
	s.queue.init()
	s.writer.Go(s.run)
	go s.verifyBlocks(data, tables)
	return s, nil
}

// Close waits for the functions that run, refuses those that wait with ErrClosed and closes the
// database. On a disk too full to write its tables it leaves them to the next Open, which reads
// them from the log; the folder then stays locked until this process ends. Calling Close from
// within Update or View never returns. A second Close returns nil.
func (s *Store) Close() error {
	if !s.queue.close() {
		return nil
	}
	close(s.closing)
	s.writer.Wait()
	<-s.verified
	s.snaps.close()
	if err := s.closeBadger(); err != nil {
		if errors.Is(err, ErrDiskFull) {
			s.log.Warn("store left unflushed", "dir", s.dir, "error", err)
			return nil
		}
		return fmt.Errorf("close store %s: %w", s.dir, err)
	}
	return nil
}

// closeBadger returns ErrDiskFull as soon as Badger cannot write its tables. It is left alone then,
// and what it has in memory is in its log.
func (s *Store) closeBadger() error {
	if err := s.guard.check(); err != nil {
		return err
	}
	closed := make(chan error, 1)
	go func() {
		closed <- errors.Join(s.wal.close(), s.db.Close(), sweep(filepath.Join(s.dir, dataDir)), s.guard.lock.release())
	}()
	for {
		select {
		case err := <-closed:
			return err
		case <-time.After(poll):
			if err := s.guard.check(); err != nil {
				return err
			}
		}
	}
}
