package bridge

import "sync"

// outbox is the one queue of frames to a client, so replies and pushes keep
// their order. Pushes never wait: past the limit they fail. Replies wait for
// the client to take what is there, so they hold up its own requests only; what
// a feed has read waits earlier, since the rest of the feed needs no memory.
type outbox struct {
	limit int // bytes of pushes, and of replies before another waits

	mu     sync.Mutex
	frames []outgoing
	bytes  [kinds]int
	closed bool
	busy   bool  // somebody writes to the client
	failed error // what ended that

	wake chan struct{}        // for the writer: there is something to see
	room [kinds]chan struct{} // for the one who waits: bytes went out
	gone chan struct{}        // closed with the writer: nothing goes out any more
}

type outgoing struct {
	data []byte
	kind kind
}

// kind of a frame in an outbox.
type kind int

const (
	pushed kind = iota // to all
	replied
	fed // to this client, by its feed
	kinds
)

const (
	frameCost = 64        // what a queued frame costs beside its bytes
	maxFed    = 256 << 10 // bytes of a feed that wait for the client
)

func newOutbox(limit int) *outbox {
	o := &outbox{limit: limit, wake: make(chan struct{}, 1), gone: make(chan struct{})}
	for k := range o.room {
		o.room[k] = make(chan struct{}, 1)
	}
	return o
}

// push queues a frame that the session shares with others; false: the queue
// is full.
func (o *outbox) push(data []byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return true // it leaves already, for a reason of its own
	}
	if o.bytes[pushed] > 0 && o.bytes[pushed]+len(data)+frameCost > o.limit {
		return false
	}
	o.queue(outgoing{data, pushed})
	return true
}

func (o *outbox) queue(f outgoing) {
	o.bytes[f.kind] += len(f.data) + frameCost
	o.frames = append(o.frames, f)
	notify(o.wake)
}

// reply queues a frame once less than the limit waits.
func (o *outbox) reply(data []byte) { o.await(outgoing{data, replied}, o.limit, nil) }

// feed queues a frame once little waits of the feed; false: it is stopped.
func (o *outbox) feed(data []byte, stop <-chan struct{}) bool {
	return o.await(outgoing{data, fed}, maxFed, stop)
}

// await queues a frame once less than the limit waits of its kind, for which
// one goroutine waits; false: nothing goes out any more, or stop is closed.
func (o *outbox) await(f outgoing, limit int, stop <-chan struct{}) bool {
	for {
		o.mu.Lock()
		if o.closed {
			o.mu.Unlock()
			return false
		}
		if o.bytes[f.kind] < limit {
			break
		}
		o.mu.Unlock()
		select {
		case <-o.room[f.kind]:
		case <-o.gone:
			return false
		case <-stop:
			return false
		}
	}
	defer o.mu.Unlock()
	o.queue(f)
	return true
}

// take returns what waits, which still counts until it is sent; nothing while
// somebody else writes. Who gets frames calls wrote.
func (o *outbox) take() (frames []outgoing, closed bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.busy {
		return nil, false, nil
	}
	frames, o.frames = o.frames, nil
	o.busy = len(frames) > 0
	return frames, o.closed, o.failed
}

// alone reports whether a frame may be written at once, by the caller, who then
// calls wrote: nothing is before it.
func (o *outbox) alone(f outgoing) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.busy || o.closed || o.failed != nil || len(o.frames) > 0 {
		return false
	}
	o.busy = true
	o.bytes[f.kind] += len(f.data) + frameCost
	return true
}

// wrote ends the writing of frames that take or alone gave, and wakes the
// writer for what came meanwhile.
func (o *outbox) wrote(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.busy, o.failed = false, err
	if o.closed || err != nil || len(o.frames) > 0 {
		notify(o.wake)
	}
}

func (o *outbox) sent(f outgoing) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.bytes[f.kind] -= len(f.data) + frameCost
	notify(o.room[f.kind])
}

// ended reports whether nothing goes out any more.
func (o *outbox) ended() bool {
	select {
	case <-o.gone:
		return true
	default:
		return false
	}
}

// close takes no more frames; what waits still goes out.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	notify(o.wake)
}

// abort takes no more frames and forgets what waits.
func (o *outbox) abort() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed, o.frames = true, nil
	notify(o.wake)
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
