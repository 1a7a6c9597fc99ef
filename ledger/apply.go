package ledger

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"intercom/internal/app"
	"intercom/ledger/core"
	"intercom/ledger/event"
)

// Applied is an event that has become part of a room's state.
type Applied struct {
	*event.Signed
	Lamport uint64
	N       uint64    // of its entry in the journal
	At      time.Time // when it was applied
}

// settle writes the record of s and, if its causes have been folded, folds it
// and everything that waited for it.
func (w *work) settle(s *stored, p place) {
	type item struct {
		s *stored
		p place
	}
	todo := []item{{s, p}}
	for len(todo) > 0 && w.err == nil {
		s, p := todo[0].s, todo[0].p
		todo = todo[1:]
		cause, ok := w.missing(&s.Signed)
		if !ok {
			s.lamport = w.lamport(&s.Signed)
		}
		w.tx.Put(eventKey(&s.Signed), s.encode())
		if ok {
			w.tx.Put(key(kWait, s.Room, cause[:], s.ID[:]), nil)
			w.room.Waiting++
			continue
		}
		w.link(s, p)
		w.fold(s, p)
		w.tell(s, p)
		for _, id := range w.waiters(s.ID) {
			w.room.Waiting--
			if next, ok := w.find(id); ok {
				todo = append(todo, item{w.at(next, id), next})
			}
		}
	}
}

// missing returns a cause of e that has not been folded.
func (w *work) missing(e *event.Signed) (event.ID, bool) {
	causes := e.Deps
	if e.Seq > 0 {
		causes = append([]event.ID{e.Prev}, e.Deps...)
	}
	for _, id := range causes {
		if p, ok := w.find(id); !ok || !w.applied(p) {
			return id, true
		}
	}
	return event.ID{}, false
}

func (w *work) lamport(e *event.Signed) uint64 {
	var top uint64
	see := func(id event.ID) {
		p, _ := w.find(id)
		if c := w.chain(p.chain); c.Applied == p.seq+1 {
			top = max(top, c.Lamport)
		} else if s := w.at(p, id); s != nil {
			top = max(top, s.lamport)
		}
	}
	if e.Seq > 0 {
		see(e.Prev)
	}
	for _, d := range e.Deps {
		see(d)
	}
	return top + 1
}

// link puts s into the graph: its chain, what it knows, the tips.
func (w *work) link(s *stored, p place) {
	c := w.chain(p.chain)
	c.Applied, c.Lamport = p.seq+1, s.lamport
	w.dirty[p.chain] = true
	for _, d := range s.Deps {
		dp, _ := w.find(d)
		if seq, ok := w.knows(p, dp.chain); (!ok || seq < dp.seq) && dp.chain != p.chain {
			w.tx.Put(key(kKnown, s.Room, u32(p.chain), u32(dp.chain), u64(p.seq)), u64(dp.seq))
		}
	}
	w.room.Tips = nextTips(w.room.Tips, s)
}

// nextTips returns the tips after s: without what s names, with s. They are in
// the room's row and not rows of their own, since a store is slow to pass over
// rows that were deleted. Peers may make any number of tips: of more than one
// event can name the oldest are forgotten.
func nextTips(tips []tip, s *stored) []tip {
	next := []tip{{Lamport: s.lamport, ID: s.ID}}
	for _, t := range tips {
		if t.ID != s.Prev && !slices.Contains(s.Deps, t.ID) {
			next = append(next, t)
		}
	}
	slices.SortFunc(next, func(a, b tip) int {
		return cmp.Or(cmp.Compare(b.Lamport, a.Lamport), a.ID.Compare(b.ID))
	})
	return next[:min(len(next), event.MaxHeads)]
}

func (w *work) waiters(id event.ID) []event.ID {
	prefix := key(kWait, w.log.room, id[:])
	var ids []event.ID
	w.scan(prefix, nil, func(k, _ []byte) bool {
		ids = append(ids, event.ID(k[len(prefix):]))
		return true
	})
	for _, waiter := range ids {
		w.tx.Delete(append(prefix[:len(prefix):len(prefix)], waiter[:]...))
	}
	return ids
}

// fold gives s to the apps that know its type. A body that breaks its type's
// rules is listed with the reason and counts nowhere.
func (w *work) fold(s *stored, p place) {
	if s.Epoch != 0 {
		return
	}
	if core.IsKind(s.Type) {
		w.foldCore(s, p)
		return
	}
	w.foldApps(s, p)
}

func (w *work) foldApps(s *stored, p place) {
	kinds := w.l.kinds[s.Type]
	if len(kinds) == 0 {
		return
	}
	bodies, err := decodeBodies(kinds, s)
	if err != nil {
		w.skip(s.ID, err.Error())
		return
	}
	m := w.meta(s, p)
	if err := w.right(s, w.learned(p.chain, m.Past), kinds, bodies, &m); err != nil {
		w.refuse(s.ID, err)
		return
	}
	m.Duplicate = s.Key != "" && !w.wins(s)
	if m.Duplicate {
		w.skip(s.ID, "duplicate key")
	}
	w.apply(kinds, s, m, bodies)
}

func decodeBodies(kinds []bound, s *stored) ([]event.Body, error) {
	bodies := make([]event.Body, len(kinds))
	for i, k := range kinds {
		bodies[i] = k.kind.New()
		if err := event.DecodeBody(s.Body, bodies[i]); err != nil {
			return nil, err
		}
	}
	return bodies, nil
}

func (w *work) apply(kinds []bound, s *stored, m app.Meta, bodies []event.Body) {
	for i, k := range kinds {
		k.app.Apply(w.view(k.app), &s.Signed, m, bodies[i])
	}
}

// wins reports whether s has its idempotency key: of an author's events with
// one key the lowest (lamport, id) counts. A displaced event is folded once
// more, as the duplicate that it always was.
func (w *work) wins(s *stored) bool {
	k := key(kKeyed, s.Room, s.Author[:], hashKey(s.Key))
	var holder winnerRow
	if w.row(k, &holder) {
		if holder.Lamport < s.lamport || holder.Lamport == s.lamport && holder.ID.Compare(s.ID) < 0 {
			return false
		}
		w.displace(holder.ID)
	}
	put(w.log, w.tx, k, &winnerRow{Lamport: s.lamport, ID: s.ID})
	return true
}

func (w *work) displace(id event.ID) {
	p, _ := w.find(id)
	s := w.at(p, id)
	if s == nil {
		return
	}
	kinds := w.l.kinds[s.Type]
	bodies, err := decodeBodies(kinds, s)
	if err != nil {
		w.fail(fmt.Errorf("%w: %w", ErrDamaged, err))
		return
	}
	m := w.meta(s, p)
	if err := w.right(s, m.Past, kinds, bodies, &m); err != nil {
		return // it is folded again
	}
	m.Duplicate = true
	w.skip(id, "duplicate key")
	w.apply(kinds, s, m, bodies)
}

func (w *work) skip(id event.ID, reason string) {
	w.tx.Put(key(kSkipped, w.log.room, id[:]), []byte(reason))
	w.room.Skipped++
}

// ownChain returns the chain of a writer with the most events.
func (l *log) ownChain(author event.Key, instance event.Instance) (*chainRow, bool) {
	prefix := key(kWriter, l.room, author[:], instance[:])
	var best *chainRow
	l.scan(prefix, nil, func(k, _ []byte) bool {
		if c := l.chain(binary.BigEndian.Uint32(k[len(prefix):])); best == nil || c.Seq > best.Seq {
			best = c
		}
		return true
	})
	return best, best != nil
}
