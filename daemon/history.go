package daemon

import (
	"context"
	"time"

	"intercom/daemon/journal"
	"intercom/ledger"
)

// newJournal makes the order of what clients are told.
func (d *Daemon) newJournal() error {
	var head uint64
	err := d.ledger.View(func(s *ledger.Snapshot) error {
		head = s.Journal().Head
		return nil
	})
	d.journal.Store(journal.New(journal.Options{
		Boot: d.instance, Head: head, Live: live, Now: d.o.Now, Load: d.loadEntries,
		After: func(t time.Time) (n uint64, err error) {
			err = d.ledger.View(func(s *ledger.Snapshot) error { n = s.After(t); return nil })
			return n, err
		},
	}))
	return err
}

// loadEntries reads entries of the journal with what is pushed for them.
func (d *Daemon) loadEntries(from uint64, bytes int) (all []journal.Durable, oldest uint64, err error) {
	err = d.ledger.View(func(s *ledger.Snapshot) error {
		oldest = s.Journal().Oldest
		if bytes <= 0 {
			return nil
		}
		s.Entries(max(from, oldest), func(e ledger.Entry) bool {
			t := d.show(s, e)
			all = append(all, journal.Durable{N: e.N, At: e.At, Late: late(e), Frames: t.frames})
			for _, f := range t.frames {
				bytes -= len(f.JSON)
			}
			bytes -= entryCost
			return bytes > 0
		})
		return nil
	})
	return all, oldest, err
}

// entryCost is what an entry costs in memory beside its frames, about.
const entryCost = 200

// cursor is the place behind what has happened, for replies.
func (d *Daemon) cursor() string {
	if j := d.journal.Load(); j != nil {
		return j.Cursor()
	}
	return ""
}

// forgetEvery is how often old entries of the journal are removed.
const forgetEvery = time.Hour

// forget removes the entries of the journal that are older than the settings
// keep them, now and from time to time, until ctx ends.
func (d *Daemon) forget(ctx context.Context) error {
	days := d.o.Config.Number("journal-days")
	tick := time.NewTicker(forgetEvery)
	defer tick.Stop()
	for {
		if days > 0 {
			n, err := d.ledger.Forget(ctx, d.o.Now().AddDate(0, 0, -days))
			if err != nil && ctx.Err() == nil {
				d.o.Log.Warn("old entries of the journal not removed", "error", err)
			} else if n > 0 {
				d.o.Log.Info("old entries of the journal removed", "entries", n)
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
