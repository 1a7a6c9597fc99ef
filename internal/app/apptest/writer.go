package apptest

import (
	"crypto/ed25519"
	"fmt"
	"slices"
	"time"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// Writer is an author with a store of its own: one chain of events, unless a
// test makes it fork.
type Writer struct {
	Key      event.Key
	Instance event.Instance
	priv     ed25519.PrivateKey
}

// NewWriter returns the author number n with the store number instance. The
// same numbers give the same writer.
func NewWriter(n, instance byte) Writer {
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = n
	priv := ed25519.NewKeyFromSeed(seed)
	return Writer{
		Key: event.Key(priv.Public().(ed25519.PublicKey)), priv: priv,
		Instance: event.Instance{instance},
	}
}

// Write signs an event after all that r has seen, and applies it. key may be
// empty. The zone of now is the author's.
func (r *Room) Write(w Writer, now time.Time, key string, d app.Draft) *event.Signed {
	body, err := event.Marshal(d.Body)
	if err != nil {
		panic(fmt.Errorf("apptest: encode body: %w", err))
	}
	return r.WriteRaw(w, now, key, d.Type, body)
}

// WriteRaw is Write with the bytes of any body, good or bad.
func (r *Room) WriteRaw(w Writer, now time.Time, key, kind string, body []byte) *event.Signed {
	_, east := now.Zone()
	e := event.Event{
		Room: r.ID, Author: w.Key, Instance: w.Instance,
		TS: now.UnixMilli(), TZ: east / 60, Type: kind, Key: key, Body: body,
	}
	if last := r.head(w); last != nil {
		e.Seq, e.Prev = last.Seq+1, last.ID
	}
	for id := range r.tips {
		if id != e.Prev {
			e.Deps = append(e.Deps, id)
		}
	}
	slices.SortFunc(e.Deps, event.ID.Compare)
	// The writer's duty: an ordinary event names a few heads, not all.
	e.Deps = e.Deps[:min(len(e.Deps), event.HeadLimit(kind))]
	s, err := event.Sign(e, w.priv)
	if err != nil {
		panic(fmt.Errorf("apptest: sign: %w", err))
	}
	if err := r.Ingest(&s); err != nil {
		panic(err) // its causes are events of r
	}
	return &s
}

// head returns the last event of w's chain in r; of a fork, the lowest id.
func (r *Room) head(w Writer) *event.Signed {
	var last *event.Signed
	for _, e := range r.order {
		if e.Author != w.Key || e.Instance != w.Instance {
			continue
		}
		if last == nil || e.Seq > last.Seq || e.Seq == last.Seq && e.ID.Compare(last.ID) < 0 {
			last = e
		}
	}
	return last
}

// Shuffle returns the events in another order that keeps causes before
// effects; pick chooses one of n, for each place. Causes that are not among
// the events are taken for known.
func Shuffle(events []*event.Signed, pick func(n int) int) []*event.Signed {
	waits := make(map[event.ID]int, len(events))
	effects := map[event.ID][]*event.Signed{}
	for _, e := range events {
		waits[e.ID] = 0
	}
	for _, e := range events {
		for _, c := range Causes(e) {
			if _, here := waits[c]; here {
				waits[e.ID]++
				effects[c] = append(effects[c], e)
			}
		}
	}
	var ready, out []*event.Signed
	for _, e := range events {
		if waits[e.ID] == 0 {
			ready = append(ready, e)
		}
	}
	for len(ready) > 0 {
		i := pick(len(ready))
		e := ready[i]
		ready = slices.Delete(ready, i, i+1)
		out = append(out, e)
		for _, next := range effects[e.ID] {
			if waits[next.ID]--; waits[next.ID] == 0 {
				ready = append(ready, next)
			}
		}
	}
	return out
}
