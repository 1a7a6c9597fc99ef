package apptest_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"intercom/internal/app"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

type mark struct{}

func (*mark) Check() error { return nil }

type markRow struct {
	Lamport   uint64
	Duplicate bool
	Cut       int
}

// marks is an app with a row for each event.
func marks() *app.App {
	return &app.App{
		Name: "marks", Version: "1",
		Kinds: []app.Kind{app.KindOf[mark]("marks.put")},
		Apply: func(v app.View, e *event.Signed, m app.Meta, _ event.Body) {
			v.Put(e.ID.String(), markRow{m.Lamport, m.Duplicate, len(m.Cut())})
		},
	}
}

var (
	noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	put  = app.Draft{Type: "marks.put", Body: &mark{}}
)

func row(t *testing.T, r *apptest.Room, id event.ID) markRow {
	t.Helper()
	var m markRow
	if !r.Get(id.String(), &m) {
		t.Fatalf("event %s has no row", id)
	}
	return m
}

func TestCausalPastFollowsPrevAndDeps(t *testing.T) {
	alice, bob := apptest.NewWriter(1, 1), apptest.NewWriter(2, 1)
	a, b := apptest.New(marks()), apptest.New(marks())
	a1 := a.Write(alice, noon, "", put)
	b1 := b.Write(bob, noon, "", put)
	a.Pull(b)
	a2 := a.Write(alice, noon, "", put)
	for _, c := range []struct {
		x, y event.ID
		want bool
	}{{a1.ID, a2.ID, true}, {b1.ID, a2.ID, true}, {a1.ID, b1.ID, false}, {a2.ID, a1.ID, false}, {a2.ID, a2.ID, false}} {
		if got := a.Before(c.x, c.y); got != c.want {
			t.Errorf("Before(%s, %s) = %v, want %v", c.x, c.y, got, c.want)
		}
	}
	if got := row(t, a, a2.ID); got != (markRow{Lamport: 2, Cut: 2}) {
		t.Errorf("row = %+v", got)
	}
	if err := b.Ingest(a2); !errors.Is(err, apptest.ErrCause) {
		t.Errorf("an event without its causes: %v", err)
	}
}

func TestTheLowestEventOfAKeyCounts(t *testing.T) {
	alice1, alice2, bob := apptest.NewWriter(1, 1), apptest.NewWriter(1, 2), apptest.NewWriter(2, 1)
	a, b := apptest.New(marks()), apptest.New(marks())
	a.Write(alice1, noon, "", put)
	late := a.Write(alice1, noon, "k", put) // lamport 2
	other := a.Write(bob, noon, "k", put)
	early := b.Write(alice2, noon, "k", put) // lamport 1
	a.Pull(b)
	b.Pull(a)
	for _, r := range []*apptest.Room{a, b} {
		if !row(t, r, late.ID).Duplicate || row(t, r, early.ID).Duplicate || row(t, r, other.ID).Duplicate {
			t.Error("the wrong event counts")
		}
	}
	if a.StateHash() != b.StateHash() {
		t.Errorf("two orders, two states:\n%s\n%s", a.Rows(), b.Rows())
	}
}

func TestAForkIsKeptAndNamedByTheNextEvent(t *testing.T) {
	alice := apptest.NewWriter(1, 1)
	a, b := apptest.New(marks()), apptest.New(marks())
	first := a.Write(alice, noon, "", put)
	b.Pull(a)
	left := a.Write(alice, noon, "", put)
	right := b.Write(alice, noon.Add(time.Second), "", put)
	a.Pull(b)
	next := a.Write(alice, noon, "", put)
	if left.Seq != right.Seq || left.Prev != first.ID || right.Prev != first.ID {
		t.Fatal("no fork was made")
	}
	if !a.Before(left.ID, next.ID) || !a.Before(right.ID, next.ID) || row(t, a, next.ID).Cut != 1 {
		t.Error("a branch is not in the past of the next event")
	}
}

func TestMalformedBodiesAreKeptAndNotFolded(t *testing.T) {
	a := apptest.New(marks())
	e := a.WriteRaw(apptest.NewWriter(1, 1), noon, "k", "marks.put", []byte{0xff})
	good := a.Write(apptest.NewWriter(1, 1), noon, "k", put)
	if _, here := a.Event(e.ID); !here {
		t.Error("the event is gone")
	}
	if a.Get(e.ID.String(), new(markRow)) || row(t, a, good.ID).Duplicate {
		t.Error("a malformed event was folded or took a key")
	}
}

func TestShuffleKeepsCausesFirst(t *testing.T) {
	rooms := []*apptest.Room{apptest.New(marks()), apptest.New(marks())}
	for i := range 40 {
		rooms[i%2].Write(apptest.NewWriter(byte(i%3), byte(i%2)), noon, fmt.Sprint("k", i%7), put)
		if i%5 == 0 {
			rooms[0].Pull(rooms[1])
		}
	}
	rooms[0].Pull(rooms[1])
	all := rooms[0].Events()
	rnd := rand.New(rand.NewPCG(1, 2))
	moved := false
	for range 20 {
		order := apptest.Shuffle(all, rnd.IntN)
		moved = moved || order[0] != all[0]
		again := apptest.New(marks())
		if err := again.Ingest(order...); err != nil {
			t.Fatal(err)
		}
		if len(order) != len(all) || again.StateHash() != rooms[0].StateHash() {
			t.Fatal("another order gave another state")
		}
	}
	if !moved {
		t.Error("nothing was shuffled")
	}
}
