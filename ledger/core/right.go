package core

import (
	"fmt"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// Right is what the author of an event may do at its place in the graph.
type Right struct {
	Role   app.Role
	Alias  string // the member name that the author speaks for
	Until  int64  // ms since 1970 UTC; 0: without end
	limits Fields
	why    error // of NoRole
}

// Right returns the right of an event's author. past tells whether a fact is
// in the event's causal past.
func (s *State) Right(w Writer, past func(event.ID) bool) Right {
	return view{s, past}.right(w)
}

// May returns nil if the right covers an event of a kind.
func (r Right) May(k app.Kind, body event.Body) error {
	least := max(k.Role, app.Bot)
	switch {
	case r.Role < least:
		return r.refusal(least)
	case r.Role == app.Bot:
		return r.limits.permit(k.Type, body)
	}
	return nil
}

// Limits returns the limits of a bot. Without them, or where they cannot be
// read, it returns false for the latter: such a bot may write nothing.
func (r Right) Limits() (app.Limits, bool) {
	l, err := r.limits.limits()
	return l, err == nil
}

func (r Right) refusal(least app.Role) error {
	if r.Role == app.NoRole {
		return r.why
	}
	return fmt.Errorf("%w: it takes %s, and this is %s", ErrRight, least, r.Role)
}

// The rank of a writer decides whose removals reach it: only those by a higher
// one. Ranks are the numbers of roles; a later owner ranks above an earlier
// one. Judging goes from high to low: owners follow from handovers, admins
// from what owners wrote, all others from what owners and admins wrote. So no
// judgement rests on itself.

// view is the state as seen from one place in the graph.
type view struct {
	*State
	past func(event.ID) bool
}

// at returns the view from a fact.
func (s *State) at(f *Fact) view {
	return view{s, func(x event.ID) bool { return s.before(x, f.ID) }}
}

// governs returns the rank of a writer if it is an owner or an admin.
func (v view) governs(w Writer) (rank int, ok bool) {
	if n, ok := v.tenure(w.Author); ok {
		return int(app.Owner) + n, true
	}
	if g := v.adminGrant(w.Author); g != nil && !g.expired(w.TS) {
		return int(app.Admin), true
	}
	return 0, false
}

func (v view) right(w Writer) Right {
	rank, ok := v.governs(w)
	if ok {
		if v.cut(w, rank) {
			return Right{why: ErrRemoved}
		}
		if rank >= int(app.Owner) {
			return Right{Role: app.Owner, Alias: v.ownAlias(w.Author)}
		}
		g := v.adminGrant(w.Author)
		return Right{Role: app.Admin, Alias: g.alias, Until: g.until}
	}
	g, known := v.grant(w.Author)
	switch {
	case !known:
		return Right{why: ErrNoRole}
	case g == nil:
		return Right{why: ErrRemoved}
	case g.expired(w.TS):
		return Right{why: ErrExpired}
	case g.role >= app.Admin || v.cut(w, int(g.role)):
		return Right{why: ErrRemoved}
	}
	return Right{Role: g.role, Alias: g.alias, Until: g.until, limits: g.limits}
}

// tenure returns the number of the tenure in which a key is the owner. Who has
// handed over is not, whichever handover holds in the end.
func (v view) tenure(k event.Key) (n int, ok bool) {
	for n, t := range v.owners() {
		if t.owner == k && v.since(t.by) && !v.gaveUp(k, t.by) {
			return n, true
		}
	}
	return 0, false
}

// since reports whether a handover, or for nil the creation of the room, is in
// the past.
func (v view) since(by *Fact) bool {
	if by != nil {
		return v.past(by.ID)
	}
	for _, c := range v.creates {
		if v.past(c.ID) {
			return true
		}
	}
	return false
}

func (v view) gaveUp(k event.Key, since *Fact) bool {
	for _, h := range v.handovers[k] {
		if v.past(h.ID) && (since == nil || v.before(since.ID, h.ID)) {
			return true
		}
	}
	return false
}

// grant is what gives a key its role: a member.add, or a handover by it, since
// who was the owner remains an admin.
type grant struct {
	*Fact
	role   app.Role
	alias  string
	until  int64
	limits Fields
}

var roleOf = map[string]app.Role{Admin: app.Admin, Member: app.Member, Viewer: app.Viewer, Bot: app.Bot}

func grantOf(f *Fact) grant {
	if b, ok := f.Body.(*Add); ok {
		return grant{f, roleOf[b.Role], b.Alias, b.Until, b.Limits}
	}
	return grant{Fact: f, role: app.Admin}
}

func (g grant) expired(ts int64) bool { return g.until > 0 && ts > g.until }

// grantsOf returns what in the past gave a key a role and is not followed by
// another such fact.
func (v view) grantsOf(k event.Key, from func(*Fact) bool) []grant {
	var all []grant
	for _, f := range v.grants[k] {
		if v.past(f.ID) && from(f) && v.holds(f) {
			all = append(all, grantOf(f))
		}
	}
	for _, f := range v.handovers[k] {
		if v.past(f.ID) {
			all = append(all, grantOf(f))
		}
	}
	return v.unfollowed(all)
}

// unfollowed returns those that none of the others follows.
func (v view) unfollowed(all []grant) (last []grant) {
	for _, g := range all {
		followed := false
		for _, o := range all {
			followed = followed || v.before(g.ID, o.ID)
		}
		if !followed {
			last = append(last, g)
		}
	}
	return last
}

// adminGrant returns the grant that makes a key an admin. Owners alone have a
// say in it.
func (v view) adminGrant(k event.Key) *grant {
	g := best(v.grantsOf(k, v.byOwner), func(g grant) bool { return !v.ended(g, k, int(app.Admin)) }, nil)
	if g == nil || g.role != app.Admin {
		return nil
	}
	return g
}

// grant returns the grant that holds for a key, nil if removals have ended
// what there was. known is false if there never was one. Of grants that did
// not know of each other the owner's comes first, then the highest (lamport,
// id).
func (v view) grant(k event.Key) (g *grant, known bool) {
	all := v.grantsOf(k, func(*Fact) bool { return true })
	return best(all, func(g grant) bool { return !v.ended(g, k, int(g.role)) }, v.byOwner), len(all) > 0
}

func best(all []grant, alive func(grant) bool, first func(*Fact) bool) *grant {
	var found *grant
	for i, g := range all {
		if !alive(g) {
			continue
		}
		if found != nil && first != nil && first(g.Fact) != first(found.Fact) {
			if first(g.Fact) {
				found = &all[i]
			}
			continue
		}
		if found == nil || g.compare(found.Fact) > 0 {
			found = &all[i]
		}
	}
	return found
}

func (v view) byOwner(f *Fact) bool {
	_, ok := v.at(f).tenure(f.Author)
	return ok
}

// ended reports whether a removal in the past has taken a grant back, by
// somebody above the rank.
func (v view) ended(g grant, k event.Key, rank int) bool {
	for _, r := range v.removals[k] {
		if v.past(r.ID) && !v.before(r.ID, g.ID) && v.outranks(r, rank) && v.holds(r) {
			return true
		}
	}
	return false
}

// cut reports whether an event of a writer of that rank is beyond the last one
// that some removal lets count, and the key was not taken in again before it.
func (v view) cut(w Writer, rank int) bool {
	for _, r := range v.removals[w.Author] {
		if r.Body.(*Remove).Beyond(w.Instance, w.Seq) && v.outranks(r, rank) && v.holds(r) && !v.again(r, w, rank) {
			return true
		}
	}
	return false
}

// again reports whether a grant in the past follows a removal. Owners have
// none: who knows of the removal knows that another is the owner.
func (v view) again(r *Fact, w Writer, rank int) bool {
	for _, g := range v.grants[w.Author] {
		if rank < int(app.Owner) && v.past(g.ID) && v.before(r.ID, g.ID) &&
			(rank < int(app.Admin) || v.byOwner(g)) && v.holds(g) {
			return true
		}
	}
	return false
}

// outranks reports whether the author of a fact governs above a rank.
func (v view) outranks(f *Fact, rank int) bool {
	at := v.at(f)
	if n, ok := at.tenure(f.Author); ok {
		return int(app.Owner)+n > rank
	}
	if rank >= int(app.Admin) {
		return false
	}
	_, ok := at.governs(f.Writer)
	return ok
}

// Beyond reports whether an event of the key that is removed, at a seq of an
// instance, is behind the last one that counts.
func (b *Remove) Beyond(i event.Instance, seq uint64) bool {
	for _, l := range b.Last {
		if l.Instance == i {
			return seq > l.Seq
		}
	}
	return true
}

// ownAlias returns the name that the owner has claimed last: nobody else could
// give him one.
func (v view) ownAlias(k event.Key) string {
	var last *Fact
	for _, f := range v.claims[k] {
		if v.past(f.ID) && (last == nil || f.compare(last) > 0) {
			last = f
		}
	}
	if last == nil {
		return ""
	}
	return last.Body.(*Claim).Alias
}
