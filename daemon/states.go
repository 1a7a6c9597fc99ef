package daemon

import (
	"context"
	"slices"
	"time"

	"intercom/internal/app"
	"intercom/ledger"
	"intercom/ledger/event"
)

// watchAll has every room looked at: at the start, and when what is asked for
// may be another.
func (d *Daemon) watchAll() error {
	measured, err := d.attendedIn(nil)
	for _, in := range measured {
		d.watch.touch(in.room.ID(), true)
	}
	if err != nil {
		return err
	}
	return d.ledger.View(func(s *ledger.Snapshot) error {
		for _, a := range d.apps {
			if a.States == nil {
				continue
			}
			for _, r := range s.Rooms(a) {
				d.watch.touch(r.ID(), true)
			}
		}
		return nil
	})
}

// watchHooks has every room looked at when there are other hooks, until ctx
// ends.
func (d *Daemon) watchHooks(ctx context.Context) error {
	ticks := time.NewTicker(longest)
	defer ticks.Stop()
	known := d.hooks.Load().Names()
	for {
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		if names := d.hooks.Load().Names(); !slices.Equal(names, known) {
			known = names
			if err := d.watchAll(); err != nil {
				d.o.Log.Error("rooms not watched", "error", err)
			}
		}
	}
}

// lookAt tells of the states of a room that have become others since they were
// told last. It is called by one goroutine.
func (d *Daemon) lookAt(ctx context.Context, room event.ID, first bool) (told bool) {
	r := d.ledger.ByID(room)
	if r == nil {
		return false
	}
	if err := d.sumUp(ctx, r); err != nil && ctx.Err() == nil {
		d.o.Log.Error("presence not written", "room", r.Name(), "error", err)
	}
	for _, a := range d.apps {
		if a.States == nil {
			continue
		}
		n, err := d.turn(ctx, r, a, first)
		if err != nil && ctx.Err() == nil {
			d.o.Log.Error("room not watched", "room", r.Name(), "app", a.Name, "error", err)
		}
		told = told || n > 0
	}
	return told
}

func (d *Daemon) turn(ctx context.Context, r *ledger.Room, a *app.App, first bool) (told int, err error) {
	var states []app.State
	turned := false
	err = d.ledger.View(func(s *ledger.Snapshot) error {
		if !s.Uses(r, a) {
			return nil
		}
		now := d.o.Now()
		q := app.Asking{Self: d.shapes.Self, Setting: d.config.Load().Get, Wants: d.hooks.Load().Wants, Now: now}
		members := s.Members(r, now)
		if i := slices.IndexFunc(members, func(m app.RoomMember) bool { return m.Key == q.Self }); i >= 0 {
			q.Alias = members[i].Alias
		}
		states = a.States(s.Reader(r, a), q)
		turned = s.Turned(r, a, states)
		return nil
	})
	if err != nil || !turned {
		return 0, err
	}
	return r.Turn(ctx, a, states, first)
}
