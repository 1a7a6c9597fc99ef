package channel

import (
	"bufio"
	"context"
	"io"
	"maps"
	"sync"
	"time"
)

// LinkStream is the writing side of a stream to a peer.
type LinkStream interface {
	io.WriteCloser
	Reset() error
}

// LinkOptions configures Links.
type LinkOptions struct {
	// Open starts a stream to a connected peer.
	Open func(ctx context.Context, peer Key) (LinkStream, error)
	// Lost is told of packets that may not have arrived since the link broke, oldest first.
	Lost func(ctx context.Context, peer Key, packets [][]byte)
}

// Links carry packets directly to peers, each over one stream of its own, in order. A peer that does not read holds up
// others for a second, then what goes to it is dropped and counted until it reads again.
type Links struct {
	o      LinkOptions
	ctx    context.Context // ends with Close; for the links' goroutines
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu     sync.Mutex
	links  map[Key]*link
	broken map[Key]time.Time // until when no new link is tried
	counts map[string]uint64
	closed bool
}

// NewLinks returns Links that end with ctx or Close.
func NewLinks(ctx context.Context, o LinkOptions) *Links {
	l := &Links{o: o, links: map[Key]*link{}, broken: map[Key]time.Time{}, counts: map[string]uint64{}}
	l.ctx, l.cancel = context.WithCancel(ctx)
	return l
}

// Close ends all links and waits for them. What waits in them is dropped.
func (l *Links) Close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.cancel()
	l.wg.Wait()
}

// Drop ends the link to a peer that has gone.
func (l *Links) Drop(peer Key) {
	l.mu.Lock()
	k := l.links[peer]
	delete(l.broken, peer)
	l.mu.Unlock()
	if k != nil {
		k.cancel()
	}
}

// Send puts a frame in line for each of the peers, and returns those to which there is no link now. It waits for room
// with a peer that reads.
func (l *Links) Send(ctx context.Context, to []Key, f Frame) (missed []Key) {
	frame := outgoing{head: f.head(), packet: f.Packet}
	for _, peer := range to {
		k := l.link(peer)
		if k == nil {
			missed = append(missed, peer)
			continue
		}
		switch k.put(ctx, frame) {
		case putDead:
			missed = append(missed, peer)
		case putFull:
			l.count("dropped", 1)
		case putQueued:
			l.count("sent", 1)
		}
	}
	return missed
}

// Stats are counters: frames "sent" and "dropped" since the peer did not read, links "opened" and "broken", frames "lost"
// with a link and given to gossip.
func (l *Links) Stats() map[string]uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[string]uint64{"sent": 0, "dropped": 0, "opened": 0, "broken": 0, "lost": 0}
	maps.Copy(out, l.counts)
	return out
}

func (l *Links) count(name string, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[name] += uint64(n)
}

// link returns the link to a peer, a new one if need be; nil while there can be none.
func (l *Links) link(peer Key) *link {
	l.mu.Lock()
	defer l.mu.Unlock()
	if k := l.links[peer]; k != nil || l.closed {
		return k
	}
	if until, ok := l.broken[peer]; ok && time.Now().Before(until) {
		return nil
	}
	delete(l.broken, peer)
	k := &link{wake: make(chan struct{}, 1), room: make(chan struct{}, 1), gone: make(chan struct{})}
	ctx, cancel := context.WithCancel(l.ctx)
	k.cancel = cancel
	l.links[peer] = k
	l.wg.Go(func() {
		defer cancel()
		l.serve(ctx, peer, k)
	})
	return k
}

// serve writes what is put into a link until it breaks.
func (l *Links) serve(ctx context.Context, peer Key, k *link) {
	err := l.write(ctx, peer, k)
	l.mu.Lock()
	delete(l.links, peer)
	if ctx.Err() == nil {
		l.broken[peer] = time.Now().Add(reopenAfter)
	}
	if err != nil {
		l.counts["broken"]++
	}
	l.mu.Unlock()
	lost := k.end()
	if len(lost) > 0 && l.ctx.Err() == nil && l.o.Lost != nil {
		l.count("lost", len(lost))
		l.o.Lost(l.ctx, peer, lost)
	}
}

func (l *Links) write(ctx context.Context, peer Key, k *link) error {
	opening, cancel := context.WithTimeout(ctx, openWithin)
	s, err := l.o.Open(opening, peer)
	cancel()
	if err != nil {
		return err
	}
	l.count("opened", 1)
	stop := context.AfterFunc(ctx, func() { s.Reset() })
	defer stop()
	defer s.Reset()
	w := bufio.NewWriterSize(s, linkBuffer)
	for {
		f, ok := k.next()
		if !ok {
			if err := w.Flush(); err != nil {
				return err
			}
			select {
			case <-k.wake:
				continue
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		w.Write(f.head) // its error is also that of the next
		if _, err := w.Write(f.packet); err != nil {
			return err
		}
		k.wrote(f)
	}
}
