package expense_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"intercom/client/wire"
	"intercom/expense"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
	"intercom/ledger/core"
	"intercom/ledger/event"
)

var carol = apptest.NewWriter(5, 1)

// aConfirmingRoom returns a room of alice in which bob and carol are members,
// all speak for their names, and entries count when confirmed, or after three
// days of silence.
func aConfirmingRoom(t *testing.T) *apptest.Room {
	t.Helper()
	r := anOwnedRoom(t)
	for w, name := range map[*apptest.Writer]string{&bob: "bob", &carol: "carol"} {
		if _, err := role(r, alice, *w, expense.RoleReq{Role: "member", Alias: name}); err != nil {
			t.Fatal(err)
		}
	}
	do[expense.ClaimReply](t, r, alice, expense.ClaimReq{Alias: "alice"})
	if p := do[expense.PolicyReply](t, r, alice, expense.PolicyReq{Counts: "confirm", Days: 3}); p.Counts != "confirm" || p.Days != 3 || !p.Changed {
		t.Fatalf("the policy is %+v", p)
	}
	return r
}

// shared is 30.00 EUR that a member paid for some.
func shared(payer string, among ...string) app.Draft {
	b := &expense.Add{
		Amount: 3000, Currency: "EUR", Exp: 2, Date: "2026-03-01", Payers: []expense.Part{{Name: payer, Amount: 3000}},
		Split: expense.Split{Kind: "equal"},
	}
	for _, name := range among {
		b.Split.Of = append(b.Split.Of, expense.Part{Name: name, Amount: 1})
		b.Shares = append(b.Shares, expense.Part{Name: name, Amount: 3000 / int64(len(among))})
	}
	return app.Draft{Type: "expense.add", Body: b}
}

func handed(from, to string) app.Draft {
	return app.Draft{Type: "payment.add", Body: &expense.Payment{From: from, To: to, Amount: 1000, Currency: "EUR", Exp: 2, Date: "2026-03-01"}}
}

func about(kind string, e *event.Signed) app.Draft {
	if kind == "expense.dispute" {
		return app.Draft{Type: kind, Body: &expense.Dispute{Target: e.ID}}
	}
	return app.Draft{Type: kind, Body: &expense.Confirm{Target: e.ID}}
}

func wantStatus(t *testing.T, r *apptest.Room, e *event.Signed, want string, missing ...string) {
	t.Helper()
	got := do[expense.ShowReply](t, r, alice, expense.ShowReq{Entry: e.ID.String()}).Entry
	if got.Status != want || !slices.Equal(got.Missing, missing) {
		t.Errorf("is %s, missing %v; want %s, %v", got.Status, got.Missing, want, missing)
	}
}

func balanceOf(t *testing.T, r *apptest.Room, name string) string {
	t.Helper()
	for _, b := range do[expense.Sheet](t, r, alice, expense.BalanceReq{}).Balances {
		if b.Member == name {
			return b.Minor
		}
	}
	return "-"
}

func TestAnEntryCountsWhenThoseWhomItCostsHaveConfirmedIt(t *testing.T) {
	r := aConfirmingRoom(t)
	e := r.Write(alice, noon, "", shared("alice", "alice", "bob", "carol"))
	wantStatus(t, r, e, "pending", "bob", "carol")
	if got := balanceOf(t, r, "alice"); got != "-" {
		t.Errorf("alice is owed %s at once", got)
	}
	sheet := do[expense.Sheet](t, r, alice, expense.BalanceReq{})
	if len(sheet.Pending) != 1 || sheet.Pending[0].Minor != "3000" || sheet.Pending[0].Entries != 1 {
		t.Errorf("pending: %+v", sheet.Pending)
	}
	r.Write(alice, noon, "", about("expense.confirm", e)) // in her own interest
	r.Write(bob, noon, "", about("expense.confirm", e))
	wantStatus(t, r, e, "pending", "carol")
	mine := func(w apptest.Writer) int {
		return len(do[expense.ListReply](t, r, w, expense.ListReq{Mine: true}).Entries)
	}
	if a, b, c := mine(alice), mine(bob), mine(carol); a != 0 || b != 0 || c != 1 {
		t.Errorf("waits for alice %d, bob %d, carol %d", a, b, c)
	}
	list := do[expense.ListReply](t, r, alice, expense.ListReq{})
	if list.Count != 0 || list.Pending != 1 || len(list.Entries) != 1 {
		t.Errorf("the list: %+v", list)
	}
	r.Write(carol, noon, "", about("expense.confirm", e))
	wantStatus(t, r, e, "counts")
	if got := balanceOf(t, r, "alice"); got != "2000" {
		t.Errorf("alice is owed %s", got)
	}
	if list := do[expense.ListReply](t, r, alice, expense.ListReq{Pending: true}); list.Pending != 0 || len(list.Entries) != 0 {
		t.Errorf("still pending: %+v", list)
	}
}

