package expense_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"intercom/client/wire"
	"intercom/expense"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

// TestPagesOfAListAreTheWholeListWhileEntriesAreAdded by three writers, one of
// them behind the others.
func TestPagesOfAListAreTheWholeListWhileEntriesAreAdded(t *testing.T) {
	carol := apptest.NewWriter(3, 1)
	apptest.Check(t, func(rt *rapid.T) {
		r, behind := newRoom(), newRoom()
		n := 0
		write := func(room *apptest.Room, w apptest.Writer) {
			n++
			in := expense.AddReq{Payer: "alice", Amount: expense.Amount(fmt.Sprint(n)), Split: []string{"alice", "bob"}}
			if _, _, err := room.Do(w, noon, in); err != nil {
				rt.Fatal(err)
			}
		}
		some := func(what string) {
			for range rapid.IntRange(0, 6).Draw(rt, what) {
				switch rapid.IntRange(0, 3).Draw(rt, "who") {
				case 0:
					write(r, alice)
				case 1:
					write(r, bob)
				case 2:
					write(behind, carol) // entries of a lower lamport time
				default:
					r.Pull(behind)
				}
			}
		}
		list := func(p wire.Page) expense.ListReply {
			reply, _, err := r.Do(alice, noon, expense.ListReq{Page: p})
			if err != nil {
				rt.Fatal(err)
			}
			return reply.(expense.ListReply)
		}
		some("before")
		whole := list(wire.Page{})
		if whole.Next.Next != "" {
			rt.Fatal("without a limit more follows")
		}
		seen := map[event.ID]int{}
		var order []event.ID
		p := wire.Page{Limit: rapid.IntRange(1, 4).Draw(rt, "limit")}
		for turn := 0; ; turn++ {
			page := list(p)
			if len(page.Entries) > p.Limit || page.Count < whole.Count {
				rt.Fatalf("%d entries of %d", len(page.Entries), page.Count)
			}
			for _, e := range page.Entries {
				seen[e.ID]++
				order = append(order, e.ID)
			}
			if p.After = page.Next.Next; p.After == "" {
				break
			}
			if turn < 4 { // or it would never end
				some("meanwhile")
			}
		}
		for _, e := range whole.Entries {
			if seen[e.ID] != 1 {
				rt.Fatalf("entry %s came %d times", e.ID, seen[e.ID])
			}
		}
		// In the order of the list as it is now.
		next := 0
		for _, e := range list(wire.Page{}).Entries {
			if next < len(order) && order[next] == e.ID {
				next++
			}
		}
		if next != len(order) {
			rt.Fatal("the pages are out of order")
		}
	})
}
