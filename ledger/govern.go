package ledger

import (
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"time"

	"intercom/internal/app"
	"intercom/ledger/core"
	"intercom/ledger/event"
)

// The facts of package core are rows of each room, under a name of their own.
// They are few, so a state is made of all of them for each transaction that
// asks for one.

const coreName = "core"

// coreApp has rows and a version, but no fold: the ledger itself heeds these
// events, before it gives others to the apps.
func coreApp() *app.App { return &app.App{Name: coreName, Version: "1"} }

// factRow names an event that is a fact.
type factRow struct {
	_       struct{} `cbor:",toarray"`
	ID      event.ID
	Lamport uint64
}

func factKey(f *core.Fact) string { return fmt.Sprintf("%016x%s", f.Lamport, f.ID) }

// state returns who has which right in the room, by the facts stored.
func (l *log) state() *core.State {
	known := map[[2]event.ID]bool{}
	s := core.NewState(l.room, func(x, y event.ID) bool {
		pair := [2]event.ID{x, y}
		before, ok := known[pair]
		if !ok {
			px, here := l.find(x)
			py, too := l.find(y)
			before = here && too && l.before(px, py)
			known[pair] = before
		}
		return before
	})
	rows := newSnapshot(l, coreName)
	rows.Scan("", func(_ string, decode func(any)) bool {
		var row factRow
		decode(&row)
		e := l.event(row.ID)
		if e == nil {
			l.fail(fmt.Errorf("%w: fact %s", ErrDamaged, row.ID))
			return false
		}
		f, err := core.FactOf(&e.Signed, row.Lamport)
		if err != nil {
			l.fail(fmt.Errorf("%w: fact %s: %w", ErrDamaged, row.ID, err))
			return false
		}
		s.Add(f)
		return true
	})
	return s
}

// rights is state of the room of a transaction, kept as it grows.
func (w *work) rights() *core.State {
	if w.gov == nil {
		w.gov = w.state()
	}
	return w.gov
}

// foldCore heeds an event of core. One that takes rights back which others had
// when they wrote makes the room be folded again.
func (w *work) foldCore(s *stored, p place) {
	f, err := w.fact(s, p)
	if err != nil {
		w.refuse(s.ID, err)
		return
	}
	if w.room.Class != event.Owned {
		return
	}
	state := w.rights()
	if !state.Valid(s.ID) {
		w.refuse(s.ID, core.ErrRight)
	}
	if b, ok := f.Body.(*core.Remove); ok && w.reachesBack(b) || state.Contested(f) {
		w.again = true
	}
}

// fact stores what may count of an event of core.
func (w *work) fact(s *stored, p place) (*core.Fact, error) {
	f, err := core.FactOf(&s.Signed, s.lamport)
	if err != nil {
		return nil, err
	}
	owned := w.room.Class == event.Owned
	if owned {
		err = w.rights().Accepts(f, w.meta(s, p).Past)
	} else {
		err = core.AcceptsOpen(f)
	}
	if err != nil {
		return nil, err
	}
	w.view(coreApp()).Put(factKey(f), &factRow{ID: f.ID, Lamport: f.Lamport})
	if owned || w.gov != nil {
		w.rights().Add(f)
	}
	return f, nil
}

// reachesBack reports whether a removal is of events that are folded already.
func (w *work) reachesBack(b *core.Remove) bool {
	for _, h := range w.headsOf(b.Key) {
		if b.Beyond(h.Instance, h.Seq) {
			return true
		}
	}
	return false
}

// headsOf returns how far the folded events of a key reach, by instance.
func (l *log) headsOf(k event.Key) []app.Head {
	prefix := key(kWriter, l.room, k[:])
	var heads []app.Head
	l.scan(prefix, nil, func(row, _ []byte) bool {
		i := event.Instance(row[len(prefix):])
		c := l.chain(binary.BigEndian.Uint32(row[len(prefix)+len(i):]))
		switch n := len(heads); {
		case c.Applied == c.First:
		case n > 0 && heads[n-1].Instance == i:
			heads[n-1].Seq = max(heads[n-1].Seq, c.Applied-1)
		default:
			heads = append(heads, app.Head{Author: k, Instance: i, Seq: c.Applied - 1})
		}
		return true
	})
	return heads
}

