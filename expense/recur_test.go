package expense_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"intercom/client/wire"
	"intercom/expense"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

// rent recurs on the last day of each month since August; noon is in November.
var rent = expense.RecurAddReq{Every: "month", Payer: "alice", Amount: "900.01", Split: []string{"alice", "bob"}, Start: "2026-08-31", Note: "rent"}

func recur(t *testing.T, r *apptest.Room, w apptest.Writer, in expense.RecurAddReq) expense.Rule {
	t.Helper()
	return do[expense.RecurReply](t, r, w, in).Rule
}

// run adds what is due at a time, and lists the days.
func run(t *testing.T, r *apptest.Room, w apptest.Writer, now time.Time) string {
	t.Helper()
	reply, _, err := r.Do(w, now, expense.RecurRunReq{})
	if err != nil {
		t.Fatal(err)
	}
	var days []string
	for _, e := range reply.(expense.RecurRunReply).Entries {
		days = append(days, e.Date)
	}
	return strings.Join(days, " ")
}

// chore is run by the daemon of w, which acts by w's own rules alone.
func chore(t *testing.T, r *apptest.Room, w apptest.Writer, now time.Time) int {
	t.Helper()
	drafts, err := r.App.Chore.Do(r, r.Call(w, now))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range drafts {
		r.Write(w, now, "", d)
	}
	return len(drafts)
}

func TestWhatWasMissedIsAddedOnceTheOldestFirst(t *testing.T) {
	r := newRoom()
	x := recur(t, r, alice, rent)
	if x.Due != 3 || strings.Join(x.Next, " ") != "2026-08-31 2026-09-30 2026-10-31 2026-11-30 2026-12-31" || x.Every != "month" {
		t.Errorf("rule = %+v", x)
	}
	if got := run(t, r, bob, noon); got != "" {
		t.Errorf("bob adds %s by a rule of alice in an open room", got)
	}
	if got := run(t, r, alice, noon); got != "2026-08-31 2026-09-30 2026-10-31" {
		t.Errorf("added %s", got)
	}
	if got := run(t, r, alice, noon) + fmt.Sprint(chore(t, r, alice, noon)); got != "0" {
		t.Errorf("added again: %s", got)
	}
	at, ok := r.App.Chore.Next(r, alice.Key, noon)
	if want := time.Date(2026, 11, 30, 0, 0, 0, 0, noon.Location()); !ok || !at.Equal(want) {
		t.Errorf("due next at %v, not %v", at, want)
	}
	if _, ok := r.App.Chore.Next(r, bob.Key, noon); ok {
		t.Error("bob's daemon has something to do")
	}
	if n := chore(t, r, alice, at.Add(-time.Second)); n != 0 {
		t.Errorf("%d entries before the day", n)
	}
	if n := chore(t, r, alice, at); n != 1 {
		t.Errorf("%d entries on the day", n)
	}
	list := do[expense.ListReply](t, r, bob, expense.ListReq{})
	for _, e := range list.Entries {
		if e.Recur == nil || e.Recur.Rule != x.ID || e.Recur.Date != e.Date || e.Amount != "900.01" || e.Note != "rent" {
			t.Errorf("entry = %+v", e)
		}
	}
	if row := list.Table().Rows[0]; row[7] != "rule "+x.ID.Short() {
		t.Errorf("row = %v", row)
	}
	show := do[expense.ShowReply](t, r, bob, expense.ShowReq{Entry: list.Entries[0].ID.Short()})
	if !strings.Contains(show.Note(), "what the rule "+x.ID.Short()+" adds for 2026-08-31") {
		t.Errorf("show: %s", show.Note())
	}
	if got := do[expense.RecurListReply](t, r, bob, expense.RecurListReq{}).Rules; len(got) != 1 || got[0].Made != 4 || got[0].Due != 0 {
		t.Errorf("rules = %+v", got)
	}
}

func TestARoomThatIsClearedKeepsItsRules(t *testing.T) {
	r := newRoom()
	recur(t, r, alice, rent)
	run(t, r, alice, noon)
	do[expense.ClearReply](t, r, alice, expense.ClearReq{})
	if got := run(t, r, alice, noon); got != "" || count(t, r) != 0 {
		t.Errorf("added again: %s", got)
	}
	if got := run(t, r, alice, noon.AddDate(0, 0, 8)); got != "2026-11-30" {
		t.Errorf("added %s", got)
	}
}

