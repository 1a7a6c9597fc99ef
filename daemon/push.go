package daemon

import (
	"time"

	"intercom/daemon/bridge/compat"
	"intercom/daemon/journal"
	"intercom/internal/app"
	"intercom/ledger"
	"intercom/p2p/channel"
)

// live is how old an event of another peer may be to be news. Later ones are
// history: they change the state, and only clients of `events` are told.
const live = time.Minute

// changed tells the clients of a change and sets the timers of the room. The
// ledger calls it in the order of the commits. Frames are made for who is
// there: whoever begins to follow later loads the entries.
func (d *Daemon) changed(c ledger.Change) {
	d.effort.written()
	j, now := d.journal.Load(), d.o.Now()
	follows, listens := d.bridge.Audience(c.Room.Name())
	err := d.ledger.View(func(s *ledger.Snapshot) error {
		for _, e := range entriesOf(c) {
			if !fresh(e) {
				j.Add(journal.Durable{N: e.N}) // whoever follows loads it
				continue
			}
			entry := journal.Durable{N: e.N, At: e.At, Late: late(e)}
			var original []compat.Frame
			switch {
			case follows:
				shown := d.show(s, e)
				entry.Frames, original = shown.frames, shown.original
			case listens:
				original = d.showOriginal(s, e)
			}
			j.Add(entry)
			for _, f := range original {
				d.bridge.Push(f.Channel, f.Text, f.JSON)
			}
			d.notice(s, e)
		}
		d.watch.touch(c.Room.ID(), false)
		for _, a := range d.apps {
			if s.Uses(c.Room, a) {
				d.due(c.Room, a, s.Reader(c.Room, a), now)
			}
		}
		d.choresAfter(s, c)
		return nil
	})
	if err != nil {
		d.o.Log.Error("change not pushed", "room", c.Room.Name(), "error", err)
	}
}

// entriesOf returns what a change adds to the journal: nothing of the self
// room, whose events have no number there.
func entriesOf(c ledger.Change) []ledger.Entry {
	all := make([]ledger.Entry, 0, len(c.Events)+len(c.Passed))
	for _, e := range c.Events {
		if e.N == 0 {
			continue
		}
		all = append(all, ledger.Entry{N: e.N, Room: c.Room, At: e.At, Local: c.Local, Event: e.Signed})
	}
	return append(all, c.Passed...)
}

// fresh reports whether everybody is told of an entry, not only who follows:
// of own events, of others that are news, and of what time brought while the
// daemon ran.
func fresh(e ledger.Entry) bool {
	if e.Passed != nil {
		return !e.Passed.Missed
	}
	return !late(e)
}

// late reports whether an entry was history already when it happened here.
func late(e ledger.Entry) bool {
	if e.Passed != nil {
		return e.Passed.Missed || e.At.Sub(e.Passed.Due) > live
	}
	return !e.Local && e.At.Sub(time.UnixMilli(e.Event.TS)).Abs() > live
}

// shown is what clients are told of an entry.
type shown struct {
	frames   []journal.Frame // who follows
	original []compat.Frame  // all others
}

// show makes the frames of an entry from the rows of its room as they are. What
// has no right to be is told as it stands, and only to who follows.
func (d *Daemon) show(s *ledger.Snapshot, e ledger.Entry) (t shown) {
	if e.Event != nil && s.Refused(e.Room, e.Event.ID) {
		return shown{frames: []journal.Frame{ledgerEvent(e)}}
	}
	for _, a := range d.apps {
		if !concerns(s, a, e) {
			continue
		}
		rows := s.Reader(e.Room, a)
		original, err := d.originals(a, e, rows)
		t.original = append(t.original, original...)
		for _, f := range original {
			t.frames = append(t.frames, alike(e, f))
		}
		if a.Pushes != nil && err == nil {
			for _, p := range a.Pushes(rows, d.happening(e)) {
				var f journal.Frame
				if f, err = pushOf(e, p); err == nil {
					t.frames = append(t.frames, f)
				}
			}
		}
		if err != nil {
			d.o.Log.Error("entry not pushed", "room", e.Room.Name(), "entry", e.N, "app", a.Name, "error", err)
		}
	}
	if len(t.frames) == 0 && e.Event != nil {
		t.frames = append(t.frames, ledgerEvent(e))
	}
	return t
}

// showOriginal makes what the original pushes for an entry, and nothing else.
func (d *Daemon) showOriginal(s *ledger.Snapshot, e ledger.Entry) (all []compat.Frame) {
	if e.Event != nil && s.Refused(e.Room, e.Event.ID) {
		return nil
	}
	for _, a := range d.apps {
		if !concerns(s, a, e) {
			continue
		}
		original, err := d.originals(a, e, s.Reader(e.Room, a))
		if err != nil {
			d.o.Log.Error("entry not pushed", "room", e.Room.Name(), "entry", e.N, "app", a.Name, "error", err)
		}
		all = append(all, original...)
	}
	return all
}

// concerns reports whether an app has something to do with an entry.
func concerns(s *ledger.Snapshot, a *app.App, e ledger.Entry) bool {
	return (e.Event == nil || a.Folds(e.Event.Type)) && (e.Passed == nil || e.Passed.App == a.Name) && s.Uses(e.Room, a)
}

// originals returns what the original pushes for an entry of an app.
func (d *Daemon) originals(a *app.App, e ledger.Entry, rows app.Reader) ([]compat.Frame, error) {
	if e.Event != nil {
		return d.shapes.Frames(a.Name, compat.Happening{
			Room: e.Room.Name(), Event: e.Event, Local: e.Local, Reader: rows, Now: d.o.Now(),
		})
	}
	f, ok, err := d.shapes.ExpiredFrame(e.Room.Name(), e.Passed.ID, rows, d.afterDue(e.Passed))
	if !ok {
		return nil, err
	}
	return []compat.Frame{f}, nil
}

// afterDue is now, or when a transition was due if the clock was set back.
func (d *Daemon) afterDue(p *ledger.Passed) time.Time {
	if now := d.o.Now(); now.After(p.Due) {
		return now
	}
	return p.Due
}

func (d *Daemon) happening(e ledger.Entry) app.Happened {
	h := app.Happened{Room: e.Room.Name(), Event: e.Event, Local: e.Local, Now: d.o.Now()}
	if e.Passed != nil {
		h.Due, h.Now = app.Due{ID: e.Passed.ID, At: e.Passed.Due}, d.afterDue(e.Passed)
	}
	return h
}

// delivered tells the clients of a message of a channel.
func (d *Daemon) delivered(m channel.Message) {
	if compat.Control(m.Message) {
		return
	}
	f, err := compat.MessageFrame(m)
	if err != nil {
		d.o.Log.Error("message not pushed", "channel", m.Channel, "error", err)
		return
	}
	if j := d.journal.Load(); j != nil {
		j.Happened(sourced(f, m.Own))
	}
	if !m.Own { // the original pushes to nobody what was sent here
		d.bridge.Push(f.Channel, f.Text, f.JSON)
	}
}

// happened tells the clients of `events` of what is no event of a room: peers
// that come and go, gaps. push is a wire type; typ is the type of its frame.
func (d *Daemon) happened(typ, channel string, push any) {
	j := d.journal.Load()
	if j == nil {
		return // nobody follows yet
	}
	f, err := frameOf(typ, "", channel, push)
	if err != nil {
		d.o.Log.Error("not pushed", "type", typ, "error", err)
		return
	}
	j.Happened(f)
}