// right fills in what the author of an event may do. past tells whether a fact
// is in the event's past. The error says why an
// event of these kinds is not within it.
func (w *work) right(s *stored, past func(event.ID) bool, kinds []bound, bodies []event.Body, m *app.Meta) error {
	if w.room.Class != event.Owned {
		m.Role = app.Equal
		return nil
	}
	r := w.rights().Right(core.WriterOf(&s.Signed), past)
	m.Role, m.Alias = r.Role, r.Alias
	m.Policy = func(setting string) any { return w.rights().Policy(setting, past) }
	m.Speaks = func(name string) bool { return w.rights().Speaks(name, s.TS, past) }
	for i, k := range kinds {
		if err := r.May(k.kind, bodies[i]); err != nil {
			return err
		}
	}
	return nil
}

// learned is past of an event of a chain, but asks once for what the chain
// knows: it does not forget. Events of a chain are folded in their order.
func (w *work) learned(chain uint32, past func(event.ID) bool) func(event.ID) bool {
	return func(fact event.ID) bool {
		k := lesson{chain, fact}
		if !w.lessons[k] && past(fact) {
			if w.lessons == nil {
				w.lessons = map[lesson]bool{}
			}
			w.lessons[k] = true
		}
		return w.lessons[k]
	}
}

// lesson is a fact in the past of a chain.
type lesson struct {
	chain uint32
	fact  event.ID
}

// refuse lists an event as not counted for want of a right, or for its body.
func (w *work) refuse(id event.ID, why error) {
	w.skip(id, why.Error())
	if w.refused == nil {
		w.refused = map[event.ID]error{}
	}
	w.refused[id] = why
}

// present fills in what a request may know of the members of a room.
func (l *log) present(c *app.Call, class event.Class, state func() *core.State) {
	now := c.Now.UnixMilli()
	c.Room.Owned = class == event.Owned
	if c.Role = app.Equal; c.Room.Owned {
		c.Role = state().Present(c.Author, now).Role
		c.Policy = func(setting string) any {
			return state().Policy(setting, func(event.ID) bool { return true })
		}
	}
	c.Members = func() []app.RoomMember { return state().Members(now) }
	c.Heads = l.headsOf
}

// Present fills in what a request may know of the members of a room: Role,
// Members and Heads. They hold as long as the snapshot.
func (s *Snapshot) Present(r *Room, c *app.Call) {
	log := s.log(r.id)
	log.present(c, r.class, sync.OnceValue(log.state))
}

// Members returns who has a role in a room or claims a name in it, at a time.
func (s *Snapshot) Members(r *Room, now time.Time) []app.RoomMember {
	return s.log(r.id).state().Members(now.UnixMilli())
}

// Owner returns the present owner of a room, as far as it is known; zero in an
// open room.
func (s *Snapshot) Owner(r *Room) event.Key {
	if r.class != event.Owned {
		return event.Key{}
	}
	if k := s.log(r.id).state().Owner(); k != (event.Key{}) {
		return k
	}
	return r.owner
}

// Refused reports whether an event of a room with an owner does not count.
func (s *Snapshot) Refused(r *Room, id event.ID) bool {
	if r.class != event.Owned {
		return false
	}
	_, ok := s.log(r.id).get(key(kSkipped, r.id, id[:]))
	return ok
}

// forbidden tells of an own event that would not count.
func forbidden(r *Room, why error) error {
	return fmt.Errorf("%w in %s: %s", ErrForbidden, r.Name(), strings.TrimPrefix(why.Error(), "core: "))
}
