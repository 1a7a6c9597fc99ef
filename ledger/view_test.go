package ledger_test

import (
	"fmt"
	"slices"
	"testing"

	"intercom/ledger"
	"intercom/ledger/event"
)

// TestAReaderFindsIDsByTheirDigitsAndRowsFromAKey as a walk over all does.
func TestAReaderFindsIDsByTheirDigitsAndRowsFromAKey(t *testing.T) {
	p := newPeer(t, 1)
	room := p.room(t, "trip")
	var ids []event.ID
	for n := range 60 {
		ids = append(ids, p.mustWrite(t, room, fmt.Sprint(n))[0].ID)
	}
	p.mustWrite(t, p.room(t, "other"), "of another room")
	slices.SortFunc(ids, event.ID.Compare)
	if err := p.View(func(s *ledger.Snapshot) error {
		r := s.Reader(room, p.app)
		for _, digits := range []string{"", "0", "a", "f", ids[7].String()[:1], ids[7].String()[:2], ids[7].String()[:3], ids[7].String(), "x", "0x", ids[7].String() + "0"} {
			var got, want []event.ID
			r.IDs(digits, func(id event.ID) bool {
				got = append(got, id)
				return true
			})
			for _, id := range ids {
				if text := id.String(); len(digits) <= len(text) && text[:len(digits)] == digits {
					want = append(want, id)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%q: %d ids, want %d", digits, len(got), len(want))
			}
		}
		for _, from := range []int{0, 13, 59} {
			n := 0
			r.ScanFrom("n/", "n/"+ids[from].String(), func(string, func(any)) bool {
				n++
				return true
			})
			if n != len(ids)-from {
				t.Errorf("from %d: %d rows", from, n)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
