package ledger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"intercom/ledger/event"
)

// Network is what a ledger needs of the peer-to-peer node. Rooms of class
// Self never reach it.
type Network interface {
	// Subscribe makes announcements of a room come to Announced, and tells
	// PeerJoined of each peer that has the room too.
	Subscribe(r *Room) error
	Unsubscribe(r *Room) error
	Announce(ctx context.Context, room event.ID, data []byte) error
	Peers(room event.ID) []event.Key
	// Connected reports whether there is any peer.
	Connected() bool
	// Open returns a stream to the peer's Serve.
	Open(ctx context.Context, peer event.Key) (Stream, error)
	// Strike tells of a peer that sent what it should not.
	Strike(peer event.Key, reason error)
}

// Stream is a two-way stream to one peer.
type Stream interface {
	io.ReadWriteCloser
	SetDeadline(t time.Time) error
}

// maxInline is the size up to which an event travels inside its announcement.
const maxInline = 32 << 10

// announcement is what a topic carries: an event, or the head of a chain to
// ask for. Exactly one is set.
type announcement struct {
	_     struct{} `cbor:",toarray"`
	Event []byte
	Head  []byte // id
}

// Attach gives the ledger its network and subscribes the joined rooms. It is
// called once, before Run.
func (l *Ledger) Attach(n Network) error {
	l.mu.Lock()
	l.net = n
	l.mu.Unlock()
	rooms, err := l.Joined()
	if err != nil {
		return err
	}
	for _, r := range rooms {
		if err := l.subscribe(r); err != nil {
			return fmt.Errorf("subscribe %s: %w", r.Name(), err)
		}
	}
	return nil
}

func (l *Ledger) network() Network {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.net
}

func (l *Ledger) subscribe(r *Room) error {
	if n := l.network(); n != nil && r.class != event.Self {
		return n.Subscribe(r)
	}
	return nil
}

func (l *Ledger) unsubscribe(r *Room) error {
	if n := l.network(); n != nil && r.class != event.Self {
		return n.Unsubscribe(r)
	}
	return nil
}

// announce tells the room's members of own events. What gets lost on the way
// is found when heads are compared, so a failure is only logged.
func (l *Ledger) announce(ctx context.Context, r *Room, events []*event.Signed) {
	n := l.network()
	if n == nil || r.class == event.Self {
		return
	}
	for _, e := range events {
		var a announcement
		if a.Event = e.Encode(); len(a.Event) > maxInline {
			a.Event, a.Head = nil, e.ID[:]
		}
		data, err := event.Marshal(&a)
		if err == nil {
			err = n.Announce(ctx, r.id, data)
		}
		if err != nil {
			l.log.Warn("announcement failed", "room", r.Name(), "error", err)
		}
	}
}

// Announced judges an announcement before it is passed on. It reports whether
// to pass it on; the error wraps ErrRefused where the sender is to blame. It
// does not wait for the disk.
func (l *Ledger) Announced(from event.Key, room event.ID, data []byte) (bool, error) {
	if len(data) > maxInline+128 {
		return false, fmt.Errorf("%w: announcement of %d bytes", ErrRefused, len(data))
	}
	var a announcement
	if err := errors.Join(event.Canonical(data), event.Unmarshal(data, &a)); err != nil {
		return false, fmt.Errorf("%w: announcement: %w", ErrRefused, err)
	}
	r := l.ByID(room)
	if r == nil {
		return false, nil
	}
	if len(a.Head) == len(event.ID{}) && len(a.Event) == 0 {
		// Nobody signed a head, so it goes no further; what it leads to does.
		if !l.has(room, event.ID(a.Head)) {
			l.sync.want(r, from)
		}
		return false, nil
	}
	e, err := event.Decode(a.Event)
	if err == nil && len(a.Head) > 0 {
		err = errors.New("both event and head") // else one event could be announced in any number of ways
	}
	if err == nil && l.has(room, e.ID) {
		return false, nil // replayed
	}
	if err == nil {
		err = e.Verify()
	}
	if err == nil && e.Room != room {
		err = errors.New("event of another room")
	}
	if err != nil {
		l.stats.add("events_refused", 1)
		return false, fmt.Errorf("%w: announced event: %w", ErrRefused, err)
	}
	select {
	case l.sync.arrived <- arrival{room: r, from: from, event: &e}:
	default:
		l.stats.add("announcements_dropped", 1)
		l.sync.want(r, from) // the comparison of heads finds it
	}
	return true, nil
}

// has reports whether an event is stored.
func (l *Ledger) has(room, id event.ID) (ok bool) {
	err := l.View(func(s *Snapshot) error {
		_, ok = s.log(room).find(id)
		return nil
	})
	return ok && err == nil
}

// PeerJoined starts the comparison of heads with a peer that has the room.
func (l *Ledger) PeerJoined(room event.ID, peer event.Key) {
	if r := l.ByID(room); r != nil {
		l.sync.want(r, peer)
	}
}

// arrival is an announced event on its way to the store.
type arrival struct {
	room  *Room
	from  event.Key
	event *event.Signed
}
