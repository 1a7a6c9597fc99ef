package latency_test

import (
	"testing"
	"time"

	"intercom/internal/latency"
)

func TestEachDurationIsInEveryBucketFromItsOwnOn(t *testing.T) {
	var h latency.Histogram
	all := []time.Duration{0, time.Millisecond, time.Millisecond + 1, time.Hour}
	var sum time.Duration
	for _, d := range all {
		h.Observe(d)
		sum += d
	}
	s := h.Snapshot()
	if s.Count != uint64(len(all)) || s.Sum != sum {
		t.Errorf("%d in %v, want %d in %v", s.Count, s.Sum, len(all), sum)
	}
	for _, b := range s.Buckets {
		want := uint64(0)
		for _, d := range all {
			if d <= b.Bound {
				want++
			}
		}
		if b.Count != want {
			t.Errorf("%d up to %v, want %d", b.Count, b.Bound, want)
		}
	}
}
