package core

import (
	"bytes"
	"maps"
	"math"
	"slices"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// Members returns who has a role, or claims a name, in order of their keys; at
// a time in ms since 1970 UTC. In an open room these are the keys that claim
// names.
func (s *State) Members(now int64) []app.RoomMember {
	if len(s.creates) == 0 {
		return s.claimants()
	}
	keys := map[event.Key]bool{s.Owner(): true}
	for k := range s.grants {
		keys[k] = true
	}
	for k := range s.handovers {
		keys[k] = true
	}
	var all []app.RoomMember
	for k := range keys {
		r := s.Present(k, now)
		if r.Role == app.NoRole {
			continue
		}
		m := app.RoomMember{Key: k, Role: r.Role, Alias: r.Alias, Until: r.Until}
		m.Limits, _ = r.Limits()
		if c := s.lastClaim(k); c != r.Alias {
			m.Claims = c
		}
		all = append(all, m)
	}
	return sorted(all)
}

// claimants returns who claims a name in an open room: each key the one that
// it claimed last. A name that several keys claim binds none of them.
func (s *State) claimants() []app.RoomMember {
	claimed := map[string]int{}
	names := map[event.Key]string{}
	for k := range s.claims {
		names[k] = s.lastClaim(k)
		claimed[names[k]]++
	}
	var all []app.RoomMember
	for _, k := range slices.Collect(maps.Keys(names)) {
		m := app.RoomMember{Key: k, Role: app.Equal}
		if n := names[k]; claimed[n] == 1 {
			m.Alias = n
		} else {
			m.Claims = n
		}
		all = append(all, m)
	}
	return sorted(all)
}

func (s *State) lastClaim(k event.Key) string {
	var last *Fact
	for _, f := range s.claims[k] {
		if last == nil || f.compare(last) > 0 {
			last = f
		}
	}
	if last == nil {
		return ""
	}
	return last.Body.(*Claim).Alias
}

func sorted(all []app.RoomMember) []app.RoomMember {
	slices.SortFunc(all, func(a, b app.RoomMember) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	return all
}

// Present returns the right of a key by all facts that are here, at a time in
// ms since 1970 UTC.
func (s *State) Present(k event.Key, now int64) Right {
	all := view{s, func(event.ID) bool { return true }}
	return all.right(Writer{Author: k, Seq: math.MaxUint64, TS: now})
}
