package channel

import (
	"sync"
	"time"
)

// Pace holds what was sent lately, so that own messages wait here instead of being refused by others. It is a little
// stricter than their limit, since what left at an even pace may arrive in a bunch.
type Pace struct {
	mu sync.Mutex
	b  *buckets
}

// jitter is how much closer together packets may arrive than they left.
const jitter = time.Second

// NewPace returns the pace of a policy, with nothing sent.
func NewPace(p Policy) *Pace {
	burst := max(p.Burst-int(jitter.Seconds()*float64(p.RateBytes)), min(p.Burst, p.MaxBytes+packetOverhead+msgOverhead))
	return &Pace{b: newBuckets(Policy{RateBytes: p.RateBytes, Burst: burst})}
}

// wait says how long it takes until so many bytes may be sent.
func (p *Pace) wait(size int, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.wait(Key{}, size, now)
}

// take notes what was sent, also where it is more than may be.
func (p *Pace) take(size int, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.b.force(Key{}, size, now)
}

// Idle reports whether all that was sent is forgotten.
func (p *Pace) Idle(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.rate <= 0 || p.b.usedAt(Key{}, now) == 0
}
