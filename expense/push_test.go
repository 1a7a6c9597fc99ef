package expense_test

import (
	"fmt"
	"strings"
	"testing"

	"intercom/expense"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

// told is what clients of the events are told of the room's last event.
func told(t *testing.T, r *apptest.Room) string {
	t.Helper()
	events := r.Events()
	var out []string
	for _, p := range expense.App().Pushes(r, app.Happened{Room: r.Name, Event: events[len(events)-1], Now: noon}) {
		text := p.Kind
		switch b := p.Body.(type) {
		case expense.AddPush:
			text += fmt.Sprintf(" %s %s %s", b.Entry.Type, b.Entry.Amount, b.Entry.Status)
		case expense.ChangePush:
			text += fmt.Sprintf(" %s %s: %s", b.Entry.Amount, b.Entry.Status, b.Reason)
		case expense.ReopenPush:
			text += " " + b.Close.Short()
		case nil:
		default:
			t.Errorf("a push of %T", b)
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

func TestEveryChangeIsToldToWhoFollows(t *testing.T) {
	r := newRoom()
	step := func(want string) {
		t.Helper()
		if got := told(t, r); got != want {
			t.Errorf("told %q, not %q", got, want)
		}
	}
	e := add(t, r, alice, "alice", "30", "alice,bob")
	step("expense_add expense 30.00 counts")
	p := pay(t, r, bob, "bob", "alice", "15")
	step("expense_pay payment 15.00 unconfirmed")
	do[expense.EntryReply](t, r, alice, expense.ConfirmReq{OpinionReq: expense.OpinionReq{Entry: p.ID.Short()}})
	step("expense_confirm 15.00 counts: ")
	edit(t, r, alice, e.ID, amountTo("40"))
	step("expense_replace expense 40.00 counts")
	do[expense.EntryReply](t, r, bob, expense.DisputeReq{OpinionReq: expense.OpinionReq{Entry: e.ID.Short(), Reason: "was 20"}})
	step("expense_dispute 40.00 disputed: was 20")
	void(t, r, bob, e.ID)
	step("expense_void 40.00 void: twice")
	payer := "alice"
	do[expense.DefaultsReply](t, r, alice, expense.DefaultsReq{Payer: &payer})
	step("expense_defaults")
	closed := do[expense.ClearReply](t, r, alice, expense.ClearReq{}).Closed
	step("expense_clear")
	do[expense.ReopenReply](t, r, alice, expense.ReopenReq{})
	step("expense_reopen " + closed.Short())

	// What has no effect is told to nobody.
	for kind, b := range map[string]event.Body{
		"expense.void":    &expense.Void{Target: someID},
		"expense.dispute": &expense.Dispute{Target: someID},
		"expense.replace": &expense.Replace{Targets: []event.ID{p.ID}, Add: *body(1, "x", "x")}, // of another author
		"room.reopen":     &expense.Reopen{Close: someID},
		"room.checkpoint": &expense.Checkpoint{State: someID},
	} {
		r.Write(alice, noon, "", app.Draft{Type: kind, Body: b})
		step("")
	}
	r.WriteRaw(alice, noon, "", "payment.add", []byte{0xa0})
	step("")
}

// A change costs the same however large the room is, and however often its
// target was changed before.
func TestAChangeCostsTheSameInARoomOfAnySize(t *testing.T) {
	cost := func(entries, edits int) map[string]int {
		r := newRoom()
		first := r.Write(alice, noon, "", app.Draft{Type: "expense.add", Body: body(3000, "alice", "alice", "bob")})
		for range entries {
			r.Write(alice, noon, "", app.Draft{Type: "expense.add", Body: body(3000, "alice", "alice", "bob")})
		}
		for range edits {
			replace := &expense.Replace{Targets: []event.ID{first.ID}, Add: *body(3000, "alice", "alice", "bob")}
			r.Write(alice, noon, "", app.Draft{Type: "expense.replace", Body: replace})
		}
		visits := map[string]int{}
		for kind, b := range map[string]event.Body{
			"expense.replace": &expense.Replace{Targets: []event.ID{first.ID}, Add: *body(1, "x", "x")},
			"payment.add":     &expense.Payment{From: "a", To: "b", Amount: 1, Currency: "XXX", Exp: 2, Date: "2026-11-22"},
			"expense.confirm": &expense.Confirm{Target: first.ID},
		} {
			r.Visits()
			r.Write(alice, noon, "", app.Draft{Type: kind, Body: b})
			visits[kind] = r.Visits()
		}
		r.Visits()
		r.Write(alice, noon, "", app.Draft{Type: "expense.void", Body: &expense.Void{Target: first.ID}})
		visits["expense.void"] = r.Visits()
		return visits
	}
	few, many := cost(3, 3), cost(500, 200)
	for kind, n := range many {
		if n > few[kind] {
			t.Errorf("%s: %d rows in a large room, %d in a small one", kind, n, few[kind])
		}
	}
}
