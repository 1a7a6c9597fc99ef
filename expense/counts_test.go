package expense_test

import (
	"testing"

	"intercom/expense"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

func TestWhatCounts(t *testing.T) {
	r := apptest.New(expense.App())
	w := apptest.NewWriter(1, 1)
	add := func(key string) *event.Signed {
		return r.Write(w, noon, key, app.Draft{Type: "expense.add", Body: &expense.Add{
			Amount: 100, Currency: "EUR", Exp: 2, Date: "2026-11-22", Payers: []expense.Part{{Name: "a", Amount: 100}},
			Split: expense.Split{Kind: expense.SplitEqual, Of: []expense.Part{{Name: "b", Amount: 1}}}, Shares: []expense.Part{{Name: "b", Amount: 100}},
		}})
	}
	closing := func(b *expense.Close) *event.Signed {
		return r.Write(w, noon, "", app.Draft{Type: "room.close", Body: b})
	}
	closed, first, repeated := add(""), add("k"), add("k")
	done := closing(&expense.Close{})
	void := closing(&expense.Close{})
	reopen := r.Write(w, noon, "", app.Draft{Type: "room.reopen", Body: &expense.Reopen{Close: void.ID}})
	blind := closing(&expense.Close{Keep: event.ID{1}})
	open := add("")
	bad := r.WriteRaw(w, noon, "", "expense.add", []byte{0xa0})
	for name, c := range map[string]struct {
		e    *event.Signed
		want bool
	}{
		"closed": {closed, true}, "first of a key": {first, true}, "repeated key": {repeated, false},
		"close": {done, true}, "reopened close": {void, true}, "reopen": {reopen, true},
		"close of an unknown checkpoint": {blind, false}, "open": {open, true}, "malformed": {bad, false},
	} {
		if got := expense.Counts(r, c.e); got != c.want {
			t.Errorf("%s counts: %v", name, got)
		}
	}
}
