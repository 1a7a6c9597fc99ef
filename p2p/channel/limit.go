package channel

import "time"

// seen remembers packets as long as the age check lets them pass, and whether they came by gossip.
type seen struct {
	ids   map[[32]byte]bool
	queue []sighting // oldest first
}

type sighting struct {
	id [32]byte
	at time.Time
}

// maxSeen bounds the memory of a channel in which many write at their limits: some 12 MB.
const maxSeen = 1 << 17

func newSeen() *seen { return &seen{ids: make(map[[32]byte]bool)} }

func (s *seen) has(id [32]byte) bool {
	_, ok := s.ids[id]
	return ok
}

// gossiped notes that a known packet came by gossip; false: it did so before, or is not known.
func (s *seen) gossiped(id [32]byte) bool {
	before, ok := s.ids[id]
	if ok {
		s.ids[id] = true
	}
	return ok && !before
}

func (s *seen) add(id [32]byte, gossip bool, now time.Time) {
	for len(s.queue) > 0 && (now.Sub(s.queue[0].at) > maxAge+maxAhead || len(s.queue) >= maxSeen) {
		delete(s.ids, s.queue[0].id)
		s.queue = s.queue[1:]
	}
	if !s.has(id) {
		s.ids[id] = gossip
		s.queue = append(s.queue, sighting{id, now})
	}
}

// buckets are token buckets, one for each key: it fills with rate bytes a second up to burst.
type buckets struct {
	rate, burst float64
	of          map[Key]bucket
	sweepAt     int // so many, and the full ones, which are like new ones, are dropped
}

type bucket struct {
	used float64 // bytes taken and not yet filled up again
	at   time.Time
}

const minSweep = 1024

func newBuckets(p Policy) *buckets {
	return &buckets{rate: float64(p.RateBytes), burst: float64(p.Burst), of: make(map[Key]bucket), sweepAt: minSweep}
}

func (b *buckets) usedAt(k Key, now time.Time) float64 {
	have := b.of[k]
	return max(0, have.used-b.rate*max(0, now.Sub(have.at).Seconds()))
}

func (b *buckets) holds(k Key, size int, now time.Time) bool {
	return b.rate <= 0 || b.usedAt(k, now)+float64(size) <= b.burst
}

// take is false, and takes nothing, when the bucket does not hold so much.
func (b *buckets) take(k Key, size int, now time.Time) bool {
	if b.rate <= 0 {
		return true
	}
	if !b.holds(k, size, now) {
		return false
	}
	b.force(k, size, now)
	return true
}

// force takes also what the bucket does not hold.
func (b *buckets) force(k Key, size int, now time.Time) {
	if b.rate <= 0 {
		return
	}
	if _, ok := b.of[k]; !ok && len(b.of) >= b.sweepAt {
		b.sweep(now)
	}
	b.of[k] = bucket{used: b.usedAt(k, now) + float64(size), at: now}
}

// wait says how long it takes until the bucket holds so much.
func (b *buckets) wait(k Key, size int, now time.Time) time.Duration {
	over := b.usedAt(k, now) + float64(size) - b.burst
	if b.rate <= 0 || over <= 0 {
		return 0
	}
	return time.Duration(over/b.rate*float64(time.Second)) + time.Millisecond // rounded up
}

func (b *buckets) sweep(now time.Time) {
	for k := range b.of {
		if b.usedAt(k, now) == 0 {
			delete(b.of, k)
		}
	}
	b.sweepAt = max(minSweep, 2*len(b.of)) // else each newcomer would cost a sweep
}
