package core_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"intercom/internal/app"
	"intercom/internal/app/apptest"
	"intercom/ledger/core"
	"intercom/ledger/event"
)

// spend is a body that moves money.
type spend struct {
	Minor    int64  `cbor:"minor"`
	Currency string `cbor:"currency"`
	Exp      int    `cbor:"exp"`
}

func (*spend) Check() error { return nil }
func (b *spend) Spends() app.Amount {
	return app.Amount{Currency: b.Currency, Exp: b.Exp, Minor: b.Minor}
}

// notes is an app with a row for each event that counts.
func notes() *app.App {
	return &app.App{
		Name: "notes", Version: "1",
		Kinds: []app.Kind{
			app.KindOf[core.Claim]("note.add"), app.KindOf[spend]("note.spend"),
			app.KindOf[core.Claim]("note.close").For(app.Admin),
		},
		Apply: func(v app.View, e *event.Signed, m app.Meta, _ event.Body) {
			if m.Duplicate {
				v.Del(e.ID.String())
				return
			}
			v.Put(e.ID.String(), []any{m.Role.String(), m.Alias})
		},
	}
}

var (
	owner, admin, member, other = apptest.NewWriter(1, 1), apptest.NewWriter(2, 1), apptest.NewWriter(3, 1), apptest.NewWriter(4, 1)
	noon                        = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

	note = app.Draft{Type: "note.add", Body: &core.Claim{Alias: "x"}}
	shut = app.Draft{Type: "note.close", Body: &core.Claim{Alias: "x"}}
)

func give(w apptest.Writer, role string) app.Draft {
	return app.Draft{Type: core.TypeAdd, Body: &core.Add{Key: w.Key, Role: role}}
}

func remove(r *apptest.Room, w apptest.Writer) app.Draft {
	b := &core.Remove{Key: w.Key, Last: []core.Last{}}
	for _, h := range r.Heads(w.Key) {
		b.Last = append(b.Last, core.Last{Instance: h.Instance, Seq: h.Seq})
	}
	return app.Draft{Type: core.TypeRemove, Body: b}
}

// governed returns a room with an owner, an admin and a member.
func governed() *apptest.Room {
	r := apptest.Owned(notes(), owner, noon)
	r.Write(owner, noon, "", give(admin, core.Admin))
	r.Write(admin, noon, "", give(member, core.Member))
	return r
}

func copyOf(r *apptest.Room) *apptest.Room {
	c := apptest.OwnedCopy(notes(), owner)
	c.Pull(r)
	return c
}

func counts(r *apptest.Room, e *event.Signed) bool { return r.Get(e.ID.String(), new([]any)) }

func wantRefused(t *testing.T, r *apptest.Room, e *event.Signed, kind error, what string) {
	t.Helper()
	if err := r.Refused(e.ID); counts(r, e) || !errors.Is(err, kind) {
		t.Errorf("%s: counts %v, refused as %v, want %v", what, counts(r, e), err, kind)
	}
}

func wantCounts(t *testing.T, r *apptest.Room, e *event.Signed, what string) {
	t.Helper()
	if err := r.Refused(e.ID); !counts(r, e) || err != nil {
		t.Errorf("%s does not count: %v", what, err)
	}
}

func TestEachRoleWritesWhatItMay(t *testing.T) {
	r := governed()
	viewer, bot := apptest.NewWriter(5, 1), apptest.NewWriter(6, 1)
	r.Write(admin, noon, "", give(viewer, core.Viewer))
	r.Write(admin, noon, "", give(bot, core.Bot))
	for _, c := range []struct {
		who          string
		w            apptest.Writer
		note, closes error
	}{
		{"the owner", owner, nil, nil},
		{"an admin", admin, nil, nil},
		{"a member", member, nil, core.ErrRight},
		{"a bot", bot, nil, core.ErrRight},
		{"a viewer", viewer, core.ErrRight, core.ErrRight},
		{"a stranger", other, core.ErrNoRole, core.ErrNoRole},
	} {
		for d, want := range map[*app.Draft]error{&note: c.note, &shut: c.closes} {
			e := r.Write(c.w, noon, "", *d)
			if want == nil {
				wantCounts(t, r, e, d.Type+" of "+c.who)
			} else {
				wantRefused(t, r, e, want, d.Type+" of "+c.who)
			}
		}
	}
}

