package expense_test

import (
	"errors"
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

// lastDay is the last one of a role that ends.
var lastDay = noon.AddDate(0, 1, 0).Format(time.DateOnly)

// anOwnedRoom returns a room of alice in which bob is a member.
func anOwnedRoom(t *testing.T) *apptest.Room {
	t.Helper()
	r := apptest.Owned(expense.App(), alice, noon)
	if _, err := role(r, alice, bob, expense.RoleReq{Role: "member"}); err != nil {
		t.Fatal(err)
	}
	return r
}

func role(r *apptest.Room, by, of apptest.Writer, in expense.RoleReq) (expense.RoleReply, error) {
	in.Member = of.Key.String()
	reply, _, err := r.Do(by, noon, in)
	if err != nil {
		return expense.RoleReply{}, err
	}
	return reply.(expense.RoleReply), nil
}

// spend is an expense in EUR that w pays for x and y.
func spend(minor int64) app.Draft {
	return app.Draft{Type: "expense.add", Body: &expense.Add{
		Amount: minor, Currency: "EUR", Exp: 2, Date: "2026-03-01", Payers: []expense.Part{{Name: "x", Amount: minor}},
		Split:  expense.Split{Kind: "exact", Of: []expense.Part{{Name: "y", Amount: minor}}},
		Shares: []expense.Part{{Name: "y", Amount: minor}},
	}}
}

// owed returns what x is owed, in minor units.
func owed(t *testing.T, r *apptest.Room) string {
	t.Helper()
	reply, _, err := r.Do(alice, noon, expense.BalanceReq{})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range reply.(expense.Sheet).Balances {
		if b.Member == "x" {
			return b.Minor
		}
	}
	return "0"
}

// TestE7E9WhoHasNoRightCountsNowhere lets programs write that do not ask.
func TestE7E9WhoHasNoRightCountsNowhere(t *testing.T) {
	stranger, viewer, gone, bot := apptest.NewWriter(5, 1), apptest.NewWriter(6, 1), apptest.NewWriter(7, 1), apptest.NewWriter(8, 1)
	r := anOwnedRoom(t)
	grants := map[*apptest.Writer]expense.RoleReq{
		&viewer: {Role: "viewer"}, &gone: {Role: "member"},
		&bot: {Role: "bot", Types: []string{"expense.add"}, Max: []string{"50 EUR"}, Until: lastDay},
	}
	for w, in := range grants {
		if _, err := role(r, alice, *w, in); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := role(r, alice, gone, expense.RoleReq{Remove: true}); err != nil {
		t.Fatal(err)
	}
	kept := r.Write(bob, noon, "", spend(100))
	r.Write(bot, noon, "", spend(5000))
	late := noon.AddDate(0, 2, 0)
	closing := app.Draft{Type: "room.close", Body: &expense.Close{Open: []expense.Unsettled{}}}
	void := app.Draft{Type: "expense.void", Body: &expense.Void{Target: kept.ID}}
	for what, e := range map[string]*event.Signed{
		"an expense of a stranger":          r.Write(stranger, noon, "", spend(1)),
		"a clear of a stranger":             r.Write(stranger, noon, "", closing),
		"an expense of a viewer":            r.Write(viewer, noon, "", spend(1)),
		"an expense of a removed member":    r.Write(gone, noon, "", spend(1)),
		"an expense of an expired bot":      r.Write(bot, late, "", spend(1)),
		"an expense over a bot's limit":     r.Write(bot, noon, "", spend(5001)),
		"a void of a bot that may only add": r.Write(bot, noon, "", void),
		"a clear of a member":               r.Write(bob, noon, "", closing),
	} {
		if r.Refused(e.ID) == nil {
			t.Errorf("%s is not refused", what)
		}
	}
	if got := owed(t, r); got != "5100" {
		t.Errorf("x is owed %s, not what bob and the bot wrote", got)
	}
}

func TestWhoChangesAnEntryOfAnOwnedRoom(t *testing.T) {
	r := anOwnedRoom(t)
	carol := apptest.NewWriter(5, 1)
	if _, err := role(r, alice, carol, expense.RoleReq{Role: "member"}); err != nil {
		t.Fatal(err)
	}
	entry := r.Write(bob, noon, "", spend(100))
	replace := app.Draft{Type: "expense.replace", Body: &expense.Replace{Targets: []event.ID{entry.ID}, Add: *spend(300).Body.(*expense.Add)}}
	void := app.Draft{Type: "expense.void", Body: &expense.Void{Target: entry.ID}}
	r.Write(carol, noon, "", void)
	r.Write(carol, noon, "", replace)
	if got := owed(t, r); got != "100" {
		t.Errorf("another member changed the entry: %s", got)
	}
	r.Write(alice, noon, "", replace)
	if got := owed(t, r); got != "300" {
		t.Errorf("the owner did not: %s", got)
	}
	r.Write(bob, noon, "", void)
	if got := owed(t, r); got != "0" {
		t.Errorf("its author did not void it: %s", got)
	}
}

func TestRolesAreRefusedWhereTheyCannotBeGiven(t *testing.T) {
	open, owned := apptest.New(expense.App()), anOwnedRoom(t)
	carol := apptest.NewWriter(5, 1)
	if _, err := role(owned, alice, carol, expense.RoleReq{Role: "admin"}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what   string
		r      *apptest.Room
		by, of apptest.Writer
		in     expense.RoleReq
		code   wire.Code
	}{
		{"an open room", open, alice, bob, expense.RoleReq{Role: "member"}, wire.Conflict},
		{"a member", owned, bob, carol, expense.RoleReq{Role: "viewer"}, wire.Forbidden},
		{"an admin that makes an admin", owned, carol, bob, expense.RoleReq{Role: "admin"}, wire.Forbidden},
		{"an admin that removes an admin", owned, carol, carol, expense.RoleReq{Remove: true}, wire.Forbidden},
		{"the owner's own role", owned, alice, alice, expense.RoleReq{Role: "viewer"}, wire.Conflict},
		{"removing nobody", owned, alice, apptest.NewWriter(6, 1), expense.RoleReq{Remove: true}, wire.NotFound},
		{"no role", owned, alice, bob, expense.RoleReq{}, wire.InvalidRequest},
		{"a role and its removal", owned, alice, bob, expense.RoleReq{Role: "member", Remove: true}, wire.InvalidRequest},
		{"another role", owned, alice, bob, expense.RoleReq{Role: "king"}, wire.InvalidRequest},
		{"limits of a member", owned, alice, bob, expense.RoleReq{Role: "member", Max: []string{"5 EUR"}}, wire.InvalidRequest},
		{"an amount that is none", owned, alice, bob, expense.RoleReq{Role: "bot", Max: []string{"5,0 EUR"}}, wire.InvalidAmount},
		{"a day that is over", owned, alice, bob, expense.RoleReq{Role: "bot", Until: noon.AddDate(0, 0, -1).Format(time.DateOnly)}, wire.InvalidRequest},
		{"a name with a comma", owned, alice, bob, expense.RoleReq{Role: "bot", Alias: "a,b"}, wire.InvalidRequest},
	} {
		before := len(c.r.Events())
		_, err := role(c.r, c.by, c.of, c.in)
		if !errors.Is(err, &wire.Error{Code: c.code}) || len(c.r.Events()) != before {
			t.Errorf("%s: %v, want %s", c.what, err, c.code)
		}
	}
}

func TestARoleIsGivenAndShown(t *testing.T) {
	r := anOwnedRoom(t)
	in := expense.RoleReq{Role: "bot", Alias: "Bob", Max: []string{"50 EUR", "20"}, Types: []string{"expense.add"}, Until: lastDay}
	got, err := role(r, alice, bob, in)
	end, _ := time.ParseInLocation(time.DateOnly, lastDay, noon.Location())
	end = end.AddDate(0, 0, 1).Add(-time.Millisecond)
	if err != nil || !got.Changed || got.Role != "bot" || got.Alias != "bob" || !got.Until.Equal(end) ||
		strings.Join(got.Limits.Max, ",") != "50.00 EUR,20.00 XXX" || got.Limits.Types[0] != "expense.add" {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := role(r, alice, bob, in); err != nil || got.Changed || got.Role != "bot" {
		t.Errorf("once more: %+v, %v", got, err)
	}
	reply, _, err := r.Do(alice, noon, expense.RoleReq{Member: bob.Key.String()[:6], Role: "member"})
	if err != nil || reply.(expense.RoleReply).Alias != "bob" || reply.(expense.RoleReply).Limits != nil {
		t.Errorf("by the beginning of the key: %+v, %v", reply, err)
	}
	if reply, _, err := r.Do(alice, noon, expense.RoleReq{Member: "bob", Remove: true}); err != nil || reply.(expense.RoleReply).Role != "none" {
		t.Errorf("removed by the name: %+v, %v", reply, err)
	}
	if r.Refused(r.Write(bob, noon, "", spend(1)).ID) == nil {
		t.Error("what he writes goes on counting")
	}
}

func members(t *testing.T, r *apptest.Room) string {
	t.Helper()
	reply, _, err := r.Do(alice, noon, expense.MembersReq{})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, m := range reply.(expense.MembersReply).Members {
		key := "-"
		if m.Key != nil {
			key = map[event.Key]string{alice.Key: "A", bob.Key: "B"}[*m.Key]
		}
		lines = append(lines, strings.Join([]string{m.Member, map[bool]string{true: "used"}[m.Used], key, m.Claim, m.Role}, " "))
	}
	return strings.Join(lines, "\n")
}

func TestMembersAndClaims(t *testing.T) {
	claim := func(r *apptest.Room, w apptest.Writer, alias string) expense.ClaimReply {
		t.Helper()
		reply, _, err := r.Do(w, noon, expense.ClaimReq{Alias: alias})
		if err != nil {
			t.Fatal(err)
		}
		return reply.(expense.ClaimReply)
	}
	open := apptest.New(expense.App())
	open.Write(alice, noon, "", spend(100))
	if got := claim(open, alice, " X "); got.Claim != "bound" || got.Alias != "x" {
		t.Errorf("%+v", got)
	}
	if got, want := members(t, open), "x used A bound \ny used -  "; got != want {
		t.Errorf("members of an open room:\n%s\nwant\n%s", got, want)
	}
	if got := claim(open, bob, "x"); got.Claim != "contested" {
		t.Errorf("%+v", got)
	}
	if got := members(t, open); !strings.Contains(got, "x used A contested") || !strings.Contains(got, "x used B contested") {
		t.Errorf("a contested claim:\n%s", got)
	}
	claim(open, bob, "y")
	if got, want := members(t, open), "x used A bound \ny used B bound "; got != want {
		t.Errorf("members after another claim:\n%s\nwant\n%s", got, want)
	}

	owned := anOwnedRoom(t)
	owned.Write(bob, noon, "", spend(100))
	claim(owned, alice, "a")
	if got := claim(owned, bob, "x"); got.Claim != "asked" {
		t.Errorf("%+v", got)
	}
	if got, want := members(t, owned), "a  A bound owner\nx used B asked member\ny used -  "; got != want {
		t.Errorf("members of an owned room:\n%s\nwant\n%s", got, want)
	}
	if _, err := role(owned, alice, bob, expense.RoleReq{Role: core.Member, Alias: "x"}); err != nil {
		t.Fatal(err)
	}
	if got, want := members(t, owned), "a  A bound owner\nx used B bound member\ny used -  "; got != want {
		t.Errorf("after the owner has confirmed it:\n%s\nwant\n%s", got, want)
	}
}
