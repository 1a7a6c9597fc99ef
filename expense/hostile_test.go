package expense_test

import (
	"strings"
	"testing"
	"time"

	"intercom/expense"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

func TestASplitOfOthersThanTheSharesDoesNotCount(t *testing.T) {
	for _, kind := range []string{expense.SplitEqual, expense.SplitExact, expense.SplitPercent, expense.SplitShares} {
		for name, c := range map[string]struct {
			of     []string
			counts bool
		}{
			"others": {[]string{"alice", "carol"}, false}, "fewer": {[]string{"alice"}, false},
			"more": {[]string{"alice", "bob", "carol"}, false}, "another order": {[]string{"bob", "alice"}, true},
		} {
			r := newRoom()
			b := body(1000, "alice", "alice", "bob")
			b.Split = expense.Split{Kind: kind}
			for _, n := range c.of {
				b.Split.Of = append(b.Split.Of, expense.Part{Name: n, Amount: 1})
			}
			write := func() *event.Signed {
				return r.Write(alice, noon, "k", app.Draft{Type: "expense.add", Body: b})
			}
			e := write()
			list := do[expense.ListReply](t, r, alice, expense.ListReq{})
			if (list.Count == 1) != c.counts || (list.RefusedCount == 0) != c.counts || expense.Counts(r, e) != c.counts {
				t.Errorf("%s %s: %+v", kind, name, list)
			}
			if c.counts && strings.Join(list.Entries[0].Split, " ") != "alice bob" {
				t.Errorf("%s %s: split among %v, not those charged", kind, name, list.Entries[0].Split)
			}
			write() // a repeated key, which takes nothing out that was not in
			if got := shown(t, r); (got != "") != c.counts {
				t.Errorf("%s %s: balances %q", kind, name, got)
			}
		}
	}
}

func TestAnEntryOfAClockAheadIsMarked(t *testing.T) {
	r := newRoom()
	for _, ahead := range []time.Duration{5 * time.Minute, 5*time.Minute + time.Millisecond} {
		r.Write(alice, noon.Add(ahead), "", app.Draft{Type: "expense.add", Body: body(100, "alice", "bob")})
	}
	list := do[expense.ListReply](t, r, bob, expense.ListReq{})
	if list.Entries[0].ClockAhead || !list.Entries[1].ClockAhead {
		t.Errorf("entries = %+v", list.Entries)
	}
	rows := list.Table().Rows
	if rows[0][6] != "" || rows[1][6] != "clock ahead" {
		t.Errorf("rows = %v", rows)
	}
}

func TestSettleOfARoomWithoutExpensesSaysSo(t *testing.T) {
	r := apptest.Named(expense.App(), "trip")
	if got := do[expense.Settlement](t, r, alice, expense.SettleReq{}).Note(); got != "no expenses in trip" {
		t.Errorf("empty room: %q", got)
	}
	add(t, r, alice, "alice", "1", "alice")
	if got := do[expense.Settlement](t, r, alice, expense.SettleReq{}).Note(); got != "all settled in trip" {
		t.Errorf("settled room: %q", got)
	}
}
