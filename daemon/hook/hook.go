// Package hook runs executables of the user when something happens in his
// rooms.
//
// It guarantees: a hook runs at most once for an event, over restarts and
// crashes too, since it is noted on disk before it begins; one hook runs once
// at a time, in the order of the events; one that hangs is ended with all that
// it started; what is no news any more runs nothing. What did not run, or may
// have run halfway, is counted and named.
package hook

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Any is the name of the hooks that run for every type.
const Any = "any"

// Entry is an entry of the journal with what may run hooks.
type Entry struct {
	N      uint64
	At     time.Time // when it happened
	Late   bool      // it was history already when it came: it runs nothing
	Missed bool      // time brought it while no daemon ran: it is counted
	Frames []Frame
}

// Frame is what a hook gets.
type Frame struct {
	Type, Kind, Channel string
	JSON                []byte
	Env                 []string // NAME=value, beside what every hook has
}

// Rows keeps what is noted of each hook. Save is on disk before it returns.
type Rows interface {
	Load(name string) ([]byte, error) // nil: nothing is noted
	Save(ctx context.Context, name string, row []byte) error
}

// Options are what a Runner works with.
type Options struct {
	Dir     string
	Head    func() uint64 // the last entry
	Changed func() <-chan struct{}
	// Entries returns some entries from a number on, in order.
	Entries func(from uint64) ([]Entry, error)
	Rows    Rows
	Env     []string // of the hooks, beside what tells of the event
	Limit   time.Duration
	Grace   time.Duration // what happened longer ago is missed
	Now     func() time.Time
	Log     *slog.Logger
}

// The defaults of Options.
const (
	Limit = 30 * time.Second
	Grace = 10 * time.Minute
)

// The outcomes that are counted.
const (
	Ran         = "run"         // ended with exit code 0
	Failed      = "failed"      // ended otherwise, or could not begin
	TimedOut    = "timeout"     // did not end in time
	Missed      = "missed"      // was due too long ago
	Interrupted = "interrupted" // the daemon ended meanwhile; it is not run again
)

// Last is the last hook with an outcome.
type Last struct {
	Hook   string
	Cursor string
	At     time.Time
	Detail string // exit code and the end of standard error
}

// Report is the counts since the start, and the last of each, by outcome.
type Report struct {
	Counts map[string]int64
	Last   map[string]Last
}

// Runner runs the hooks of a folder.
type Runner struct {
	o    Options
	head uint64 // at the start: a new hook begins behind it

	mu sync.Mutex
	r  Report
}

// New returns a Runner. A hook that is new begins with what happens from now on.
func New(o Options) *Runner {
	if o.Limit == 0 {
		o.Limit = Limit
	}
	if o.Grace == 0 {
		o.Grace = Grace
	}
	return &Runner{o: o, head: o.Head(), r: Report{Counts: map[string]int64{}, Last: map[string]Last{}}}
}

// Report returns the counts.
func (r *Runner) Report() Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Report{maps.Clone(r.r.Counts), maps.Clone(r.r.Last)}
}

func (r *Runner) count(outcome, hook string, n uint64, detail string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.r.Counts[outcome]++
	r.r.Last[outcome] = Last{Hook: hook, Cursor: fmt.Sprintf("r:%d", n), At: r.o.Now(), Detail: detail}
}

// Run runs hooks until ctx ends. A hook that runs then gets a few seconds more.
func (r *Runner) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	workers := map[string]*worker{}
	head := r.head
	for {
		changed := r.o.Changed()
		names, err := r.list(func(name string, err error) {
			r.o.Log.Warn("hook left out", "hook", name, "error", err)
		})
		if err != nil {
			r.o.Log.Warn("hooks not read", "dir", r.o.Dir, "error", err)
		}
		for _, name := range names {
			if workers[name] == nil {
				w := &worker{r: r, name: name, wake: make(chan struct{}, 1)}
				if err := w.load(ctx, head); err != nil {
					r.o.Log.Warn("hook not started", "hook", name, "error", err)
					continue
				}
				workers[name] = w
				g.Go(func() error { return w.run(ctx) })
			}
		}
		for name, w := range workers {
			w.set(slices.Contains(names, name))
		}
		head = r.o.Head()
		select {
		case <-changed:
		case <-ctx.Done():
			return errors.Join(g.Wait(), ctx.Err())
		}
	}
}

