package core

import (
	"intercom/internal/app"
	"intercom/ledger/event"
)

// Policy returns what a setting of the room's policy is at a place in the
// graph, nil if it is not set. It follows from that past alone: of the changes
// that no later one there follows, the owner's comes first, then the highest
// (lamport, id). The values are those of the CBOR: text, uint64, bool and so on.
func (s *State) Policy(field string, past func(event.ID) bool) any {
	v := view{s, past}
	var all []grant
	for _, f := range s.creates {
		if past(f.ID) && f.says(field) != nil {
			all = append(all, grant{Fact: f})
		}
	}
	for _, f := range s.changes {
		if f.says(field) != nil && past(f.ID) && s.holds(f) {
			all = append(all, grant{Fact: f})
		}
	}
	anyone := func(grant) bool { return true }
	made := func(f *Fact) bool {
		_, creates := f.Body.(*Create)
		return creates || v.byOwner(f)
	}
	if found := best(v.unfollowed(all), anyone, made); found != nil {
		return found.says(field)
	}
	return nil
}

// says returns what a fact sets a setting to.
func (f *Fact) says(field string) any {
	switch b := f.Body.(type) {
	case *Create:
		return b.Policy[field]
	case *Fields:
		return (*b)[field]
	}
	return nil
}

// Speaks reports whether a key that may write speaks for a member name at a
// place in the graph, at a time in ms since 1970 UTC. It follows from that past
// alone.
func (s *State) Speaks(name string, ts int64, past func(event.ID) bool) bool {
	if name == "" {
		return false
	}
	v := view{s, past}
	for _, t := range s.owners() {
		if v.speaksFor(t.owner, ts) == name {
			return true
		}
	}
	for k := range s.grants {
		if v.speaksFor(k, ts) == name {
			return true
		}
	}
	return false
}

func (v view) speaksFor(k event.Key, ts int64) string {
	if _, ok := v.tenure(k); ok {
		return v.ownAlias(k)
	}
	if g := v.adminGrant(k); g != nil && !g.expired(ts) {
		return g.alias
	}
	if g, _ := v.grant(k); g != nil && g.role >= app.Bot && g.role < app.Admin && !g.expired(ts) {
		return g.alias
	}
	return ""
}
