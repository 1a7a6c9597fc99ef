// Package journal puts everything that clients are told into one order: the
// entries of the rooms' journal, which are durable, and what is kept in memory
// alone, such as messages and peers.
//
// It guarantees: the order is the same for every reader since the daemon's
// start; a reader that goes on from a cursor gets each durable entry after it
// once, whatever happened in between, and each other entry too or is told that
// some are missing; memory is bounded by bytes, and a reader costs none.
package journal

import (
	"sort"
	"sync"
	"time"
)

// Frame is a push without its cursor. Its bytes are not changed.
type Frame struct {
	Type    string
	Kind    string   // of a focus_event or the like: its eventType; may be empty
	Channel string   // that it belongs to, or empty
	Text    []byte   // what filters look at; may share memory with JSON
	JSON    []byte   // the whole object, but for Source
	Env     []string // of hooks that run for it, beside the usual
	Source  string   // its member source, for readers alone; empty: JSON has it, or there is none
}

// Durable is an entry of the rooms' journal with what is pushed for it.
type Durable struct {
	N      uint64
	At     time.Time
	Late   bool // it was old already when it happened here
	Frames []Frame
}

// Options are what a Journal is made of.
type Options struct {
	Boot  string // hex, other at every start
	Head  uint64 // last durable entry at the start
	Bytes int    // of memory for entries that are nowhere else; 0: 16 MiB
	Live  time.Duration
	Now   func() time.Time
	// Load returns durable entries from a number on, in order, about as many
	// bytes as given and at least one if there is one, and the number of the
	// oldest that is kept, or of the next where there is none.
	Load func(from uint64, bytes int) (entries []Durable, oldest uint64, err error)
	// After returns the number of the first durable entry since t.
	After func(t time.Time) (uint64, error)
}

// position is a place in the order: how many entries of either kind are
// before it.
type position struct{ r, m uint64 }

func (p position) reached(q position) bool { return p.r >= q.r && p.m >= q.m }

// Journal is the order. Its methods may be called concurrently.
type Journal struct {
	o Options

	mu       sync.Mutex
	head     position
	durable  bool      // the last entry is durable
	memory   []passing // the latest ones
	bytes    int       // of memory
	recent   []Durable // the latest ones that were told with their frames
	shared   int       // bytes of recent
	dropped  uint64    // R before which the last entry dropped from memory came
	dropping bool      // something was dropped from memory
	changed  chan struct{}
}

// passing is an entry in memory. The last one has number head.m.
type passing struct {
	after uint64 // durable entries before it
	at    time.Time
	frame Frame
}

const (
	defaultBytes = 16 << 20
	recentBytes  = 1 << 20 // of frames of durable entries, which can be loaded again
	entryCost    = 200     // bytes of an entry beside its texts
)

// New returns the order that begins now.
func New(o Options) *Journal {
	if o.Bytes == 0 {
		o.Bytes = defaultBytes
	}
	return &Journal{o: o, head: position{r: o.Head}}
}

// Add puts a durable entry at the end: the one after the last. Without frames
// readers load it.
func (j *Journal) Add(d Durable) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.head.r, j.durable = d.N, true
	if d.Frames != nil {
		j.recent = append(j.recent, d)
		for j.shared += d.size(); j.shared > recentBytes && len(j.recent) > 1; j.recent = j.recent[1:] {
			j.shared -= j.recent[0].size()
			j.recent[0] = Durable{}
		}
	}
	j.wake()
}

// Happened puts an entry that is kept in memory alone at the end.
func (j *Journal) Happened(f Frame) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.head.m++
	j.durable = false
	j.memory = append(j.memory, passing{after: j.head.r, at: j.o.Now(), frame: f})
	j.bytes += f.size()
	j.shrink()
	j.wake()
}

// size is at least the memory that a frame takes.
func (f Frame) size() int { return len(f.JSON) + len(f.Text) + entryCost }

func (d Durable) size() int {
	n := 0
	for _, f := range d.Frames {
		n += f.size()
	}
	return n + entryCost
}

// shrink drops the oldest entries over the limit, but for the last one.
func (j *Journal) shrink() {
	for j.bytes > j.o.Bytes && len(j.memory) > 1 {
		j.bytes -= j.memory[0].frame.size()
		j.dropped, j.dropping = j.memory[0].after, true
		j.memory[0] = passing{}
		j.memory = j.memory[1:]
	}
}

func (j *Journal) wake() {
	if j.changed != nil {
		close(j.changed)
		j.changed = nil
	}
}

// Changed returns a channel that is closed when the next entry is there.
func (j *Journal) Changed() <-chan struct{} {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.changed == nil {
		j.changed = make(chan struct{})
	}
	return j.changed
}

// Durable returns the number of the last durable entry.
func (j *Journal) Durable() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.head.r
}

// Cursor returns the place behind the last entry.
func (j *Journal) Cursor() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.cursor(j.head, j.durable)
}

// cursor is the place behind an entry of either kind.
func (j *Journal) cursor(p position, durable bool) string {
	if durable {
		return Cursor{R: p.r}.String()
	}
	return Cursor{Boot: j.o.Boot, M: p.m, R: p.r}.String()
}

// first is the number of the oldest entry in memory, or of the next.
func (j *Journal) first() uint64 { return j.head.m - uint64(len(j.memory)) + 1 }

// cached returns the durable entry of a number if it is in memory.
func (j *Journal) cached(n uint64) (Durable, bool) {
	i := sort.Search(len(j.recent), func(i int) bool { return j.recent[i].N >= n })
	if i == len(j.recent) || j.recent[i].N != n {
		return Durable{}, false
	}
	return j.recent[i], true
}