// worker runs one hook.
type worker struct {
	r    *Runner
	name string // of its file
	wake chan struct{}

	mu   sync.Mutex
	gone bool // its file is not there

	row noted
}

// noted is what is kept of a hook: the last entry that is dealt with, and
// whether it is being run.
type noted struct {
	n       uint64
	running bool
}

func (n noted) encode() []byte {
	b := binary.BigEndian.AppendUint64(nil, n.n)
	if n.running {
		return append(b, 1)
	}
	return append(b, 0)
}

// load reads where the hook is. A new one begins behind head. What was running
// when the daemon ended is not run again.
func (w *worker) load(ctx context.Context, head uint64) error {
	b, err := w.r.o.Rows.Load(w.name)
	if err != nil {
		return err
	}
	if len(b) != 9 {
		w.row = noted{n: head}
		return w.save(ctx)
	}
	w.row = noted{binary.BigEndian.Uint64(b), b[8] == 1}
	if !w.row.running {
		return nil
	}
	w.r.count(Interrupted, w.name, w.row.n, "")
	w.r.o.Log.Warn("hook was interrupted and is not run again", "hook", w.name, "cursor", fmt.Sprintf("r:%d", w.row.n))
	w.row.running = false
	return w.save(ctx)
}

func (w *worker) save(ctx context.Context) error {
	return w.r.o.Rows.Save(ctx, w.name, w.row.encode())
}

// set tells the worker that there may be more, and whether its file is there.
func (w *worker) set(there bool) {
	w.mu.Lock()
	w.gone = !there
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *worker) there() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.gone
}

// run deals with entries until ctx ends.
func (w *worker) run(ctx context.Context) error {
	saved := w.row.n
	for {
		entries, err := w.r.o.Entries(w.row.n + 1)
		for _, e := range entries {
			if ctx.Err() != nil {
				break
			}
			if err = w.deal(ctx, e); err != nil {
				break
			}
		}
		if err != nil && ctx.Err() == nil {
			w.r.o.Log.Warn("hook not run", "hook", w.name, "error", err)
		}
		if len(entries) > 0 && err == nil && ctx.Err() == nil {
			continue
		}
		if w.row.n > saved+seldom || ctx.Err() != nil {
			// Also what needs no run is not looked at again after a restart.
			if w.save(context.WithoutCancel(ctx)) == nil {
				saved = w.row.n
			}
		}
		select {
		case <-w.wake:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// seldom is after how many entries that run nothing this is noted.
const seldom = 1000

// deal runs the hook for an entry if it is one for it. Before it begins, and
// when it has ended, this is on disk.
func (w *worker) deal(ctx context.Context, e Entry) error {
	var frames []Frame
	for _, f := range e.Frames {
		if runsFor(w.name, f) {
			frames = append(frames, f)
		}
	}
	before := w.row
	w.row = noted{n: e.N}
	if len(frames) == 0 || e.Late || !w.there() {
		return nil
	}
	if e.Missed || w.r.o.Now().Sub(e.At) > w.r.o.Grace {
		w.r.count(Missed, w.name, e.N, "")
		return w.save(ctx)
	}
	w.row.running = true
	if err := w.save(ctx); err != nil {
		w.row = before // it has not begun
		return err
	}
	for _, f := range frames {
		w.exec(ctx, e.N, f)
	}
	w.row.running = false
	// It has run, whether or not the daemon is ending.
	return w.save(context.WithoutCancel(ctx))
}
