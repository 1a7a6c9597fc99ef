package focus

import (
	"cmp"
	"slices"
)

// walk works out the effective end from the acts of the hosts, in the order of
// the times that they claim: an act before the begin counts as at the begin,
// one at or after the end so far is late, and the first end stops the walk. A
// pause moves the end by as long as it lasts. The sums stay in range, since
// each step is bounded by maxLength.
func (s *session) walk() {
	limit := s.begin + maxLength
	s.scheduled = s.begin + s.Seconds*1000
	grow := func(ms int64) { s.scheduled = min(s.scheduled+ms, limit) }
	var open *span // the pause that nobody has ended yet; to is when it lapses
	stop := func(t int64, itself bool) {
		open.to, open.open = min(t, limit), itself
		grow(open.to - open.from)
		s.pauses = append(s.pauses, *open)
		open = nil
	}
	for _, a := range s.acts() {
		t := max(a.TS, s.begin)
		if open != nil && t >= open.to {
			stop(open.to, true)
		}
		end := s.scheduled
		if open != nil {
			end = min(end+t-open.from, limit)
		}
		if s.ender != nil || t >= end {
			a.late = true
			continue
		}
		switch a.Kind {
		case factExtend:
			grow(a.Seconds * 1000)
		case factPause, factBreak:
			if open != nil {
				a.moot = true
				continue
			}
			open = &span{from: t, to: t + longPause}
			if a.Kind == factBreak {
				open.to, open.rest = t+a.Seconds*1000, true
			}
		case factResume:
			if a.moot = open == nil; !a.moot {
				stop(t, false)
			}
		case factEnd:
			if open != nil {
				stop(t, false)
			}
			s.end, s.ender = t, a
		}
	}
	if open != nil {
		stop(open.to, true)
	}
	if s.ender == nil {
		s.end = s.scheduled
	}
}

// acts returns what hosts did about the length, by (ts, id).
func (s *session) acts() (acts []*factOf) {
	for i := range s.facts {
		f := &s.facts[i]
		switch f.Kind {
		case factExtend, factEnd, factPause, factResume, factBreak:
			if f.Right {
				acts = append(acts, f)
			}
		}
	}
	slices.SortFunc(acts, func(a, b *factOf) int { return cmp.Or(cmp.Compare(a.TS, b.TS), a.id.Compare(b.id)) })
	return acts
}
