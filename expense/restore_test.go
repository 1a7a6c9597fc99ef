package expense_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"intercom/client/wire"
	"intercom/expense"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

func persist(t *testing.T, r *apptest.Room, w apptest.Writer) event.ID {
	t.Helper()
	return do[expense.PersistReply](t, r, w, expense.PersistReq{}).Checkpoint
}

func restore(t *testing.T, r *apptest.Room, in expense.RestoreReq) expense.RestoreReply {
	t.Helper()
	return do[expense.RestoreReply](t, r, alice, in)
}

func TestPersistMarksTheStateThatPeersCompare(t *testing.T) {
	r := newRoom()
	add(t, r, alice, "alice", "30", "alice,bob")
	before := r.StateHash()
	got := do[expense.PersistReply](t, r, alice, expense.PersistReq{Label: " before the trip "})
	e, _ := r.Event(got.Checkpoint)
	b, ok := decode[expense.Checkpoint](e)
	if !ok || b.State != before || b.Label != "before the trip" || got.Entries != 1 {
		t.Errorf("%+v wrote %+v, the state was %x", got, b, before)
	}
	if got.Tx != nil || got.Settled || got.Confirmed || got.Source != "local" {
		t.Errorf("kept beyond the log: %+v", got.Kept)
	}
}

func TestSimWritesNothing(t *testing.T) {
	r := newRoom()
	add(t, r, alice, "alice", "30", "alice,bob")
	persist(t, r, alice)
	do[expense.ClearReply](t, r, alice, expense.ClearReq{})
	for _, in := range []any{expense.PersistReq{Sim: true}, expense.RestoreReq{Sim: true}, expense.RestoreReq{Sim: true, Replace: true}} {
		if _, events, err := r.Do(alice, noon, in); err != nil || len(events) != 0 {
			t.Errorf("%T: %d events, %v", in, len(events), err)
		}
	}
}

func TestRestoreAddsNothingThatTheLogHas(t *testing.T) {
	r := newRoom()
	add(t, r, alice, "alice", "30", "alice,bob")
	if got := restore(t, r, expense.RestoreReq{}); got.Added != 0 || got.Total != 1 || !got.Checkpoint.IsZero() || got.Source != "local" {
		t.Errorf("without a checkpoint: %+v", got)
	}
	point := persist(t, r, alice)
	if got := restore(t, r, expense.RestoreReq{}); got.Added != 0 || got.Total != 1 || got.Checkpoint != point || len(got.Reopened) != 0 {
		t.Errorf("with one: %+v", got)
	}
}

func TestRestoreReopensTheClosesThatCoverTheCheckpoint(t *testing.T) {
	r := newRoom()
	add(t, r, alice, "alice", "10", "alice,bob")
	old := do[expense.ClearReply](t, r, alice, expense.ClearReq{}).Closed
	add(t, r, alice, "alice", "20", "alice,bob")
	persist(t, r, bob)
	add(t, r, bob, "bob", "30", "alice,bob")
	covers := do[expense.ClearReply](t, r, alice, expense.ClearReq{}).Closed
	add(t, r, bob, "bob", "40", "alice,bob")
	later := do[expense.ClearReply](t, r, alice, expense.ClearReq{}).Closed
	got := restore(t, r, expense.RestoreReq{})
	// The later one includes what the one before it has included first.
	want := []event.ID{covers, later}
	slices.SortFunc(want, event.ID.Compare)
	if !slices.Equal(got.Reopened, want) || slices.Contains(got.Reopened, old) {
		t.Errorf("reopened %v, want %v and not %v", got.Reopened, want, old)
	}
	if got.Added != 3 || got.Total != 3 {
		t.Errorf("restored: %+v", got)
	}
}

