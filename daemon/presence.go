package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/internal/store"
	"intercom/ledger"
	"intercom/ledger/event"
)

// presenceLetter begins the keys of what was measured; the ledger's letters
// are in its own list.
const presenceLetter = 'y'

// measured is the row of a session whose person is measured, in ms. It is
// written each time: a crash loses what was not counted yet, and counts
// nothing twice.
type measured struct {
	Present, Idle int64
	Last          int64 // up to when it is known
}

// attended names a row: a session of an app in a room.
type attended struct {
	room    *ledger.Room
	app     *app.App
	session event.ID
}

func (a attended) key() []byte {
	room := a.room.ID()
	return slices.Concat([]byte{presenceLetter}, room[:], a.session[:], []byte(a.app.Name))
}

// attendedIn returns the rows of a room; nil stands for all rooms.
func (d *Daemon) attendedIn(room *ledger.Room) (all []attended, err error) {
	prefix := []byte{presenceLetter}
	if room != nil {
		id := room.ID()
		prefix = append(prefix, id[:]...)
	}
	const name = 1 + 32 + 32 // letter, room, session
	err = d.store.View(func(s store.Reader) error {
		return s.Scan(prefix, nil, func(k, _ []byte) bool {
			if len(k) <= name {
				return true
			}
			r := d.ledger.ByID(event.ID(k[1:33]))
			for _, a := range d.apps {
				if r != nil && a.Attendance != nil && a.Name == string(k[name:]) {
					all = append(all, attended{r, a, event.ID(k[33:name])})
				}
			}
			return true
		})
	})
	return all, err
}

// attend changes a row by what f makes of it and of how long the person was
// to be there since a time, up to now. It is called with d.measuring held.
func (d *Daemon) attend(ctx context.Context, in attended, now time.Time, f func(m *measured, since func(time.Time) int64)) error {
	var m measured
	err := d.store.View(func(s store.Reader) error {
		b, err := s.Get(in.key())
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		return errors.Join(err, json.Unmarshal(b, &m))
	})
	if err != nil {
		return err
	}
	err = d.ledger.View(func(s *ledger.Snapshot) error {
		f(&m, func(from time.Time) int64 {
			return in.app.Attendance.Worked(s.Reader(in.room, in.app), d.shapes.Self, in.session, from, now).Milliseconds()
		})
		return nil
	})
	m.Last = max(m.Last, now.UnixMilli())
	row, encoding := json.Marshal(m)
	if err = errors.Join(err, encoding); err != nil {
		return err
	}
	return d.store.Update(ctx, func(tx *store.Tx) error {
		tx.Put(in.key(), row)
		return nil
	})
}

// present counts the time since the person said last that he is there, unless
// that was longer ago than it holds, and tells the room. It is false, and
// nobody is told, where no session is counted.
func (d *Daemon) present(ctx context.Context, r *ledger.Room) (counted bool, err error) {
	d.measuring.Lock()
	defer d.measuring.Unlock()
	now := d.o.Now()
	for _, a := range d.apps {
		if a.Attendance == nil {
			continue
		}
		in := attended{room: r, app: a}
		if err := d.ledger.View(func(s *ledger.Snapshot) error {
			if s.Uses(r, a) {
				in.session = a.Attendance.Current(s.Reader(r, a), d.shapes.Self, now)
			}
			return nil
		}); err != nil {
			return counted, err
		}
		if in.session.IsZero() {
			continue
		}
		counted = true
		if err := d.attend(ctx, in, now, func(m *measured, since func(time.Time) int64) {
			last := time.UnixMilli(m.Last)
			if ago := now.Sub(last); ago > 0 && ago <= wire.PresentFor {
				m.Present += since(last)
			}
		}); err != nil {
			return counted, err
		}
	}
	if counted {
		d.hub.tellHere(r)
	}
	return counted, nil
}

// slept counts the time from a moment to another as idle in all sessions that
// are measured.
func (d *Daemon) slept(ctx context.Context, from, to time.Time) error {
	d.measuring.Lock()
	defer d.measuring.Unlock()
	all, err := d.attendedIn(nil)
	for _, in := range all {
		if err == nil {
			err = d.attend(ctx, in, to, func(m *measured, since func(time.Time) int64) {
				begun := from
				if last := time.UnixMilli(m.Last); last.After(begun) {
					begun = last
				}
				if begun.Before(to) {
					m.Idle += since(begun)
				}
			})
		}
	}
	return err
}

// watchSleep counts the time for which the machine sleeps, until ctx ends:
// meanwhile the clock on the wall goes on and no other does.
func (d *Daemon) watchSleep(ctx context.Context) error {
	ticks := time.NewTicker(longest)
	defer ticks.Stop()
	wall, ran := d.o.Now().Round(0), time.Now()
	for {
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		nowWall, nowRan := d.o.Now().Round(0), time.Now()
		slept := nowWall.Sub(wall) - nowRan.Sub(ran)
		wall, ran = nowWall, nowRan
		if slept < wire.PresentFor {
			continue
		}
		if err := d.slept(ctx, wall.Add(-slept), wall); err != nil && ctx.Err() == nil {
			d.o.Log.Warn("sleep not counted", "error", err)
		}
	}
}

// sumUp writes what was measured of the sessions of a room that are over, once
// each, over restarts and crashes too.
func (d *Daemon) sumUp(ctx context.Context, r *ledger.Room) error {
	d.measuring.Lock()
	defer d.measuring.Unlock()
	all, err := d.attendedIn(r)
	for _, in := range all {
		if err == nil {
			err = d.sum(ctx, in)
		}
	}
	return err
}

func (d *Daemon) sum(ctx context.Context, in attended) error {
	var m measured
	joined, over := false, false
	if err := d.store.View(func(s store.Reader) error {
		b, err := s.Get(in.key())
		return errors.Join(err, json.Unmarshal(b, &m))
	}); err != nil {
		return err
	}
	total := app.Measured{Present: time.Duration(m.Present) * time.Millisecond, Idle: time.Duration(m.Idle) * time.Millisecond}
	sum := func(rows app.Reader) (drafts []app.Draft) {
		drafts, over = in.app.Attendance.Sum(rows, d.shapes.Self, in.session, total, d.o.Now())
		return drafts
	}
	writes := false
	err := d.ledger.View(func(s *ledger.Snapshot) error {
		joined = s.Joined(in.room) // else he has left, and nothing is written there
		writes = len(sum(s.Reader(in.room, in.app))) > 0
		return nil
	})
	if err != nil || !over {
		return err
	}
	if joined && writes {
		_, err = in.room.Commit(ctx, ledger.Write{
			App: in.app, Key: "presence/" + in.session.String(), Body: []byte("presence"),
			Decide: func(rows app.Reader, _ app.Call) ([]app.Draft, error) { return sum(rows), nil },
			Reply:  func(app.Reader, []*event.Signed, app.Call) ([]byte, error) { return nil, nil },
		})
		if err != nil {
			return err
		}
	}
	return d.store.Update(ctx, func(tx *store.Tx) error {
		tx.Delete(in.key())
		return nil
	})
}