func TestAStatementAgainstOnesInterestCountsAtOnce(t *testing.T) {
	r := aConfirmingRoom(t)
	for what, c := range map[string]struct {
		w      apptest.Writer
		d      app.Draft
		status string
	}{
		"bob owes alice, says bob":              {bob, shared("alice", "bob"), "counts"},
		"bob owes alice, says alice":            {alice, shared("alice", "bob"), "pending"},
		"bob and carol owe alice, says bob":     {bob, shared("alice", "bob", "carol"), "pending"},
		"carol paid for alice and carol":        {alice, shared("carol", "alice", "carol"), "counts"},
		"dave, whom nobody speaks for, owes":    {alice, shared("alice", "dave"), "counts"},
		"bob received a payment, says bob":      {bob, handed("alice", "bob"), "counts"},
		"bob received a payment, says alice":    {alice, handed("alice", "bob"), "pending"},
		"bob received a payment, says a third":  {carol, handed("alice", "bob"), "pending"},
		"dave received a payment, says alice":   {alice, handed("alice", "dave"), "pending"},
		"bob got a refund for both, he says so": {bob, shared("alice", "alice", "bob"), "counts"},
	} {
		e := r.Write(c.w, noon, "", c.d)
		if got := do[expense.ShowReply](t, r, alice, expense.ShowReq{Entry: e.ID.String()}).Entry.Status; got != c.status {
			t.Errorf("%s: %s, want %s", what, got, c.status)
		}
	}
}

func TestWhoIsChargedDenies(t *testing.T) {
	r := aConfirmingRoom(t)
	e, p := r.Write(alice, noon, "", shared("alice", "bob", "carol")), r.Write(alice, noon, "", handed("alice", "bob"))
	r.Write(bob, noon, "", about("expense.confirm", e))
	r.Write(carol, noon, "", about("expense.dispute", e))
	r.Write(bob, noon, "", about("expense.dispute", p))
	wantStatus(t, r, e, "denied")
	wantStatus(t, r, p, "denied")
	if list := do[expense.ListReply](t, r, alice, expense.ListReq{}); len(list.Entries) != 2 || list.Count != 0 || list.Pending != 0 {
		t.Errorf("denied entries are not shown: %+v", list)
	}
	r.Write(carol, noon, "", about("expense.confirm", e))
	r.Write(carol, noon, "", about("expense.confirm", p)) // not hers to confirm
	wantStatus(t, r, e, "counts")
	wantStatus(t, r, p, "denied")
	r.Write(bob, noon, "", about("expense.confirm", p))
	wantStatus(t, r, p, "counts")
	r.Write(carol, noon, "", about("expense.dispute", p)) // a flag
	wantStatus(t, r, p, "disputed")
	if got := balanceOf(t, r, "bob"); got != "-2500" {
		t.Errorf("bob: %s", got)
	}
}

func TestSilenceIsAgreementByItsOwnWitness(t *testing.T) {
	days := func(n int) time.Time { return noon.Add(time.Duration(n) * 24 * time.Hour) }
	usual := app.Draft{Type: "expense.defaults", Body: &expense.Defaults{Currency: "EUR"}}
	r := aConfirmingRoom(t)
	apart := apptest.OwnedCopy(expense.App(), alice)
	apart.Pull(r)
	e := r.Write(alice, noon, "", shared("alice", "bob"))
	r.Write(bob, days(3).Add(-time.Millisecond), "", usual)
	wantStatus(t, r, e, "pending", "bob")
	r.Write(carol, days(9), "", usual) // says nothing of bob
	wantStatus(t, r, e, "pending", "bob")
	r.Pull(apart)
	other := apptest.NewWriter(2, 9)
	apart.Write(other, days(9), "", usual) // bob, who does not know of it
	r.Pull(apart)
	wantStatus(t, r, e, "pending", "bob")
	r.Write(bob, days(3), "", usual)
	wantStatus(t, r, e, "counts")
	r.Write(bob, days(4), "", about("expense.dispute", e))
	wantStatus(t, r, e, "denied")

	p := r.Write(alice, noon, "", handed("alice", "bob"))
	r.Write(bob, days(30), "", usual)
	wantStatus(t, r, p, "pending", "bob") // a payment is not confirmed by silence

	// An entry that is dated before what it follows waits from there on.
	early := r.Write(alice, noon.AddDate(-1, 0, 0), "", shared("alice", "bob"))
	r.Write(bob, days(31), "", usual)
	wantStatus(t, r, early, "pending", "bob")
	r.Write(bob, days(33), "", usual)
	wantStatus(t, r, early, "counts")
}

