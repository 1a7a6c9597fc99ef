package bridge

import "sync"

// outbox is the one queue of frames to a client, so replies and pushes keep
// their order. Pushes never wait: past the limit they fail. Replies wait for
// the client to take what is there, so they hold up its own requests only.
type outbox struct {
	limit int // bytes of pushes, and of replies before another waits

	mu      sync.Mutex
	frames  []outgoing
	pushes  int // bytes
	replies int
	closed  bool

	wake chan struct{} // for the writer: there is something to see
	room chan struct{} // for the one who replies: bytes went out
	gone chan struct{} // closed with the writer: nothing goes out any more
}

type outgoing struct {
	data []byte
	push bool
}

// frameCost is what a queued frame costs beside its bytes.
const frameCost = 64

func newOutbox(limit int) *outbox {
	return &outbox{limit: limit, wake: make(chan struct{}, 1), room: make(chan struct{}, 1), gone: make(chan struct{})}
}

// push queues a frame that the session shares with others; false: the queue
// is full.
func (o *outbox) push(data []byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return true // it leaves already, for a reason of its own
	}
	cost := len(data) + frameCost
	if o.pushes > 0 && o.pushes+cost > o.limit {
		return false
	}
	o.pushes += cost
	o.frames = append(o.frames, outgoing{data, true})
	notify(o.wake)
	return true
}

// reply queues a frame once less than the limit waits.
func (o *outbox) reply(data []byte) {
	for {
		o.mu.Lock()
		if o.closed {
			o.mu.Unlock()
			return
		}
		if o.replies < o.limit {
			break
		}
		o.mu.Unlock()
		select {
		case <-o.room:
		case <-o.gone:
			return
		}
	}
	defer o.mu.Unlock()
	o.replies += len(data) + frameCost
	o.frames = append(o.frames, outgoing{data, false})
	notify(o.wake)
}

// take returns what waits, which still counts until it is sent.
func (o *outbox) take() (frames []outgoing, closed bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	frames, o.frames = o.frames, nil
	return frames, o.closed
}

func (o *outbox) sent(f outgoing) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if f.push {
		o.pushes -= len(f.data) + frameCost
		return
	}
	o.replies -= len(f.data) + frameCost
	notify(o.room)
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
