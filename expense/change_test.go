package expense_test

import (
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"

	"intercom/client/wire"
	"intercom/expense"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
	"intercom/ledger/core"
	"intercom/ledger/event"
)

func pay(t *testing.T, r *apptest.Room, w apptest.Writer, from, to, amount string) expense.Entry {
	t.Helper()
	return do[expense.EntryReply](t, r, w, expense.PayReq{From: from, To: to, Amount: expense.Amount(amount)}).Entry
}

func void(t *testing.T, r *apptest.Room, w apptest.Writer, id event.ID) expense.Entry {
	t.Helper()
	return do[expense.EntryReply](t, r, w, expense.VoidReq{Entry: id.String(), Reason: "twice"}).Entry
}

func edit(t *testing.T, r *apptest.Room, w apptest.Writer, id event.ID, change func(*expense.EditReq)) expense.Entry {
	t.Helper()
	in := expense.EditReq{Entry: id.String()}
	change(&in)
	return do[expense.EntryReply](t, r, w, in).Entry
}

func amountTo(a string) func(*expense.EditReq) {
	return func(in *expense.EditReq) { in.Amount = expense.Amount(a) }
}

// statuses lists the entries of a room with all that does not count.
func statuses(t *testing.T, r *apptest.Room) string {
	t.Helper()
	var out []string
	for _, e := range do[expense.ListReply](t, r, alice, expense.ListReq{All: true}).Entries {
		out = append(out, e.Amount+" "+e.Status)
	}
	return strings.Join(out, ", ")
}

// denied runs a request that must fail, and returns its error.
func denied(t *testing.T, r *apptest.Room, w apptest.Writer, in any, code wire.Code) *wire.Error {
	t.Helper()
	n := len(r.Events())
	_, _, err := r.Do(w, noon, in)
	if !errors.Is(err, &wire.Error{Code: code}) {
		t.Errorf("%T: %v, not %s", in, err, code)
	}
	if len(r.Events()) != n {
		t.Errorf("%T: a refused request wrote an event", in)
	}
	return wire.AsError(err)
}

func TestAPaymentSettlesAndIsNoExpense(t *testing.T) {
	r := newRoom()
	add(t, r, alice, "alice", "30", "alice,bob")
	p := pay(t, r, bob, "bob", "alice", "15")
	s := do[expense.Sheet](t, r, alice, expense.BalanceReq{})
	if shown(t, r) != "alice 0.00, bob 0.00" || s.Totals[0].Amount != "30.00" || s.Totals[0].Entries != 1 || s.Entries != 2 {
		t.Errorf("balance: %s of %+v", shown(t, r), s)
	}
	if p.Type != expense.EntryPayment || p.Status != expense.StatusUnconfirmed || p.Payer != "bob" || parts(p.Shares) != "alice 15.00" {
		t.Errorf("payment: %+v", p)
	}
	if cleared := do[expense.ClearReply](t, r, alice, expense.ClearReq{}); cleared.Entries != 2 || len(cleared.Unsettled) != 0 {
		t.Errorf("cleared: %+v", cleared)
	}
	if do[expense.ReopenReply](t, r, alice, expense.ReopenReq{}); shown(t, r) != "alice 0.00, bob 0.00" {
		t.Errorf("reopened: %s", shown(t, r))
	}
}

func TestAPaymentIsConfirmedByAnother(t *testing.T) {
	r := newRoom()
	p := pay(t, r, bob, "bob", "alice", "15")
	confirm := func(w apptest.Writer) expense.Entry {
		in := expense.ConfirmReq{OpinionReq: expense.OpinionReq{Entry: p.ID.Short()}}
		return do[expense.EntryReply](t, r, w, in).Entry
	}
	if e := confirm(bob); e.Status != expense.StatusUnconfirmed || len(e.Confirmed) != 1 {
		t.Errorf("its author confirms it: %+v", e)
	}
	if e := confirm(alice); e.Status != expense.StatusCounts || len(e.Confirmed) != 2 {
		t.Errorf("confirmed: %+v", e)
	}
	in := expense.DisputeReq{OpinionReq: expense.OpinionReq{Entry: p.ID.Short(), Reason: "never came"}}
	e := do[expense.EntryReply](t, r, alice, in).Entry
	if e.Status != expense.StatusDisputed || e.Disputed[0] != alice.Key || len(e.Confirmed) != 1 || shown(t, r) != "alice -15.00, bob 15.00" {
		t.Errorf("disputed: %+v", e)
	}
	if e := confirm(alice); e.Status != expense.StatusCounts || len(e.Disputed) != 0 {
		t.Errorf("taken back: %+v", e)
	}
}

