package expense_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"intercom/client/wire"
	"intercom/expense"
	"intercom/internal/app"
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

// TestAPageOfAListCostsThePage counts rows that are read: as many in a long
// room as in a short one, from wherever the page begins.
func TestAPageOfAListCostsThePage(t *testing.T) {
	cost := map[string][]int{}
	for _, n := range []int{100, 800} {
		r := newRoom()
		for i := range n {
			w := []apptest.Writer{alice, bob}[i%2]
			e := add(t, r, w, "alice", fmt.Sprint(i+1), "alice,bob")
			switch i % 10 {
			case 1:
				if i < 100 { // what does not count: the first page lists up to 100 of it
					r.Write(w, noon, "", app.Draft{Type: "expense.void", Body: &expense.Void{Target: event.ID{1}}})
				}
			case 3:
				do[expense.EntryReply](t, r, bob, expense.DisputeReq{OpinionReq: expense.OpinionReq{Entry: e.ID.String()}})
			case 5:
				do[expense.EntryReply](t, r, w, expense.VoidReq{Entry: e.ID.String()})
			}
		}
		p := wire.Page{Limit: 7}
		for turn := range 5 {
			r.Visits()
			list := do[expense.ListReply](t, r, alice, expense.ListReq{Page: p})
			what := fmt.Sprint("page ", turn)
			cost[what] = append(cost[what], r.Visits())
			if p.After = list.Next.Next; len(list.Entries) != 7 || p.After == "" || list.Count != n-n/10 || list.RefusedCount != 10 {
				t.Fatalf("%s of %d: %d entries, %+v", what, n, len(list.Entries), list.Next)
			}
		}
		// The last page, and an entry by the start of its id.
		all := do[expense.ListReply](t, r, alice, expense.ListReq{}).Entries
		r.Visits()
		do[expense.ShowReply](t, r, alice, expense.ShowReq{Entry: all[n/2].ID.String()[:12]})
		cost["show"] = append(cost["show"], r.Visits())
	}
	for what, c := range cost {
		if c[1] > c[0]+c[0]/2 {
			t.Errorf("%s reads %d rows of a short room, %d of a long one", what, c[0], c[1])
		}
	}
}
