package daemon

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"intercom/ledger"
	"intercom/ledger/event"
	"intercom/p2p"
	"intercom/p2p/channel"
)

// maxDirect is up to how many connected members packets go directly to each.
// Beyond that gossip is cheaper for whoever sends.
const maxDirect = 12

// topic is a joined channel and the room that it is.
type topic struct {
	hub     *hub
	room    *ledger.Room
	p2p     *p2p.Topic
	channel *channel.Channel
	cancel  context.CancelFunc // ends the channel
	ended   chan struct{}      // closed when it has ended

	mu      sync.Mutex
	members map[p2p.Key]bool      // connected
	seen    map[p2p.Key]time.Time // when these and the own person told that they are there

	telling sync.Mutex // held while members are told of the own person
}

// join makes the topic of a room and starts its channel.
func (h *hub) join(r *ledger.Room) (*topic, error) {
	t := &topic{hub: h, room: r, ended: make(chan struct{}), members: map[p2p.Key]bool{}, seen: map[p2p.Key]time.Time{}}
	var boot [16]byte
	if _, err := io.ReadFull(h.rand, boot[:]); err != nil {
		return nil, fmt.Errorf("draw boot: %w", err)
	}
	var err error
	if t.channel, err = channel.New(channel.Options{
		Name: r.Name(), ID: r.ID(), Key: h.key, Boot: boot, Policy: h.limits.policy(r.Name()), Pace: h.paces[r.ID()],
		Publisher: t, Deliver: t.delivered, Gap: func(g channel.Gap) { h.gap(r.Name(), g) },
		Blocked: h.node.IsBlockedByUser, TTL: h.limits.ttl, Now: h.now,
	}); err != nil {
		return nil, fmt.Errorf("open channel %s: %w", r.Name(), err)
	}
	if t.p2p, err = h.node.Join(r.ID(), t); err != nil {
		return nil, fmt.Errorf("join topic of %s: %w", r.Name(), err)
	}
	for _, k := range t.p2p.Peers() { // who is there already is told later
		t.appeared(k)
	}
	ctx, cancel := context.WithCancel(h.ctx)
	t.cancel = cancel
	h.running.Go(func() {
		defer close(t.ended)
		t.channel.Run(ctx)
	})
	return t, nil
}

// leave ends the channel and leaves the topic.
func (t *topic) leave() error {
	t.cancel()
	<-t.ended
	return t.p2p.Leave()
}

// present returns the connected members.
func (t *topic) present() []p2p.Key {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Collect(maps.Keys(t.members))
}

// heard reports whether there are connected members.
func (t *topic) heard() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.members) > 0
}

func (t *topic) appeared(k p2p.Key) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.members[k] = true
}

// delivered takes out what is meant for the daemon, and gives the rest to the
// clients.
func (t *topic) delivered(m channel.Message) {
	if t.hub.limits.debug && !m.Own {
		t.hub.log.Info("message", "channel", m.Channel, "id", m.ID, "bytes", len(m.Message), "relayed_by", m.RelayedBy)
	}
	if !m.Own && t.hub.opened.request(t.room.Name(), m) {
		return
	}
	t.hub.deliver(m)
}

// Publish sends a packet of the channel to its members: directly while they
// are few, else by gossip.
func (t *topic) Publish(ctx context.Context, data []byte) (int, error) {
	members := t.present()
	if len(members) == 0 {
		return 0, nil // the channel keeps it
	}
	if len(members) <= maxDirect {
		f := channel.Frame{Packet: data}
		if len(members) > 1 {
			f.To = members
		}
		if missed := t.hub.links.Send(ctx, members, f); len(missed) == 0 {
			return len(members), nil
		}
	}
	_, err := t.p2p.Publish(ctx, kindPacket, data)
	return len(members), err
}

