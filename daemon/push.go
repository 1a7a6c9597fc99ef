package daemon

import (
	"time"

	"intercom/daemon/bridge/compat"
	"intercom/internal/app"
	"intercom/ledger"
)

// live is how old an event of another peer may be to be news. Later ones are
// history: they change the state and are pushed to nobody.
const live = time.Minute

// frames returns what an app's event means to clients, or nothing for an app
// that pushes nothing.
func (d *Daemon) frames(a *app.App, h compat.Happening) ([]compat.Frame, error) {
	switch a.Name {
	case "focus":
		return d.shapes.FocusFrames(h)
	case "expense":
		return d.shapes.ExpenseFrames(h)
	}
	return nil, nil
}

// changed pushes what a change means to the clients and sets the timers of the
// room. The ledger calls it in the order of the commits.
func (d *Daemon) changed(c ledger.Change) {
	err := d.ledger.View(func(s *ledger.Snapshot) error {
		for _, a := range d.apps {
			if !s.Uses(c.Room, a) {
				continue
			}
			r := s.Reader(c.Room, a)
			d.push(c, a, r)
			d.due(c.Room, a, r)
		}
		return nil
	})
	if err != nil {
		d.o.Log.Error("change not pushed", "room", c.Room.Name(), "error", err)
	}
}

func (d *Daemon) push(c ledger.Change, a *app.App, r app.Reader) {
	now := d.o.Now()
	for _, e := range c.Events {
		if age := now.Sub(time.UnixMilli(e.TS)).Abs(); !a.Folds(e.Type) || !c.Local && age > live {
			continue
		}
		out, err := d.frames(a, compat.Happening{Room: c.Room.Name(), Event: e.Signed, Local: c.Local, Reader: r, Now: now})
		if err != nil {
			d.o.Log.Error("event not pushed", "room", c.Room.Name(), "event", e.ID.String(), "error", err)
		}
		for _, f := range out {
			d.bridge.Push(f.Channel, f.Text, f.JSON)
		}
	}
}

// due sets what time alone will bring in a room.
func (d *Daemon) due(r *ledger.Room, a *app.App, rows app.Reader) {
	if a.Timers != nil && d.timers != nil {
		d.timers.set(r, a, a.Timers(rows, d.o.Now()))
	}
}

// setTimers sets the timers of all rooms at the start.
func (d *Daemon) setTimers() error {
	return d.ledger.View(func(s *ledger.Snapshot) error {
		for _, a := range d.apps {
			for _, r := range s.Rooms(a) {
				d.due(r, a, s.Reader(r, a))
			}
		}
		return nil
	})
}

// fire pushes what time has brought.
func (d *Daemon) fire(r *ledger.Room, a *app.App, id string) {
	err := d.ledger.View(func(s *ledger.Snapshot) error {
		f, ok, err := d.shapes.ExpiredFrame(r.Name(), id, s.Reader(r, a), d.o.Now())
		if ok {
			d.bridge.Push(f.Channel, f.Text, f.JSON)
		}
		return err
	})
	if err != nil {
		d.o.Log.Error("expiry not pushed", "room", r.Name(), "error", err)
	}
}

// happened tells the clients of `events` of what is no event of a room: peers
// that come and go, gaps. push is a wire type; typ is the type of its frame.
func (d *Daemon) happened(typ, channel string, push any) {}
