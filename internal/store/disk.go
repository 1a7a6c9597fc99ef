package store

import (
	"fmt"
)

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
