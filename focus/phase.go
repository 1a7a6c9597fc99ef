package focus

// The phases of a cycle.
const (
	Work      = "work"
	ShortRest = "break"
	LongRest  = "long break"
)

// phase is a part of a cycle: `round` of work, or the break behind it.
type phase struct {
	name     string
	round    int   // from 1
	from, to int64 // ms, pauses included
}

// phase returns where in its cycle a session is at now; false where it has no
// cycle. While the session pauses its cycle stands.
func (s *session) phase(now int64) (phase, bool) {
	for ph := range s.phases {
		if now < ph.to || ph.to >= s.end {
			return ph, true
		}
	}
	return phase{}, false
}

// phases calls yield with the phases of a session up to its end, until yield
// returns false. There are none without a cycle.
func (s *session) phases(yield func(phase) bool) {
	if len(s.Cycle) == 0 {
		return
	}
	work, rest, rounds, long := s.Cycle[0]*1000, s.Cycle[1]*1000, int(s.Cycle[2]), s.Cycle[3]*1000
	pauses, at := s.pauses, s.begin
	// next returns when the clock of the session has run for ms after at.
	next := func(ms int64) int64 {
		to := at + ms
		for len(pauses) > 0 && pauses[0].from < to {
			to += pauses[0].to - pauses[0].from
			pauses = pauses[1:]
		}
		return to
	}
	for n := 0; at < s.end; n++ {
		ph := phase{name: Work, round: n/2%rounds + 1, from: at}
		length := work
		switch {
		case n%2 == 1 && ph.round == rounds:
			ph.name, length = LongRest, long
		case n%2 == 1:
			ph.name, length = ShortRest, rest
		}
		at = next(length)
		ph.to = min(at, s.end)
		if !yield(ph) {
			return
		}
	}
}

// work returns when the session's clock ran for work: without its pauses, and
// without the breaks of its cycle.
func (s *session) work() []span {
	if s.working != nil || s.end <= s.begin {
		return s.working
	}
	pauses := s.pauses
	add := func(from, to int64) {
		for from < to {
			for len(pauses) > 0 && pauses[0].to <= from {
				pauses = pauses[1:]
			}
			end := to
			if len(pauses) > 0 {
				end = min(end, pauses[0].from)
			}
			if from < end {
				s.working = append(s.working, span{from: from, to: end})
			}
			if from = end; from < to && len(pauses) > 0 {
				from = pauses[0].to
			}
		}
	}
	if len(s.Cycle) == 0 {
		add(s.begin, s.end)
	}
	for ph := range s.phases {
		if ph.name == Work {
			add(ph.from, ph.to)
		}
	}
	return s.working
}

// common returns how many ms two lists of spans have in common, each in order.
func common(a, b []span) (ms int64) {
	for len(a) > 0 && len(b) > 0 {
		ms += max(0, min(a[0].to, b[0].to)-max(a[0].from, b[0].from))
		if a[0].to < b[0].to {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return ms
}
