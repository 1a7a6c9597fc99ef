package apptest

import (
	"fmt"
	"slices"
	"strings"

	"intercom/internal/app"
	"intercom/ledger/event"
)

var _ app.Reader = (*Room)(nil)

// Get implements app.Reader.
func (r *Room) Get(key string, v any) bool {
	r.visits++
	b, ok := r.rows.Get(key)
	if ok {
		mustDecode(key, b, v)
	}
	return ok
}

// Scan implements app.Reader.
func (r *Room) Scan(prefix string, f func(key string, decode func(v any)) bool) {
	r.ScanFrom(prefix, "", f)
}

// ScanFrom implements app.Reader.
func (r *Room) ScanFrom(prefix, from string, f func(key string, decode func(v any)) bool) {
	r.rows.Copy().Ascend(max(prefix, from), func(key string, b []byte) bool {
		if !strings.HasPrefix(key, prefix) {
			return false
		}
		r.visits++
		return f(key, func(v any) { mustDecode(key, b, v) })
	})
}

// IDs implements app.Reader.
func (r *Room) IDs(digits string, f func(id event.ID) bool) {
	var all []event.ID
	for id := range r.events {
		if strings.HasPrefix(id.String(), digits) {
			all = append(all, id)
		}
	}
	slices.SortFunc(all, event.ID.Compare)
	for _, id := range all {
		r.visits++
		if !f(id) {
			return
		}
	}
}

// Event implements app.Reader.
func (r *Room) Event(id event.ID) (*event.Signed, bool) {
	if s := r.events[id]; s != nil {
		return s.Signed, true
	}
	return nil, false
}

// Visits returns how many rows have been asked for or walked over since the
// last call: what a request costs, whatever the size of the room.
func (r *Room) Visits() int {
	n := r.visits
	r.visits = 0
	return n
}

type view struct{ *Room }

func (v view) Put(key string, row any) {
	b, err := event.Marshal(row)
	if err != nil {
		panic(fmt.Errorf("apptest: encode row %s: %w", key, err))
	}
	v.rows.Set(key, b)
}

func (v view) Del(key string) { v.rows.Delete(key) }

func mustDecode(key string, b []byte, v any) {
	if err := event.Unmarshal(b, v); err != nil {
		panic(fmt.Errorf("apptest: decode row %s: %w", key, err))
	}
}
