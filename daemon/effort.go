package daemon

import (
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

// The collector works harder above a target; it limits nothing. At rest the
// daemon is small. While it writes, Badger's buffers for tables count as some 50
// MiB, though not all of that is touched, and a target that leaves no room beside
// them costs more processor time than all the rest.
const (
	restTarget = 48 << 20 // bytes
	busyTarget = 112 << 20
)

// restAfter is how long nothing is written before the daemon is at rest.
const restAfter = time.Second

// effort is how hard the collector works. The zero value is at rest.
type effort struct {
	mu    sync.Mutex
	busy  bool
	timer *time.Timer // nil: nothing was written yet
}

// written tells that something was written.
func (e *effort) written() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.busy {
		e.busy = true
		debug.SetMemoryLimit(busyTarget)
	}
	if e.timer == nil {
		e.timer = time.AfterFunc(restAfter, e.rest)
	} else {
		e.timer.Reset(restAfter)
	}
}

// rest returns memory that is not needed any more to the system.
func (e *effort) rest() {
	e.mu.Lock()
	e.busy = false
	debug.SetMemoryLimit(restTarget)
	e.mu.Unlock()
	if footprint() > restTarget {
		debug.FreeOSMemory()
	}
}

// stop ends what written has begun.
func (e *effort) stop() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.timer != nil {
		e.timer.Stop()
	}
}

// footprint returns the bytes that the runtime holds of the system's memory.
func footprint() uint64 {
	held := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(held)
	return held[0].Value.Uint64() - held[1].Value.Uint64()
}
