// Package apptest runs an app over a room that is held in memory, for tests of
// the app: what a peer sees of the room, how two peers' rooms meet, and the
// rows that come of it.
//
// A Room follows the rules of the ledger (docs/format.md): events are applied
// after their causes, their lamport time, causal past and duplicates by key
// are the ledger's, and rows go through the encoding of the store. It does not
// verify signatures and has no quotas. A Room must not be used by several
// goroutines at once.
package apptest

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tidwall/btree"

	"intercom/internal/app"
	"intercom/ledger/core"
	"intercom/ledger/event"
)

// ErrCause reports an event whose prev or dep is not in the room yet.
var ErrCause = errors.New("apptest: cause is missing")

// Room is one peer's copy of one room, folded by one app.
type Room struct {
	App    *app.App
	Name   string
	ID     event.ID // of the open room of that name
	rows   btree.Map[string, []byte]
	events map[event.ID]*stored
	order  []*event.Signed
	tips   map[event.ID]*stored // events that nobody names as a cause
	winner map[idempotency]*stored
	visits int

	owned   bool
	state   *core.State
	refused map[event.ID]error // events without effect for want of a right
}

type stored struct {
	*event.Signed
	lamport uint64
	body    event.Body // nil: of another type, or malformed
}

type idempotency struct {
	author event.Key
	key    string
}

// New returns an empty copy of the open room `test`.
func New(a *app.App) *Room { return Named(a, "test") }

// Named returns an empty copy of the open room of that name.
func Named(a *app.App, name string) *Room { return newRoom(a, name, event.OpenRoom(name)) }

func newRoom(a *app.App, name string, id event.ID) *Room {
	r := &Room{
		App: a, Name: name, ID: id,
		events: map[event.ID]*stored{}, tips: map[event.ID]*stored{}, winner: map[idempotency]*stored{},
		refused: map[event.ID]error{},
	}
	r.state = core.NewState(id, r.Before)
	return r
}

// Ingest stores and applies events in the order given; one that is here
// already changes nothing. ErrCause stops at an event whose causes are not.
func (r *Room) Ingest(events ...*event.Signed) error {
	for _, e := range events {
		if err := r.ingest(e); err != nil {
			return err
		}
	}
	return nil
}

// Pull ingests what other has and r lacks.
func (r *Room) Pull(other *Room) {
	if err := r.Ingest(other.order...); err != nil {
		panic(err) // other applied them in this order
	}
}

func (r *Room) ingest(e *event.Signed) error {
	if r.events[e.ID] != nil {
		return nil
	}
	s := &stored{Signed: e, lamport: 1}
	for _, c := range Causes(e) {
		cause := r.events[c]
		if cause == nil {
			return fmt.Errorf("%w: %s of %s", ErrCause, c, e.ID)
		}
		s.lamport = max(s.lamport, cause.lamport+1)
	}
	for _, c := range Causes(e) {
		delete(r.tips, c)
	}
	s.body = r.decode(e)
	r.events[e.ID], r.tips[e.ID] = s, s
	r.order = append(r.order, e)
	switch {
	case core.IsKind(e.Type):
		r.foldCore(s)
	case s.body != nil:
		r.fold(s)
	}
	return nil
}

func (r *Room) decode(e *event.Signed) event.Body {
	i := slices.IndexFunc(r.App.Kinds, func(k app.Kind) bool { return k.Type == e.Type })
	if i < 0 || e.Epoch != 0 {
		return nil
	}
	body := r.App.Kinds[i].New()
	if event.DecodeBody(e.Body, body) != nil {
		return nil
	}
	return body
}

// fold applies s. Of the well-formed events with one author and one key the
// lowest (lamport, id) counts; one that counted until now is applied again as
// the duplicate that it turned out to be, before the one that takes over.
func (r *Room) fold(s *stored) {
	if err := r.right(s, new(app.Meta)); err != nil {
		r.refused[s.ID] = err
		return
	}
	if s.Key == "" {
		r.apply(s, false)
		return
	}
	k := idempotency{s.Author, s.Key}
	old := r.winner[k]
	switch {
	case old == nil:
		r.winner[k] = s
		r.apply(s, false)
	case less(s, old):
		r.winner[k] = s
		r.apply(old, true)
		r.apply(s, false)
	default:
		r.apply(s, true)
	}
}

