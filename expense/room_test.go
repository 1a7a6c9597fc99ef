package expense_test

import (
	"strings"
	"testing"

	"intercom/client/wire"
	"intercom/expense"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

var (
	alice = apptest.NewWriter(1, 1)
	bob   = apptest.NewWriter(2, 1)
)

func newRoom() *apptest.Room { return apptest.New(expense.App()) }

// do runs a request that must succeed.
func do[Rep any](t *testing.T, r *apptest.Room, w apptest.Writer, in any) Rep {
	t.Helper()
	return doKeyed[Rep](t, r, w, "", in)
}

func doKeyed[Rep any](t *testing.T, r *apptest.Room, w apptest.Writer, key string, in any) Rep {
	t.Helper()
	reply, _, err := r.DoKeyed(w, noon, key, in)
	if err != nil {
		t.Fatalf("%T: %v", in, err)
	}
	return reply.(Rep)
}

// add writes an expense whose payer is charged only if named.
func add(t *testing.T, r *apptest.Room, w apptest.Writer, payer, amount, split string) expense.Entry {
	t.Helper()
	return addKeyed(t, r, w, "", payer, amount, split)
}

func addKeyed(t *testing.T, r *apptest.Room, w apptest.Writer, key, payer, amount, split string) expense.Entry {
	t.Helper()
	no := false
	return doKeyed[expense.AddReply](t, r, w, key, expense.AddReq{
		Payer: payer, Amount: expense.Amount(amount), Split: strings.Split(split, ","), PayerShares: &no,
	}).Entry
}

// shown writes the balances of a room in one line.
func shown(t *testing.T, r *apptest.Room) string {
	t.Helper()
	var out []string
	for _, b := range do[expense.Sheet](t, r, alice, expense.BalanceReq{}).Balances {
		out = append(out, b.Member+" "+b.Amount)
	}
	return strings.Join(out, ", ")
}

func count(t *testing.T, r *apptest.Room) int {
	t.Helper()
	return do[expense.ListReply](t, r, alice, expense.ListReq{}).Count
}

func sameState(t *testing.T, a, b *apptest.Room) {
	t.Helper()
	a.Pull(b)
	b.Pull(a)
	if a.StateHash() != b.StateHash() {
		t.Fatalf("two states:\n%s\n%s", a.Rows(), b.Rows())
	}
}

func TestTheExampleOfTheOriginal(t *testing.T) {
	r := newRoom()
	add(t, r, alice, "alice", "30", "alice,bob")
	add(t, r, bob, "bob", "10", "alice,bob")
	s := do[expense.Sheet](t, r, bob, expense.BalanceReq{})
	if got := shown(t, r); got != "alice 10.00, bob -10.00" || s.Entries != 2 || s.Totals[0].Amount != "40.00" {
		t.Errorf("balance: %s of %+v", got, s)
	}
	p := do[expense.Settlement](t, r, bob, expense.SettleReq{}).Transfers
	if len(p) != 1 || p[0].From != "bob" || p[0].To != "alice" || p[0].Amount != "10.00" {
		t.Errorf("plan: %+v", p)
	}
}

func TestE5ThePayerSharesOnlyIfNamed(t *testing.T) {
	r := newRoom()
	add(t, r, alice, "carol", "10", "a,b")
	if got := shown(t, r); got != "a -5.00, b -5.00, carol 10.00" {
		t.Errorf("balance: %s", got)
	}
}

func TestThePayerIsAddedWhereTheOriginalDid(t *testing.T) {
	in := expense.AddReq{Payer: "alice", Amount: "10", Split: []string{"A", " B ", "", "a", "b"}}
	e := do[expense.AddReply](t, newRoom(), alice, in).Entry
	if got := strings.Join(e.Split, ","); got != "alice,a,b" {
		t.Errorf("split among %s", got)
	}
}

func TestE6IncomeCountsBelowZero(t *testing.T) {
	r := newRoom()
	add(t, r, alice, "alice", "10", "alice,bob")
	r.Write(alice, noon, "", app.Draft{Type: "expense.add", Body: body(-1000, "alice", "alice", "bob")})
	if got := shown(t, r); got != "alice 0.00, bob 0.00" {
		t.Errorf("balance: %s", got)
	}
}

func TestE7AClearDeletesNothingAndIsUndone(t *testing.T) {
	a, b := newRoom(), newRoom()
	add(t, a, alice, "alice", "30", "alice,bob")
	b.Pull(a)
	before := shown(t, a)
	cleared := do[expense.ClearReply](t, b, bob, expense.ClearReq{})
	if !cleared.OK || cleared.Entries != 1 || len(cleared.Unsettled) != 2 || cleared.Unsettled[1].Amount != "-15.00" {
		t.Errorf("cleared: %+v", cleared)
	}
	a.Pull(b)
	if got := shown(t, a); got != "" || count(t, a) != 0 {
		t.Errorf("after the clear: %s", got)
	}
	reopened := do[expense.ReopenReply](t, a, alice, expense.ReopenReq{})
	if reopened.Reopened != cleared.Closed || reopened.Entries != 1 {
		t.Errorf("reopened: %+v", reopened)
	}
	if got := shown(t, a); got != before {
		t.Errorf("after the reopen: %s, not %s", got, before)
	}
	sameState(t, a, b)
}

func TestE8AClearedRoomStaysClearedWhenReadAgain(t *testing.T) {
	a := newRoom()
	add(t, a, alice, "alice", "30", "alice,bob")
	do[expense.ClearReply](t, a, bob, expense.ClearReq{})
	again := newRoom()
	again.Pull(a)
	if count(t, again) != 0 || shown(t, again) != "" {
		t.Error("cleared entries came back")
	}
}

func TestE9TheAuthorIsWhoSigned(t *testing.T) {
	r := newRoom()
	e := add(t, r, bob, "alice", "30", "alice,bob")
	if e.By != bob.Key {
		t.Errorf("by %s", e.By)
	}
	for _, date := range []string{"287396-01-01", "2026-02-30", "22.11.2026", "2026-1-1"} {
		_, _, err := r.Do(bob, noon, expense.AddReq{Payer: "a", Amount: "1", Split: []string{"a"}, Date: date})
		if e := wire.AsError(err); err == nil || e.Code != wire.InvalidRequest {
			t.Errorf("date %s: %v", date, err)
		}
		b := body(100, "a", "a")
		if b.Date = date; b.Check() == nil {
			t.Errorf("a body of %s counts", date)
		}
	}
}

func TestE10NobodyTakesAnotherEntrysPlace(t *testing.T) {
	a, b := newRoom(), newRoom()
	addKeyed(t, b, bob, "rent", "bob", "1", "bob,alice") // first of this key
	addKeyed(t, a, alice, "rent", "alice", "30", "alice,bob")
	sameState(t, a, b)
	if count(t, a) != 2 {
		t.Error("an entry vanished")
	}
}

func TestE11TwoBodiesAtOneSeqCountOnAllPeers(t *testing.T) {
	a, b := newRoom(), newRoom()
	add(t, a, alice, "alice", "30", "alice,bob")
	add(t, b, alice, "alice", "50", "alice,bob") // the same chain, forked
	sameState(t, a, b)
	if got := shown(t, a); got != "alice 40.00, bob -40.00" || count(t, a) != 2 {
		t.Errorf("balance: %s", got)
	}
}

func TestE13AnAddCostsTheSameInARoomOfAnySize(t *testing.T) {
	cost := func(entries int) int {
		r := newRoom()
		for range entries {
			r.Write(alice, noon, "", app.Draft{Type: "expense.add", Body: body(3000, "alice", "alice", "bob")})
		}
		r.Visits()
		add(t, r, bob, "bob", "10", "alice,bob")
		return r.Visits()
	}
	if few, many := cost(2), cost(500); few != many {
		t.Errorf("%d rows for 2 entries, %d for 500", few, many)
	}
}

func TestABalanceReadsNoEntries(t *testing.T) {
	cost := func(entries int) int {
		r := newRoom()
		for range entries {
			r.Write(alice, noon, "", app.Draft{Type: "expense.add", Body: body(3000, "alice", "alice", "bob")})
		}
		r.Visits()
		do[expense.Sheet](t, r, bob, expense.BalanceReq{})
		return r.Visits()
	}
	if few, many := cost(2), cost(500); few != many {
		t.Errorf("%d rows for 2 entries, %d for 500", few, many)
	}
}

func TestACloseWalksOnlyOverWhatItTakes(t *testing.T) {
	r := newRoom()
	for range 500 {
		r.Write(alice, noon, "", app.Draft{Type: "expense.add", Body: body(3000, "alice", "alice", "bob")})
	}
	do[expense.ClearReply](t, r, bob, expense.ClearReq{})
	add(t, r, alice, "alice", "30", "alice,bob")
	r.Visits()
	do[expense.ClearReply](t, r, bob, expense.ClearReq{})
	if n := r.Visits(); n > 50 {
		t.Errorf("%d rows for one entry", n)
	}
}

func TestACloseWalksOnlyOverTheWritersItHasSeen(t *testing.T) {
	a, b := newRoom(), newRoom()
	for range 500 {
		a.Write(alice, noon, "", app.Draft{Type: "expense.add", Body: body(3000, "alice", "alice", "bob")})
	}
	add(t, b, bob, "bob", "10", "alice,bob")
	do[expense.ClearReply](t, b, bob, expense.ClearReq{})
	a.Visits()
	a.Pull(b)
	if n := a.Visits(); n > 50 || count(t, a) != 500 {
		t.Errorf("%d rows for one entry", n)
	}
}

func TestALateEntryOpensTheNextEpoch(t *testing.T) {
	a, b := newRoom(), newRoom()
	add(t, a, alice, "alice", "30", "alice,bob")
	b.Pull(a)
	add(t, b, bob, "bob", "8", "alice,bob") // offline
	do[expense.ClearReply](t, a, alice, expense.ClearReq{})
	add(t, a, alice, "alice", "2", "alice,bob")
	sameState(t, a, b)
	l := do[expense.ListReply](t, a, alice, expense.ListReq{})
	if l.Count != 2 || !l.Entries[0].Late || l.Entries[0].Payer != "bob" || l.Entries[1].Late {
		t.Errorf("entries: %+v", l.Entries)
	}
	if got := shown(t, a); got != "alice -3.00, bob 3.00" {
		t.Errorf("balance: %s", got)
	}
	do[expense.ClearReply](t, a, alice, expense.ClearReq{})
	if count(t, a) != 0 {
		t.Error("the late entry cannot be cleared")
	}
}

func TestACarryingCloseKeepsTheBalanceUntilAnotherEndsIt(t *testing.T) {
	r := newRoom()
	add(t, r, alice, "alice", "30", "alice,bob")
	r.Write(alice, noon, "", app.Draft{Type: "room.close", Body: &expense.Close{Open: []expense.Unsettled{}, Carry: true}})
	s := do[expense.Sheet](t, r, alice, expense.BalanceReq{})
	if s.Entries != 0 || s.Carried != 1 || shown(t, r) != "alice 15.00, bob -15.00" {
		t.Errorf("carried: %+v", s)
	}
	add(t, r, bob, "bob", "10", "alice,bob")
	if got := shown(t, r); got != "alice 10.00, bob -10.00" {
		t.Errorf("balance: %s", got)
	}
	cleared := do[expense.ClearReply](t, r, alice, expense.ClearReq{})
	if cleared.Entries != 2 || shown(t, r) != "" {
		t.Errorf("cleared: %+v, then %s", cleared, shown(t, r))
	}
	do[expense.ReopenReply](t, r, alice, expense.ReopenReq{})
	if got := shown(t, r); got != "alice 10.00, bob -10.00" || count(t, r) != 1 {
		t.Errorf("reopened: %s", got)
	}
}

func TestACloseKeepsWhatItsCheckpointHasSeen(t *testing.T) {
	r := newRoom()
	kept := add(t, r, alice, "alice", "30", "alice,bob")
	point := r.Write(alice, noon, "", app.Draft{Type: "room.checkpoint", Body: &expense.Checkpoint{State: event.ID{1}}})
	add(t, r, alice, "alice", "8", "alice,bob")
	r.Write(alice, noon, "", app.Draft{Type: "room.close", Body: &expense.Close{Open: []expense.Unsettled{}, Keep: point.ID}})
	l := do[expense.ListReply](t, r, alice, expense.ListReq{})
	if l.Count != 1 || l.Entries[0].ID != kept.ID || l.Entries[0].Late {
		t.Errorf("entries: %+v", l.Entries)
	}
}

func TestAReopenedCloseGivesItsEntriesToTheNext(t *testing.T) {
	r := newRoom()
	add(t, r, alice, "alice", "30", "alice,bob")
	first := do[expense.ClearReply](t, r, alice, expense.ClearReq{})
	add(t, r, alice, "alice", "8", "alice,bob")
	second := do[expense.ClearReply](t, r, alice, expense.ClearReq{})
	do[expense.ReopenReply](t, r, alice, expense.ReopenReq{Close: first.Closed.String()[:10]})
	if count(t, r) != 0 {
		t.Error("the second close has seen the entries of the first")
	}
	do[expense.ReopenReply](t, r, alice, expense.ReopenReq{Close: strings.ToUpper(second.Closed.String())})
	if count(t, r) != 2 {
		t.Error("entries stay closed")
	}
}

// One author's two stores use one key, so that the event of the one loses its
// effect when that of the other comes.
func TestADuplicateReopenLeavesAnotherStanding(t *testing.T) {
	other := apptest.NewWriter(1, 2)
	a := newRoom()
	add(t, a, alice, "alice", "30", "alice,bob")
	id := do[expense.ClearReply](t, a, alice, expense.ClearReq{}).Closed
	reopen := app.Draft{Type: "room.reopen", Body: &expense.Reopen{Close: id}}
	early := newRoom() // the key's winner, by its lower lamport time
	early.Write(other, noon, "k", app.Draft{Type: "expense.add", Body: body(100, "x", "x")})

	one, two := newRoom(), newRoom()
	one.Pull(a)
	one.Write(alice, noon, "k", reopen)
	two.Pull(one)
	two.Write(bob, noon, "", reopen)
	for _, c := range []struct {
		r    *apptest.Room
		want int
	}{{one, 1}, {two, 2}} {
		if count(t, c.r) != 1 {
			t.Fatal("not reopened")
		}
		c.r.Pull(early)
		if got := count(t, c.r); got != c.want {
			t.Errorf("%d entries, not %d", got, c.want)
		}
		l := do[expense.ListReply](t, c.r, alice, expense.ListReq{})
		if l.RefusedCount != 1 || !strings.Contains(l.Refused[0].Reason, "same key") {
			t.Errorf("refused: %+v", l.Refused)
		}
	}
}

func TestAReopenOfWhatItsAuthorHasNotSeenIsRefused(t *testing.T) {
	a, b := newRoom(), newRoom()
	add(t, a, alice, "alice", "30", "alice,bob")
	b.Pull(a)
	id := do[expense.ClearReply](t, a, alice, expense.ClearReq{}).Closed
	b.Write(bob, noon, "", app.Draft{Type: "room.reopen", Body: &expense.Reopen{Close: id}})
	sameState(t, a, b)
	l := do[expense.ListReply](t, a, alice, expense.ListReq{})
	if l.Count != 0 || l.RefusedCount != 1 || l.Refused[0].By != bob.Key {
		t.Errorf("list: %+v", l)
	}
}

// body returns an entry that is split in equal parts.
func body(amount int64, payer string, split ...string) *expense.Add {
	b := &expense.Add{
		Amount: amount, Currency: "XXX", Exp: 2, Date: "2026-11-22",
		Payers: []expense.Part{{Name: payer, Amount: amount}}, Split: expense.Split{Kind: expense.SplitEqual},
	}
	for _, s := range expense.EqualShares(amount, split, expense.Seed{}) {
		b.Split.Of = append(b.Split.Of, expense.Part{Name: s.Name, Amount: 1})
		b.Shares = append(b.Shares, expense.Part{Name: s.Name, Amount: s.Amount})
	}
	return b
}
