package ledger

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"intercom/internal/app"
	"intercom/internal/store"
	"intercom/ledger/core"
	"intercom/ledger/event"
)

// Room is one event log and its state.
type Room struct {
	l      *Ledger
	id     event.ID
	name   string
	class  event.Class
	owner  event.Key   // the first one, of class Owned: part of the id
	shared atomic.Bool // with another room's: the name alone does not tell which is meant
}

// ID returns the room's id, which is its channel's.
func (r *Room) ID() event.ID { return r.id }

// Name returns the name by which the room is known here: `name@<8 hex of
// owner>` where another room is known by the name itself.
func (r *Room) Name() string {
	if r.class == event.Owned && r.shared.Load() {
		return r.name + "@" + r.owner.String()[:8]
	}
	return r.name
}

// Base returns the name that is part of the room's id.
func (r *Room) Base() string { return r.name }

// Class says who may write to the room.
func (r *Room) Class() event.Class { return r.class }

// Info is what is known of a room as a whole.
type Info struct {
	ID         event.ID
	Name       string
	Joined     bool
	Events     uint64 // stored
	Bytes      uint64 // of their envelopes
	Waiting    uint64 // a cause is missing
	Skipped    uint64 // not counted
	Incomplete bool   // a quota kept something out
	SetHash    [32]byte
}

// Snapshot reads any number of rooms in one durable state.
type Snapshot struct {
	l    *Ledger
	r    store.Reader
	logs map[event.ID]*log // given out; each keeps its first failure
	uses map[used]bool     // what Uses has answered

	begin map[string]event.ID // rooms by the beginning of their id
}

// used is an app in a room.
type used struct {
	room event.ID
	app  string
}

// View gives f a snapshot of all rooms. It returns f's error, or that of the
// store. Nothing that f got may be used afterwards.
func (l *Ledger) View(f func(*Snapshot) error) error {
	return l.store.View(func(r store.Reader) error {
		s := &Snapshot{l: l, r: r, logs: map[event.ID]*log{}, uses: map[used]bool{}, begin: map[string]event.ID{}}
		if err := f(s); err != nil {
			return err
		}
		for _, log := range s.logs {
			if log.err != nil {
				return log.err
			}
		}
		return nil
	})
}

func (s *Snapshot) log(room event.ID) *log {
	log, ok := s.logs[room]
	if !ok {
		log = newLog(s.r, room)
		s.logs[room] = log
	}
	return log
}

// Reader returns the rows of an app in a room.
func (s *Snapshot) Reader(r *Room, a *app.App) app.Reader { return newSnapshot(s.log(r.id), a.Name) }

// Rooms returns the rooms in which the app has folded something, by name.
func (s *Snapshot) Rooms(a *app.App) []*Room {
	all := s.l.Rooms()
	all = slices.DeleteFunc(all, func(r *Room) bool { return !s.Uses(r, a) })
	slices.SortFunc(all, func(a, b *Room) int { return strings.Compare(a.Name(), b.Name()) })
	return all
}

// Uses reports whether the app has folded something in the room.
func (s *Snapshot) Uses(r *Room, a *app.App) bool {
	k := used{r.id, a.Name}
	yes, known := s.uses[k]
	if !known {
		_, yes = s.log(r.id).get(key(kFold, r.id, []byte(a.Name)))
		s.uses[k] = yes
	}
	return yes
}

// Joined reports whether the room is replicated here.
func (s *Snapshot) Joined(r *Room) bool {
	self := newSnapshot(s.log(event.SelfRoom(s.l.self)), selfName)
	var m membership
	return self.Get(r.id.String(), &m) && m.Joined
}

// Info returns what is known of a room as a whole.
func (s *Snapshot) Info(r *Room) Info {
	info := Info{ID: r.id, Name: r.Name(), Joined: s.Joined(r)}
	var set event.LtHash16
	var row roomRow
	if log := s.log(r.id); log.row(key(kRoom, r.id), &row) {
		log.hash(&set, row.Set, setKey(r.id))
		info.Events, info.Bytes, info.Waiting = row.Events, row.Bytes, row.Waiting
		info.Skipped, info.Incomplete = row.Skipped, row.Incomplete
	}
	info.SetHash = set.Sum()
	return info
}

// StateHash returns the hash of an app's state in a room, for people and
// tests to compare: SHA-256 over app, version and the hash of the rows.
func (s *Snapshot) StateHash(r *Room, a *app.App) [32]byte {
	var row foldRow
	var lanes event.LtHash16
	log := s.log(r.id)
	if log.row(key(kFold, r.id, []byte(a.Name)), &row) {
		log.hash(&lanes, row.Lanes, lanesKey(r.id, a.Name))
	}
	return stateHash(a, &lanes)
}

// Skipped calls f with each event that is stored but not counted, and why.
func (s *Snapshot) Skipped(r *Room, f func(id event.ID, reason string) bool) {
	prefix := key(kSkipped, r.id)
	s.log(r.id).scan(prefix, nil, func(k, v []byte) bool {
		return f(event.ID(k[len(prefix):]), string(v))
	})
}

// Forks calls f with each event that shares its place in a chain with another
// one of the same author: the two signatures are proof.
func (s *Snapshot) Forks(r *Room, f func(author event.Key, id event.ID) bool) {
	prefix := key(kFork, r.id)
	s.log(r.id).scan(prefix, nil, func(k, _ []byte) bool {
		k = k[len(prefix):]
		return f(event.Key(k[:32]), event.ID(k[32:]))
	})
}

// outdated reports whether a room's rows were folded by other versions than
// the apps of today.
func (l *Ledger) outdated(r store.Reader, room event.ID) bool {
	log := newLog(r, room)
	for _, a := range l.apps {
		var row foldRow
		if log.row(key(kFold, room, []byte(a.Name)), &row) && row.Version != a.Version {
			return true
		}
	}
	return false
}

// refold makes the rows of a room again from its events, in one transaction.
func (r *Room) refold(ctx context.Context) error {
	err := r.l.store.Update(ctx, func(tx *store.Tx) error {
		w, err := r.l.newWork(tx, r)
		if err != nil {
			return err
		}
		w.refold()
		return w.flush()
	})
	if err != nil {
		return fmt.Errorf("fold room %s again: %w", r.Name(), err)
	}
	return nil
}

// refold makes the rows again. Who had which right is settled first, since
// removals reach back.
func (w *work) refold() {
	for _, letter := range []byte{kView, kFold, kLanes, kKeyed, kSkipped} {
		w.scan(key(letter, w.log.room), nil, func(k, _ []byte) bool {
			w.tx.Delete(slices.Clone(k))
			return true
		})
	}
	clear(w.views)
	w.room.Skipped, w.change, w.gov, w.lessons = 0, true, nil, nil
	var facts []event.ID
	w.inOrder(func(s *stored, p place) bool {
		if s.Epoch == 0 && core.IsKind(s.Type) {
			if _, err := w.fact(s, p); err != nil {
				w.refuse(s.ID, err)
			} else {
				facts = append(facts, s.ID)
			}
		}
		return w.err == nil
	})
	for _, id := range facts {
		if w.room.Class == event.Owned && !w.rights().Valid(id) {
			w.refuse(id, core.ErrRight)
		}
	}
	w.inOrder(func(s *stored, p place) bool {
		if s.Epoch == 0 && !core.IsKind(s.Type) {
			w.foldApps(s, p)
		}
		return w.err == nil
	})
	w.again = false
}
