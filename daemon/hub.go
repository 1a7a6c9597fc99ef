package daemon

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"intercom/daemon/api"
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
	limits  channelLimits
	links   *channel.Links
	deliver func(channel.Message)
	gap     func(name string, g channel.Gap)
	opened  *opened // requests to open channels
	rand    io.Reader
	now     func() time.Time
	log     *slog.Logger

	ctx     context.Context // ends with close; for the goroutines of channels
	cancel  context.CancelFunc
	running sync.WaitGroup // of these

	mu     sync.Mutex
	topics map[event.ID]*topic
	paces  map[event.ID]*channel.Pace // of channels that were left a moment ago
	gone   map[string]int64           // counts of topics that were left
	stray  map[p2p.Key]int            // frames of channels that are not joined, by neighbour
}

var _ ledger.Network = (*hub)(nil)

// newHub returns a hub without topics. It is closed after its node.
func newHub(ctx context.Context, h *hub) *hub {
	h.topics, h.paces, h.gone = map[event.ID]*topic{}, map[event.ID]*channel.Pace{}, map[string]int64{}
	h.stray = map[p2p.Key]int{}
	h.ctx, h.cancel = context.WithCancel(ctx)
	h.links = channel.NewLinks(h.ctx, channel.LinkOptions{Open: h.openLink, Lost: h.lost})
	return h
}

// close ends the channels and the links and waits for them.
func (h *hub) close() {
	h.cancel()
	h.running.Wait()
	h.links.Close()
}

// Subscribe joins the topic of a room. A joined one stays as it is.
func (h *hub) Subscribe(r *ledger.Room) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.topics[r.ID()]; ok {
		return nil
	}
	t, err := h.join(r)
	if err != nil {
		return err
	}
	h.topics[r.ID()] = t
	return nil
}

// Unsubscribe leaves the topic of a room.
func (h *hub) Unsubscribe(r *ledger.Room) error {
	h.mu.Lock()
	t, ok := h.topics[r.ID()]
	delete(h.topics, r.ID())
	if ok {
		maps.DeleteFunc(h.paces, func(_ event.ID, p *channel.Pace) bool { return p.Idle(h.now()) })
		h.paces[r.ID()] = t.channel.Pace()
	}
	h.mu.Unlock()
	if !ok {
		return nil
	}
	err := t.leave()
	h.mu.Lock()
	defer h.mu.Unlock()
	addCounts(h.gone, t.channel.Stats())
	return err
}

func (h *hub) topic(id event.ID) *topic {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.topics[id]
}

// Announce publishes an announcement of a joined room, if anybody is in it: who
// comes later compares the room, and gossip keeps what it carried for minutes.
func (h *hub) Announce(ctx context.Context, room event.ID, data []byte) error {
	t := h.topic(room)
	if t == nil || !t.heard() {
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

// shared returns the names of joined channels, sorted, by peers that are in
// them too.
func (h *hub) shared() map[event.Key][]string {
	h.mu.Lock()
	topics := slices.Collect(maps.Values(h.topics))
	h.mu.Unlock()
	in := map[event.Key][]string{}
	for _, t := range topics {
		for _, k := range t.p2p.Peers() {
			in[event.Key(k)] = append(in[event.Key(k)], t.room.Name())
		}
	}
	for _, names := range in {
		slices.Sort(names)
	}
	return in
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

// Submit puts a message in line to be sent in a joined channel.
func (h topicsView) Submit(ctx context.Context, r *ledger.Room, message json.RawMessage) (func() (channel.Sent, error), error) {
	t := h.topic(r.ID())
	if t == nil {
		return nil, fmt.Errorf("%w: %s", ledger.ErrNotJoined, r.Name())
	}
	return t.channel.Submit(ctx, message)
}

// Joined reports whether a channel is joined.
func (h topicsView) Joined(r *ledger.Room) bool { return h.topic(r.ID()) != nil }

// Peers counts who is in a channel.
func (h topicsView) Peers(r *ledger.Room) int {
	if t := h.topic(r.ID()); t != nil {
		return len(t.present())
	}
	return 0
}

// Detail tells more of a joined channel.
func (h topicsView) Detail(r *ledger.Room) (d api.ChannelDetail, joined bool) {
	t := h.topic(r.ID())
	if t == nil {
		return api.ChannelDetail{}, false
	}
	return api.ChannelDetail{
		Members: t.present(), Policy: t.channel.Policy(), Last: t.channel.Last(), Counters: t.channel.Stats(),
		Relay: h.limits.relay, TTL: h.limits.ttl,
	}, true
}

// Stats counts what happened in all channels since the start, by name.
func (h topicsView) Stats() map[string]int64 {
	h.mu.Lock()
	topics := slices.Collect(maps.Values(h.topics))
	counts := maps.Clone(h.gone)
	h.mu.Unlock()
	for _, t := range topics {
		addCounts(counts, t.channel.Stats())
	}
	for name, n := range h.links.Stats() {
		counts["direct_"+name] = int64(n)
	}
	maps.Copy(counts, h.opened.stats())
	return counts
}

func addCounts(sum map[string]int64, more map[string]uint64) {
	for name, n := range more {
		sum[name] += int64(n)
	}
}
