package focus

import (
	"slices"
	"sort"

	"intercom/internal/app"
	"intercom/ledger/event"
)

const (
	mostWitnesses = 20  // that are counted
	askedOthers   = 100 // members who are looked at
)

// witnesses counts the others who prove that a member was there: one of their
// acts in the session has the member's coming or a check-in in its causal
// past, and a later act of the member has that one in its own. Neither could
// be made up afterwards by one alone. The member's first and last act decide.
func (s *session) witnesses(r app.Reader, of event.Key) (n int) {
	acts := s.witnessing()
	mine := acts[of]
	if len(mine) < 2 {
		return 0
	}
	first, end := mine[0], mine[len(mine)-1]
	for i, m := range s.members {
		if m.key == of || i == askedOthers {
			continue
		}
		theirs := acts[m.key]
		// In a chain whoever has seen something has seen it ever after.
		k := sort.Search(len(theirs), func(k int) bool {
			return theirs[k].lamport > first.lamport && r.Before(first.id, theirs[k].id)
		})
		if k < len(theirs) && theirs[k].lamport < end.lamport && r.Before(theirs[k].id, end.id) {
			if n++; n == mostWitnesses {
				return n
			}
		}
	}
	return n
}

// witnessing returns the acts of each member in the session's time, in order
// of (lamport, id). A host's first is the start.
func (s *session) witnessing() map[event.Key][]place {
	if s.witnessed != nil {
		return s.witnessed
	}
	acts := map[event.Key][]place{}
	if m := s.member(s.Author); m != nil {
		acts[s.Author] = []place{s.place}
	}
	for _, w := range s.stands {
		acts[w.Author] = append(acts[w.Author], w.place)
	}
	for i := range s.facts {
		f := &s.facts[i]
		if joins := f.Kind == factJoin || f.Kind == factCheckIn; !f.late && (joins || len(acts[f.Author]) > 0) {
			acts[f.Author] = append(acts[f.Author], f.place)
		}
	}
	for _, mine := range acts {
		slices.SortFunc(mine, place.compare)
	}
	s.witnessed = acts
	return acts
}
