package ledger

import (
	"context"
	"errors"
	"fmt"

	"intercom/ledger/event"
)

// prove checks a range of events of one room: each is proven by its own
// signature or by the chain to a later one of the range. One signature is
// checked per chain, which is what makes a range cheap.
func prove(room event.ID, events []*event.Signed) (map[event.ID]bool, error) {
	byID := make(map[event.ID]*event.Signed, len(events))
	for _, e := range events {
		if e.Room != room {
			return nil, fmt.Errorf("%w: event %s is of another room", ErrRefused, e.ID)
		}
		byID[e.ID] = e
	}
	chained := make(map[event.ID]bool, len(events))
	for _, e := range events {
		prev, ok := byID[e.Prev]
		if !ok || e.Seq == 0 {
			continue
		}
		if prev.Author != e.Author || prev.Instance != e.Instance || prev.Seq+1 != e.Seq {
			return nil, fmt.Errorf("%w: prev of %s is not its chain's event %d", ErrRefused, e.ID, e.Seq-1)
		}
		chained[prev.ID] = true
	}
	for _, e := range events {
		if chained[e.ID] {
			continue
		}
		if err := e.Verify(); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrRefused, err)
		}
	}
	return chained, nil
}

// taken is what became of a range.
type taken struct {
	missing []*event.Signed // their previous one is not here
	known   int             // were here already
	over    []*event.Signed // left out by a quota
}

// Ingest stores and folds a range of a peer's events, all or none. Events
// whose previous one is not here come back; events over a quota are left
// out. Errors: ErrRefused for what a peer should not have sent, or the
// store's.
func (r *Room) Ingest(ctx context.Context, events []*event.Signed) (missing []*event.Signed, err error) {
	t, err := r.take(ctx, events)
	return t.missing, err
}

// take is Ingest that tells more.
func (r *Room) take(ctx context.Context, events []*event.Signed) (taken, error) {
	chained, err := prove(r.id, events)
	if err != nil {
		r.l.stats.add("events_refused", len(events))
		return taken{}, err
	}
	return r.ingest(ctx, events, chained)
}

// ingest is take of proven events: by the chain where chained says so, else
// by their own signature.
func (r *Room) ingest(ctx context.Context, events []*event.Signed, chained map[event.ID]bool) (t taken, err error) {
	change, err := r.update(ctx, func(w *work) (err error) {
		t, err = w.ingest(events, chained)
		return err
	}, false)
	if errors.Is(err, ErrRefused) {
		r.l.stats.add("events_refused", len(events))
	}
	if err != nil {
		return taken{}, err
	}
	r.l.stats.add("events_ingested", len(change.Events))
	return t, nil
}

func (w *work) ingest(events []*event.Signed, chained map[event.ID]bool) (t taken, err error) {
	for _, e := range events {
		proof := proofVerified
		if chained[e.ID] {
			proof = proofChained
		}
		added, err := w.add(e, proof)
		switch {
		case errors.Is(err, errMissing):
			t.missing = append(t.missing, e)
		case errors.Is(err, errQuota):
			t.over = append(t.over, e)
			w.l.stats.add("events_over_quota", 1)
		case err != nil:
			return taken{}, err
		case !added:
			t.known++
		case e.Author == w.l.self:
			if err := w.yield(e); err != nil {
				return taken{}, err
			}
		}
	}
	return t, nil
}

// yield takes a new instance when a peer shows events of the own one that
// this store does not have: another copy of it is writing, or wrote before a
// backup was restored.
func (w *work) yield(e *event.Signed) error {
	var row instanceRow
	if !w.row([]byte{kInstance}, &row) || row.Instance != e.Instance {
		return w.err
	}
	w.l.stats.add("instances_yielded", 1)
	return w.l.newInstance(w.log, w.tx, row)
}