func TestInARoomOfNamesTheRecipientConfirms(t *testing.T) {
	carol := apptest.NewWriter(3, 1)
	r := apptest.Owned(expense.App(), alice, noon)
	for name, w := range map[string]apptest.Writer{"bob": bob, "carol": carol} {
		r.Write(alice, noon, "", app.Draft{Type: core.TypeAdd, Body: &core.Add{Key: w.Key, Role: app.Member.String(), Alias: name}})
	}
	p := pay(t, r, alice, "alice", "bob", "5")
	in := expense.ConfirmReq{OpinionReq: expense.OpinionReq{Entry: p.ID.Short()}}
	if e := do[expense.EntryReply](t, r, carol, in).Entry; e.Status != expense.StatusUnconfirmed {
		t.Errorf("confirmed by another: %+v", e)
	}
	if e := do[expense.EntryReply](t, r, bob, in).Entry; e.Status != expense.StatusCounts {
		t.Errorf("confirmed by the recipient: %+v", e)
	}
	if e := pay(t, r, bob, "alice", "bob", "5"); e.Status != expense.StatusCounts || len(e.Confirmed) != 1 {
		t.Errorf("written by the recipient: %+v", e)
	}
}

func TestAnEditTakesThePlaceOfTheEntry(t *testing.T) {
	r := newRoom()
	e := add(t, r, alice, "alice", "30", "alice,bob")
	note := "dinner"
	first := edit(t, r, alice, e.ID, func(in *expense.EditReq) { in.Amount, in.Note = "40", &note })
	if first.Amount != "40.00" || first.Note != "dinner" || first.Replaces[0] != e.ID || shown(t, r) != "alice 20.00, bob -20.00" {
		t.Errorf("edited: %+v, %s", first, shown(t, r))
	}
	// By the old id the entry that is there now is meant.
	again := edit(t, r, alice, e.ID, func(in *expense.EditReq) { in.Split, in.By = []string{"alice=25", "bob=75"}, "percent" })
	if again.Replaces[0] != first.ID || again.Note != "dinner" || shown(t, r) != "alice 30.00, bob -30.00" {
		t.Errorf("edited again: %+v, %s", again, shown(t, r))
	}
	third := edit(t, r, alice, again.ID, amountTo("100"))
	if parts(third.Shares) != "alice 25.00, bob 75.00" || third.Kind != "percent" {
		t.Errorf("a percentage follows the amount: %+v", third)
	}
	if got := statuses(t, r); got != "30.00 replaced, 40.00 replaced, 40.00 replaced, 100.00 counts" || count(t, r) != 1 {
		t.Errorf("entries: %s", got)
	}
}

func TestAnEditKeepsWhatItIsNotTold(t *testing.T) {
	r := newRoom()
	no := false
	e := do[expense.AddReply](t, r, alice, expense.AddReq{
		Payer: "alice=0.07,bob=0.03", Amount: "0.10", Split: []string{"a", "b", "c"}, PayerShares: &no,
		Category: "food", Tags: []string{"x"}, Rate: "0.09 EUR", Income: true,
	}).Entry
	note := "n"
	after := edit(t, r, alice, e.ID, func(in *expense.EditReq) { in.Note = &note })
	if parts(after.Shares) != parts(e.Shares) || parts(after.Payers) != parts(e.Payers) || after.Category != "food" || after.Tags[0] != "x" ||
		after.Rate.Amount != "-0.09" || after.Amount != "-0.10" || after.Date != e.Date {
		t.Errorf("%+v became %+v", e, after)
	}
	empty, none := "", []string{}
	payer := "bob"
	after = edit(t, r, alice, e.ID, func(in *expense.EditReq) {
		in.Note, in.Category, in.Rate, in.Tags, in.Payer, in.Amount = &empty, &empty, &empty, &none, &payer, "0.20"
	})
	if after.Note != "" || after.Category != "" || after.Rate != nil || after.Tags != nil || after.Amount != "-0.20" || after.Payer != "bob" {
		t.Errorf("emptied: %+v", after)
	}
}

