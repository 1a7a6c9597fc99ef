package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

const (
	groupFuncs = 512     // functions committed together at most
	groupBytes = 1 << 19 // a group with more than this takes no further function
)

// Update queues f, which runs alone, and returns nil once all that f wrote is on disk. An error or
// panic of f takes back what f wrote, and only that; it is returned. If ctx ends before f starts,
// f does not run and the error is that of ctx; once f has started, Update waits for the outcome.
// f must not call Update, Close or, as a test's FailNow does, runtime.Goexit. Other errors: ErrInvalid for a refused key or value,
// ErrDiskFull (nothing was written; a later Update may succeed), ErrReadOnly, ErrClosed.
func (s *Store) Update(ctx context.Context, f func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := &job{f: f, done: make(chan error, 1)}
	if !s.queue.put(j) {
		return ErrClosed
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		if j.claim() {
			return ctx.Err()
		}
		return <-j.done
	}
}

// job is one call of Update.
type job struct {
	f     func(*Tx) error
	taken atomic.Bool
	done  chan error
}

// claim is true for whoever comes first: the writer, to run f, or the caller, to give up.
func (j *job) claim() bool { return j.taken.CompareAndSwap(false, true) }

// queue holds the jobs that wait. Each has a caller that waits too, so their number needs no bound.
type queue struct {
	mu     sync.Mutex
	filled sync.Cond
	jobs   []*job
	closed bool
}

func (q *queue) init() { q.filled.L = &q.mu }

func (q *queue) put(j *job) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.jobs = append(q.jobs, j)
	q.filled.Signal()
	return true
}

// take returns what waits, at most n, and if wait is set only when there is something. It returns
// nothing then if the queue is closed.
func (q *queue) take(n int, wait bool) []*job {
	q.mu.Lock()
	defer q.mu.Unlock()
	for wait && len(q.jobs) == 0 && !q.closed {
		q.filled.Wait()
	}
	n = min(n, len(q.jobs))
	jobs := q.jobs[:n:n]
	if q.jobs = q.jobs[n:]; len(q.jobs) == 0 {
		q.jobs = nil
	}
	return jobs
}

// close refuses further jobs and those that wait. It is false if the queue was closed before.
func (q *queue) close() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.closed = true
	for _, j := range q.jobs {
		if j.claim() {
			j.done <- ErrClosed
		}
	}
	q.jobs = nil
	q.filled.Signal()
	return true
}

// run is the writer: it alone reads for and writes groups.
func (s *Store) run() {
	for {
		jobs := s.queue.take(1, true)
		if len(jobs) == 0 {
			return
		}
		s.group(jobs)
	}
}

// group runs jobs and what waits behind them, commits all at once and reports to the callers.
func (s *Store) group(jobs []*job) {
	err := s.writable()
	if err == nil && s.torn {
		err = s.undoTorn()
	}
	if err != nil {
		for _, j := range append(jobs, s.queue.take(groupFuncs, false)...) {
			if j.claim() {
				j.done <- err
			}
		}
		return
	}
	b := newBatch()
	base := snapshot{s.db.NewTransactionAt(s.last, false)}
	var ran []*job // successfully; they wait for the disk
	for n := 0; len(jobs) > 0; jobs = s.queue.take(1, false) {
		j := jobs[0]
		if !j.claim() {
			continue
		}
		if err := exec(j.f, &Tx{base: base, batch: b}); err != nil {
			b.revert()
			j.done <- err
		} else {
			b.keep()
			ran = append(ran, j)
		}
		if n++; n == groupFuncs || b.bytes >= groupBytes {
			break
		}
	}
	base.txn.Discard()
	if b.rows.Len() > 0 {
		err = s.commit(b)
	}
	s.stats.group(len(ran), b, err)
	for _, j := range ran {
		j.done <- err
	}
}

// exec runs f and turns a panic and a refused write into its error.
func exec(f func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("store: update panicked: %v\n%s", p, debug.Stack())
		}
	}()
	return errors.Join(f(tx), tx.err)
}

// writable says why nothing can be written now, if so.
func (s *Store) writable() error {
	if cause := s.broken.Load(); cause != nil {
		return fmt.Errorf("%w: %w: hint: restart the daemon; if it comes again, check the disk", ErrReadOnly, *cause)
	}
	return s.guard.check()
}
