package ledger_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"intercom/internal/app"
	"intercom/internal/store"
	"intercom/ledger"
	"intercom/ledger/event"
)

// entries returns the journal from a number on, and its bounds.
func entries(t testing.TB, l *ledger.Ledger, from uint64) (all []ledger.Entry, b ledger.Bounds) {
	t.Helper()
	if err := l.View(func(s *ledger.Snapshot) error {
		b = s.Journal()
		s.Entries(from, func(e ledger.Entry) bool {
			all = append(all, e)
			return true
		})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all, b
}

func TestTheJournalHasEveryAppliedEventOnceInItsOrder(t *testing.T) {
	a, b := newPeer(t, 1), newPeer(t, 2)
	var want []event.ID
	for i := range 20 {
		for _, e := range a.mustWrite(t, a.room(t, "one"), fmt.Sprint(i), "more") {
			want = append(want, e.ID)
		}
	}
	other := b.mustWrite(t, b.room(t, "two"), "x", "y", "z")
	if _, err := a.room(t, "two").Ingest(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	if _, err := a.room(t, "two").Ingest(t.Context(), other); err != nil { // known
		t.Fatal(err)
	}
	for _, e := range other {
		want = append(want, e.ID)
	}
	got, bounds := entries(t, a.Ledger, 0)
	if bounds.Oldest != 1 || bounds.Head != uint64(len(want)) || len(got) != len(want) {
		t.Fatalf("%d entries, bounds %+v, want %d", len(got), bounds, len(want))
	}
	for i, e := range got {
		if e.N != uint64(i+1) || e.Event.ID != want[i] || e.Local != (i < 40) || e.Room.Name() != map[bool]string{true: "one", false: "two"}[i < 40] {
			t.Errorf("entry %d: %d %s local %t in %s", i, e.N, e.Event.ID, e.Local, e.Room.Name())
		}
	}
	if got, _ := entries(t, a.Ledger, 42); len(got) != 2 || got[0].N != 42 {
		t.Errorf("from 42: %d entries", len(got))
	}
}

func TestAnEventIsInTheJournalOnceItsCausesAreHere(t *testing.T) {
	p := newPeer(t, 1)
	r := p.room(t, "trip")
	f, g := &forger{key: testKey(7)}, &forger{key: testKey(8)}
	cause := f.sign(t, r.ID(), nil, nil)
	effect := g.sign(t, r.ID(), nil, func(e *event.Event) { e.Deps = []event.ID{cause.ID} })
	for i, step := range []struct {
		e    *event.Signed
		want []event.ID
	}{{effect, nil}, {cause, []event.ID{cause.ID, effect.ID}}} {
		if _, err := r.Ingest(t.Context(), []*event.Signed{step.e}); err != nil {
			t.Fatal(err)
		}
		got, _ := entries(t, p.Ledger, 0)
		if !slices.EqualFunc(got, step.want, func(e ledger.Entry, id event.ID) bool { return e.Event.ID == id }) {
			t.Errorf("step %d: %d entries", i, len(got))
		}
	}
}

func TestBothSidesOfAForkAreReadFromTheJournal(t *testing.T) {
	p := newPeer(t, 1)
	r := p.room(t, "trip")
	f := &forger{key: testKey(7)}
	root := f.sign(t, r.ID(), nil, nil)
	left, right := f.sign(t, r.ID(), root, nil), f.sign(t, r.ID(), root, nil)
	for _, e := range []*event.Signed{root, left, right} {
		if _, err := r.Ingest(t.Context(), []*event.Signed{e}); err != nil {
			t.Fatal(err)
		}
	}
	got, _ := entries(t, p.Ledger, 0)
	if len(got) != 3 || got[1].Event.ID != left.ID || got[2].Event.ID != right.ID {
		t.Errorf("%d entries", len(got))
	}
}

func TestATransitionIsToldOnceAlsoAfterARestart(t *testing.T) {
	dir := t.TempDir()
	due := app.Due{ID: "x:expired:1", At: time.UnixMilli(1000)}
	holds := true
	pass := func(p *peer) {
		t.Helper()
		if err := p.room(t, "trip").Pass(t.Context(), p.app, due, true, func(app.Reader) bool { return holds }); err != nil {
			t.Fatal(err)
		}
	}
	p := openPeer(t, 1, dir, "here")
	p.mustWrite(t, p.room(t, "trip"), "a")
	holds = false
	pass(p)
	holds = true
	pass(p)
	pass(p)
	p.store.Close()
	p = openPeer(t, 1, dir, "here")
	pass(p)
	got, b := entries(t, p.Ledger, 2)
	want := ledger.Passed{App: "notes", ID: due.ID, Due: due.At, Missed: true}
	if b.Head != 2 || len(got) != 1 || got[0].Event != nil || *got[0].Passed != want || got[0].Room.Name() != "trip" {
		t.Errorf("head %d, %+v", b.Head, got)
	}
}

func TestOldEntriesAreForgottenAndTheirEventsStay(t *testing.T) {
	now := time.UnixMilli(1_000_000)
	var told []uint64
	p, r := clocked(t, func() time.Time { return now }, func(c ledger.Change) {
		for _, e := range c.Events {
			told = append(told, e.N)
		}
	})
	for i := range 500 {
		now = now.Add(time.Second)
		if i%100 == 0 {
			now = now.Add(-10 * time.Second) // a clock may be set back
		}
		p.mustWrite(t, r, fmt.Sprint(i), "b", "c", "d", "e")
	}
	all, _ := entries(t, p.Ledger, 0)
	if !slices.IsSortedFunc(all, func(a, b ledger.Entry) int { return a.At.Compare(b.At) }) {
		t.Error("time runs backwards in the journal")
	}
	limit := all[2100].At
	if n, err := p.Forget(context.Background(), limit); err != nil || n != 2100 {
		t.Fatalf("forgot %d, %v", n, err)
	}
	if n, err := p.Forget(context.Background(), limit); err != nil || n != 0 {
		t.Errorf("forgot again %d, %v", n, err)
	}
	left, b := entries(t, p.Ledger, 0)
	if len(left) != 400 || left[0].N != 2101 || b.Oldest != 2101 || b.Head != 2500 {
		t.Errorf("%d left, bounds %+v", len(left), b)
	}
	if p.info(t, "trip").Events != 2500 {
		t.Error("events are gone")
	}
	for i, e := range told {
		if e != uint64(i+1) {
			t.Fatalf("told %d as %d", i+1, e)
		}
	}
	if err := p.View(func(s *ledger.Snapshot) error {
		for at, want := range map[time.Time]uint64{all[2300].At: 2301, all[2400].At.Add(time.Millisecond): 2406, {}: 2101, now.Add(time.Hour): 2501} {
			if got := s.After(at); got != want {
				t.Errorf("after %v: %d, want %d", at, got, want)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// clocked is a peer with a clock, and a room of it.
func clocked(t testing.TB, now func() time.Time, changed func(ledger.Change)) (*peer, *ledger.Room) {
	t.Helper()
	s, err := store.Open(store.Options{Dir: t.TempDir(), MinFree: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	p := &peer{app: notes(), store: s, key: testKey(1)}
	p.Ledger, err = ledger.Open(t.Context(), ledger.Options{
		Store: s, Key: p.key, Apps: []*app.App{p.app}, Place: []byte("here"), Now: now, Changed: changed,
		Rand: readerOf(rand.NewChaCha8(sha256.Sum256(nil))), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return p, p.room(t, "trip")
}
