package store

import (
	"fmt"
	"log/slog"
	"math"
	"sync/atomic"
	"time"
)

// poll is how often a full disk is looked at again.
const poll = 50 * time.Millisecond

// minFree covers what Badger may write without asking: the tables of the waiting memtables, a new
// write-ahead file, and the output of a compaction of all first-level tables into the next and one
// below it, while its input is still there.
const minFree = 160 << 20

// guard keeps Badger from a full disk. Badger maps its files: a write into a hole that the disk
// has no room for kills the process.
type guard struct {
	dir  string
	min  uint64
	free func(string) (uint64, error)
	lock *folderLock   // kept alive by Badger's goroutines when Close has to leave them
	held atomic.Uint64 // tables that a compaction asked for
}

func newGuard(o Options) *guard {
	g := &guard{dir: o.Dir, min: o.MinFree, free: o.Free}
	if g.min == 0 {
		g.min = minFree
	}
	if g.free == nil {
		g.free = freeBytes
	}
	return g
}

// check returns ErrDiskFull below the watermark.
func (g *guard) check() error {
	free, err := g.free(g.dir)
	if err != nil {
		return fmt.Errorf("ask for free space of %s: %w", g.dir, err)
	}
	if free < g.min {
		return fmt.Errorf("%w: %d MiB free at %s, %d MiB needed: hint: free %d MiB there",
			ErrDiskFull, free>>20, g.dir, (g.min+1<<20-1)>>20, (g.min-free+1<<20-1)>>20)
	}
	return nil
}

// wait returns when a compaction may write a table. Below the watermark it waits until the disk has
// stopped filling up. A quarter of the watermark is enough then, because a compaction frees space
// in the end.
func (g *guard) wait(log *slog.Logger) {
	g.held.Add(1)
	if g.check() == nil {
		return
	}
	log.Warn("compaction waits for space", "dir", g.dir)
	least, steady := uint64(math.MaxUint64), 0
	for steady < steadyPolls {
		time.Sleep(poll)
		free, err := g.free(g.dir)
		switch {
		case err != nil || free >= g.min:
			return
		case free < least || free < g.min/4:
			least, steady = free, 0
		default:
			steady++
		}
	}
}

const steadyPolls = 20