func TestADayThatTwoDevicesAddCountsOnce(t *testing.T) {
	second := apptest.NewWriter(1, 2) // alice's other device
	a, b := newRoom(), newRoom()
	once := rent
	once.Start = "2026-10-31"
	recur(t, a, alice, once)
	b.Pull(a)
	add(t, b, bob, "bob", "1", "bob") // so that the events differ in time
	chore(t, a, alice, noon)
	chore(t, b, second, noon)
	ofA := do[expense.ListReply](t, a, alice, expense.ListReq{}).Entries[0].ID
	sameState(t, a, b)
	if got := statuses(t, a); strings.Count(got, "900.01 counts") != 1 || strings.Count(got, "900.01 duplicate") != 1 {
		t.Fatal(got)
	}
	if chore(t, a, alice, noon)+chore(t, b, second, noon) != 0 {
		t.Error("added again")
	}

	// Whichever is named, the one of that day is changed: an edit and a void
	// of another device that has seen one of both alone, too.
	edited := edit(t, a, alice, ofA, amountTo("800"))
	if edited.Status != "counts" || edited.Recur == nil {
		t.Errorf("edited: %+v", edited)
	}
	sameState(t, a, b)
	for _, e := range do[expense.ListReply](t, b, alice, expense.ListReq{All: true}).Entries {
		if e.Amount == "900.01" {
			if e.Status != "replaced" {
				t.Errorf("%s", e.Status)
			}
			if got := do[expense.ShowReply](t, b, bob, expense.ShowReq{Entry: e.ID.String()}).Current; len(got) != 1 || got[0] != edited.ID {
				t.Errorf("in its place: %v", got)
			}
		}
	}
	void(t, b, bob, edited.ID)
	sameState(t, a, b)
	if got := statuses(t, a); strings.Contains(got, "900.01 counts") || strings.Contains(got, "800.00 counts") {
		t.Error(got)
	}
	if chore(t, a, alice, noon)+chore(t, b, second, noon) != 0 {
		t.Error("added again after it was made void")
	}
}

func TestADayThatWasChangedApartStaysChanged(t *testing.T) {
	for what, change := range map[string]func(r *apptest.Room, e expense.Entry){
		"void":     func(r *apptest.Room, e expense.Entry) { void(t, r, alice, e.ID) },
		"replaced": func(r *apptest.Room, e expense.Entry) { edit(t, r, alice, e.ID, amountTo("1")) },
	} {
		for n := range byte(6) { // either of both may be the first
			second := apptest.NewWriter(1, 2+n)
			a, b := newRoom(), newRoom()
			once := rent
			once.Start = "2026-10-31"
			recur(t, a, alice, once)
			b.Pull(a)
			chore(t, a, alice, noon)
			change(a, do[expense.ListReply](t, a, alice, expense.ListReq{}).Entries[0])
			chore(t, b, second, noon)
			sameState(t, a, b)
			if got := statuses(t, a); strings.Count(got, "900.01 "+what) != 2 {
				t.Errorf("%s: %s", what, got)
			}
		}
	}
}

func TestAVoidDayIsRestoredOnceAndNotAddedAgain(t *testing.T) {
	r := newRoom()
	once := rent
	once.Start = "2026-10-31"
	recur(t, r, alice, once)
	run(t, r, alice, noon)
	id := do[expense.ListReply](t, r, alice, expense.ListReq{}).Entries[0].ID
	void(t, r, bob, id)
	got := do[expense.EntryReply](t, r, bob, expense.VoidReq{Entry: id.String(), Undo: true}).Entry
	if got.Status != "counts" || got.Recur != nil {
		t.Errorf("restored: %+v", got)
	}
	if got := run(t, r, alice, noon) + statuses(t, r); got != "900.01 void, 900.01 counts" {
		t.Error(got)
	}
}

