package focus

import (
	"cmp"
	"slices"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// log is a span of a room's sessions, worked out, in order of (lamport, id).
type log struct {
	sessions []*session
	waiting  []stand // standing joins of the span that no session has yet
}

// load works out the sessions that begin in [low, high] and the standing
// joins about them. It reads somewhat more, since a standing join counts for
// the first of the sessions around it: sessions at the edges outside the span
// are there only to take their joins.
func load(r app.Reader, low, high int64) *log {
	l := &log{}
	window(r, sessionRows, low-2*standing, high+2*standing, func(a at, decode func(any)) {
		s := &session{begin: a.ms}
		decode(&s.startRow)
		s.place = place{lamport: s.Lamport, id: a.id}
		l.sessions = append(l.sessions, s)
	})
	l.addFacts(r, high-low > longSpan)
	for _, s := range l.sessions {
		s.walk()
		s.rights()
	}
	l.assign(loadStands(r, low-standing, high+maxLength))
	slices.SortFunc(l.sessions, func(a, b *session) int { return a.compare(b.place) })
	slices.SortFunc(l.waiting, func(a, b stand) int { return a.compare(b.place) })
	for _, s := range l.sessions {
		s.gather()
	}
	return l
}

// loadAll works out the whole history.
func loadAll(r app.Reader) *log { return load(r, 0, event.MaxInteger) }

// addFacts reads the facts, of each session by itself or all in one walk.
func (l *log) addFacts(r app.Reader, whole bool) {
	if !whole {
		for _, s := range l.sessions {
			s.facts = loadFacts(r, s.id)
		}
		return
	}
	of := make(map[string]*session, len(l.sessions))
	for _, s := range l.sessions {
		of[factPrefix(s.id)] = s
	}
	r.Scan(factRows, func(key string, decode func(any)) bool {
		// A session that turned out to be a duplicate has facts and no row.
		if s := of[key[:len(factRows)+2*len(event.ID{})+1]]; s != nil {
			f := factOf{place: parsePlace(key)}
			decode(&f.factRow)
			s.facts = append(s.facts, f)
		}
		return true
	})
}

// around works out one session with what is near it; nil if there is none.
func around(r app.Reader, id event.ID) *session {
	_, b, ok := startOf(r, id)
	if !ok {
		return nil
	}
	for _, s := range load(r, b.Begin, b.Begin).sessions {
		if s.id == id {
			return s
		}
	}
	return nil
}

// present works out what may matter at now: every session that may be active,
// those that are scheduled for the next day, and the standing joins that may
// wait.
func present(r app.Reader, now int64) *log { return load(r, now-maxLength, now+dayMS) }

// upcoming returns the scheduled sessions that begin within a day and were not
// called off, the soonest first.
func (l *log) upcoming(now int64) (out []*session) {
	for _, s := range l.sessions {
		if s.Scheduled && s.begin > now+skew && s.begin <= now+dayMS && s.end > s.begin {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b *session) int { return cmp.Compare(a.begin, b.begin) })
	return out
}

// shown returns the session that a reader is shown: of those active his own,
// then the one with most members, then the lowest; nil if none is active.
func (l *log) shown(reader event.Key, now int64) *session {
	return l.best(now, func(s *session) bool { return s.has(reader) })
}

// led is shown with the sessions first in which key has the rights of a host.
func (l *log) led(key event.Key, now int64) *session {
	return l.best(now, func(s *session) bool { return s.mayLead(key) })
}

func (l *log) best(now int64, own func(*session) bool) (best *session) {
	for _, s := range l.sessions { // the lowest first
		if !s.active(now) {
			continue
		}
		switch {
		case best == nil, own(s) && !own(best):
			best = s
		case own(s) == own(best) && len(s.members) > len(best.members):
			best = s
		}
	}
	return best
}

// pending returns the standing joins that a session starting now would get.
func (l *log) pending(now int64) (waiting []stand) {
	for _, w := range l.waiting {
		if w.ts <= now+skew && now <= w.ts+standing && now+skew < w.leaves {
			waiting = append(waiting, w)
		}
	}
	return waiting
}

// last returns the session that began last of all begun by now, those left out
// that were called off or to which nobody came; nil if there is none.
func last(r app.Reader, now int64) *session {
	const tries = 20 // more such in a row are not worth the walk
	var first *session
	for ms, n := now+skew, 0; n < tries; n++ {
		a, ok := latest(r, sessionRows, ms)
		if !ok {
			break
		}
		s := around(r, a.id)
		if s != nil && (s.end > now || s.took(now)) {
			return s
		}
		if first == nil {
			first = s
		}
		ms = a.ms - 1
	}
	return first
}