func TestWhoMayGiveAndTakeRoles(t *testing.T) {
	third := apptest.NewWriter(7, 1)
	for _, c := range []struct {
		what string
		w    apptest.Writer
		d    func(*apptest.Room) app.Draft
		ok   bool
	}{
		{"the owner makes an admin", owner, func(*apptest.Room) app.Draft { return give(third, core.Admin) }, true},
		{"an admin makes an admin", admin, func(*apptest.Room) app.Draft { return give(third, core.Admin) }, false},
		{"an admin makes a bot", admin, func(*apptest.Room) app.Draft { return give(third, core.Bot) }, true},
		{"an admin makes an admin a viewer", admin, func(*apptest.Room) app.Draft { return give(admin, core.Viewer) }, false},
		{"an admin makes the owner a viewer", admin, func(*apptest.Room) app.Draft { return give(owner, core.Viewer) }, false},
		{"a member gives a role", member, func(*apptest.Room) app.Draft { return give(third, core.Viewer) }, false},
		{"a stranger makes himself an admin", other, func(*apptest.Room) app.Draft { return give(other, core.Admin) }, false},
		{"a member removes a member", member, func(r *apptest.Room) app.Draft { return remove(r, member) }, false},
		{"an admin removes a member", admin, func(r *apptest.Room) app.Draft { return remove(r, member) }, true},
		{"an admin changes the policy", admin, func(*apptest.Room) app.Draft {
			return app.Draft{Type: core.TypePolicy, Body: &core.Fields{"confirm": true}}
		}, true},
		{"a member changes the policy", member, func(*apptest.Room) app.Draft {
			return app.Draft{Type: core.TypePolicy, Body: &core.Fields{"confirm": true}}
		}, false},
	} {
		r := governed()
		e := r.Write(c.w, noon, "", c.d(r))
		if err := r.Refused(e.ID); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

// A removal by an admin does not reach other admins, nor the owner.
func TestOnlyTheOwnerRemovesAdmins(t *testing.T) {
	r := governed()
	r.Write(owner, noon, "", give(other, core.Admin))
	for _, target := range []apptest.Writer{other, owner} {
		r.Write(admin, noon, "", remove(r, target))
		wantCounts(t, r, r.Write(target, noon, "", shut), "a close of one whom an admin removed")
	}
	r.Write(owner, noon, "", remove(r, other))
	wantRefused(t, r, r.Write(other, noon, "", shut), core.ErrRemoved, "a close of one whom the owner removed")
}

func TestARemovalReachesWhatItsAuthorDidNotSee(t *testing.T) {
	r := governed()
	kept := r.Write(member, noon, "", note)
	away := copyOf(r)
	r.Write(admin, noon, "", remove(r, member))
	beyond := away.Write(member, noon, "", note)
	elsewhere := away.Write(apptest.NewWriter(3, 2), noon, "", note)
	wantCounts(t, away, beyond, "a note before the removal is known")
	r.Pull(away)
	away.Pull(r)
	for _, c := range []*apptest.Room{r, away} {
		wantCounts(t, c, kept, "a note that the removal names")
		wantRefused(t, c, beyond, core.ErrRemoved, "a note behind it")
		wantRefused(t, c, elsewhere, core.ErrRemoved, "a note of another instance")
	}
	again := r.Write(admin, noon, "", give(member, core.Member))
	wantCounts(t, r, r.Write(member, noon, "", note), "a note after he was taken in again")
	if away.Pull(r); again == nil || away.StateHash() != r.StateHash() {
		t.Errorf("two states:\n%s\n%s", r.Rows(), away.Rows())
	}
}

// What a removed admin granted behind the removal is nothing, and so is what
// those wrote whom he let in.
func TestARemovedAdminTakesHisLateGrantsAlong(t *testing.T) {
	r := governed()
	away := copyOf(r)
	r.Write(owner, noon, "", remove(r, admin))
	away.Write(admin, noon, "", give(other, core.Member))
	late := away.Write(other, noon, "", note)
	wantCounts(t, away, late, "a note of one whom an admin let in")
	old := away.Write(member, noon, "", note)
	away.Pull(r)
	wantRefused(t, away, late, core.ErrNoRole, "a note of one whom a removed admin let in")
	wantCounts(t, away, old, "a note of one whom he let in before")
}

// Two who were made admins without knowing of each other remove each other:
// neither removal reaches the other's.
func TestAdminsDoNotRemoveEachOther(t *testing.T) {
	r := apptest.Owned(notes(), owner, noon)
	r.Write(owner, noon, "", give(member, core.Member))
	r.Write(owner, noon, "", give(other, core.Member))
	a, b := copyOf(r), copyOf(r)
	a.Write(owner, noon, "", give(member, core.Admin))
	b.Write(apptest.NewWriter(1, 2), noon, "", give(other, core.Admin))
	a.Write(member, noon, "", remove(a, other))
	b.Write(other, noon, "", remove(b, member))
	one, two := a.Write(member, noon, "", shut), b.Write(other, noon, "", shut)
	a.Pull(b)
	b.Pull(a)
	wantCounts(t, a, one, "a close of the one")
	wantCounts(t, a, two, "a close of the other")
	if a.StateHash() != b.StateHash() {
		t.Error("two states")
	}
}

func TestOfGrantsTheOwnersHoldsThenTheLatest(t *testing.T) {
	r := governed()
	a, b := copyOf(r), copyOf(r)
	a.Write(owner, noon, "", give(other, core.Viewer))
	b.Write(admin, noon, "", note) // higher lamport
	b.Write(admin, noon, "", give(other, core.Member))
	a.Pull(b)
	wantRefused(t, a, a.Write(other, noon, "", note), core.ErrRight, "a note of one whom the owner made a viewer meanwhile")
	a.Write(admin, noon, "", give(other, core.Member))
	wantCounts(t, a, a.Write(other, noon, "", note), "a note of one whom an admin made a member since")
}

func TestARoleEndsByTheClockOfTheEvent(t *testing.T) {
	r := governed()
	r.Write(admin, noon, "", app.Draft{Type: core.TypeAdd, Body: &core.Add{Key: other.Key, Role: core.Member, Until: noon.UnixMilli()}})
	wantCounts(t, r, r.Write(other, noon, "", note), "a note in time")
	wantRefused(t, r, r.Write(other, noon.Add(time.Millisecond), "", note), core.ErrExpired, "a note too late")
	for _, m := range r.Members(noon.Add(time.Hour)) {
		if m.Key == other.Key {
			t.Errorf("is still shown as %v", m.Role)
		}
	}
}

func TestABotKeepsItsLimits(t *testing.T) {
	r := governed()
	limits := core.LimitFields(app.Limits{
		Types: []string{"note.spend"}, Max: []app.Amount{{Currency: "EUR", Exp: 2, Minor: 5000}, {Currency: "JPY", Exp: 0, Minor: 900}},
	})
	r.Write(admin, noon, "", app.Draft{Type: core.TypeAdd, Body: &core.Add{Key: other.Key, Role: core.Bot, Limits: limits}})
	for _, c := range []struct {
		what string
		d    app.Draft
		ok   bool
	}{
		{"50.00 EUR", app.Draft{Type: "note.spend", Body: &spend{5000, "EUR", 2}}, true},
		{"50.01 EUR", app.Draft{Type: "note.spend", Body: &spend{5001, "EUR", 2}}, false},
		{"-50.01 EUR", app.Draft{Type: "note.spend", Body: &spend{-5001, "EUR", 2}}, false},
		{"50 EUR without decimals", app.Draft{Type: "note.spend", Body: &spend{50, "EUR", 0}}, true},
		{"51 EUR without decimals", app.Draft{Type: "note.spend", Body: &spend{51, "EUR", 0}}, false},
		{"900.0 JPY", app.Draft{Type: "note.spend", Body: &spend{9000, "JPY", 1}}, true},
		{"another currency", app.Draft{Type: "note.spend", Body: &spend{1, "USD", 2}}, false},
		{"another type", note, false},
	} {
		e := r.Write(other, noon, "", c.d)
		if err := r.Refused(e.ID); counts(r, e) != c.ok || c.ok != (err == nil) || !c.ok && !errors.Is(err, core.ErrLimit) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	for _, bad := range []core.Fields{{"types": "note.add"}, {"max": []any{[]any{"EUR"}}}, {"max": []any{[]any{"EUR", -1, 5}}}} {
		r.Write(admin, noon, "", app.Draft{Type: core.TypeAdd, Body: &core.Add{Key: other.Key, Role: core.Bot, Limits: bad}})
		wantRefused(t, r, r.Write(other, noon, "", note), core.ErrLimit, "a note of a bot whose limits nobody can read")
	}
}

func handOver(r *apptest.Room, from, to apptest.Writer) app.Draft {
	return app.Draft{Type: core.TypeOwner, Body: &core.Owner{To: to.Key, Consent: r.Consent(to, from.Key)}}
}

func TestAHandover(t *testing.T) {
	r := governed()
	forged := app.Draft{Type: core.TypeOwner, Body: &core.Owner{To: other.Key, Consent: r.Consent(other, admin.Key)}}
	wantRefused(t, r, r.Write(owner, noon, "", forged), core.ErrRight, "a handover to one who has not signed it")
	wantRefused(t, r, r.Write(admin, noon, "", handOver(r, admin, admin)), core.ErrRight, "an admin who takes the room")
	r.Write(owner, noon, "", handOver(r, owner, other))
	if e := r.Write(other, noon, "", give(member, core.Admin)); r.Refused(e.ID) != nil {
		t.Errorf("the new owner: %v", r.Refused(e.ID))
	}
	if e := r.Write(owner, noon, "", give(admin, core.Admin)); !errors.Is(r.Refused(e.ID), core.ErrRight) {
		t.Errorf("the old owner makes admins: %v", r.Refused(e.ID))
	}
	wantCounts(t, r, r.Write(owner, noon, "", shut), "a close of the old owner, an admin now")
	r.Write(other, noon, "", remove(r, owner))
	wantRefused(t, r, r.Write(owner, noon, "", note), core.ErrRemoved, "a note of the old owner, who was removed")
	r.Write(owner, noon, "", remove(r, other))
	wantCounts(t, r, r.Write(other, noon, "", shut), "a close of the new owner")
}

// Of two handovers apart the lowest holds; what was done under the other is
// undone.
func TestOfTwoHandoversOneHolds(t *testing.T) {
	r := governed()
	a, b := copyOf(r), copyOf(r)
	second := apptest.NewWriter(1, 2)
	b.Write(second, noon, "", note)
	a.Write(owner, noon, "", handOver(a, owner, member))
	b.Write(second, noon, "", handOver(b, owner, other)) // higher lamport
	lost := b.Write(other, noon, "", shut)
	wantCounts(t, b, lost, "a close of the only new owner")
	b.Pull(a)
	a.Pull(b)
	wantRefused(t, b, lost, core.ErrNoRole, "a close of one whose handover lost")
	wantCounts(t, b, b.Write(member, noon, "", shut), "a close of the other one")
	if a.Pull(b); a.StateHash() != b.StateHash() {
		t.Error("two states")
	}
}

func TestARoomIsMadeByItsOwnerAlone(t *testing.T) {
	r := apptest.OwnedCopy(notes(), owner)
	create := app.Draft{Type: core.TypeCreate, Body: &core.Create{Name: "test", Owner: owner.Key, Policy: core.Fields{}}}
	early := r.Write(owner, noon, "", note)
	wantRefused(t, r, early, core.ErrNoRole, "a note of the owner before the room is made")
	for what, e := range map[string]*event.Signed{
		"a room made in the owner's name": r.Write(other, noon, "", create),
		"a room of another name": r.Write(owner, noon, "", app.Draft{Type: core.TypeCreate,
			Body: &core.Create{Name: "other", Owner: owner.Key, Policy: core.Fields{}}}),
		"a room of another owner": r.Write(other, noon, "", app.Draft{Type: core.TypeCreate,
			Body: &core.Create{Name: "test", Owner: other.Key, Policy: core.Fields{}}}),
	} {
		if err := r.Refused(e.ID); !errors.Is(err, core.ErrOther) {
			t.Errorf("%s: %v", what, err)
		}
	}
	wantRefused(t, r, r.Write(other, noon, "", note), core.ErrNoRole, "a note of who made it")
	r.Write(owner, noon, "", create)
	wantCounts(t, r, r.Write(owner, noon, "", note), "a note of the owner")
}

func TestClaims(t *testing.T) {
	claim := func(alias string) app.Draft { return app.Draft{Type: core.TypeClaim, Body: &core.Claim{Alias: alias}} }
	shown := func(r *apptest.Room) map[event.Key][2]string {
		out := map[event.Key][2]string{}
		for _, m := range r.Members(noon) {
			out[m.Key] = [2]string{m.Alias, m.Claims}
		}
		return out
	}

	open := apptest.New(notes())
	open.Write(owner, noon, "", claim("alice"))
	open.Write(admin, noon, "", claim("bob"))
	open.Write(member, noon, "", claim("bob"))
	open.Write(other, noon, "", claim("bob"))
	open.Write(other, noon, "", claim("dave"))
	got := shown(open)
	if got[owner.Key] != [2]string{"alice", ""} || got[other.Key] != [2]string{"dave", ""} {
		t.Errorf("uncontested claims: %v", got)
	}
	if got[admin.Key] != [2]string{"", "bob"} || got[member.Key] != [2]string{"", "bob"} {
		t.Errorf("a contested claim binds somebody: %v", got)
	}

	owned := governed()
	owned.Write(owner, noon, "", claim("alice"))
	owned.Write(member, noon, "", claim("bob"))
	owned.Write(other, noon, "", claim("carol")) // a stranger
	if got := shown(owned); len(got) != 3 || got[owner.Key] != [2]string{"alice", ""} || got[member.Key] != [2]string{"", "bob"} {
		t.Errorf("claims that nobody has confirmed: %v", got)
	}
	owned.Write(admin, noon, "", app.Draft{Type: core.TypeAdd, Body: &core.Add{Key: member.Key, Role: core.Member, Alias: "bob"}})
	e := owned.Write(member, noon, "", note)
	var row []any
	if owned.Get(e.ID.String(), &row); shown(owned)[member.Key] != [2]string{"bob", ""} || row[1] != "bob" {
		t.Errorf("a confirmed claim: %v, row %v", shown(owned), row)
	}
}

func TestRightsAreTheSameInAnyOrder(t *testing.T) {
	writers := []apptest.Writer{owner, admin, member, other, apptest.NewWriter(5, 1), apptest.NewWriter(1, 2), apptest.NewWriter(2, 2)}
	apptest.Check(t, func(t *rapid.T) {
		first := apptest.Owned(notes(), owner, noon)
		first.Write(owner, noon, "", give(admin, core.Admin))
		rooms := []*apptest.Room{first, copyOf(first), copyOf(first)}
		pick := func(what string) apptest.Writer { return rapid.SampledFrom(writers).Draw(t, what) }
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			r, w, target := rapid.SampledFrom(rooms).Draw(t, "room"), pick("writer"), pick("target")
			key := rapid.SampledFrom([]string{"", "", "k"}).Draw(t, "key")
			at := noon.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "s")) * time.Second)
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0, 1:
				role := rapid.SampledFrom([]string{core.Admin, core.Member, core.Viewer, core.Bot}).Draw(t, "role")
				until := rapid.SampledFrom([]int64{0, 0, noon.UnixMilli() + 1500}).Draw(t, "until")
				r.Write(w, at, key, app.Draft{Type: core.TypeAdd, Body: &core.Add{Key: target.Key, Role: role, Until: until}})
			case 2, 3:
				d := remove(r, target)
				if b := d.Body.(*core.Remove); len(b.Last) > 0 && rapid.Bool().Draw(t, "partly") {
					b.Last = b.Last[1:]
				}
				r.Write(w, at, key, d)
			case 4:
				r.Write(w, at, key, handOver(r, w, target))
			case 5:
				r.Write(w, at, key, shut)
			case 6, 7:
				r.Pull(rapid.SampledFrom(rooms).Draw(t, "from"))
			default:
				r.Write(w, at, key, note)
			}
		}
		rooms[0].Pull(rooms[1])
		rooms[0].Pull(rooms[2])
		again := apptest.OwnedCopy(notes(), owner)
		order := apptest.Shuffle(rooms[0].Events(), func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "next") })
		if err := again.Ingest(order...); err != nil || again.StateHash() != rooms[0].StateHash() {
			t.Fatalf("%v; two states:\n%s\n%s", err, rooms[0].Rows(), again.Rows())
		}
		for _, e := range order {
			if a, b := rooms[0].Refused(e.ID), again.Refused(e.ID); (a == nil) != (b == nil) {
				t.Fatalf("%s of %s: %v or %v", e.Type, e.Author, a, b)
			}
		}
	})
}