func TestAStoppedRuleAddsNoMore(t *testing.T) {
	a, b := newRoom(), newRoom()
	x := recur(t, a, alice, rent)
	run(t, a, alice, noon)
	b.Pull(a)
	later := noon.AddDate(0, 0, 10)
	chore(t, a, alice, later) // 30 November, which the one who stops has not seen
	stopped := do[expense.RecurStopReply](t, b, bob, expense.RecurStopReq{Rule: x.ID.Short(), Reason: "moved out"})
	if stopped.Rule.Last != "2026-10-31" || stopped.Out != 0 || !stopped.Changed {
		t.Errorf("stopped: %+v", stopped)
	}
	sameState(t, a, b)
	if got := statuses(t, a); got != "900.01 counts, 900.01 counts, 900.01 counts, 900.01 stopped" {
		t.Error(got)
	}
	if n := chore(t, a, alice, noon.AddDate(1, 0, 0)); n != 0 {
		t.Errorf("%d entries after the stop", n)
	}
	if again := do[expense.RecurStopReply](t, a, alice, expense.RecurStopReq{Rule: x.ID.Short(), Last: "2027-01-01"}); again.Changed || again.Out != 1 {
		t.Errorf("stopped again, later: %+v", again)
	}
	if early := do[expense.RecurStopReply](t, a, alice, expense.RecurStopReq{Rule: x.ID.Short(), Last: "2026-09-15"}); !early.Changed || early.Out != 3 {
		t.Errorf("stopped again, earlier: %+v", early)
	}
	if got := statuses(t, a); got != "900.01 counts, 900.01 stopped, 900.01 stopped, 900.01 stopped" || shown(t, a) == "" {
		t.Error(got)
	}
	if rules := do[expense.RecurListReply](t, a, alice, expense.RecurListReq{}).Rules; len(rules) != 0 {
		t.Errorf("goes on: %+v", rules)
	}
	denied(t, a, alice, expense.RecurEditReq{Rule: x.ID.Short(), Amount: "1"}, wire.Conflict)
}

func TestAChangeOfARuleIsOfWhatComesAfter(t *testing.T) {
	r := newRoom()
	x := recur(t, r, alice, rent)
	if e := denied(t, r, alice, expense.RecurEditReq{Rule: x.ID.Short(), Amount: "950"}, wire.Conflict); e.Reason != "3 entries are due by the rule as it is, the first of 2026-08-31" {
		t.Error(e)
	}
	run(t, r, alice, noon)
	denied(t, r, bob, expense.RecurEditReq{Rule: x.ID.Short(), Amount: "950"}, wire.Forbidden)
	denied(t, r, alice, expense.RecurEditReq{Rule: x.ID.Short()}, wire.MissingField)
	note := "rent, higher"
	got := do[expense.RecurReply](t, r, alice, expense.RecurEditReq{Rule: x.ID.Short(), Amount: "950", Note: &note}).Rule
	if got.ID != x.ID || got.Amount != "950.00" || got.Note != note || got.Start != "2026-08-31" || got.Next[0] != "2026-11-30" || strings.Join(got.Split, " ") != "alice bob" {
		t.Errorf("changed: %+v", got)
	}
	got = do[expense.RecurReply](t, r, alice, expense.RecurEditReq{Rule: x.ID.Short(), Every: "2 weeks"}).Rule
	if strings.Join(got.Next, " ") != "2026-11-30 2026-12-14 2026-12-28 2027-01-11 2027-01-25" || got.Amount != "950.00" {
		t.Errorf("changed: %+v", got)
	}
	if got := run(t, r, alice, noon.AddDate(0, 0, 30)); got != "2026-11-30 2026-12-14" {
		t.Errorf("added %s", got)
	}
	var amounts []string
	for _, e := range do[expense.ListReply](t, r, bob, expense.ListReq{}).Entries {
		amounts = append(amounts, e.Amount)
	}
	if strings.Join(amounts, " ") != "900.01 900.01 900.01 950.00 950.00" {
		t.Errorf("amounts %q", amounts)
	}
	three := int64(3)
	got = do[expense.RecurReply](t, r, alice, expense.RecurEditReq{Rule: x.ID.Short(), Start: "2027-03-01", Count: &three}).Rule
	if strings.Join(got.Next, " ") != "2027-03-01 2027-03-15 2027-03-29" {
		t.Errorf("changed: %+v", got)
	}
	denied(t, r, alice, expense.RecurEditReq{Rule: x.ID.Short(), Start: "2027-04-01"}, wire.MissingField) // how many times?
}

