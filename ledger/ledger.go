// Package ledger keeps rooms: signed event logs that every member replicates
// and that merge without a coordinator.
//
// Commit is durable before it returns. Ingest takes a peer's events all or
// not at all. The state of a room is the fold of its events by the apps; it
// is stored beside them, in the same transaction, so a start folds nothing
// again. Peers that send what they should not cost only themselves.
package ledger

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"intercom/internal/app"
	"intercom/internal/store"
	"intercom/ledger/core"
	"intercom/ledger/event"
)

// Options are what a ledger works with.
type Options struct {
	Store *store.Store
	Key   ed25519.PrivateKey // the author of own events
	Apps  []*app.App
	// Place names the machine and folder that the store is in. A store that
	// was copied elsewhere, or restored, gets a new instance.
	Place  []byte
	Now    func() time.Time
	Rand   io.Reader
	Quotas Quotas // zero: DefaultQuotas
	// Changed is told of every change, in the order of the commits, before
	// the reply to the command that made it. It must not call the ledger's
	// writing methods.
	Changed func(Change)
	Log     *slog.Logger
}

// Change is what one commit or ingest added to a room, or what time did.
type Change struct {
	Room   *Room
	Events []Applied
	Local  bool    // written here
	Passed []Entry // transitions
}

// Ledger is the rooms of one store. Its methods may be called concurrently.
type Ledger struct {
	store   *store.Store
	key     ed25519.PrivateKey
	self    event.Key
	apps    []*app.App
	kinds   map[string][]bound
	now     func() time.Time
	rand    io.Reader
	quotas  Quotas
	changed func(Change)
	log     *slog.Logger
	order   sequence
	sync    *syncer
	stats   counters
	rows    rowHashes // the store's writer's

	mu     sync.Mutex
	rooms  map[event.ID]*Room
	visits map[event.ID]visited
	net    Network // nil until Attach
}

// bound is a kind and the app that folds it.
type bound struct {
	app  *app.App
	kind app.Kind
}

// Open prepares the rooms of a store. Rooms whose app has a new fold version
// are folded again before it returns.
func Open(ctx context.Context, o Options) (*Ledger, error) {
	l := &Ledger{
		store: o.Store, key: o.Key, self: event.Key(o.Key.Public().(ed25519.PublicKey)),
		apps: append([]*app.App{selfApp(), coreApp()}, o.Apps...), kinds: map[string][]bound{},
		now: o.Now, rand: o.Rand, quotas: o.Quotas, changed: o.Changed, log: o.Log,
		rooms: map[event.ID]*Room{}, visits: map[event.ID]visited{}, sync: newSyncer(),
	}
	if l.quotas == (Quotas{}) {
		l.quotas = DefaultQuotas
	}
	for _, a := range l.apps {
		for _, k := range a.Kinds {
			l.kinds[k.Type] = append(l.kinds[k.Type], bound{a, k})
		}
	}
	if err := l.bind(ctx, o.Place); err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	if err := l.load(ctx); err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	return l, nil
}

// bind draws a new instance where the store is not where it was.
func (l *Ledger) bind(ctx context.Context, place []byte) error {
	return l.store.Update(ctx, func(tx *store.Tx) error {
		log := newLog(tx, event.ID{})
		var row instanceRow
		if log.row([]byte{kInstance}, &row) && string(row.Place) == string(place) {
			return log.err
		}
		row.Place = place
		return errors.Join(log.err, l.newInstance(log, tx, row))
	})
}

func (l *Ledger) newInstance(log *log, tx *store.Tx, row instanceRow) error {
	if _, err := io.ReadFull(l.rand, row.Instance[:]); err != nil {
		return fmt.Errorf("draw instance: %w", err)
	}
	put(log, tx, []byte{kInstance}, &row)
	return log.err
}

// load opens every stored room and folds again what a new version asks for.
func (l *Ledger) load(ctx context.Context) error {
	var stale []*Room
	err := l.store.View(func(r store.Reader) error {
		return r.Scan([]byte{kRoom}, nil, func(k, v []byte) bool {
			var row roomRow
			if event.Unmarshal(v, &row) != nil {
				return true // met again, and told, when the room is used
			}
			room := &Room{l: l, id: event.ID(k[1:]), name: row.Name, class: row.Class}
			l.rooms[room.id] = room
			if l.outdated(r, room.id) {
				stale = append(stale, room)
			}
			return true
		})
	})
	for _, r := range stale {
		if err == nil {
			err = r.refold(ctx)
		}
	}
	if err != nil {
		return err
	}
	err = l.View(func(s *Snapshot) error {
		self := newSnapshot(s.log(event.SelfRoom(l.self)), selfName)
		for _, r := range l.rooms {
			var m membership
			if r.class == event.Owned && self.Get(r.id.String(), &m) {
				r.owner = m.Owner
			}
		}
		for _, r := range l.rooms {
			l.mark(r.name)
		}
		return nil
	})
	if err == nil {
		_, err = l.Joined() // also those without events have their names
	}
	return err
}

// Self returns the key that signs own events.
func (l *Ledger) Self() event.Key { return l.self }

// Consent returns the signature by which the author here agrees to take a room
// over from its present owner.
func (l *Ledger) Consent(r *Room, from event.Key) []byte {
	return ed25519.Sign(l.key, core.ConsentTo(r.id, from, l.self))
}

// Rooms returns the rooms that are joined or have events, in no order. The
// self room is not among them.
func (l *Ledger) Rooms() []*Room {
	l.mu.Lock()
	defer l.mu.Unlock()
	rooms := make([]*Room, 0, len(l.rooms))
	for _, r := range l.rooms {
		if r.class != event.Self {
			rooms = append(rooms, r)
		}
	}
	return rooms
}

// ByID returns a room that is joined, has events or is visited, or nil.
func (l *Ledger) ByID(id event.ID) *Room {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r, ok := l.rooms[id]; ok {
		return r
	}
	return l.visits[id].room
}

// keep makes r the one value of its room.
func (l *Ledger) keep(r *Room) *Room {
	l.mu.Lock()
	defer l.mu.Unlock()
	if known, ok := l.rooms[r.id]; ok {
		return known
	}
	l.rooms[r.id] = r
	l.mark(r.name)
	return r
}

// sequence runs functions in the order of their tickets.
type sequence struct {
	mu   sync.Mutex
	cond *sync.Cond
	next uint64 // ticket to be given
	done uint64 // tickets that have run
}

// ticket is called by one goroutine at a time: the store's writer.
func (s *sequence) ticket() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cond == nil {
		s.cond = sync.NewCond(&s.mu)
	}
	s.next++
	return s.next - 1
}

// run waits for all earlier tickets and runs f.
func (s *sequence) run(ticket uint64, f func()) {
	s.mu.Lock()
	for s.done < ticket {
		s.cond.Wait()
	}
	s.mu.Unlock()
	f()
	s.mu.Lock()
	s.done++
	s.cond.Broadcast()
	s.mu.Unlock()
}
