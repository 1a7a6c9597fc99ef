package expense_test

import (
	"strings"
	"testing"

	"intercom/expense"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// Two who changed one entry apart have one state, and both see the conflict.
func TestVerifyShowsOneStateAndItsConflicts(t *testing.T) {
	a, b := newRoom(), newRoom()
	entry := add(t, a, alice, "alice", "30", "bob")
	b.Pull(a)
	elsewhere := alice // the same author on another machine
	elsewhere.Instance[0]++
	replace := func(amount int64) app.Draft {
		parts := []expense.Part{{Name: "bob", Amount: amount}}
		return app.Draft{Type: "expense.replace", Body: &expense.Replace{Targets: []event.ID{entry.ID}, Add: expense.Add{
			Amount: amount, Currency: "XXX", Exp: 2, Date: "2026-03-01", Payers: []expense.Part{{Name: "alice", Amount: amount}},
			Split: expense.Split{Kind: expense.SplitExact, Of: parts}, Shares: parts,
		}}}
	}
	a.Write(alice, noon, "", replace(100))
	if v := do[expense.Verification](t, a, bob, expense.VerifyReq{}); len(v.Conflicts) != 0 {
		t.Errorf("a conflict of one: %+v", v.Conflicts)
	}
	b.Write(elsewhere, noon, "", replace(200))
	before := do[expense.Verification](t, b, bob, expense.VerifyReq{})
	a.Pull(b)
	b.Pull(a)
	one, other := do[expense.Verification](t, a, bob, expense.VerifyReq{Full: true}), do[expense.Verification](t, b, bob, expense.VerifyReq{})
	if one.State != other.State || one.State == before.State || strings.ReplaceAll(one.Spoken, " ", "") != one.State.String()[:32] {
		t.Errorf("states %s and %s, spoken %s; before %s", one.State, other.State, one.Spoken, before.State)
	}
	if len(one.Conflicts) != 1 || one.Conflicts[0].Status != expense.StatusConflict || one.Checked != 3 {
		t.Errorf("%+v", one)
	}
}
