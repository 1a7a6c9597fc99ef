package core_test

import (
	"testing"

	"intercom/internal/app"
	"intercom/internal/app/apptest"
	"intercom/ledger/core"
	"intercom/ledger/event"
)

func set(field string, v any) app.Draft {
	return app.Draft{Type: core.TypePolicy, Body: &core.Fields{field: v}}
}

func wantPolicy(t *testing.T, r *apptest.Room, e *event.Signed, want any) {
	t.Helper()
	if got := r.Meta(e.ID).Policy("f"); got != want {
		t.Errorf("the policy is %v, want %v", got, want)
	}
}

func TestThePolicyOfAnEventIsThatOfItsPast(t *testing.T) {
	r := governed()
	before := r.Write(member, noon, "", note)
	r.Write(admin, noon, "", set("f", "admin's"))
	after := r.Write(member, noon, "", note)
	r.Write(member, noon, "", set("f", "member's")) // no right to it
	r.Write(owner, noon, "", set("g", "another"))
	still := r.Write(member, noon, "", note)
	wantPolicy(t, r, before, nil)
	wantPolicy(t, r, after, "admin's")
	wantPolicy(t, r, still, "admin's")

	// Apart: the owner's holds, whatever came later by lamport.
	away := copyOf(r)
	away.Write(apptest.NewWriter(1, 2), noon, "", set("f", "owner's"))
	r.Write(admin, noon, "", note)
	r.Write(admin, noon, "", set("f", "admin's, later"))
	alone := r.Write(member, noon, "", note)
	r.Pull(away)
	away.Pull(r)
	both := r.Write(other, noon, "", note)
	wantPolicy(t, r, alone, "admin's, later")
	wantPolicy(t, r, both, "owner's")
	r.Write(admin, noon, "", set("f", "admin's, knowing it"))
	wantPolicy(t, r, r.Write(member, noon, "", note), "admin's, knowing it")

	// A removal that reaches back takes the change along.
	late := copyOf(r)
	late.Write(admin, noon, "", set("f", "late"))
	seen := late.Write(member, noon, "", note)
	wantPolicy(t, late, seen, "late")
	r.Write(owner, noon, "", remove(r, admin))
	late.Pull(r)
	wantPolicy(t, late, seen, "admin's, knowing it")
}

func TestWhoSpeaksForANameIsThatOfThePast(t *testing.T) {
	r := governed()
	speaks := func(e *event.Signed, name string) bool { return r.Meta(e.ID).Speaks(name) }
	bob := func(role string) app.Draft {
		return app.Draft{Type: core.TypeAdd, Body: &core.Add{Key: other.Key, Role: role, Alias: "bob", Until: noon.UnixMilli() + 1000}}
	}
	before := r.Write(owner, noon, "", note)
	r.Write(owner, noon, "", bob(core.Viewer))
	viewer := r.Write(owner, noon, "", note)
	r.Write(owner, noon, "", bob(core.Member))
	after := r.Write(owner, noon, "", note)
	expired := r.Write(owner, noon.Add(2000000000), "", note)
	r.Write(owner, noon, "", remove(r, other))
	gone := r.Write(owner, noon, "", note)
	for what, c := range map[string]struct {
		e    *event.Signed
		want bool
	}{"before": {before, false}, "a viewer": {viewer, false}, "a member": {after, true}, "expired": {expired, false}, "removed": {gone, false}} {
		if speaks(c.e, "bob") != c.want {
			t.Errorf("%s: %v", what, !c.want)
		}
	}
	if speaks(after, "carol") || speaks(after, "") {
		t.Error("somebody speaks for nobody")
	}
}
