package apptest

import (
	"time"

	"pgregory.net/rapid"

	"intercom/internal/app"
	"intercom/ledger/core"
	"intercom/ledger/event"
)

// Founded returns a copy of the room `test` that NewWriter(1, 1) owns and calls
// himself alice in; bob (2) is a member of it and carol (3) an admin.
func Founded(a *app.App, now time.Time) *Room {
	owner := NewWriter(1, 1)
	r := Owned(a, owner, now)
	for _, b := range []core.Add{
		{Key: NewWriter(2, 1).Key, Role: core.Member, Alias: "bob"}, {Key: NewWriter(3, 1).Key, Role: core.Admin, Alias: "carol"},
	} {
		r.Write(owner, now, "", app.Draft{Type: core.TypeAdd, Body: &b})
	}
	r.Write(owner, now, "", app.Draft{Type: core.TypeClaim, Body: &core.Claim{Alias: "alice"}})
	return r
}

// Govern writes a drawn event of w that governs the room, whether w has the
// right to or not: a role of one of the keys 1 to 4, a removal, a handover, a
// claim of one of the names, or one of the policies.
func (r *Room) Govern(t *rapid.T, w Writer, now time.Time, names []string, policies ...core.Fields) {
	target := NewWriter(rapid.SampledFrom([]byte{1, 2, 3, 4}).Draw(t, "governed"), 1)
	write := func(kind string, b event.Body) { r.Write(w, now, "", app.Draft{Type: kind, Body: b}) }
	switch what := rapid.IntRange(0, 6).Draw(t, "govern"); {
	case what <= 1:
		write(core.TypeAdd, &core.Add{
			Key: target.Key, Role: rapid.SampledFrom([]string{core.Admin, core.Member, core.Viewer, core.Bot}).Draw(t, "role"),
			Alias: rapid.SampledFrom(names).Draw(t, "alias"),
			Until: rapid.SampledFrom([]int64{0, 0, now.Add(36 * time.Hour).UnixMilli()}).Draw(t, "until"),
		})
	case what == 2:
		b := &core.Remove{Key: target.Key, Last: []core.Last{}}
		for _, head := range r.Heads(target.Key) {
			b.Last = append(b.Last, core.Last{Instance: head.Instance, Seq: head.Seq})
		}
		write(core.TypeRemove, b)
	case what == 3:
		write(core.TypeOwner, &core.Owner{To: target.Key, Consent: r.Consent(target, w.Key)})
	case what == 4 || len(policies) == 0:
		write(core.TypeClaim, &core.Claim{Alias: rapid.SampledFrom(names).Draw(t, "claims")})
	default:
		b := rapid.SampledFrom(policies).Draw(t, "policy")
		write(core.TypePolicy, &b)
	}
}
