package ledger

import (
	"context"
	"errors"
	"fmt"

	"intercom/ledger/event"
)

// Intake is what became of events that somebody handed over.
type Intake struct {
	Added   int
	Known   int // were here already
	Refused []Refusal
}

// Refusal is an event that was not taken, and why.
type Refusal struct {
	Event  event.ID // zero: the bytes are no event
	Reason string
}

// Take stores and folds events in their stored form that came otherwise than
// from a peer. They are judged as a peer's are; one that is refused costs only
// itself and what follows it in its chain. Nothing is stored if dry: then only
// signatures, the room and what is here are looked at. Errors are the store's.
func (r *Room) Take(ctx context.Context, list []event.Bytes, dry bool) (Intake, error) {
	var in Intake
	var events []*event.Signed
	for _, b := range list {
		e, err := event.Decode(b)
		switch {
		case err != nil:
			in.refuse(event.ID{}, err)
		case e.Room != r.id:
			in.refuse(e.ID, errors.New("it is of another room"))
		default:
			events = append(events, &e)
		}
	}
	r.l.stats.add("events_refused", len(in.Refused))
	if dry {
		return in, r.judge(events, &in)
	}
	return in, r.takeParts(ctx, events, &in)
}

// takeParts halves what is refused as a whole, until the event that is to blame
// is alone.
func (r *Room) takeParts(ctx context.Context, events []*event.Signed, in *Intake) error {
	if len(events) == 0 {
		return nil
	}
	t, err := r.take(ctx, events)
	switch {
	case errors.Is(err, ErrRefused) && len(events) == 1:
		in.refuse(events[0].ID, err)
		return nil
	case errors.Is(err, ErrRefused):
		half := len(events) / 2
		if err := r.takeParts(ctx, events[:half], in); err != nil {
			return err
		}
		return r.takeParts(ctx, events[half:], in)
	case err != nil:
		return err
	}
	for _, e := range t.missing {
		in.refuse(e.ID, fmt.Errorf("event %d of its chain, which it follows, is not here", e.Seq-1))
	}
	for _, e := range t.over {
		in.refuse(e.ID, errors.New("it is over a size limit of the room here"))
	}
	in.Known += t.known
	in.Added += len(events) - t.known - len(t.missing) - len(t.over)
	return nil
}

// judge counts what Take would do, as far as it can be told without doing it.
func (r *Room) judge(events []*event.Signed, in *Intake) error {
	_, whole := prove(r.id, events)
	return r.l.View(func(s *Snapshot) error {
		log := s.log(r.id)
		for _, e := range events {
			var bad error
			if whole != nil { // else the chains prove them
				bad = e.Verify()
			}
			switch _, here := log.find(e.ID); {
			case here:
				in.Known++
			case bad != nil:
				in.refuse(e.ID, bad)
			default:
				in.Added++
			}
		}
		return nil
	})
}

func (in *Intake) refuse(id event.ID, err error) {
	in.Refused = append(in.Refused, Refusal{Event: id, Reason: err.Error()})
}
