// Package latency counts how long things take, in buckets, for who watches the
// daemon. Observe costs some nanoseconds, never waits and may be called by
// many at once.
package latency

import (
	"sync/atomic"
	"time"
)

// bounds are the upper ends of the buckets: from a reply out of memory to one
// that waited for a slow disk or a peer.
var bounds = [...]time.Duration{
	50 * time.Microsecond, 100 * time.Microsecond, 250 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond,
	25 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond,
	500 * time.Millisecond, time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second,
}

// Histogram counts durations. The zero value is empty.
type Histogram struct {
	counts [len(bounds) + 1]atomic.Uint64 // the last: longer than every bound
	sum    atomic.Int64
}

// Observe counts one duration.
func (h *Histogram) Observe(d time.Duration) {
	i := 0
	for i < len(bounds) && d > bounds[i] {
		i++
	}
	h.counts[i].Add(1)
	h.sum.Add(int64(d))
}

// Snapshot is what a Histogram counted so far.
type Snapshot struct {
	Buckets []Bucket // by bound, the least first
	Count   uint64   // of all, longer ones than the last bound too
	Sum     time.Duration
}

// Bucket counts the durations up to Bound, those of the buckets before too.
type Bucket struct {
	Bound time.Duration
	Count uint64
}

// Snapshot returns the counts. What is observed meanwhile may be in the sum and
// not yet in the count.
func (h *Histogram) Snapshot() Snapshot {
	s := Snapshot{Buckets: make([]Bucket, len(bounds)), Sum: time.Duration(h.sum.Load())}
	for i := range h.counts {
		s.Count += h.counts[i].Load()
		if i < len(bounds) {
			s.Buckets[i] = Bucket{bounds[i], s.Count}
		}
	}
	return s
}
