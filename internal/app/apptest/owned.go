package apptest

import (
	"bytes"
	"crypto/ed25519"
	"slices"
	"time"

	"intercom/internal/app"
	"intercom/ledger/core"
	"intercom/ledger/event"
)

// Owned returns a copy of the room `test` that w owns, as w has made it.
// Copies of the same owner are of one room.
func Owned(a *app.App, w Writer, now time.Time) *Room {
	r := OwnedCopy(a, w)
	r.Write(w, now, "", app.Draft{Type: core.TypeCreate, Body: &core.Create{Name: r.Name, Owner: w.Key, Policy: core.Fields{}}})
	return r
}

// OwnedCopy returns an empty copy of the room `test` that w owns.
func OwnedCopy(a *app.App, w Writer) *Room {
	r := newRoom(a, "test", event.ChannelID(event.Owned, "test", w.Key[:], nil))
	r.owned = true
	return r
}

// Consent returns what w signs to take over the room from an owner.
func (r *Room) Consent(w Writer, from event.Key) event.Bytes {
	return ed25519.Sign(w.priv, core.ConsentTo(r.ID, from, w.Key))
}

// Refused returns why an event has no effect in a room with an owner; nil if
// its author had the right to it.
func (r *Room) Refused(id event.ID) error { return r.refused[id] }

// Meta returns what the fold was told of an event of the room, but whether it
// is a duplicate.
func (r *Room) Meta(id event.ID) app.Meta {
	s := r.events[id]
	m := r.meta(s)
	if s.body == nil || r.right(s, &m) != nil {
		m.Role, m.Alias = app.NoRole, ""
	}
	return m
}

// Members returns who has a role in the room or claims a name in it.
func (r *Room) Members(now time.Time) []app.RoomMember { return r.state.Members(now.UnixMilli()) }

// Heads returns how far the events of a key reach, by instance.
func (r *Room) Heads(k event.Key) (heads []app.Head) {
	for _, e := range r.order {
		i := slices.IndexFunc(heads, func(h app.Head) bool { return h.Instance == e.Instance })
		switch {
		case e.Author != k:
		case i < 0:
			heads = append(heads, app.Head{Author: k, Instance: e.Instance, Seq: e.Seq})
		default:
			heads[i].Seq = max(heads[i].Seq, e.Seq)
		}
	}
	slices.SortFunc(heads, func(a, b app.Head) int { return bytes.Compare(a.Instance[:], b.Instance[:]) })
	return heads
}

func (r *Room) present(c *app.Call) {
	if c.Role = app.Equal; r.owned {
		c.Role = r.state.Present(c.Author, c.Now.UnixMilli()).Role
		c.Policy = func(setting string) any { return r.state.Policy(setting, func(event.ID) bool { return true }) }
	}
	c.Members = func() []app.RoomMember { return r.Members(c.Now) }
	c.Heads = r.Heads
}

// foldCore heeds an event that governs the room. After one that reaches back,
// everything else is folded again.
func (r *Room) foldCore(s *stored) {
	f, err := core.FactOf(s.Signed, s.lamport)
	switch {
	case err != nil:
	case r.owned:
		err = r.state.Accepts(f, func(id event.ID) bool { return r.Before(id, s.ID) })
	default:
		err = core.AcceptsOpen(f)
	}
	if err != nil {
		r.refused[s.ID] = err
		return
	}
	r.state.Add(f)
	if s.Type == core.TypeRemove || s.Type == core.TypeOwner {
		r.refold()
	} else if r.owned && !r.state.Valid(f.ID) {
		r.refused[s.ID] = core.ErrRight
	}
}

func (r *Room) refold() {
	r.rows.Clear()
	clear(r.winner)
	for _, e := range r.order {
		s := r.events[e.ID]
		switch {
		case core.IsKind(e.Type):
			if r.state.Has(e.ID) && !r.state.Valid(e.ID) {
				r.refused[e.ID] = core.ErrRight
			} else if r.state.Has(e.ID) {
				delete(r.refused, e.ID)
			}
		case s.body != nil:
			delete(r.refused, e.ID)
			r.fold(s)
		}
	}
}

// right fills in what the author of an event may do, and returns why the event
// is not within it.
func (r *Room) right(s *stored, m *app.Meta) error {
	if !r.owned {
		m.Role = app.Equal
		return nil
	}
	past := func(id event.ID) bool { return r.Before(id, s.ID) }
	right := r.state.Right(core.WriterOf(s.Signed), past)
	m.Role, m.Alias = right.Role, right.Alias
	m.Policy = func(setting string) any { return r.state.Policy(setting, past) }
	m.Speaks = func(name string) bool { return r.state.Speaks(name, s.TS, past) }
	i := slices.IndexFunc(r.App.Kinds, func(k app.Kind) bool { return k.Type == s.Type })
	return right.May(r.App.Kinds[i], s.body)
}