func TestEditRefuses(t *testing.T) {
	r := newRoom()
	no := false
	e := do[expense.AddReply](t, r, alice, expense.AddReq{
		Payer: "alice=20,bob=10", Amount: "30", By: "exact", Split: []string{"alice=20", "bob=10"}, PayerShares: &no,
	}).Entry
	p := pay(t, r, alice, "bob", "alice", "1")
	in := func(change func(*expense.EditReq)) expense.EditReq {
		q := expense.EditReq{Entry: e.ID.Short()}
		change(&q)
		return q
	}
	denied(t, r, alice, expense.EditReq{}, wire.MissingField)
	denied(t, r, alice, in(func(*expense.EditReq) {}), wire.MissingField)
	denied(t, r, alice, expense.EditReq{Entry: "ffffffffffff", Amount: "1"}, wire.NotFound)
	denied(t, r, alice, expense.EditReq{Entry: "/x", Amount: "1"}, wire.InvalidRequest)
	denied(t, r, alice, expense.EditReq{Entry: p.ID.Short(), Amount: "2"}, wire.InvalidRequest)
	denied(t, r, bob, in(amountTo("31")), wire.Forbidden)
	if err := denied(t, r, alice, in(amountTo("31")), wire.InvalidRequest); !strings.Contains(err.Reason, "payers sum to 30.00, expense is 31.00: 1.00 short") {
		t.Errorf("payers: %v", err)
	}
	payer := "alice"
	err := denied(t, r, alice, in(func(q *expense.EditReq) { q.Amount, q.Payer = "31", &payer }), wire.InvalidRequest)
	if !strings.Contains(err.Reason, "shares sum to 30.00, expense is 31.00: 1.00 short") {
		t.Errorf("shares: %v", err)
	}
	denied(t, r, alice, in(func(q *expense.EditReq) { q.Currency = "JPY" }), wire.MissingField)
	denied(t, r, alice, in(func(q *expense.EditReq) { q.Amount = "1,5" }), wire.InvalidAmount)
	do[expense.ClearReply](t, r, alice, expense.ClearReq{})
	note := "n"
	if err := denied(t, r, alice, in(func(q *expense.EditReq) { q.Note = &note }), wire.Conflict); !strings.Contains(err.Hint, "reopen") {
		t.Errorf("cleared: %v", err)
	}
	denied(t, r, alice, expense.VoidReq{Entry: e.ID.Short()}, wire.Conflict)
}

func TestAVoidTakesOutAndItsUndoAddsOnce(t *testing.T) {
	a, b := newRoom(), newRoom()
	e := add(t, a, alice, "alice", "30", "alice,bob")
	b.Pull(a)
	if got := void(t, b, bob, e.ID); got.Status != expense.StatusVoid || shown(t, b) != "" {
		t.Errorf("void: %+v, %s", got, shown(t, b))
	}
	denied(t, b, bob, expense.VoidReq{Entry: e.ID.Short()}, wire.Conflict)
	denied(t, b, bob, expense.DisputeReq{OpinionReq: expense.OpinionReq{Entry: e.ID.Short()}}, wire.Conflict)
	denied(t, a, alice, expense.VoidReq{Entry: e.ID.Short(), Undo: true}, wire.Conflict) // not void here yet
	a.Pull(b)
	undo := expense.VoidReq{Entry: e.ID.Short(), Undo: true}
	back := do[expense.EntryReply](t, a, alice, undo).Entry
	if back.Restores != e.ID || parts(back.Shares) != parts(e.Shares) {
		t.Errorf("restored: %+v", back)
	}
	do[expense.EntryReply](t, b, bob, undo) // apart
	sameState(t, a, b)
	if got := shown(t, a); got != "alice 15.00, bob -15.00" || count(t, a) != 1 {
		t.Errorf("undone twice: %s, %s", got, statuses(t, a))
	}
	denied(t, a, alice, undo, wire.Conflict)
	void(t, a, alice, do[expense.ListReply](t, a, alice, expense.ListReq{}).Entries[0].ID)
	do[expense.EntryReply](t, a, alice, undo)
	if got := shown(t, a); got != "alice 15.00, bob -15.00" || count(t, a) != 1 {
		t.Errorf("undone again: %s, %s", got, statuses(t, a))
	}
}

