package focus_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"intercom/focus"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
	"intercom/ledger/core"
)

// Roles, claims, removals and handovers meet sessions: any order gives one
// state, and one who has no role, or whom the owner removed with all that he
// wrote, has no part in it.
func TestAnOwnedRoomReplaysInAnyOrderToOneState(t *testing.T) {
	owner, stranger := apptest.NewWriter(1, 1), apptest.NewWriter(9, 1)
	apptest.Check(t, func(t *rapid.T) {
		var rooms []*apptest.Room
		first := apptest.Founded(focus.App(), noon)
		for range 3 {
			r := apptest.OwnedCopy(focus.App(), owner)
			r.Pull(first)
			rooms = append(rooms, r)
		}
		events := historyIn(t, rooms, func(r *apptest.Room, w apptest.Writer, now time.Time) bool {
			switch rapid.IntRange(0, 5).Draw(t, "besides") {
			case 0:
				r.Govern(t, w, now, []string{"alice", "bob", "carol"})
			case 1:
				r.Write(stranger, now, "", app.Draft{Type: "focus.start", Body: &focus.Start{Seconds: 600, Begin: max(now.UnixMilli(), 0)}})
			default:
				return false
			}
			return true
		})
		want := apptest.OwnedCopy(focus.App(), owner)
		if err := want.Ingest(events...); err != nil {
			t.Fatal(err)
		}
		gone := stranger.Key
		if w := apptest.NewWriter(1, 7); want.Call(w, noon).Role == app.Owner {
			gone = bob.Key
			want.Write(w, noon, "", app.Draft{Type: core.TypeRemove, Body: &core.Remove{Key: gone, Last: []core.Last{}}})
			events = want.Events()
		}
		for _, e := range events {
			if (e.Author == stranger.Key || e.Author == gone) && focus.Counts(want, e) {
				t.Fatalf("%s of who has no right counts", e.Type)
			}
		}
		order := apptest.Shuffle(events, func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "next") })
		got := apptest.OwnedCopy(focus.App(), owner)
		for i, e := range order {
			if err := got.Ingest(e, order[rapid.IntRange(0, i).Draw(t, "twice")]); err != nil {
				t.Fatal(err)
			}
		}
		if got.StateHash() != want.StateHash() {
			t.Fatalf("two states:\n%s\n%s", want.Rows(), got.Rows())
		}
		if a, b := answers(t, want), answers(t, got); a != b {
			t.Fatalf("one state, two answers:\n%s\n%s", a, b)
		}
	})
}