func less(a, b *stored) bool {
	if a.lamport != b.lamport {
		return a.lamport < b.lamport
	}
	return a.ID.Compare(b.ID) < 0
}

func (r *Room) apply(s *stored, duplicate bool) {
	m := r.meta(s)
	m.Duplicate = duplicate
	if r.right(s, &m) == nil {
		r.App.Apply(view{r}, s.Signed, m, s.body)
	}
}

func (r *Room) meta(s *stored) app.Meta {
	return app.Meta{
		Lamport: s.lamport,
		Past:    func(id event.ID) bool { return r.Before(id, s.ID) },
		Cut:     func() []app.Head { return r.cut(s) },
	}
}

// Causes returns the ids that e names: its prev, if it has one, and its deps.
func Causes(e *event.Signed) []event.ID {
	var prev []event.ID
	if e.Seq > 0 {
		prev = []event.ID{e.Prev}
	}
	return slices.Concat(prev, e.Deps)
}

// Before implements app.Reader.
func (r *Room) Before(x, y event.ID) bool {
	target, from := r.events[x], r.events[y]
	if target == nil || from == nil {
		return false
	}
	found := false
	r.walk(from, func(s *stored) bool {
		found = found || s == target
		return !found && s.lamport > target.lamport
	})
	return found
}

// walk visits the causal past of s, each event once, going beyond an event
// only where visit says so.
func (r *Room) walk(s *stored, visit func(*stored) bool) {
	seen := map[event.ID]bool{}
	todo := Causes(s.Signed)
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[id] {
			continue
		}
		seen[id] = true
		if visit(r.events[id]) {
			todo = append(todo, Causes(r.events[id].Signed)...)
		}
	}
}

// cut returns how far each writer's events reach in the past of s, the event
// itself left out.
func (r *Room) cut(s *stored) []app.Head {
	type writer struct {
		author   event.Key
		instance event.Instance
	}
	last := map[writer]uint64{}
	r.walk(s, func(p *stored) bool {
		w := writer{p.Author, p.Instance}
		last[w] = max(last[w], p.Seq)
		return true
	})
	heads := make([]app.Head, 0, len(last))
	for w, seq := range last {
		heads = append(heads, app.Head{Author: w.author, Instance: w.instance, Seq: seq})
	}
	slices.SortFunc(heads, func(a, b app.Head) int {
		return cmp.Or(bytes.Compare(a.Author[:], b.Author[:]), bytes.Compare(a.Instance[:], b.Instance[:]))
	})
	return heads
}

// Events returns the events in the order in which they were applied.
func (r *Room) Events() []*event.Signed { return slices.Clone(r.order) }

// Lamport returns the lamport time of an event of the room; 0 if it is not
// here.
func (r *Room) Lamport(id event.ID) uint64 {
	if s := r.events[id]; s != nil {
		return s.lamport
	}
	return 0
}

// StateHash returns what two peers compare: the SHA-256 over the app, its
// version and the set hash of the rows.
func (r *Room) StateHash() [32]byte {
	var set event.LtHash16
	r.rows.Scan(func(key string, value []byte) bool {
		set.AddRow(key, value)
		return true
	})
	sum := set.Sum()
	return sha256.Sum256(slices.Concat([]byte(r.App.Name+"\x00"+r.App.Version+"\x00"), sum[:]))
}

// Rows lists the rows with their encoded values, one a line, to show where two
// states differ.
func (r *Room) Rows() string {
	var b strings.Builder
	r.rows.Scan(func(key string, value []byte) bool {
		fmt.Fprintf(&b, "%s %x\n", key, value)
		return true
	})
	return b.String()
}