func TestAVoidWinsOverAConcurrentEdit(t *testing.T) {
	a, b := newRoom(), newRoom()
	e := add(t, a, alice, "alice", "30", "alice,bob")
	b.Pull(a)
	edit(t, a, alice, e.ID, amountTo("40"))
	void(t, b, bob, e.ID)
	sameState(t, a, b)
	if got := statuses(t, a); got != "30.00 void, 40.00 conflict" || shown(t, a) != "" {
		t.Errorf("%s: %s", got, shown(t, a))
	}
	l := do[expense.ListReply](t, a, alice, expense.ListReq{})
	if l.Count != 0 || l.Conflicts != 1 || !strings.Contains(l.Note(), "expense list --all") {
		t.Errorf("list: %+v", l)
	}
}

// One author edits on two machines that have not met.
func TestOfTwoEditsMadeApartOneCountsAndALaterOneResolves(t *testing.T) {
	other := apptest.NewWriter(1, 2)
	a, b := newRoom(), newRoom()
	e := add(t, a, alice, "alice", "30", "alice,bob")
	b.Pull(a)
	edit(t, a, alice, e.ID, amountTo("40"))
	edit(t, b, other, e.ID, amountTo("50"))
	sameState(t, a, b)
	if got := statuses(t, a); !strings.Contains(got, " conflict") || !strings.Contains(got, " counts") || count(t, a) != 1 {
		t.Errorf("entries: %s", got)
	}
	s := do[expense.ShowReply](t, a, alice, expense.ShowReq{Entry: e.ID.Short()})
	if len(s.Current) != 2 || !strings.Contains(s.Note(), "in conflict") {
		t.Errorf("show: %+v", s)
	}
	last := edit(t, a, alice, e.ID, amountTo("60"))
	if got := statuses(t, a); len(last.Replaces) != 2 || strings.Contains(got, "conflict") || count(t, a) != 1 {
		t.Errorf("resolved: %s", got)
	}
}

func TestOnlyTheAuthorReplaces(t *testing.T) {
	r := newRoom()
	e := add(t, r, alice, "alice", "30", "alice,bob")
	r.Write(bob, noon, "", app.Draft{Type: "expense.replace", Body: &expense.Replace{Targets: []event.ID{e.ID}, Add: *body(1, "x", "y")}})
	l := do[expense.ListReply](t, r, alice, expense.ListReq{})
	if l.Count != 1 || l.RefusedCount != 1 || !strings.HasPrefix(l.Refused[0].Reason, "only its author") {
		t.Errorf("list: %+v", l)
	}
}

func TestARowOfAFileCountsOnceWhoeverImportsIt(t *testing.T) {
	imported := func(r *apptest.Room, w apptest.Writer, amount int64) {
		b := body(amount, "alice", "alice", "bob")
		b.Source = &expense.Source{Format: "splitwise", SHA256: someID, Row: 7}
		r.Write(w, noon, "", app.Draft{Type: "expense.add", Body: b})
	}
	a, b := newRoom(), newRoom()
	imported(a, alice, 3000)
	add(t, b, bob, "bob", "1", "bob")
	imported(b, bob, 3000)
	sameState(t, a, b)
	if got := statuses(t, a); got != "30.00 counts, 1.00 counts, 30.00 duplicate" && got != "1.00 counts, 30.00 counts, 30.00 duplicate" || shown(t, a) != "alice 15.00, bob -15.00" {
		t.Errorf("%s: %s", got, shown(t, a))
	}
	// What takes the winner out does not let the other in.
	l := do[expense.ListReply](t, a, alice, expense.ListReq{Filter: expense.Filter{Search: "alice"}})
	void(t, a, alice, l.Entries[0].ID)
	if got := shown(t, a); got != "bob 0.00" {
		t.Errorf("after the void: %s", got)
	}
}