func TestAHostileRuleIsBoundedWork(t *testing.T) {
	r := newRoom()
	daily := recurring(func(b *expense.Recur) { // as no request would write it
		*b = expense.Recur{
			Schedule: expense.Schedule{Every: 1, Unit: "day", Start: "2000-01-01"},
			Amount:   1, Currency: "EUR", Exp: 2, Payers: []expense.Part{{Name: "alice", Amount: 1}},
			Split: expense.Split{Kind: "equal", Of: []expense.Part{{Name: "bob", Amount: 1}}},
		}
	})
	for range 120 {
		r.Write(alice, noon, "", app.Draft{Type: "expense.recur", Body: daily})
	}
	r.Visits()
	reply := do[expense.RecurRunReply](t, r, alice, expense.RecurRunReq{})
	if visits := r.Visits(); visits > 150_000 {
		t.Errorf("%d rows were looked at", visits)
	}
	if len(reply.Entries) != expense.MaxPass || reply.Entries[0].Date != "2025-11-21" || reply.Due != 100*367-expense.MaxPass {
		t.Errorf("added %d from %s on, %d are due", len(reply.Entries), reply.Entries[0].Date, reply.Due)
	}
	if e := denied(t, r, alice, rent, wire.Conflict); e.Reason != "100 expenses of yours recur in test already, which is the most" {
		t.Error(e)
	}
	// What others wrote is nobody else's work.
	if n := chore(t, r, bob, noon); n != 0 {
		t.Errorf("bob's daemon added %d", n)
	}
}

// A member that could take a day with an entry of its own would make the rule's
// vanish.
func TestNobodyElseTakesADayOfARule(t *testing.T) {
	r := newRoom()
	x := recur(t, r, alice, rent)
	b := body(1, "bob", "bob")
	b.Recur = &expense.Occurrence{Rule: x.ID, Date: "2026-08-31"}
	squat := r.Write(bob, noon, "", app.Draft{Type: "expense.add", Body: b})
	if expense.Counts(r, squat) {
		t.Error("an entry of another counts for a rule")
	}
	b.Recur.Rule = event.ID{7}
	if e := r.Write(bob, noon, "", app.Draft{Type: "expense.add", Body: b}); expense.Counts(r, e) {
		t.Error("an entry of a rule that nobody knows counts")
	}
	if got := run(t, r, alice, noon); !strings.HasPrefix(got, "2026-08-31 ") {
		t.Errorf("added %s", got)
	}
	r.Write(bob, noon, "", app.Draft{Type: "expense.recur", Body: recurring(func(b *expense.Recur) { b.Rule = x.ID })})
	if got := do[expense.RecurListReply](t, r, alice, expense.RecurListReq{}).Rules; len(got) != 1 || got[0].Amount != "900.01" {
		t.Errorf("changed by another: %+v", got)
	}
	list := do[expense.ListReply](t, r, bob, expense.ListReq{})
	var why []string
	for _, e := range list.Refused {
		why = append(why, e.Reason)
	}
	if len(why) != 3 || !slices.Contains(why, "no rule with that id was known to the author") {
		t.Errorf("refused: %q", why)
	}
}

func TestAnAdminAddsWhatAMemberLetsRecur(t *testing.T) {
	a := apptest.Owned(expense.App(), alice, noon)
	if _, err := role(a, alice, bob, expense.RoleReq{Role: "member"}); err != nil {
		t.Fatal(err)
	}
	once := rent
	once.Start = "2026-10-31"
	x := recur(t, a, bob, once)
	b := apptest.OwnedCopy(expense.App(), alice)
	b.Pull(a)
	if got := run(t, a, alice, noon); got != "2026-10-31" {
		t.Errorf("the owner adds %s", got)
	}
	if chore(t, b, bob, noon) != 1 || chore(t, b, alice, noon) != 0 {
		t.Error("not bob's daemon adds it")
	}
	sameState(t, a, b)
	if got := statuses(t, a); got != "900.01 counts, 900.01 duplicate" {
		t.Error(got)
	}
	// Who has no role any more lets nothing recur.
	if _, err := role(a, alice, bob, expense.RoleReq{Remove: true}); err != nil {
		t.Fatal(err)
	}
	if got := run(t, a, alice, noon.AddDate(0, 3, 0)); got != "" {
		t.Errorf("added for a removed member: %s", got)
	}
	if got := do[expense.RecurStopReply](t, a, alice, expense.RecurStopReq{Rule: x.ID.Short()}); !got.Changed {
		t.Errorf("stopped: %+v", got)
	}
}

// A bot's limits are no less than those of what it lets recur.
func TestABotLetsNothingRecurBeyondItsLimits(t *testing.T) {
	r := apptest.Owned(expense.App(), alice, noon)
	if _, err := role(r, alice, bob, expense.RoleReq{Role: "bot", Max: []string{"50"}}); err != nil {
		t.Fatal(err)
	}
	e := r.Write(bob, noon, "", app.Draft{Type: "expense.recur", Body: recurring(func(b *expense.Recur) { b.Rule = event.ID{} })})
	if r.Refused(e.ID) == nil || run(t, r, alice, noon) != "" {
		t.Error("a rule beyond the limits of its author is acted on")
	}
}

