package channel

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	linkFrames  = 256      // that wait for one peer
	linkBytes   = 4 << 20  // of these
	linkBuffer  = 64 << 10 // written at once
	recentBytes = 1 << 20  // of frames that are told as lost though they were written
	recentLen   = 64       // of these
	openWithin  = 10 * time.Second
	reopenAfter = 2 * time.Second // until then the peer is missed
	// stuckAfter is how long a full link without progress holds up whoever sends.
	stuckAfter = time.Second
	// recentFor is how long a written frame may still be on its way.
	recentFor = 3 * time.Second
)

// outgoing is an encoded frame. All that carry a packet share its bytes.
type outgoing struct {
	head, packet []byte
	at           time.Time // when it was written
}

func (f outgoing) size() int { return len(f.head) + len(f.packet) }

// link is the queue to one peer.
type link struct {
	cancel context.CancelFunc
	wake   chan struct{} // for the writer
	room   chan struct{} // for who waits
	gone   chan struct{} // closed when it ends

	mu     sync.Mutex
	queue  []outgoing // the first is being written
	bytes  int
	recent []outgoing
	sent   int // bytes of recent
	stuck  bool
	dead   bool
}

const (
	putQueued = iota
	putFull   // the peer does not read
	putDead
)

// put waits for room as long as the peer reads.
func (k *link) put(ctx context.Context, f outgoing) int {
	var timer *time.Timer
	for {
		k.mu.Lock()
		switch {
		case k.dead:
			k.mu.Unlock()
			return putDead
		case len(k.queue) < linkFrames && (k.bytes == 0 || k.bytes+f.size() <= linkBytes):
			k.queue = append(k.queue, f)
			k.bytes += f.size()
			first := len(k.queue) == 1
			k.mu.Unlock()
			if first {
				notify(k.wake)
			}
			notify(k.room) // for the next who waits
			return putQueued
		case k.stuck:
			k.mu.Unlock()
			return putFull
		}
		k.mu.Unlock()
		if timer == nil {
			timer = time.NewTimer(stuckAfter)
			defer timer.Stop()
		}
		select {
		case <-k.room:
		case <-k.gone:
		case <-ctx.Done():
			return putFull
		case <-timer.C:
			k.mu.Lock()
			k.stuck = true
			k.mu.Unlock()
		}
	}
}

// next returns the frame to write, which stays in the queue.
func (k *link) next() (outgoing, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.queue) == 0 {
		return outgoing{}, false
	}
	return k.queue[0], true
}

// wrote takes the first frame out of the queue.
func (k *link) wrote(f outgoing) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.queue[0] = outgoing{}
	if k.queue = k.queue[1:]; len(k.queue) == 0 {
		k.queue = nil
	}
	k.bytes -= f.size()
	if len(k.queue) <= linkFrames/2 && k.bytes <= linkBytes/2 {
		k.stuck = false
	}
	f.at = time.Now()
	k.recent = append(k.recent, f)
	k.sent += f.size()
	for len(k.recent) > recentLen || k.sent > recentBytes {
		k.sent -= k.recent[0].size()
		k.recent[0] = outgoing{}
		k.recent = k.recent[1:]
	}
	notify(k.room)
}

// end refuses more and returns the packets that may not have arrived.
func (k *link) end() (lost [][]byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.dead = true
	close(k.gone)
	for _, f := range slices.Concat(k.recent, k.queue) {
		if f.at.IsZero() || time.Since(f.at) < recentFor {
			lost = append(lost, f.packet)
		}
	}
	k.queue, k.recent = nil, nil
	return lost
}