func TestShowTellsWhatHappenedAndProvesIt(t *testing.T) {
	r := newRoom()
	e := add(t, r, alice, "alice", "30", "alice,bob")
	do[expense.EntryReply](t, r, bob, expense.DisputeReq{OpinionReq: expense.OpinionReq{Entry: e.ID.Short(), Reason: "was 20"}})
	after := edit(t, r, alice, e.ID, amountTo("20"))
	do[expense.EntryReply](t, r, bob, expense.ConfirmReq{OpinionReq: expense.OpinionReq{Entry: e.ID.Short()}})
	void(t, r, bob, after.ID)
	do[expense.EntryReply](t, r, alice, expense.VoidReq{Entry: e.ID.Short(), Undo: true})
	for _, id := range []event.ID{e.ID, after.ID} {
		s := do[expense.ShowReply](t, r, alice, expense.ShowReq{Entry: id.Short(), Proof: true})
		var what []string
		for _, h := range s.History {
			what = append(what, h.What)
		}
		if got := strings.Join(what, " "); got != "added disputed replaced confirmed void restored" {
			t.Errorf("history: %s", got)
		}
		if s.History[1].Text != "was 20" || s.History[1].By != bob.Key || s.History[4].Text != "twice" {
			t.Errorf("reasons: %+v", s.History)
		}
		raw, err := hex.DecodeString(s.Proof.Envelope)
		sig, errSig := hex.DecodeString(s.Proof.Signature)
		if err != nil || errSig != nil {
			t.Fatal(err, errSig)
		}
		signed, err := event.Parse(raw, [64]byte(sig))
		if err != nil || signed.ID != id || signed.Author != alice.Key {
			t.Errorf("proof: %v, %+v", err, s.Proof)
		}
	}
}

func TestAnIDMayBeShortenedWhileItIsClear(t *testing.T) {
	r := newRoom()
	starts := map[string]bool{}
	for {
		id := add(t, r, alice, "alice", "30", "alice,bob").ID.String()
		if starts[id[:1]] {
			denied(t, r, alice, expense.ShowReq{Entry: id[:1]}, wire.Ambiguous)
			do[expense.ShowReply](t, r, alice, expense.ShowReq{Entry: strings.ToUpper(id)})
			break
		}
		starts[id[:1]] = true
	}
	if names := expense.App().Names["entries"](r); len(names) != count(t, r) || len(names[0]) != 12 {
		t.Errorf("completed: %v", names)
	}
}

func TestDefaultsFillInWhatAnEntryLeavesOut(t *testing.T) {
	r := newRoom()
	eur, carol := "eur", "Carol"
	got := do[expense.DefaultsReply](t, r, alice, expense.DefaultsReq{
		Currency: &eur, Payer: &carol, Split: []string{"alice=2", "bob=1"}, By: "shares",
	})
	if got.Currency != "EUR" || got.Payer != "carol" || got.By != "shares" || *got.SetBy != alice.Key {
		t.Errorf("set: %+v", got)
	}
	no := false
	e := do[expense.AddReply](t, r, bob, expense.AddReq{Amount: "30", PayerShares: &no}).Entry
	if e.Currency != "EUR" || e.Payer != "carol" || parts(e.Shares) != "alice 20.00, bob 10.00" || e.Kind != "shares" {
		t.Errorf("entry: %+v", e)
	}
	for want, in := range map[string]expense.AddReq{
		"alice 15.00, bob 15.00":             {Amount: "30", By: "equal"},
		"alice 18.00, bob 9.00, dora 9.00":   {Amount: "36", By: "shares", Split: []string{"alice", "bob", "dora"}},
		"bob 30.00":                          {Amount: "30", Split: []string{"bob"}},
		"alice 10.00, bob 10.00, dora 10.00": {Amount: "30", Split: []string{"alice", "bob", "dora"}},
	} {
		in.PayerShares = &no
		if e := do[expense.AddReply](t, r, bob, in).Entry; parts(e.Shares) != want {
			t.Errorf("%s, not %s", parts(e.Shares), want)
		}
	}
	n := len(r.Events())
	nobody := ""
	if again := do[expense.DefaultsReply](t, r, alice, expense.DefaultsReq{}); again.Payer != "carol" || len(r.Events()) != n {
		t.Errorf("shown: %+v", again)
	}
	if again := do[expense.DefaultsReply](t, r, alice, expense.DefaultsReq{Payer: &nobody}); again.Payer != "" || again.Currency != "EUR" {
		t.Errorf("changed: %+v", again)
	}
	if p := pay(t, r, bob, "bob", "alice", "1"); p.Currency != "EUR" {
		t.Errorf("payment: %+v", p)
	}
	if again := do[expense.DefaultsReply](t, r, alice, expense.DefaultsReq{Clear: true}); again.Currency != "XXX" || len(again.Split) != 0 {
		t.Errorf("cleared: %+v", again)
	}
	denied(t, r, bob, expense.AddReq{Amount: "30"}, wire.MissingField)
	denied(t, r, bob, expense.DefaultsReq{By: "exact", Split: []string{"a=1"}}, wire.InvalidRequest)
	denied(t, r, bob, expense.DefaultsReq{By: "shares"}, wire.MissingField)
	denied(t, r, bob, expense.DefaultsReq{By: "percent", Split: []string{"a=60", "b=30"}}, wire.InvalidRequest)
	bad := "€"
	denied(t, r, bob, expense.DefaultsReq{Currency: &bad}, wire.InvalidRequest)
}

