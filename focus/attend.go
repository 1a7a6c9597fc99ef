package focus

import (
	"time"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// measuredPercent is how much of his time in a session must have been measured
// for the daemon to speak for somebody.
const measuredPercent = 90

// attendance measures presence in sessions.
func attendance() *app.Attendance {
	return &app.Attendance{Current: attends, Worked: worked, Sum: saidFor}
}

// attends returns the session that runs in which self is.
func attends(r app.Reader, self event.Key, now time.Time) event.ID {
	ms := now.UnixMilli()
	if s := present(r, ms).best(ms, func(s *session) bool { return s.has(self) }); s != nil && s.has(self) {
		return s.id
	}
	return event.ID{}
}

// worked returns how much of a time self was in the session while its clock
// ran for work.
func worked(r app.Reader, self event.Key, id event.ID, from, to time.Time) time.Duration {
	s := around(r, id)
	if s == nil || s.member(self) == nil {
		return 0
	}
	within := []span{{from: from.UnixMilli(), to: to.UnixMilli()}}
	return time.Duration(common(within, s.spans(self))) * time.Millisecond
}

// spans returns when self worked, in order.
func (s *session) spans(self event.Key) (out []span) {
	for _, w := range s.work() {
		for _, stay := range s.member(self).stays {
			if from, to := max(w.from, stay.from), min(w.to, stay.to); from < to {
				out = append(out, span{from: from, to: to})
			}
		}
	}
	return out
}

// saidFor returns the done of a session that is over. There is none where the
// session was over for too long, where he has said it himself, and where too
// little was measured: nobody counts as absent because nothing looked.
func saidFor(r app.Reader, self event.Key, id event.ID, m app.Measured, now time.Time) (drafts []app.Draft, over bool) {
	ms := now.UnixMilli()
	s := around(r, id)
	switch {
	case s == nil:
		return nil, true
	case ms < s.end:
		return nil, false
	}
	me := s.member(self)
	if me == nil || me.done != nil || ms > s.end+afterEnd {
		return nil, true
	}
	total := common(me.stays, s.work())
	b := &Done{Session: id, Present: min(m.Present.Milliseconds(), total) / 1000}
	b.Idle = min(m.Idle.Milliseconds(), total-b.Present*1000) / 1000
	unknown := total - (b.Present+b.Idle)*1000
	if unknown*100 > total*(100-measuredPercent) {
		return nil, true
	}
	told := *me
	told.done = &factOf{factRow: factRow{Seconds: b.Present + unknown/1000 + 1}}
	known := *me
	known.done = &factOf{factRow: factRow{Seconds: b.Present}}
	if s.countsFor(&told) != s.countsFor(&known) {
		return nil, true // what is not known would decide
	}
	return []app.Draft{{Type: typeDone, Body: b}}, true
}
