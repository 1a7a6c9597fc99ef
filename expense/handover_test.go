package expense_test

import (
	"encoding/hex"
	"errors"
	"testing"

	"intercom/client/wire"
	"intercom/expense"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
	"intercom/ledger/core"
	"intercom/ledger/event"
)

func TestARoomIsHandedOverWithBothSignatures(t *testing.T) {
	r := anOwnedRoom(t)
	give := func(w apptest.Writer, to apptest.Writer, consent event.Bytes) (expense.RoleReply, error) {
		return role(r, w, to, expense.RoleReq{Role: "owner", Consent: hex.EncodeToString(consent)})
	}
	good := r.Consent(bob, alice.Key)
	elsewhere := apptest.OwnedCopy(expense.App(), carol)
	for what, c := range map[string]struct {
		by, to  apptest.Writer
		consent event.Bytes
		code    wire.Code
	}{
		"without consent":              {alice, bob, nil, wire.MissingField},
		"that the owner signed":        {alice, bob, r.Consent(alice, alice.Key), wire.InvalidRequest},
		"of another owner to be":       {alice, carol, good, wire.InvalidRequest},
		"to another present owner":     {alice, bob, r.Consent(bob, carol.Key), wire.InvalidRequest},
		"for another room":             {alice, bob, elsewhere.Consent(bob, alice.Key), wire.InvalidRequest},
		"half of one":                  {alice, bob, good[:32], wire.InvalidRequest},
		"used by him who gave it":      {bob, bob, good, wire.Forbidden},
		"used by somebody of no right": {carol, bob, good, wire.Forbidden},
	} {
		if _, err := give(c.by, c.to, c.consent); !errors.Is(err, &wire.Error{Code: c.code}) {
			t.Errorf("a consent %s: %v", what, err)
		}
		if c.code == wire.MissingField || len(c.consent) != len(good) {
			continue
		}
		// A program that does not ask gets no further.
		r.Write(c.by, noon, "", app.Draft{Type: core.TypeOwner, Body: &core.Owner{To: c.to.Key, Consent: c.consent}})
		if reply := do[expense.MembersReply](t, r, alice, expense.MembersReq{}); reply.Role != "owner" {
			t.Fatalf("a consent %s: alice is %s", what, reply.Role)
		}
	}
	if _, err := role(r, alice, bob, expense.RoleReq{Role: "member", Consent: hex.EncodeToString(good)}); !errors.Is(err, &wire.Error{Code: wire.InvalidRequest}) {
		t.Errorf("a consent to be a member: %v", err)
	}
	if reply, err := give(alice, bob, good); err != nil || reply.Role != "owner" || reply.Key != bob.Key || !reply.Changed {
		t.Fatalf("%+v, %v", reply, err)
	}
	for w, want := range map[*apptest.Writer]string{&alice: "admin", &bob: "owner"} {
		if got := do[expense.MembersReply](t, r, *w, expense.MembersReq{}).Role; got != want {
			t.Errorf("is %s, not %s", got, want)
		}
	}
	if _, err := give(alice, carol, r.Consent(carol, alice.Key)); !errors.Is(err, &wire.Error{Code: wire.Forbidden}) {
		t.Errorf("a former owner hands it over again: %v", err)
	}
	if _, err := role(r, bob, alice, expense.RoleReq{Remove: true}); err != nil {
		t.Errorf("the new owner removes the former one: %v", err)
	}
}

// A former owner with a second store, that did not hear of it, can hand the room
// over once more: the lowest (lamport, id) holds, for everybody.
func TestASecondStoreOfAFormerOwnerCannotSplitTheRoom(t *testing.T) {
	r := anOwnedRoom(t)
	away := apptest.OwnedCopy(expense.App(), alice)
	away.Pull(r)
	second := apptest.NewWriter(1, 2)
	hand := func(r *apptest.Room, w, to apptest.Writer) {
		r.Write(w, noon, "", app.Draft{Type: core.TypeOwner, Body: &core.Owner{To: to.Key, Consent: r.Consent(to, alice.Key)}})
	}
	hand(r, alice, bob)
	away.Write(second, noon, "", spend(1)) // higher lamport
	hand(away, second, carol)
	r.Pull(away)
	away.Pull(r)
	for _, c := range []*apptest.Room{r, away} {
		if b, o := do[expense.MembersReply](t, c, bob, expense.MembersReq{}).Role, do[expense.MembersReply](t, c, carol, expense.MembersReq{}).Role; b != "owner" || o != "none" {
			t.Errorf("bob is %s, carol %s", b, o)
		}
	}
	if r.StateHash() != away.StateHash() {
		t.Error("two states")
	}
}
