package expense_test

import (
	"strings"
	"testing"

	"intercom/expense"
	"intercom/internal/app"
)

// TestWhatACloseCarriesIsTheFirstRowOfTheListAndExplainsTheBalance.
func TestWhatACloseCarriesIsTheFirstRowOfTheListAndExplainsTheBalance(t *testing.T) {
	r := newRoom()
	add(t, r, alice, "alice", "30", "alice,bob,carol")
	add(t, r, bob, "bob", "4", "alice,bob")
	yen := body(900, "bob", "alice")
	yen.Currency, yen.Exp = "JPY", 0
	r.Write(bob, noon, "", app.Draft{Type: "expense.add", Body: yen})
	before := shown(t, r)
	cleared := do[expense.ClearReply](t, r, alice, expense.ClearReq{Carry: true})
	if !cleared.Carried || cleared.Entries != 3 || !strings.Contains(cleared.Note(), "the balances below go on") {
		t.Errorf("cleared: %+v, %s", cleared, cleared.Note())
	}
	again := do[expense.ClearReply](t, r, alice, expense.ClearReq{Carry: true})
	if !again.Closed.IsZero() {
		t.Error("a second clear that carries closes nothing, and was written")
	}
	list := do[expense.ListReply](t, r, alice, expense.ListReq{})
	if list.Count != 0 || len(list.Opening) != 2 || list.Opening[0].ID != cleared.Closed || list.Opening[0].Type != expense.EntryOpening {
		t.Fatalf("list: %+v", list)
	}
	rows := list.Table().Rows
	if rows[1][1] != "alice 18.00" && rows[1][1] != "alice" || rows[1][7] != "opening" || rows[1][4] != "bob, carol" {
		t.Errorf("rows: %v", rows)
	}
	if note := list.Note(); !strings.HasPrefix(note, "carried over from 3 entries before the close ") || strings.Contains(note, "no expenses") {
		t.Errorf("note: %s", note)
	}
	add(t, r, bob, "bob", "6", "alice,bob,carol")
	// Openings and entries add up to the balances.
	list = do[expense.ListReply](t, r, alice, expense.ListReq{})
	sums := map[string]int64{}
	for _, e := range append(list.Opening, list.Entries...) {
		for _, p := range e.Payers {
			sums[e.Currency+p.Member] += minor(t, p.Minor)
		}
		for _, s := range e.Shares {
			sums[e.Currency+s.Member] -= minor(t, s.Minor)
		}
	}
	for _, b := range do[expense.Sheet](t, r, alice, expense.BalanceReq{}).Balances {
		if sums[b.Currency+b.Member] != minor(t, b.Minor) {
			t.Errorf("%s %s: the list says %d, the balance %s", b.Currency, b.Member, sums[b.Currency+b.Member], b.Minor)
		}
	}
	for _, format := range []string{"text", "csv", "json"} {
		doc := do[expense.ExportReply](t, r, alice, expense.ExportReq{Format: format, What: "entries"}).Data
		if !strings.Contains(doc, "carried over from 3 entries") {
			t.Errorf("%s: %s", format, doc)
		}
	}
	// Neither behind the first page nor beside a filter, which are parts.
	if some := do[expense.ListReply](t, r, alice, expense.ListReq{Filter: expense.Filter{Member: "bob"}}); some.Opening != nil {
		t.Error("an opening in a list with a filter")
	}
	do[expense.ReopenReply](t, r, bob, expense.ReopenReq{})
	if list := do[expense.ListReply](t, r, alice, expense.ListReq{}); list.Opening != nil || list.Count != 4 {
		t.Errorf("reopened: %+v", list)
	}
	do[expense.ClearReply](t, r, alice, expense.ClearReq{})
	if got := shown(t, r); got != "" || before == "" {
		t.Errorf("after a clear that does not carry: %s", got)
	}
}
