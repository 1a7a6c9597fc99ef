package ledger

import (
	"crypto/sha256"
	"maps"
	"sync"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// counters count by name what was refused and why, and what was taken.
type counters struct {
	mu sync.Mutex
	n  map[string]int64
}

func (c *counters) add(name string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = map[string]int64{}
	}
	c.n[name] += int64(n)
}

// Stats returns the counts since the start, by name.
func (l *Ledger) Stats() map[string]int64 {
	l.stats.mu.Lock()
	defer l.stats.mu.Unlock()
	return maps.Clone(l.stats.n)
}

func stateHash(a *app.App, lanes *event.LtHash16) [32]byte {
	h := sha256.New()
	h.Write([]byte("intercom/state/1\x00"))
	for _, part := range []string{a.Name, a.Version} {
		h.Write([]byte{byte(len(part) >> 8), byte(len(part))})
		h.Write([]byte(part))
	}
	sum := lanes.Sum()
	h.Write(sum[:])
	return [32]byte(h.Sum(nil))
}
