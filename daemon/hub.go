package daemon

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"intercom/ledger"
	"intercom/ledger/event"
	"intercom/p2p"
	"intercom/p2p/channel"
)

// The kinds of frames in a topic.
const (
	kindPacket       = 1 // messages of the channel
	kindAnnouncement = 2 // events of the room
)

// hub joins the three that share a topic without knowing each other: the
// node, which carries it, the channel, whose messages are in it, and the
// ledger, whose rooms are announced in it.
type hub struct {
	node    *p2p.Node
	ledger  *ledger.Ledger // set before the first topic is joined
	key     ed25519.PrivateKey
	boot    [16]byte
	deliver func(channel.Message)
	now     func() time.Time
	log     *slog.Logger

	mu     sync.Mutex
	topics map[event.ID]*topic
	gone   map[string]int64 // counts of topics that were left
}

// topic is a joined channel and the room that it is.
type topic struct {
	hub     *hub
	room    *ledger.Room
	p2p     *p2p.Topic
	channel *channel.Channel
}

var _ ledger.Network = (*hub)(nil)

// Subscribe joins the topic of a room. A joined one stays as it is.
func (h *hub) Subscribe(r *ledger.Room) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.topics[r.ID()]; ok {
		return nil
	}
	t := &topic{hub: h, room: r}
	var err error
	if t.channel, err = channel.New(channel.Options{
		Name: r.Name(), ID: r.ID(), Key: h.key, Boot: h.boot, Policy: channel.OpenPolicy,
		Publisher: t, Deliver: h.deliver, Now: h.now,
	}); err != nil {
		return fmt.Errorf("open channel %s: %w", r.Name(), err)
	}
	joined, err := h.node.Join(r.ID(), t)
	if err != nil {
		return fmt.Errorf("join topic of %s: %w", r.Name(), err)
	}
	t.p2p = joined
	h.topics[r.ID()] = t
	return nil
}

// Unsubscribe leaves the topic of a room.
func (h *hub) Unsubscribe(r *ledger.Room) error {
	h.mu.Lock()
	t, ok := h.topics[r.ID()]
	delete(h.topics, r.ID())
	if ok {
		addCounts(h.gone, t.channel.Stats())
	}
	h.mu.Unlock()
	if !ok {
		return nil
	}
	return t.p2p.Leave()
}

func (h *hub) topic(id event.ID) *topic {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.topics[id]
}

// Announce publishes an announcement of a joined room.
func (h *hub) Announce(ctx context.Context, room event.ID, data []byte) error {
	t := h.topic(room)
	if t == nil {
		return nil
	}
	_, err := t.p2p.Publish(ctx, kindAnnouncement, data)
	return err
}

// Peers returns who has the room too.
func (h *hub) Peers(room event.ID) []event.Key {
	t := h.topic(room)
	if t == nil {
		return nil
	}
	var keys []event.Key
	for _, k := range t.p2p.Peers() {
		keys = append(keys, event.Key(k))
	}
	return keys
}

// Connected reports whether there is any peer.
func (h *hub) Connected() bool { return len(h.node.Peers()) > 0 }

// Open starts a stream to a peer's ledger.
func (h *hub) Open(ctx context.Context, peer event.Key) (ledger.Stream, error) {
	return h.node.Open(ctx, peer, ledger.Protocol)
}

// Strike counts what a peer should not have sent.
func (h *hub) Strike(peer event.Key, reason error) {
	h.log.Warn("peer refused", "peer", peer.String(), "error", reason)
	h.node.Strike(peer)
}

// serve answers a peer's questions about rooms.
func (h *hub) serve(ctx context.Context, peer p2p.Key, s p2p.Stream) {
	if err := h.ledger.Serve(ctx, event.Key(peer), s); errors.Is(err, ledger.ErrRefused) {
		h.Strike(event.Key(peer), err)
	}
}

// topicsView is what requests may do with topics.
type topicsView struct{ *hub }

// Send signs a message and publishes it in a joined channel.
func (h topicsView) Send(ctx context.Context, r *ledger.Room, message json.RawMessage) (channel.Sent, error) {
	t := h.topic(r.ID())
	if t == nil {
		return channel.Sent{}, fmt.Errorf("%w: %s", ledger.ErrNotJoined, r.Name())
	}
	return t.channel.Send(ctx, message)
}

// Peers counts who is in a channel.
func (h topicsView) Peers(r *ledger.Room) int { return len(h.hub.Peers(r.ID())) }

// Stats counts what happened in all channels since the start, by name.
func (h topicsView) Stats() map[string]int64 {
	h.mu.Lock()
	topics := slices.Collect(maps.Values(h.topics))
	counts := maps.Clone(h.gone)
	h.mu.Unlock()
	for _, t := range topics {
		addCounts(counts, t.channel.Stats())
	}
	return counts
}

func addCounts(sum map[string]int64, more map[string]uint64) {
	for name, n := range more {
		sum[name] += int64(n)
	}
}

// Publish sends a packet of the channel.
func (t *topic) Publish(ctx context.Context, data []byte) (int, error) {
	return t.p2p.Publish(ctx, kindPacket, data)
}

// Judge decides about a frame of the topic by its kind.
func (t *topic) Judge(from p2p.Key, kind byte, data []byte) p2p.Verdict {
	switch kind {
	case kindPacket:
		switch t.channel.Judge(from, data) {
		case channel.Accept:
			return p2p.Accept
		case channel.Reject:
			return p2p.Reject
		}
		return p2p.Ignore
	case kindAnnouncement:
		pass, err := t.hub.ledger.Announced(event.Key(from), t.room.ID(), data)
		switch {
		case err != nil:
			return p2p.Reject
		case pass:
			return p2p.Accept
		}
	}
	return p2p.Ignore
}

// PeerJoined starts the comparison of the room with a peer that has it too.
func (t *topic) PeerJoined(k p2p.Key) { t.hub.ledger.PeerJoined(t.room.ID(), event.Key(k)) }

// PeerLeft needs nothing: what the peer lacks it asks for when it is back.
func (t *topic) PeerLeft(p2p.Key) {}
