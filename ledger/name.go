package ledger

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"intercom/internal/app"
	"intercom/ledger/core"
	"intercom/ledger/event"
)

// A name means one room here. It is that of the open room, which need not
// exist, until a room with an owner is joined: an open room without events
// gives its name up then, and is left. Else the other room goes by
// `name@<8 hex of owner>`.

// Room returns the room of a name: of the forms `name`, `name@<8 hex of
// owner>` and `#<id hex>`; the latter two are of rooms that are known here.
// Errors: event.ErrName, ErrNotFound, ErrAmbiguous.
func (l *Ledger) Room(name string) (*Room, error) {
	name, err := event.ChannelName(name)
	if err != nil {
		return nil, err
	}
	if hexID, ok := strings.CutPrefix(name, "#"); ok {
		if id, err := event.ParseID(hexID); err == nil {
			if r := l.ByID(id); r != nil {
				return r, nil
			}
			return nil, fmt.Errorf("%w: no room %s", ErrNotFound, name)
		}
	}
	base, prefix, qualified := ownedName(name)
	l.mu.Lock()
	defer l.mu.Unlock()
	id := event.OpenRoom(name)
	if r, ok := l.rooms[id]; ok && !qualified {
		return r, nil
	}
	owned := l.owned(base, prefix)
	switch {
	case len(owned) == 1:
		return owned[0], nil
	case len(owned) > 1:
		names := make([]string, len(owned))
		for i, r := range owned {
			names[i] = r.Name()
			if qualified {
				names[i] = "#" + r.id.String()
			}
		}
		slices.Sort(names)
		return nil, fmt.Errorf("%w: %s may be %s", ErrAmbiguous, name, strings.Join(names, " or "))
	case qualified:
		return nil, fmt.Errorf("%w: no room %s; hint: intercom channel join %s --owner KEY", ErrNotFound, name, base)
	}
	return &Room{l: l, id: id, name: name, class: event.Open}, nil
}

// owned returns the known rooms with an owner of that name whose owner's key
// begins so; mu is held.
func (l *Ledger) owned(name, prefix string) (rooms []*Room) {
	for _, r := range l.rooms {
		if r.class == event.Owned && r.name == name && strings.HasPrefix(r.owner.String(), prefix) {
			rooms = append(rooms, r)
		}
	}
	return rooms
}

// ownedName splits a name of the form `name@<8 hex of owner>`.
func ownedName(name string) (base, prefix string, ok bool) {
	i := strings.LastIndexByte(name, '@')
	if i < 1 || len(name)-i != 9 {
		return name, "", false
	}
	if _, err := hex.DecodeString(name[i+1:]); err != nil {
		return name, "", false
	}
	return name[:i], strings.ToLower(name[i+1:]), true
}

// OwnedRoom returns the room of that name with that first owner. It need not
// be known here; whether there is one is found by joining it. The name may end
// with the beginning of the owner's key. Errors: event.ErrName.
func (l *Ledger) OwnedRoom(name string, owner event.Key) (*Room, error) {
	name, err := event.ChannelName(name)
	if err != nil {
		return nil, err
	}
	base, prefix, _ := ownedName(name)
	if base == event.EntryChannel || strings.HasPrefix(base, "#") {
		return nil, fmt.Errorf("%w: no room with an owner may be called %s", event.ErrName, base)
	}
	if !strings.HasPrefix(owner.String(), prefix) {
		return nil, fmt.Errorf("%w: the key of the owner of %s does not begin with %s", event.ErrName, name, prefix)
	}
	id := event.ChannelID(event.Owned, base, owner[:], nil)
	if r := l.ByID(id); r != nil {
		return r, nil
	}
	return &Room{l: l, id: id, name: base, class: event.Owned, owner: owner}, nil
}

// Create makes the room of that name that is owned here, and joins it. It
// reports whether the room is new. A dry run keeps nothing.
func (l *Ledger) Create(ctx context.Context, name string, dryRun bool) (r *Room, created bool, err error) {
	if r, err = l.OwnedRoom(name, l.self); err != nil {
		return nil, false, err
	}
	done, err := r.Commit(ctx, Write{
		App: coreApp(), DryRun: dryRun,
		Decide: func(_ app.Reader, c app.Call) ([]app.Draft, error) {
			if c.Role != app.NoRole || len(c.Members()) > 0 {
				return nil, nil
			}
			return []app.Draft{{Type: core.TypeCreate, Body: &core.Create{Name: r.name, Owner: l.self, Policy: core.Fields{}}}}, nil
		},
		Reply: func(app.Reader, []*event.Signed, app.Call) ([]byte, error) { return nil, nil },
	})
	if err != nil || dryRun {
		return r, len(done.Events) > 0, err
	}
	return l.keep(r), len(done.Events) > 0, r.Join(ctx)
}

// rebind gives a room with an owner its name: an open room that has it and no
// events is left.
func (w *work) rebind(r *Room, join bool) error {
	if !join || r.class != event.Owned {
		return nil
	}
	open := w.l.ByID(event.OpenRoom(r.name))
	if open == nil {
		return nil
	}
	if _, used := newLog(w.tx, open.id).get(key(kRoom, open.id)); used {
		return nil
	}
	w.freed = open
	_, err := w.member(open, false)
	return err
}

// forget drops a room that has no events and was left.
func (l *Ledger) forget(r *Room) {
	l.mu.Lock()
	delete(l.rooms, r.id)
	l.mark(r.name)
	l.mu.Unlock()
	if err := l.unsubscribe(r); err != nil {
		l.log.Warn("room not left", "room", r.name, "error", err)
	}
}

// mark tells the rooms of a name whether others have it too; mu is held.
func (l *Ledger) mark(name string) {
	var same []*Room
	for _, r := range l.rooms {
		if r.name == name && r.class != event.Self {
			same = append(same, r)
		}
	}
	for _, r := range same {
		r.shared.Store(len(same) > 1)
	}
}
