package focus

import (
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

	host      event.Key          // who is shown as host
	hosts     []event.Key        // who has the rights of one, its author first
	leads     map[event.Key]bool // the same
	scheduled int64              // end by begin, length, extensions and pauses
	end       int64              // effective end: scheduled, or before it by a host
	ender     *factOf            // the end event that counts, nil where the time ends it
	pauses    []span             // of the whole session, in order, none overlaps
	members   []*member          // in the order in which they came, the host first
	byKey     map[event.Key]*member
	checkins  int // that count
	working   []span
	witnessed map[event.Key][]place // what witnessing returns
}

type factOf struct {
	place
	factRow
	late bool // shown, not counted
	moot bool // it changed nothing: a pause of what was paused
}

// stand is a join that names no session.
type stand struct {
	place
	standRow
	ts      int64
	leaves  int64 // ms; when its author took it back, never is the end of time
	leaving place // the event by which he did
}

// span is a time within a session, in ms since 1970. It is a break where it
// was planned, and open where nobody ended it.
type span struct {
	from, to   int64
	rest, open bool
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

// active reports whether the session runs at now, also while it pauses. A
// begin may be ahead by the skew of two clocks.
func (s *session) active(now int64) bool { return s.begin <= now+skew && now < s.end }

// took reports whether the session is over at now and took place: one that was
// scheduled does not where it was called off or nobody came.
func (s *session) took(now int64) bool {
	return s.end <= now && len(s.members) > 0 && !(s.Scheduled && s.end == s.begin)
}

// mayLead reports whether key has the rights of a host.
func (s *session) mayLead(key event.Key) bool { return s.leads[key] }

// paused returns the pause or break of the whole session at now, nil while
// its clock runs.
func (s *session) paused(now int64) *span {
	for i := range s.pauses {
		if p := &s.pauses[i]; p.from <= now && now < p.to {
			return p
		}
	}
	return nil
}

// status is the state of the session at now.
func (s *session) status(now int64) string {
	switch {
	case now >= s.end:
		return Ended
	case !s.active(now):
		return Idle
	}
	if p := s.paused(now); p != nil {
		if p.rest {
			return OnBreak
		}
		return Paused
	}
	if ph, ok := s.phase(now); ok && ph.name != Work {
		return OnBreak
	}
	return Active
}

// remaining is how much of the session is left when its clock goes on, in ms.
func (s *session) remaining(now int64) int64 {
	now = max(now, s.begin)
	if p := s.paused(now); p != nil {
		now = p.to
	}
	return max(0, s.end-now)
}
