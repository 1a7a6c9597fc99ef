package ledger

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"intercom/internal/app"
	"intercom/internal/store"
	"intercom/ledger/event"
)

// Write is a request that decides on events.
type Write struct {
	App    *app.App
	Key    string // idempotency key, or empty
	Body   []byte // the canonical request: with one key it must not change
	DryRun bool   // decide and reply, but keep nothing
	Decide func(r app.Reader, c app.Call) ([]app.Draft, error)
	// Reply makes the first reply from the state after the events. It is
	// stored, and returned to whoever repeats the key.
	Reply func(r app.Reader, events []*event.Signed, c app.Call) ([]byte, error)
}

// Committed is the outcome of a write.
type Committed struct {
	Reply    []byte
	Events   []*event.Signed
	Repeated bool // the key was used before; nothing was written
}

// Commit decides, signs, stores and folds in one transaction, which is on
// disk before it returns. Writing to a room joins it. Errors: Decide's own,
// ErrKeyConflict, ErrQuota, or the store's (disk full, read-only).
func (r *Room) Commit(ctx context.Context, wr Write) (Committed, error) {
	var done Committed
	var joined bool
	_, err := r.update(ctx, func(w *work) (err error) {
		if done, err = w.commit(r, wr); err != nil {
			return err
		}
		if wr.DryRun {
			return errDryRun
		}
		if len(done.Events) > 0 && r.class != event.Self {
			joined, err = w.member(r, true)
		}
		return err
	}, true)
	switch {
	case errors.Is(err, errDryRun):
		return done, nil
	case err != nil:
		return Committed{}, err
	}
	if joined {
		if err := r.l.subscribe(r.l.keep(r)); err != nil {
			return done, fmt.Errorf("subscribe %s: %w", r.Name(), err)
		}
	}
	// Durable, so it is told also if the client gave up meanwhile.
	r.l.announce(context.WithoutCancel(ctx), r, done.Events)
	return done, nil
}

// update runs f on the room in one transaction. When that is on disk, and
// after all earlier changes have been told, it tells of the change.
func (r *Room) update(ctx context.Context, f func(*work) error, local bool) (Change, error) {
	change := Change{Local: local}
	var ticket uint64
	var ticketed bool
	var freed *Room
	err := r.l.store.Update(ctx, func(tx *store.Tx) error {
		w, err := r.l.newWork(tx, r)
		if err != nil {
			return err
		}
		w.local = local
		if err := errors.Join(f(w), w.err); err != nil {
			return err
		}
		if w.again {
			w.refold()
		}
		if err := w.flush(); err != nil {
			return err
		}
		change.Events, change.Passed, freed = w.out, w.passed, w.freed
		ticket, ticketed = r.l.order.ticket(), true
		return nil
	})
	if ticketed {
		r.l.order.run(ticket, func() {
			if err == nil && freed != nil {
				r.l.forget(freed)
			}
			if err != nil || len(change.Events)+len(change.Passed) == 0 {
				return
			}
			change.Room = r.l.keep(r)
			if r.l.changed != nil {
				r.l.changed(change)
			}
		})
	}
	return change, err
}

func (w *work) commit(r *Room, wr Write) (Committed, error) {
	hash := sha256.Sum256(wr.Body)
	request := key(kRequest, r.id, hashKey(wr.Key))
	if wr.Key != "" {
		var first requestRow
		if w.row(request, &first) {
			if first.Hash != hash {
				return Committed{}, fmt.Errorf("%w: %q in %s", ErrKeyConflict, wr.Key, r.Name())
			}
			return Committed{Reply: first.Reply, Repeated: true}, w.err
		}
	}
	call, own, err := w.call(r)
	if err != nil {
		return Committed{}, err
	}
	v := w.view(wr.App)
	call.State = func() event.ID { return stateHash(wr.App, &v.lanes) }
	drafts, err := wr.Decide(v, call)
	if err := errors.Join(err, w.err); err != nil {
		return Committed{}, err
	}
	var done Committed
	for n, d := range drafts {
		s, err := w.write(r, call, own, d, draftKey(wr.Key, n))
		if err != nil {
			return Committed{}, err
		}
		own = &last{s.Seq, s.ID}
		done.Events = append(done.Events, s)
	}
	if w.again {
		w.refold()
		v = w.view(wr.App)
	}
	if done.Reply, err = wr.Reply(v, done.Events, call); err != nil {
		return Committed{}, err
	}
	if wr.Key != "" {
		put(w.log, w.tx, request, &requestRow{Hash: hash, Reply: done.Reply})
	}
	return done, w.err
}

func draftKey(key string, n int) string {
	if key == "" || n == 0 {
		return key
	}
	return key + "/" + strconv.Itoa(n)
}

// last names the last event of a writer.
type last struct {
	seq uint64
	id  event.ID
}

// call returns what a decision may know, and the writer's last event, nil if it
// has none.
func (w *work) call(r *Room) (app.Call, *last, error) {
	var row instanceRow
	if !w.row([]byte{kInstance}, &row) {
		return app.Call{}, nil, errors.Join(w.err, fmt.Errorf("%w: no instance", ErrDamaged))
	}
	c := app.Call{
		Room:   app.Room{Name: r.Name(), ID: r.id, Joined: true},
		Author: w.l.self, Instance: row.Instance, Now: w.l.now(),
	}
	w.present(&c, r.class, w.rights)
	chain, ok := w.ownChain(w.l.self, row.Instance)
	if !ok {
		return c, nil, w.err
	}
	c.Seq = chain.Seq + 1
	return c, &last{chain.Seq, chain.Head}, w.err
}

// write signs a draft as the event after own and folds it.
func (w *work) write(r *Room, c app.Call, own *last, d app.Draft, key string) (*event.Signed, error) {
	if err := d.Body.Check(); err != nil {
		return nil, err
	}
	body, err := event.Marshal(d.Body)
	if err == nil {
		err = event.Canonical(body) // an app's types may hold what the format does not
	}
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", d.Type, err)
	}
	_, offset := c.Now.Zone()
	e := event.Event{
		Room: r.id, Author: c.Author, Instance: c.Instance, TS: c.Now.UnixMilli(), TZ: offset / 60,
		Type: d.Type, Key: key, Body: body,
	}
	if own != nil {
		e.Seq, e.Prev = own.seq+1, own.id
	}
	e.Deps = w.deps(e.Prev, event.HeadLimit(d.Type))
	s, err := event.Sign(e, w.l.key)
	if err != nil {
		return nil, err
	}
	if _, err := w.add(&s, proofVerified); err != nil {
		if errors.Is(err, errQuota) {
			return nil, fmt.Errorf("%w: room %s is full", ErrQuota, r.Name())
		}
		return nil, err
	}
	if why, ok := w.refused[s.ID]; ok && r.class == event.Owned {
		return nil, forbidden(r, why)
	}
	return &s, w.err
}

// deps returns the tips that an own event names: all but its own prev, the
// latest ones where there are more than the format allows.
func (w *work) deps(prev event.ID, limit int) []event.ID {
	var deps []event.ID
	for _, t := range w.room.Tips {
		if t.ID != prev && len(deps) < limit {
			deps = append(deps, t.ID)
		}
	}
	slices.SortFunc(deps, event.ID.Compare)
	return deps
}