func TestWhoClosesInSilenceAgreesToWhatTheCloseTakesAlong(t *testing.T) {
	r := aConfirmingRoom(t)
	e := r.Write(bob, noon, "", shared("bob", "alice"))
	r.Write(alice, noon.Add(3*24*time.Hour), "", app.Draft{Type: "room.close", Body: &expense.Close{Open: []expense.Unsettled{}, Carry: true}})
	wantStatus(t, r, e, "counts")
	if got := balanceOf(t, r, "alice"); got != "-3000" {
		t.Errorf("the balance is %s", got)
	}
}

func TestNoProgramAgreesByItsSilence(t *testing.T) {
	later := noon.Add(3 * 24 * time.Hour)
	r := aConfirmingRoom(t)
	e := r.Write(alice, noon, "", shared("alice", "bob"))
	rule := r.Write(bob, noon, "", app.Draft{Type: "expense.recur", Body: recurring(func(b *expense.Recur) { b.Rule = event.ID{} })})
	add := shared("bob", "bob").Body.(*expense.Add)
	add.Recur = &expense.Occurrence{Rule: rule.ID, Date: "2026-12-01"}
	if o := r.Write(bob, later, "", app.Draft{Type: "expense.add", Body: add}); r.Refused(o.ID) != nil {
		t.Fatal(r.Refused(o.ID))
	}
	wantStatus(t, r, e, "pending", "bob")
	if _, err := role(r, alice, bob, expense.RoleReq{Role: "bot", Alias: "bob"}); err != nil {
		t.Fatal(err)
	}
	r.Write(bob, later, "", shared("bob", "bob"))
	wantStatus(t, r, e, "pending", "bob")
}

func TestThePolicyThatAnAuthorKnewHolds(t *testing.T) {
	r := aConfirmingRoom(t)
	apart := apptest.OwnedCopy(expense.App(), alice)
	apart.Pull(r)
	do[expense.PolicyReply](t, r, alice, expense.PolicyReq{Counts: "trust"})
	trusted := r.Write(alice, noon, "", shared("alice", "bob"))
	pending := apart.Write(apptest.NewWriter(1, 2), noon, "", shared("alice", "bob"))
	r.Pull(apart)
	apart.Pull(r)
	for _, c := range []*apptest.Room{r, apart} {
		wantStatus(t, c, trusted, "counts")
		wantStatus(t, c, pending, "pending", "bob")
	}
	if r.StateHash() != apart.StateHash() {
		t.Errorf("two states:\n%s\n%s", r.Rows(), apart.Rows())
	}
	for what, w := range map[string]apptest.Writer{"a member": bob, "a stranger": apptest.NewWriter(44, 1)} {
		if _, _, err := r.Do(w, noon, expense.PolicyReq{Counts: "confirm"}); !errors.Is(err, &wire.Error{Code: wire.Forbidden}) {
			t.Errorf("%s sets the policy: %v", what, err)
		}
		e := r.Write(w, noon, "", app.Draft{Type: core.TypePolicy, Body: &core.Fields{"expenses": "confirm"}})
		if p := do[expense.PolicyReply](t, r, alice, expense.PolicyReq{}); p.Counts != "trust" || r.Refused(e.ID) == nil {
			t.Errorf("%s has set the policy: %+v", what, p)
		}
	}
	open := apptest.New(expense.App())
	if _, _, err := open.Do(bob, noon, expense.PolicyReq{Counts: "confirm"}); !errors.Is(err, &wire.Error{Code: wire.Conflict}) {
		t.Errorf("in an open room: %v", err)
	}
	open.Write(bob, noon, "", app.Draft{Type: core.TypePolicy, Body: &core.Fields{"expenses": "confirm"}})
	wantStatus(t, open, open.Write(bob, noon, "", shared("bob", "alice")), "counts")
}