func TestRestoreWithReplaceClosesWhatCameAfter(t *testing.T) {
	r := newRoom()
	kept := add(t, r, alice, "alice", "20", "alice,bob")
	point := persist(t, r, bob)
	add(t, r, bob, "bob", "30", "alice,bob")
	do[expense.ClearReply](t, r, alice, expense.ClearReq{})
	add(t, r, bob, "bob", "40", "alice,bob")
	got := restore(t, r, expense.RestoreReq{Replace: true, Checkpoint: point.String()[:10]})
	entries := do[expense.ListReply](t, r, alice, expense.ListReq{}).Entries
	if len(entries) != 1 || entries[0].ID != kept.ID || got.Total != 1 || got.Added != 1 || got.Closed.IsZero() {
		t.Errorf("restored %+v, open: %v", got, entries)
	}
	again := restore(t, r, expense.RestoreReq{Replace: true})
	if !again.Closed.IsZero() || len(again.Reopened) != 0 || again.Total != 1 {
		t.Errorf("restored again: %+v", again)
	}
	do[expense.ReopenReply](t, r, alice, expense.ReopenReq{Close: got.Closed.String()})
	if n := count(t, r); n != 3 {
		t.Errorf("after its undo %d entries are open, want 3", n)
	}
}

func TestRestoreOfTheLatestOfSeveralCheckpoints(t *testing.T) {
	r := newRoom()
	add(t, r, alice, "alice", "20", "alice,bob")
	first := persist(t, r, alice)
	add(t, r, alice, "alice", "30", "alice,bob")
	last := persist(t, r, bob)
	if got := restore(t, r, expense.RestoreReq{}); got.Checkpoint != last {
		t.Errorf("restored %v, the latest is %v", got.Checkpoint, last)
	}
	if got := restore(t, r, expense.RestoreReq{Checkpoint: first.String(), Replace: true}); got.Total != 1 {
		t.Errorf("the first: %+v", got)
	}
}

func TestRestoreRefuses(t *testing.T) {
	used := newRoom()
	add(t, used, alice, "alice", "20", "alice,bob")
	persist(t, used, alice)
	for name, c := range map[string]struct {
		room *apptest.Room
		in   any
		code wire.Code
	}{
		"a room never used":    {newRoom(), expense.RestoreReq{}, wire.NotFound},
		"no such checkpoint":   {used, expense.RestoreReq{Checkpoint: "ffff"}, wire.InvalidRequest},
		"a label that is long": {used, expense.PersistReq{Label: string(make([]byte, 200))}, wire.InvalidRequest},
	} {
		if _, _, err := c.room.Do(alice, noon, c.in); !errors.Is(err, &wire.Error{Code: c.code}) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFlagsAreWhatTheOriginalsClientsSend(t *testing.T) {
	for text, want := range map[string]expense.Flag{
		`true`: true, `"yes"`: true, `1`: true, `"1"`: true, `{}`: true, `[]`: true,
		`false`: false, `null`: false, `0`: false, `""`: false, `"no"`: false, `"0"`: false, `" False "`: false,
	} {
		var got expense.Flag
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
}

// TestRestoreGoesBackWhateverHappened restores a checkpoint of any history:
// what was open in it is open again, and with replace nothing else is.
func TestRestoreGoesBackWhateverHappened(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := draw(t).all
		m := modelOf(r)
		if len(m.points) == 0 {
			return
		}
		point := m.points[len(m.points)-1]
		want, before := m.openAt(point), m.open()
		replace := rapid.Bool().Draw(t, "replace")
		reply, _, err := r.Do(reader, noon, expense.RestoreReq{Replace: expense.Flag(replace)})
		if err != nil {
			t.Fatal(err)
		}
		got := reply.(expense.RestoreReply)
		now := modelOf(r)
		open := now.open()
		if got.Checkpoint != point.ID || int(got.Total) != len(now.of(open)) {
			t.Fatalf("restored %v to %d entries, want %v and %d", got.Checkpoint, got.Total, point.ID, len(now.of(open)))
		}
		for _, id := range want {
			if !slices.Contains(open, id) {
				t.Errorf("%v was open in the checkpoint and is closed", id)
			}
		}
		for _, id := range before {
			if !replace && !slices.Contains(open, id) {
				t.Errorf("%v was open before and is closed", id)
			}
		}
		if open, want := now.of(open), now.of(want); replace && len(open) != len(want) {
			t.Errorf("%d entries are open, %d were", len(open), len(want))
		}
		if want, got := modelOf(r).describe(), seen(r); want != got {
			t.Errorf("the model says\n%s\nthe fold\n%s", want, got)
		}
	})
}