// An expense of 1.00 may give somebody 1,001.00 and take 1,000.00 from another.
func TestABotMovesNoMoreByPartsOfBothSigns(t *testing.T) {
	r := apptest.Owned(expense.App(), alice, noon)
	if _, err := role(r, alice, bob, expense.RoleReq{Role: "bot", Max: []string{"50"}}); err != nil {
		t.Fatal(err)
	}
	add := func(most int64) *expense.Add {
		return &expense.Add{
			Amount: 100, Currency: "XXX", Exp: 2, Date: "2026-03-01",
			Payers: []expense.Part{{Name: "carol", Amount: most}, {Name: "dora", Amount: 100 - most}},
			Split:  expense.Split{Kind: expense.SplitEqual, Of: []expense.Part{{Name: "carol", Amount: 1}}},
			Shares: []expense.Part{{Name: "carol", Amount: 100}},
		}
	}
	if e := r.Write(bob, noon, "", app.Draft{Type: "expense.add", Body: add(5000)}); r.Refused(e.ID) != nil {
		t.Errorf("50.00: %v", r.Refused(e.ID))
	}
	for _, most := range []int64{5001, 100_100, event.MaxInteger} {
		if e := r.Write(bob, noon, "", app.Draft{Type: "expense.add", Body: add(most)}); r.Refused(e.ID) == nil {
			t.Errorf("%d counts", most)
		}
	}
}

func TestBadRulesAreRefusedWithTheNextStep(t *testing.T) {
	r := newRoom()
	x := recur(t, r, bob, expense.RecurAddReq{Every: "year", Payer: "bob", Amount: "1", Split: []string{"bob"}, Start: "2027-01-01"})
	with := func(change func(*expense.RecurAddReq)) expense.RecurAddReq {
		in := rent
		change(&in)
		return in
	}
	for want, in := range map[string]any{
		"every is missing": with(func(in *expense.RecurAddReq) { in.Every = "" }),
		`every: "fortnight" is not day, week, month or year, or a number of them`: with(func(in *expense.RecurAddReq) { in.Every = "fortnight" }),
		"every: 0 is not 1 to 1000":                                               with(func(in *expense.RecurAddReq) { in.Every = "0 days" }),
		`start: "2026-02-30" is no day of the calendar`:                           with(func(in *expense.RecurAddReq) { in.Start = "2026-02-30" }),
		"start 0001-01-01 is more than 366 days ago":                              with(func(in *expense.RecurAddReq) { in.Start = "0001-01-01" }),
		"start 9999-01-01 is not from 2000-01-01 to 2199-12-31":                   with(func(in *expense.RecurAddReq) { in.Start = "9999-01-01" }),
		`until: "31.12.2026" is no day of the calendar`:                           with(func(in *expense.RecurAddReq) { in.Until = "31.12.2026" }),
		"until 2026-01-01 is before the start 2026-08-31":                         with(func(in *expense.RecurAddReq) { in.Until = "2026-01-01" }),
		"count: -1 is not 1 to 100000":                                            with(func(in *expense.RecurAddReq) { in.Count = -1 }),
		"payer, amount and split are needed: payer and split are missing":         expense.RecurAddReq{Every: "day", Amount: "1"},
		"percents sum to 60, not 100: 40 short":                                   with(func(in *expense.RecurAddReq) { in.Split, in.By = []string{"a=60"}, "percent" }),
		"test has no rule abcd":                                                   expense.RecurStopReq{Rule: "abcd"},
		`rule: "rent" is no id`:                                                   expense.RecurStopReq{Rule: "rent"},
		"rule is missing":                                                         expense.RecurEditReq{},
		`last: 1999-01-01 is not from 2000-01-01 to 2199-12-31`:                   expense.RecurStopReq{Rule: x.ID.Short(), Last: "1999-01-01"},
		"only who made it, " + bob.Key.Short() + ", changes rule " + x.ID.Short(): expense.RecurEditReq{Rule: x.ID.Short(), Amount: "2"},
	} {
		_, events, err := r.Do(alice, noon, in)
		if e := wire.AsError(err); err == nil || e.Reason != want || len(events) != 0 {
			t.Errorf("%+v: %v, want %s", in, err, want)
		}
	}
}