// Judge decides about a frame of the topic by its kind.
func (t *topic) Judge(from p2p.Key, kind byte, data []byte) p2p.Verdict {
	switch kind {
	case kindPacket:
		switch t.channel.Judge(channel.Hop{From: from, Way: channel.Gossip}, data) {
		case channel.Accept:
			if t.hub.limits.relay {
				return p2p.Accept
			}
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

// PeerJoined starts the comparison of the room with a peer that has it too,
// and sends what was kept for the first one.
func (t *topic) PeerJoined(k p2p.Key) {
	t.appeared(k)
	t.channel.MemberAppeared()
	t.hub.ledger.PeerJoined(t.room.ID(), event.Key(k))
}

// PeerLeft forgets a member: what it lacks it asks for when it is back.
func (t *topic) PeerLeft(k p2p.Key) {
	t.mu.Lock()
	delete(t.members, k)
	delete(t.seen, k)
	t.mu.Unlock()
	t.hub.left(k)
}

// left ends the link to a peer that is in no channel any more.
func (h *hub) left(k p2p.Key) {
	h.mu.Lock()
	topics := slices.Collect(maps.Values(h.topics))
	h.mu.Unlock()
	if !slices.ContainsFunc(topics, func(t *topic) bool {
		t.mu.Lock()
		defer t.mu.Unlock()
		return t.members[k]
	}) {
		h.links.Drop(k)
	}
}

// disconnected forgets a peer that has gone, also one that shared no channel.
func (h *hub) disconnected(k p2p.Key) {
	h.mu.Lock()
	delete(h.stray, k)
	h.mu.Unlock()
	h.links.Drop(k)
}

// openLink starts the stream that carries packets to a peer.
func (h *hub) openLink(ctx context.Context, peer channel.Key) (channel.LinkStream, error) {
	return h.node.Open(ctx, peer, channel.Protocol)
}

// lost gives packets to gossip that a broken link may not have delivered:
// other members pass them on.
func (h *hub) lost(ctx context.Context, _ channel.Key, packets [][]byte) {
	for _, p := range packets {
		id, _ := channel.Frame{Packet: p}.Channel()
		if t := h.topic(id); t != nil {
			if _, err := t.p2p.Publish(ctx, kindPacket, p); err != nil {
				h.log.Warn("packet lost", "channel", t.room.Name(), "error", err)
			}
		}
	}
}

// frameWithin is how long a frame may take once it has begun.
const frameWithin = 30 * time.Second

// receive judges what a neighbour sends directly, and passes it on.
func (h *hub) receive(ctx context.Context, peer p2p.Key, s p2p.Stream) {
	r := bufio.NewReaderSize(s, 64<<10)
	for {
		if _, err := r.Peek(1); err != nil {
			return
		}
		_ = s.SetReadDeadline(time.Now().Add(frameWithin)) // fails where the stream has
		f, err := channel.ReadFrame(r)
		if errors.Is(err, channel.ErrFrame) {
			h.Strike(event.Key(peer), err)
		}
		if err != nil || !h.take(ctx, peer, f) {
			_ = s.Reset() // it ends either way
			return
		}
		_ = s.SetReadDeadline(time.Time{})
	}
}

// maxStray is how many frames of channels that are not joined here a neighbour
// may send: some are on their way when a channel is left.
const maxStray = 4096

// take is false when the neighbour is not to be heard any more.
func (h *hub) take(ctx context.Context, peer p2p.Key, f channel.Frame) bool {
	id, ok := f.Channel()
	t := h.topic(id)
	if ok && t == nil {
		h.mu.Lock()
		h.stray[peer]++
		h.gone["stray"]++
		bad := h.stray[peer]%maxStray == 0
		h.mu.Unlock()
		if bad {
			h.Strike(event.Key(peer), errStray)
		}
		return true
	}
	v := channel.Reject
	if ok {
		v = t.channel.Judge(channel.Hop{From: peer, Way: channel.Direct}, f.Packet)
	}
	switch v {
	case channel.Accept:
		if h.limits.relay {
			t.passOn(ctx, peer, f)
		}
	case channel.Reject:
		h.Strike(event.Key(peer), errPacket)
		return false
	}
	return true
}

var (
	errStray  = errors.New("packets of channels that are not joined here")
	errPacket = errors.New("refused packet")
)

// passOn sends a packet that came directly to the members that do not get it
// from anybody before us.
func (t *topic) passOn(ctx context.Context, from p2p.Key, f channel.Frame) {
	members := t.present()
	rest := slices.DeleteFunc(slices.Clone(members), func(k p2p.Key) bool {
		return k == from || f.Lists(k) || f.By(k)
	})
	if len(rest) == 0 {
		return
	}
	missed := rest
	if len(members) <= maxDirect {
		missed = t.hub.links.Send(ctx, rest, channel.Frame{Packet: f.Packet, To: slices.Concat(f.To, []p2p.Key{from}, rest)})
	}
	if len(missed) > 0 {
		if _, err := t.p2p.Publish(ctx, kindPacket, f.Packet); err != nil && ctx.Err() == nil {
			t.hub.log.Warn("packet not passed on", "channel", t.room.Name(), "error", err)
		}
	}
}
