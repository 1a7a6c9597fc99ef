package daemon

import (
	"context"
	"slices"
	"time"

	"intercom/internal/app"
	"intercom/ledger"
)

// due sets what time alone will bring in a room after now.
func (d *Daemon) due(r *ledger.Room, a *app.App, rows app.Reader, now time.Time) {
	if a.Timers != nil && d.timers != nil {
		d.timers.set(r.ID(), a, a.Timers(rows, now))
	}
}

// passing is a transition that is due.
type passing struct {
	room *ledger.Room
	app  *app.App
	due  app.Due
}

// setTimers sets the timers of all rooms at the start, and records what came
// due while nobody ran here.
func (d *Daemon) setTimers(ctx context.Context) error {
	var missed []passing
	err := d.ledger.View(func(s *ledger.Snapshot) error {
		// Until then a daemon ran; a transition may have been on its way.
		ran := s.Journal()
		for _, a := range d.apps {
			for _, r := range s.Rooms(a) {
				rows := s.Reader(r, a)
				d.due(r, a, rows, d.o.Now())
				if a.Timers == nil || ran.Head == 0 {
					continue
				}
				for _, due := range a.Timers(rows, ran.At.Add(-live)) {
					if due.At.After(d.o.Now()) {
						break
					}
					missed = append(missed, passing{r, a, due})
				}
			}
		}
		return nil
	})
	for _, p := range missed {
		if err == nil {
			err = d.pass(ctx, p, true)
		}
	}
	return err
}

// fire records what time has brought; the clients are told by changed.
func (d *Daemon) fire(ctx context.Context, r *ledger.Room, a *app.App, due app.Due) {
	if err := d.pass(ctx, passing{r, a, due}, false); err != nil {
		d.o.Log.Error("transition not recorded", "room", r.Name(), "transition", due.ID, "error", err)
	}
}

func (d *Daemon) pass(ctx context.Context, p passing, missed bool) error {
	return p.room.Pass(ctx, p.app, p.due, missed, func(rows app.Reader) bool {
		return slices.Contains(p.app.Timers(rows, p.due.At.Add(-time.Millisecond)), p.due)
	})
}
