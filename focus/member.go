package focus

import (
	"slices"

	"intercom/ledger/event"
)

// member is somebody who took part.
type member struct {
	key      event.Key
	since    int64 // ms, not before the begin
	tz       int   // minutes east of UTC, of his latest act in the session
	dayStart int64 // minutes after midnight, of his latest start or join in it; anyDayStart: he wrote none
	in       bool  // his latest own join or leave is a join
	left     int64 // ms, when he left; 0 while he is in
	checkins int   // that count
	lastSaid int64 // ms, time of his last check-in that counts; 0: none
	done     *factOf
	away     *span  // his own last pause or break
	stays    []span // when he was there, in order

	from  int64 // when he came, or came back
	clock int64 // ms; his acts are taken in order, so time never runs back
}

// gather works out who took part; walk and the assignment of standing joins
// come first.
func (s *session) gather() {
	type act struct {
		place
		kind    kind
		author  event.Key
		ts      int64
		tz      int
		seconds int64
		day     int64 // where his days start
		of      *factOf
	}
	acts := []act{}
	for i := range s.facts {
		f := &s.facts[i]
		if !f.own() {
			continue
		}
		if f.late = s.tooLate(f); !f.late {
			acts = append(acts, act{f.place, f.Kind, f.Author, f.TS, f.TZ, f.Seconds, f.DayStart, f})
		}
	}
	for _, w := range s.stands {
		acts = append(acts, act{w.place, factJoin, w.Author, w.ts, w.TZ, 0, w.DayStart, nil})
		if w.leaves < s.end {
			acts = append(acts, act{w.leaving, factLeave, w.Author, w.leaves, w.TZ, 0, 0, nil})
		}
	}
	slices.SortFunc(acts, func(a, b act) int { return a.compare(b.place) })

	s.byKey = map[event.Key]*member{}
	if !s.Scheduled || s.begin <= s.TS+booking {
		s.enter(&member{key: s.Author, since: s.begin, tz: s.TZ, dayStart: s.DayStart, in: true, from: s.begin})
	}
	for _, a := range acts {
		m := s.member(a.author)
		joins := a.kind == factJoin || a.kind == factCheckIn
		t := max(a.ts, s.begin)
		switch {
		case m == nil && !joins: // he takes no part
			if a.of != nil {
				a.of.moot = true
			}
			continue
		case m == nil:
			m = &member{key: a.author, since: t, dayStart: anyDayStart}
			s.enter(m)
		}
		if m.tz = a.tz; joins {
			m.since = min(m.since, t)
		}
		if a.kind == factJoin {
			m.dayStart = a.day
		}
		if a.kind == factCheckIn {
			s.checkins++
			m.checkins++
			m.lastSaid = max(m.lastSaid, a.ts)
		}
		if changed := m.act(a.kind, t, a.seconds*1000); a.of != nil {
			a.of.moot = !changed && !joins
		}
	}
	for i := range s.facts { // the last done of each member counts
		f := &s.facts[i]
		if f.Kind != factDone {
			continue
		}
		m := s.member(f.Author)
		f.late, f.moot = s.tooLate(f), m == nil
		if !f.late && !f.moot {
			m.done = f
		}
	}
	for _, m := range s.members {
		m.finish(s.end)
	}
}

// own reports whether a fact is about its author's own part.
func (f *factOf) own() bool {
	switch f.Kind {
	case factJoin, factCheckIn, factLeave:
		return true
	case factPause, factResume, factBreak:
		return !f.Right
	}
	return false
}

// tooLate reports whether what somebody did for himself was outside the
// session's time.
func (s *session) tooLate(f *factOf) bool {
	first, last := s.begin-early, s.end
	switch {
	case f.Kind == factDone:
		first, last = s.begin, s.end+afterEnd
	case s.Scheduled:
		first = s.begin - booking
	}
	return f.TS < first || f.TS > last
}

func (s *session) enter(m *member) {
	s.members = append(s.members, m)
	s.byKey[m.key] = m
}

// member returns key's part in the session, nil if there is none.
func (s *session) member(key event.Key) *member { return s.byKey[key] }

// has reports whether key takes part and has not left.
func (s *session) has(key event.Key) bool {
	m := s.member(key)
	return m != nil && m.in
}

// act takes the member's acts one after the other, and reports whether one
// changed what he does.
func (m *member) act(what kind, t, length int64) (changed bool) {
	t = max(t, m.clock)
	m.clock = t
	if m.in && m.away != nil && t >= m.away.to {
		m.back(m.away.to)
	}
	gone := m.in && m.away != nil
	switch what {
	case factJoin, factCheckIn:
		switch {
		case !m.in:
			m.in, m.left, m.from, m.away = true, 0, t, nil
		case gone:
			m.back(t)
		default:
			return false
		}
		return true
	case factLeave:
		if m.in && !gone {
			m.stay(t)
		}
		if changed = m.in; changed {
			m.in, m.left, m.away = false, t, nil
		}
	case factPause, factBreak:
		if changed = m.in && !gone; changed {
			m.stay(t)
			m.away = &span{from: t, to: t + longPause, open: true}
			if what == factBreak {
				m.away.to, m.away.rest = t+length, true
			}
		}
	case factResume:
		if changed = gone; changed {
			m.back(t)
		}
	}
	return changed
}

func (m *member) back(t int64) { m.away, m.from = nil, t }

func (m *member) stay(to int64) {
	if m.from < to {
		m.stays = append(m.stays, span{from: m.from, to: to})
	}
}

// finish ends the last stay with the session.
func (m *member) finish(end int64) {
	if !m.in {
		return
	}
	if m.away != nil {
		m.from = m.away.to
	}
	m.stay(end)
}

// present reports whether the member is there at now.
func (m *member) present(now int64) bool {
	return m.in && (m.away == nil || now >= m.away.to)
}

// spent is how long the member worked, in ms: while he was there and the
// session's clock ran for work, and no more than he says himself.
func (s *session) spent(m *member) int64 {
	ms := common(m.stays, s.work())
	if m.done != nil {
		ms = min(ms, m.done.Seconds*1000)
	}
	return ms
}
