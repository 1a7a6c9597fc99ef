package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// The self room holds local decisions that must not be lost, as events of a
// room with one member. It is never announced and never served.

const selfName = "self"

// membership is the state of one room in the self room.
type membership struct {
	_       struct{} `cbor:",toarray"`
	Joined  bool
	Name    string
	Class   event.Class
	Lamport uint64
	ID      event.ID
	Owner   event.Key // the first one, of class Owned
}

type joinBody struct {
	Room  event.ID    `cbor:"room"`
	Class event.Class `cbor:"class"`
	Name  string      `cbor:"name"`
	Owner *event.Key  `cbor:"owner,omitempty"`
	Nonce event.Bytes `cbor:"nonce,omitempty"`
}

func (b *joinBody) Check() error {
	if b.Class > event.Private {
		return fmt.Errorf("%w: class %d", event.ErrEncoding, b.Class)
	}
	if b.Class == event.Owned && b.Owner == nil {
		return fmt.Errorf("%w: an owned room without owner", event.ErrEncoding)
	}
	if name, err := event.ChannelName(b.Name); err != nil || name != b.Name {
		return fmt.Errorf("%w: name", event.ErrEncoding)
	}
	return nil
}

type leaveBody struct {
	Room event.ID `cbor:"room"`
}

func (b *leaveBody) Check() error { return nil }

type nameBody struct {
	Room event.ID `cbor:"room"`
	Name string   `cbor:"name"`
}

func (b *nameBody) Check() error {
	if name, err := event.ChannelName(b.Name); err != nil || name != b.Name {
		return fmt.Errorf("%w: name", event.ErrEncoding)
	}
	return nil
}

// selfApp folds local decisions: of those on one room, or one key, the highest
// (lamport, id) holds.
func selfApp() *app.App {
	return &app.App{
		Name: selfName, Version: "3",
		Kinds: []app.Kind{
			app.KindOf[joinBody]("self.join"), app.KindOf[leaveBody]("self.leave"),
			app.KindOf[nameBody]("self.name"), app.KindOf[blockBody]("self.block"),
		},
		Apply: applySelf,
	}
}

func applySelf(v app.View, e *event.Signed, m app.Meta, body event.Body) {
	var room event.ID
	next := membership{Lamport: m.Lamport, ID: e.ID}
	switch b := body.(type) {
	case *joinBody:
		room = b.Room
		next.Joined, next.Name, next.Class = true, b.Name, b.Class
		if b.Owner != nil {
			next.Owner = *b.Owner
		}
	case *leaveBody:
		room = b.Room
	case *blockBody:
		applyBlock(v, e, m, b)
		return
	default:
		return
	}
	var now membership
	if v.Get(room.String(), &now) {
		if !later(m.Lamport, e.ID, now.Lamport, now.ID) {
			return
		}
		if !next.Joined {
			next.Name, next.Class, next.Owner = now.Name, now.Class, now.Owner
		}
	}
	v.Put(room.String(), &next)
}

func (l *Ledger) selfRoom() *Room {
	return l.keep(&Room{l: l, id: event.SelfRoom(l.self), class: event.Self})
}

// Join makes the room replicated here, now and after restarts, and waits at
// most about a second for what connected peers have of it. Joining twice
// writes nothing.
func (r *Room) Join(ctx context.Context) error {
	_, err := r.update(ctx, func(w *work) error {
		_, err := w.member(r, true)
		return err
	}, true)
	if err != nil {
		return fmt.Errorf("join %s: %w", r.Name(), err)
	}
	r = r.l.keep(r)
	if n := r.l.network(); n != nil {
		return r.meet(ctx, n)
	}
	return nil
}

// Leave stops the replication of the room; its log stays. It reports whether
// the room was joined.
func (r *Room) Leave(ctx context.Context) (left bool, err error) {
	_, err = r.update(ctx, func(w *work) error {
		left, err = w.member(r, false)
		return err
	}, true)
	if err != nil {
		return false, fmt.Errorf("leave %s: %w", r.Name(), err)
	}
	if !left {
		return false, nil
	}
	return true, r.l.unsubscribe(r)
}

func (r *Room) joined() (joined bool, err error) {
	err = r.l.View(func(s *Snapshot) error {
		joined = s.Joined(r)
		return nil
	})
	return joined, err
}

// member writes in the self room that r is joined or left, as part of the
// transaction that w is. It reports whether that is a change.
func (w *work) member(r *Room, join bool) (bool, error) {
	room := w.l.selfRoom()
	rows := newSnapshot(newLog(w.tx, room.id), selfName)
	if decideMember(rows, r, join) == nil {
		return false, rows.log.err // nothing to write: what most commits come to
	}
	if err := w.rebind(r, join); err != nil {
		return false, err
	}
	self, err := w.l.newWork(w.tx, room)
	if err != nil {
		return false, err
	}
	done, err := self.commit(room, Write{
		App:    w.l.apps[0],
		Decide: func(rows app.Reader, _ app.Call) ([]app.Draft, error) { return decideMember(rows, r, join), nil },
		Reply:  func(app.Reader, []*event.Signed, app.Call) ([]byte, error) { return nil, nil },
	})
	return len(done.Events) > 0, errors.Join(err, self.flush())
}

func decideMember(rows app.Reader, r *Room, join bool) []app.Draft {
	var now membership
	rows.Get(r.id.String(), &now)
	switch {
	case now.Joined == join:
		return nil
	case join:
		b := &joinBody{Room: r.id, Class: r.class, Name: r.name}
		if r.class == event.Owned {
			b.Owner = &r.owner
		}
		return []app.Draft{{Type: "self.join", Body: b}}
	}
	return []app.Draft{{Type: "self.leave", Body: &leaveBody{Room: r.id}}}
}

// Joined returns the rooms that are replicated here, in order of their ids.
func (l *Ledger) Joined() ([]*Room, error) {
	var rooms []*Room
	err := l.View(func(s *Snapshot) error {
		self := newSnapshot(s.log(event.SelfRoom(l.self)), selfName)
		self.Scan("", func(id string, decode func(any)) bool {
			if strings.HasPrefix(id, blockPrefix) {
				return true
			}
			var m membership
			decode(&m)
			room, err := event.ParseID(id)
			if err != nil {
				self.log.fail(errors.Join(ErrDamaged, err))
			} else if m.Joined {
				rooms = append(rooms, l.keep(&Room{l: l, id: room, name: m.Name, class: m.Class, owner: m.Owner}))
			}
			return true
		})
		return nil
	})
	return rooms, err
}
