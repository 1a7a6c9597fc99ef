package bridge

import (
	"context"
	"strings"
	"sync"

	"github.com/gorilla/websocket"

	"intercom/daemon/journal"
)

// A session that follows reads the stream of events by itself, from its own
// place and only as fast as its client takes it. It gets none of what Push
// gives the others.

// Following is the reply of a request that makes its session follow: the stream
// begins behind it.
type Following struct {
	Reply any
	feed  *feed
}

// Cursor returns the place where the stream begins.
func (f *Following) Cursor() string { return f.feed.reader.Cursor() }

// feed is a session's way through the stream.
type feed struct {
	reader *journal.Reader
	source *journal.Journal
	done   chan struct{} // closed to end it
	begun  bool          // under the session's mu: its reply went out

	mu    sync.Mutex
	at    journal.Place
	moved chan struct{} // closed when at changes

	running sync.WaitGroup
}

// Follow makes the session follow, instead of what it followed so far. open
// makes the reader; it is called when no push to all reaches the session any
// more.
func (c *Session) Follow(source *journal.Journal, open func() (*journal.Reader, error)) (*Following, error) {
	c.unfollow()
	f := &feed{source: source, done: make(chan struct{}), moved: make(chan struct{})}
	c.mu.Lock()
	c.feed = f
	c.mu.Unlock()
	var err error
	if f.reader, err = open(); err != nil {
		c.unfollow()
		return nil, err
	}
	f.at = f.reader.Place()
	return &Following{feed: f}, nil
}

// unfollow ends what the session follows.
func (c *Session) unfollow() {
	c.mu.Lock()
	f := c.feed
	c.feed = nil
	c.mu.Unlock()
	if f != nil {
		close(f.done)
		f.running.Wait()
	}
}

// following returns the feed that delivers, or nil.
func (c *Session) following() *feed {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.feed == nil || !c.feed.begun {
		return nil
	}
	return c.feed
}

// start begins to deliver, unless the feed was replaced meanwhile.
func (c *Session) start(f *feed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.feed == f {
		f.begun = true
		f.running.Go(func() { c.deliver(f) })
	}
}

// readBytes is how much of the stream is read at once.
const readBytes = 64 << 10

func (c *Session) deliver(f *feed) {
	for !f.ended() {
		changed := f.source.Changed()
		frames, err := f.reader.Read(readBytes, 1000)
		if len(frames) > 0 && c.lapsed(c.server.tokensAt(f.source, f.reader.Place())) {
			return
		}
		for _, p := range frames {
			if !c.passes(p.Channel, func() string { return strings.ToLower(string(p.Text)) }) {
				continue
			}
			if !c.out.feed(p.JSON, f.done) {
				return
			}
			c.server.pushed.Add(1)
		}
		f.move()
		if err != nil {
			c.server.o.Log.Error("stream of events not read", "session", c.id, "error", err)
			c.leave(websocket.CloseInternalServerErr, "the daemon cannot read the stream of events")
			return
		}
		if len(frames) > 0 || f.reader.More() {
			continue
		}
		select {
		case <-changed:
		case <-f.done:
			return
		case <-c.out.gone:
			return
		}
	}
}

// looked is the latest look at the tokens for those that follow.
type looked struct {
	mu     sync.Mutex
	source *journal.Journal
	at     journal.Place // what had happened before
	holds  func(id string) bool
}

// tokensAt returns what reports whether the token of an id still held when all
// up to a place had happened. Who is told of the same things shares a look.
func (s *Server) tokensAt(source *journal.Journal, to journal.Place) func(id string) bool {
	return func(id string) bool {
		s.looked.mu.Lock()
		defer s.looked.mu.Unlock()
		l := &s.looked
		if l.source == source && l.at.Reached(to) && l.holds(id) {
			return true
		}
		l.source = source
		l.at, _ = source.Head()
		l.holds = s.o.Scoped.Holding() // also for a token that was made since
		return l.holds(id)
	}
}

func (f *feed) ended() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// move tells who waits how far the feed is.
func (f *feed) move() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at = f.reader.Place()
	close(f.moved)
	f.moved = make(chan struct{})
}

// caughtUp waits until everything up to a place has been queued for the
// client, the feed ends, or nobody waits for it any more.
func (c *Session) caughtUp(ctx context.Context, f *feed, to journal.Place) {
	for {
		f.mu.Lock()
		at, moved := f.at, f.moved
		f.mu.Unlock()
		if at.Reached(to) {
			return
		}
		select {
		case <-moved:
		case <-f.done:
			return
		case <-c.out.gone:
			return
		case <-ctx.Done():
			return
		}
	}
}
