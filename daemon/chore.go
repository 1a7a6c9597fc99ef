package daemon

import (
	"context"
	"slices"
	"time"

	"intercom/internal/app"
	"intercom/ledger"
	"intercom/ledger/event"
)

// later is when a chore that could not be done is tried again.
const later = time.Minute

// setChores sets when the chores of all rooms are due, at the start.
func (d *Daemon) setChores() error {
	return d.ledger.View(func(s *ledger.Snapshot) error {
		for _, a := range d.apps {
			if a.Chore == nil {
				continue
			}
			for _, r := range s.Rooms(a) {
				d.setChore(s, r, a, false)
			}
		}
		return nil
	})
}

// choresAfter sets them anew where an event may have changed when they are due.
func (d *Daemon) choresAfter(s *ledger.Snapshot, c ledger.Change) {
	d.choosing.Lock()
	defer d.choosing.Unlock()
	for _, a := range d.apps {
		if a.Chore != nil && slices.ContainsFunc(c.Events, func(e ledger.Applied) bool { return slices.Contains(a.Chore.Types, e.Type) }) {
			d.setChore(s, c.Room, a, false)
		}
	}
}

// setChore sets when a chore is due; not at once where it was just tried.
func (d *Daemon) setChore(s *ledger.Snapshot, r *ledger.Room, a *app.App, tried bool) {
	if d.chores == nil {
		return
	}
	now := d.o.Now()
	at, ok := a.Chore.Next(s.Reader(r, a), d.ledger.Self(), now)
	if !ok {
		d.chores.set(r.ID(), a, nil)
		return
	}
	if again := now.Add(later); at.Before(again) && (tried || !s.Joined(r)) {
		at = again
	}
	d.chores.set(r.ID(), a, []app.Due{{ID: a.Name, At: at}})
}

// do does what is due in a room, unless the user has left it. Another device of
// the user may have done it too: what it wrote counts once by the app's rules.
func (d *Daemon) do(ctx context.Context, r *ledger.Room, a *app.App, _ app.Due) {
	tried, err := d.chore(ctx, r, a)
	if err != nil && ctx.Err() == nil {
		d.o.Log.Warn("chore not done, tried again in a minute", "room", r.Name(), "app", a.Name, "error", err)
	}
	d.choosing.Lock()
	defer d.choosing.Unlock()
	err = d.ledger.View(func(s *ledger.Snapshot) error {
		d.setChore(s, r, a, tried)
		return nil
	})
	if err != nil {
		d.o.Log.Error("chore not set", "room", r.Name(), "app", a.Name, "error", err)
	}
}

// chore reports whether it is no use to try again at once.
func (d *Daemon) chore(ctx context.Context, r *ledger.Room, a *app.App) (tried bool, err error) {
	joined := false
	if err := d.ledger.View(func(s *ledger.Snapshot) error {
		joined = s.Joined(r)
		return nil
	}); err != nil || !joined {
		return true, err
	}
	done, err := r.Commit(ctx, ledger.Write{
		App: a, Decide: a.Chore.Do,
		Reply: func(app.Reader, []*event.Signed, app.Call) ([]byte, error) { return nil, nil },
	})
	return err != nil || len(done.Events) == 0, err
}
