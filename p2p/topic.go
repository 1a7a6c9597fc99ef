package p2p

import (
	"context"
	"fmt"
	"sync"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/peer"
)

// Verdict is what becomes of a frame. The zero value is Ignore.
type Verdict int

// The verdicts.
const (
	Ignore Verdict = iota // drop it, blame nobody
	Accept                // forward it
	Reject                // drop it and count a strike against the peer it came from
)

// Handler receives what happens in a topic.
type Handler interface {
	// Judge decides about a frame before it is forwarded, and delivers it by itself. from is the neighbour it came
	// from, not its author; data is at most MaxData bytes and may be kept but not changed. Frames of a topic come one at a
	// time, in the order of their arrival, and each content once in a minute. Judge must not block: all topics
	// share one worker. It must not call Leave.
	Judge(from Key, kind byte, data []byte) Verdict
	// PeerJoined and PeerLeft tell who listens to the topic, those included who did so before. Calls for one topic do
	// not overlap. They may come later than a frame of that peer. They must not call Leave.
	PeerJoined(k Key)
	PeerLeft(k Key)
}

// Topic is a joined topic.
type Topic struct {
	n       *Node
	name    string
	handler Handler
	topic   *pubsub.Topic
	events  *pubsub.TopicEventHandler
	relay   pubsub.RelayCancelFunc
	cancel  context.CancelFunc
	done    chan struct{} // closed when the watcher of peers ended

	mu   sync.Mutex // held while Judge runs: after Leave there is no call any more
	left bool
}

// Join listens to a topic until Leave or Close. Joining a joined topic is ErrJoined; a topic that was left can be
// joined again.
func (n *Node) Join(id [32]byte, h Handler) (*Topic, error) {
	t := &Topic{n: n, name: topicName(id), handler: h, done: make(chan struct{})}
	n.topicsMu.Lock()
	defer n.topicsMu.Unlock()
	if n.topics[t.name] != nil {
		return nil, ErrJoined
	}
	if err := t.start(); err != nil {
		if n.ctx.Err() != nil {
			err = ErrClosed
		}
		return nil, fmt.Errorf("join topic: %w", err)
	}
	n.topics[t.name] = t
	return t, nil
}

func (t *Topic) start() (err error) {
	n := t.n
	if err = n.pubsub.RegisterTopicValidator(t.name, t.validate, pubsub.WithValidatorInline(true)); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			t.stop()
		}
	}()
	if t.topic, err = n.pubsub.Join(t.name); err != nil {
		return err
	}
	if err = t.topic.SetScoreParams(topicScoreParams()); err != nil {
		return err
	}
	if t.events, err = t.topic.EventHandler(); err != nil {
		return err
	}
	// Relaying announces the topic like a subscription does, without a queue that somebody would have to empty.
	if t.relay, err = t.topic.Relay(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(n.ctx)
	t.cancel = cancel
	if !n.spawn(func() { t.watch(ctx) }) {
		cancel()
		return ErrClosed
	}
	return nil
}

// stop undoes start, as far as start came.
func (t *Topic) stop() error {
	if t.relay != nil {
		t.relay()
	}
	if t.events != nil {
		t.events.Cancel()
	}
	if t.topic != nil {
		if err := t.topic.Close(); err != nil {
			return err
		}
	}
	return t.n.pubsub.UnregisterTopicValidator(t.name)
}

func (t *Topic) validate(_ context.Context, from peer.ID, m *pubsub.Message) pubsub.ValidationResult {
	if from == t.n.host.ID() {
		return pubsub.ValidationAccept // our own, on its way out
	}
	k, ok := keyOf(from)
	data := m.GetData()
	if !ok || len(data) == 0 || len(data) > MaxData+1 {
		return pubsub.ValidationReject
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.left {
		return pubsub.ValidationIgnore
	}
	switch t.handler.Judge(k, data[0], data[1:]) {
	case Accept:
		return pubsub.ValidationAccept
	case Reject:
		return pubsub.ValidationReject
	default:
		return pubsub.ValidationIgnore
	}
}

// guardedPeers is how many listeners of a topic keep their connection when the node has too many.
const guardedPeers = 8

func (t *Topic) watch(ctx context.Context) {
	defer close(t.done)
	guarded := make(map[peer.ID]bool)
	defer func() {
		for id := range guarded {
			t.n.host.ConnManager().Unprotect(id, t.name)
		}
	}()
	guard := func(id peer.ID) {
		if len(guarded) < guardedPeers && !guarded[id] {
			guarded[id] = true
			t.n.host.ConnManager().Protect(id, t.name)
		}
	}
	for {
		e, err := t.events.NextPeerEvent(ctx)
		if err != nil {
			return
		}
		k, ok := keyOf(e.Peer)
		switch {
		case !ok:
		case e.Type == pubsub.PeerJoin:
			guard(e.Peer)
			t.handler.PeerJoined(k)
		default:
			if guarded[e.Peer] {
				delete(guarded, e.Peer)
				t.n.host.ConnManager().Unprotect(e.Peer, t.name)
				for _, id := range t.topic.ListPeers() {
					guard(id)
				}
			}
			t.handler.PeerLeft(k)
		}
	}
}

// Publish sends a frame to everybody who listens; the own handler is not called. peers is to how many connected
// listeners it went: with 0 nobody got it, though who joins within some two seconds may. Members beyond those get it
// from them, as soon as these have formed their mesh: within a second of joining. Data over MaxData is ErrTooLarge.
// Publishing the same kind and data again within a minute reaches nobody: a caller that repeats itself adds
// something that differs.
func (t *Topic) Publish(ctx context.Context, kind byte, data []byte) (peers int, err error) {
	if len(data) > MaxData {
		return 0, fmt.Errorf("publish %d bytes, limit %d: %w", len(data), MaxData, ErrTooLarge)
	}
	frame := make([]byte, 1+len(data))
	frame[0] = kind
	copy(frame[1:], data)
	peers = len(t.topic.ListPeers())
	if err := t.topic.Publish(ctx, frame); err != nil {
		if t.n.ctx.Err() != nil {
			err = ErrClosed
		}
		return 0, fmt.Errorf("publish: %w", err)
	}
	t.n.counts.add(published)
	return peers, nil
}

// Peers are the connected peers that listen to the topic. What is published next goes to them.
func (t *Topic) Peers() []Key {
	var out []Key
	for _, id := range t.topic.ListPeers() {
		if k, ok := keyOf(id); ok {
			out = append(out, k)
		}
	}
	return out
}

// Leave stops listening. When it returns the handler is not called any more. Leaving twice does nothing.
func (t *Topic) Leave() error {
	t.mu.Lock()
	was := t.left
	t.left = true
	t.mu.Unlock()
	if was {
		return nil
	}
	t.cancel()
	<-t.done
	t.n.topicsMu.Lock()
	defer t.n.topicsMu.Unlock()
	delete(t.n.topics, t.name)
	if err := t.stop(); err != nil && t.n.ctx.Err() == nil { // else it ended with the node
		return fmt.Errorf("leave topic: %w", err)
	}
	return nil
}