func TestWhoMayOnlyReadIsShownTheDefaults(t *testing.T) {
	if d := expense.ShowDefaults; d.Scope != wire.ScopeRead || d.Write {
		t.Errorf("%+v", d.Spec)
	}
	r := newRoom()
	if got := do[expense.DefaultsReply](t, r, bob, expense.DefaultsShowReq{}); got.Currency != expense.DefaultCurrency || got.SetBy != nil {
		t.Errorf("of a new room: %+v", got)
	}
	eur := "EUR"
	set := do[expense.DefaultsReply](t, r, alice, expense.DefaultsReq{Currency: &eur, Split: []string{"alice=2", "bob=1"}, By: "shares"})
	n := len(r.Events())
	if got := do[expense.DefaultsReply](t, r, bob, expense.DefaultsShowReq{}); !reflect.DeepEqual(got, set) || len(r.Events()) != n {
		t.Errorf("shown %+v, set %+v", got, set)
	}
}

func TestPayRefuses(t *testing.T) {
	r := newRoom()
	for _, c := range []struct {
		in   expense.PayReq
		code wire.Code
	}{
		{expense.PayReq{}, wire.MissingField},
		{expense.PayReq{From: "a", To: "b"}, wire.MissingField},
		{expense.PayReq{From: "a", To: "A", Amount: "1"}, wire.InvalidRequest},
		{expense.PayReq{From: "a", To: "b", Amount: "-1"}, wire.InvalidAmount},
		{expense.PayReq{From: "a", To: "b", Amount: "1", Currency: "€"}, wire.InvalidRequest},
		{expense.PayReq{From: "a,c", To: "b", Amount: "1"}, wire.InvalidRequest},
		{expense.PayReq{From: "a", To: "b", Amount: "1", Date: "2026-13-01"}, wire.InvalidRequest},
		{expense.PayReq{From: "a", To: "b", Amount: "1", Tx: strings.Repeat("x", 129)}, wire.InvalidRequest},
		{expense.PayReq{From: "a", To: "b", Amount: "1", Note: strings.Repeat("x", 4097)}, wire.TooLarge},
	} {
		denied(t, r, alice, c.in, c.code)
	}
}

func TestListFindsByAllThatIsAsked(t *testing.T) {
	r := newRoom()
	no := false
	for _, in := range []expense.AddReq{
		{Payer: "alice", Amount: "1", Split: []string{"bob"}, Category: "Food", Tags: []string{"trip"}, Date: "2026-11-01", Note: "Pizza"},
		{Payer: "bob", Amount: "2", Split: []string{"carol"}, Category: "rent", Date: "2026-11-10"},
		{Payer: "carol", Amount: "3", Split: []string{"alice"}, Tags: []string{"trip", "car"}, Date: "2026-11-20"},
	} {
		in.PayerShares = &no
		do[expense.AddReply](t, r, alice, in)
	}
	for want, f := range map[string]expense.Filter{
		"1.00 2.00 3.00": {},
		"1.00 3.00":      {Member: "Alice"},
		"1.00":           {Category: "food"},
		"3.00":           {Tag: "CAR"},
		"2.00 3.00":      {Since: "2026-11-10"},
		"1.00 2.00":      {Until: "2026-11-10"},
		"1.00 ":          {Search: "pizz"},
		"":               {Member: "alice", Category: "rent"},
		"3.00 ":          {Tag: "trip", Since: "2026-11-02"},
	} {
		l := do[expense.ListReply](t, r, alice, expense.ListReq{Filter: f})
		var got []string
		for _, e := range l.Entries {
			got = append(got, e.Amount)
		}
		if strings.Join(got, " ") != strings.TrimSpace(want) || l.Count != 3 {
			t.Errorf("%+v: %v of %d", f, got, l.Count)
		}
	}
	denied(t, r, alice, expense.ListReq{Filter: expense.Filter{Since: "1 May"}}, wire.InvalidRequest)
	denied(t, r, alice, expense.ListReq{Filter: expense.Filter{Member: "a,b"}}, wire.InvalidRequest)
}
