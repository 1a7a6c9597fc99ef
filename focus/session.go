package focus

import (
	"cmp"
	"slices"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// session is a session with what follows from its facts, nothing of it from
// the present time.
type session struct {
	place
	startRow
	begin  int64
	facts  []factOf // in order of (lamport, id)
	stands []stand  // the standing joins that count for it

	scheduled int64     // end by begin, length and extensions
	end       int64     // effective end: scheduled, or before it by the host
	ender     *factOf   // the end event that counts, nil where the time ends it
	members   []*member // in the order in which they came, the host first
	byKey     map[event.Key]*member
	checkins  int // that count
}

type factOf struct {
	place
	factRow
	late bool // shown, not counted
}

// stand is a join that names no session.
type stand struct {
	place
	standRow
	ts int64
}

// member is somebody who took part.
type member struct {
	key   event.Key
	since int64 // ms, not before the begin
	tz    int   // offset of his latest act in the session
}

func loadFacts(r app.Reader, id event.ID) (facts []factOf) {
	r.Scan(factPrefix(id), func(key string, decode func(any)) bool {
		f := factOf{place: parsePlace(key)}
		decode(&f.factRow)
		facts = append(facts, f)
		return true
	})
	return facts
}

// walk works out the effective end from the host's acts, in the order of the
// times that they claim: an act before the begin counts as at the begin, one
// at or after the end so far is late, and the first end stops the walk. The
// sums stay in range, since each step is bounded by maxLength.
func (s *session) walk() {
	limit := s.begin + maxLength
	s.scheduled = s.begin + s.Seconds*1000
	s.end = s.scheduled
	acts := []*factOf{}
	for i := range s.facts {
		if k := s.facts[i].Kind; k == factExtend || k == factEnd {
			acts = append(acts, &s.facts[i])
		}
	}
	slices.SortFunc(acts, func(a, b *factOf) int { return cmp.Or(cmp.Compare(a.TS, b.TS), a.id.Compare(b.id)) })
	for _, a := range acts {
		ts := max(a.TS, s.begin)
		switch {
		case ts >= s.end: // after an end so is everything
			a.late = true
		case a.Kind == factExtend:
			s.scheduled = min(s.scheduled+a.Seconds*1000, limit)
			s.end = s.scheduled
		default:
			s.end, s.ender = ts, a
		}
	}
}

// gather works out who took part; walk and the assignment of standing joins
// come first.
func (s *session) gather() {
	type act struct {
		place
		author event.Key
		ts     int64
		tz     int
	}
	acts := []act{}
	for i := range s.facts {
		f := &s.facts[i]
		if f.Kind == factJoin || f.Kind == factCheckIn {
			f.late = f.TS < s.begin-early || f.TS > s.end
		}
		if f.late {
			continue
		}
		if f.Kind == factCheckIn {
			s.checkins++
		}
		if f.Kind == factJoin || f.Kind == factCheckIn {
			acts = append(acts, act{f.place, f.Author, f.TS, f.TZ})
		}
	}
	for _, w := range s.stands {
		acts = append(acts, act{w.place, w.Author, w.ts, w.TZ})
	}
	slices.SortFunc(acts, func(a, b act) int { return a.compare(b.place) })

	s.byKey = map[event.Key]*member{}
	s.enter(&member{key: s.Author, since: s.begin, tz: s.TZ})
	for _, a := range acts {
		since := max(a.ts, s.begin)
		if m := s.member(a.author); m != nil {
			m.since, m.tz = min(m.since, since), a.tz
			continue
		}
		s.enter(&member{key: a.author, since: since, tz: a.tz})
	}
}

func (s *session) enter(m *member) {
	s.members = append(s.members, m)
	s.byKey[m.key] = m
}

// member returns key's part in the session, nil if there is none.
func (s *session) member(key event.Key) *member { return s.byKey[key] }

// active reports whether the session runs at now. A begin may be ahead by the
// skew of two clocks.
func (s *session) active(now int64) bool { return s.begin <= now+skew && now < s.end }
