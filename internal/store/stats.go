package store

import (
	"sync/atomic"

	"intercom/internal/latency"
)

// Stats says what a store did since Open and how it is.
type Stats struct {
	Commits  uint64 // groups written
	Syncs    uint64 // times the disk was waited for
	Updates  uint64 // functions whose writes are durable
	Largest  uint64 // functions in the largest group
	Bytes    uint64 // written by functions, without overhead
	Free     uint64 // bytes free on the disk; 0 if unknown
	MinFree  uint64 // bytes below which nothing is written
	ReadOnly error  // why nothing can be written now: ErrReadOnly or ErrDiskFull; nil if it can

	SyncTook latency.Snapshot // how long the disk was waited for
}

type counters struct {
	commits, syncs, updates, largest, bytes atomic.Uint64

	syncTook latency.Histogram
}

// group counts a finished group; only the writer calls it.
func (c *counters) group(n int, b *batch, err error) {
	if err != nil || b.rows.Len() == 0 {
		return
	}
	c.commits.Add(1)
	c.updates.Add(uint64(n))
	c.largest.Store(max(c.largest.Load(), uint64(n)))
	c.bytes.Add(uint64(b.bytes - b.rows.Len()*rowCost))
}

// Stats returns the current figures.
func (s *Store) Stats() Stats {
	free, err := s.guard.free(s.dir)
	if err != nil {
		free = 0
	}
	return Stats{
		Commits: s.stats.commits.Load(), Syncs: s.stats.syncs.Load(), Updates: s.stats.updates.Load(),
		Largest: s.stats.largest.Load(), Bytes: s.stats.bytes.Load(),
		Free: free, MinFree: s.guard.min, ReadOnly: s.writable(),
		SyncTook: s.stats.syncTook.Snapshot(),
	}
}