func TestPendingEntriesAreReplacedVoidedAndCleared(t *testing.T) {
	r := aConfirmingRoom(t)
	e := r.Write(alice, noon, "", shared("alice", "bob"))
	r.Write(bob, noon, "", about("expense.confirm", e))
	edit := shared("alice", "bob").Body.(*expense.Add)
	edit.Note = "edited"
	n := r.Write(alice, noon, "", app.Draft{Type: "expense.replace", Body: &expense.Replace{Targets: []event.ID{e.ID}, Add: *edit}})
	wantStatus(t, r, e, "replaced")
	wantStatus(t, r, n, "pending", "bob") // what bob confirmed was another entry
	v := r.Write(alice, noon, "", shared("alice", "bob"))
	r.Write(alice, noon, "", app.Draft{Type: "expense.void", Body: &expense.Void{Target: v.ID}})
	r.Write(bob, noon, "", about("expense.confirm", v))
	wantStatus(t, r, v, "void")

	r.Write(alice, noon, "", app.Draft{Type: "room.close", Body: &expense.Close{Open: []expense.Unsettled{}, Carry: true}})
	if s := do[expense.Sheet](t, r, alice, expense.BalanceReq{}); len(s.Pending) != 1 || s.Pending[0].Entries != 1 {
		t.Errorf("carried: %+v", s.Pending)
	}
	for what, in := range map[string]expense.ListReq{"pending": {Pending: true}, "mine": {Mine: true}} {
		if l := do[expense.ListReply](t, r, bob, in); len(l.Entries) != 1 || l.Entries[0].ID != n.ID || len(l.Opening) != 0 {
			t.Errorf("carried, list of %s: %+v", what, l)
		}
	}
	r.Write(bob, noon, "", about("expense.confirm", n))
	if got := balanceOf(t, r, "bob"); got != "-3000" {
		t.Errorf("confirmed after it was carried: %s", got)
	}
	w := r.Write(alice, noon, "", shared("alice", "bob"))
	r.Write(alice, noon, "", app.Draft{Type: "room.close", Body: &expense.Close{Open: []expense.Unsettled{}}})
	r.Write(bob, noon, "", about("expense.confirm", w))
	if s := do[expense.Sheet](t, r, alice, expense.BalanceReq{}); len(s.Pending)+len(s.Balances) != 0 {
		t.Errorf("after a close: %+v", s)
	}
	wantStatus(t, r, w, "counts") // in its epoch, which is over
}

func TestAPaymentIsForItsReceiverToConfirm(t *testing.T) {
	r := anOwnedRoom(t)
	for w, name := range map[*apptest.Writer]string{&bob: "bob", &carol: "carol"} {
		if _, err := role(r, alice, *w, expense.RoleReq{Role: "member", Alias: name}); err != nil {
			t.Fatal(err)
		}
	}
	dora := apptest.NewWriter(6, 1) // speaks for nobody
	if _, err := role(r, alice, dora, expense.RoleReq{Role: "member"}); err != nil {
		t.Fatal(err)
	}
	e, free := r.Write(alice, noon, "", handed("alice", "bob")), r.Write(alice, noon, "", handed("alice", "dave"))
	for _, w := range []apptest.Writer{alice, carol, dora} {
		r.Write(w, noon, "", about("expense.confirm", e))
		wantStatus(t, r, e, "unconfirmed")
	}
	r.Write(alice, noon, "", about("expense.confirm", free))
	wantStatus(t, r, free, "unconfirmed")
	r.Write(dora, noon, "", about("expense.confirm", free))
	wantStatus(t, r, free, "counts") // nobody speaks for dave
	r.Write(bob, noon, "", about("expense.confirm", e))
	wantStatus(t, r, e, "counts")
}

func TestWhoAddsOrSettlesIsToldWhatWaits(t *testing.T) {
	r := aConfirmingRoom(t)
	e := do[expense.AddReply](t, r, alice, expense.AddReq{Payer: "alice", Amount: "30", Split: []string{"bob"}})
	if e.Entry.Status != "pending" || !strings.Contains(e.Note(), "confirmed by bob") {
		t.Errorf("added: %s, %s", e.Entry.Status, e.Note())
	}
	if s := do[expense.Settlement](t, r, alice, expense.SettleReq{}); len(s.Pending) != 1 || s.Pending[0].Minor != "3000" {
		t.Errorf("settle: %+v", s)
	}
	do[expense.EntryReply](t, r, bob, expense.DisputeReq{OpinionReq: expense.OpinionReq{Entry: e.Entry.ID.String()}})
	if s := do[expense.ShowReply](t, r, alice, expense.ShowReq{Entry: e.Entry.ID.String()}); !strings.Contains(s.Note(), "expense edit") {
		t.Errorf("show: %s", s.Note())
	}
	own := do[expense.AddReply](t, r, bob, expense.AddReq{Payer: "alice", Amount: "30", Split: []string{"bob"}})
	if own.Entry.Status != "counts" || own.Note() != "" {
		t.Errorf("against himself: %s, %s", own.Entry.Status, own.Note())
	}
}
