package store

import (
	"log/slog"
	"runtime"

	"github.com/dgraph-io/badger/v4"
)

// OnStep calls f around each access to the log: "write", "written", "sync", "synced". An error of
// f takes the place of the step. It must be called before the first Update.
func (s *Store) OnStep(f func(step string) error) { s.wal = &steps{s.wal, f} }

type steps struct {
	journal
	f func(string) error
}

func (j *steps) write(txn *badger.Txn, ts uint64) error {
	return j.around("write", "written", func() error { return j.journal.write(txn, ts) })
}

func (j *steps) sync() error { return j.around("sync", "synced", j.journal.sync) }

func (j *steps) around(before, after string, do func() error) error {
	if err := j.f(before); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return j.f(after)
}

// Held counts the tables compactions asked to write.
func (s *Store) Held() uint64 { return s.guard.held.Load() }

// AwaitQueued returns when n updates wait.
func (s *Store) AwaitQueued(n int) {
	for {
		s.queue.mu.Lock()
		have := len(s.queue.jobs)
		s.queue.mu.Unlock()
		if have >= n {
			return
		}
		runtime.Gosched()
	}
}

// AwaitVerified returns when the tables were looked through.
func (s *Store) AwaitVerified() { <-s.verified }

// AwaitSpace is what holds up a compaction.
func AwaitSpace(o Options) { newGuard(o).wait(slog.New(slog.DiscardHandler)) }
