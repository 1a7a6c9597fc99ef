package ledger

import "intercom/ledger/event"

// Events whose previous one is not here are held for a while: it is usually
// on its way. The bounds are per sender, so that one cannot push out
// another's, and over all of them.
const (
	maxHeldEvents = 1000
	maxHeldBytes  = 8 << 20
	maxHeldTotal  = 12 << 20
)

// held keeps early events until their previous one has come. It is used by
// one goroutine.
type held struct {
	byPrev map[event.ID][]arrival
	queues map[event.Key]*heldQueue
	bytes  int
}

type heldQueue struct {
	events []*event.Signed // oldest first
	bytes  int
}

func newHeld() *held {
	return &held{byPrev: map[event.ID][]arrival{}, queues: map[event.Key]*heldQueue{}}
}

// keep holds an event and drops the sender's oldest beyond the bounds.
func (h *held) keep(a arrival) {
	for _, other := range h.byPrev[a.event.Prev] {
		if other.event.ID == a.event.ID {
			return
		}
	}
	q, ok := h.queues[a.from]
	if !ok {
		q = new(heldQueue)
		h.queues[a.from] = q
	}
	h.byPrev[a.event.Prev] = append(h.byPrev[a.event.Prev], a)
	q.events = append(q.events, a.event)
	q.bytes += len(a.event.Raw)
	h.bytes += len(a.event.Raw)
	for len(q.events) > maxHeldEvents || q.bytes > maxHeldBytes || h.bytes > maxHeldTotal {
		h.drop(a.from, q.events[0])
	}
}

// after removes and returns the events whose previous one is id.
func (h *held) after(id event.ID) []arrival {
	next := h.byPrev[id]
	for _, a := range next {
		h.drop(a.from, a.event)
	}
	return next
}

func (h *held) drop(from event.Key, e *event.Signed) {
	q := h.queues[from]
	for i, other := range q.events {
		if other == e {
			q.events = append(q.events[:i:i], q.events[i+1:]...)
			q.bytes -= len(e.Raw)
			h.bytes -= len(e.Raw)
			break
		}
	}
	if len(q.events) == 0 {
		delete(h.queues, from)
	}
	var kept []arrival
	for _, a := range h.byPrev[e.Prev] {
		if a.event != e {
			kept = append(kept, a)
		}
	}
	if len(kept) == 0 {
		delete(h.byPrev, e.Prev)
	} else {
		h.byPrev[e.Prev] = kept
	}
}
