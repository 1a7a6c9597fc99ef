package daemon

import (
	"context"
	"fmt"
	"io"
	"time"

	"golang.org/x/sync/errgroup"

	"intercom/client/wire"
	"intercom/ledger"
	"intercom/ledger/event"
	"intercom/p2p"
)

// herePath is the stream protocol by which a daemon tells the connected
// members of a room that its person is there: the room's id and no more. The
// stream says who tells, so nobody tells it of another, and nobody passes it
// on. No time is in it: it holds for wire.PresentFor from when it came.
const herePath = "/here/1"

const (
	hereEvery  = 5 * time.Second // a member's notes that come sooner do not count
	hereWithin = 5 * time.Second // to send or read one
	hereAtOnce = 16              // members that are told at the same time
)

// heardHere takes a note. One that comes from nobody of the room, or too soon,
// changes nothing.
func (h *hub) heardHere(_ context.Context, peer p2p.Key, s p2p.Stream) {
	var room event.ID
	_ = s.SetReadDeadline(time.Now().Add(hereWithin)) // fails where the stream has
	_, err := io.ReadFull(s, room[:])
	t := h.topic(room)
	ok := err == nil && t != nil && t.here(peer, h.now())
	h.mu.Lock()
	defer h.mu.Unlock()
	if ok {
		h.gone["here_heard"]++
	} else {
		h.gone["here_refused"]++
	}
}

// here notes that a connected member, or the own person, is there, and is
// false for others and where the last note is not hereEvery old.
func (t *topic) here(k p2p.Key, now time.Time) bool {
	now = now.Round(0) // a machine that sleeps ages what it has heard
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.members[k] && k != t.hub.self() {
		return false
	}
	if ago := now.Sub(t.seen[k]); ago >= 0 && ago < hereEvery {
		return false
	}
	t.seen[k] = now
	return true
}

// self returns the own key.
func (h *hub) self() p2p.Key { return p2p.Key(h.key[32:]) }

// tellHere tells the connected members of a room that the own person is there.
// It does not wait for them.
func (h *hub) tellHere(r *ledger.Room) {
	t := h.topic(r.ID())
	if t == nil || !t.here(h.self(), h.now()) || !t.telling.TryLock() {
		return
	}
	h.running.Go(func() {
		defer t.telling.Unlock()
		var g errgroup.Group
		g.SetLimit(hereAtOnce)
		for _, k := range t.present() {
			g.Go(func() error {
				if err := h.sendHere(k, r.ID()); err != nil { // an older daemon, or it is gone
					h.log.Debug("presence not told", "channel", r.Name(), "peer", event.Key(k), "error", err)
				}
				return nil
			})
		}
		_ = g.Wait() // they return none
	})
}

func (h *hub) sendHere(to p2p.Key, room event.ID) error {
	ctx, cancel := context.WithTimeout(h.ctx, hereWithin)
	defer cancel()
	s, err := h.node.Open(ctx, to, herePath)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = s.Reset() })
	defer stop()
	if _, err := s.Write(room[:]); err != nil {
		_ = s.Reset()
		return fmt.Errorf("send: %w", err)
	}
	return s.Close()
}

// Seen returns when a connected member or the own person last told that he is
// there; zero: not within wire.PresentFor.
func (h topicsView) Seen(r *ledger.Room, key event.Key) time.Time {
	t := h.topic(r.ID())
	if t == nil {
		return time.Time{}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	at := t.seen[p2p.Key(key)]
	if ago := h.now().Round(0).Sub(at); ago < 0 || ago >= wire.PresentFor {
		return time.Time{}
	}
	return at
}
