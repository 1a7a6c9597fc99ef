package focus

import (
	"slices"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// Counts reports whether an event of the app has an effect in r: it is well
// formed, was its author's right, repeats no key, and came in the time of the
// session that it names. Joins and check-ins that name none count too.
func Counts(r app.Reader, e *event.Signed) bool {
	body, ok := bodyOf(e)
	if !ok {
		return false
	}
	switch b := body.(type) {
	case *Start:
		return r.Get(timeKey(sessionRows, b.Begin, e.ID), new(startRow))
	case *Schedule:
		return r.Get(timeKey(sessionRows, b.Begin, e.ID), new(startRow))
	case *Leave:
		if b.Session.IsZero() {
			return r.Get(timeKey(standRows, e.TS, e.ID), new(standRow))
		}
		return inTime(r, b.Session, e.ID)
	case *Join:
		if b.Session.IsZero() {
			return r.Get(timeKey(standRows, e.TS, e.ID), new(standRow))
		}
		return inTime(r, b.Session, e.ID)
	case *CheckIn:
		if b.Session.IsZero() {
			return r.Get(timeKey(noteRows, e.TS, e.ID), new(noteRow))
		}
		return inTime(r, b.Session, e.ID)
	}
	session, ok := SessionOf(r, e) // all other bodies name one
	return ok && inTime(r, session, e.ID)
}

// inTime reports whether an event is a fact about a session, not late, and
// changed something.
func inTime(r app.Reader, session, id event.ID) bool {
	s := around(r, session)
	return s != nil && slices.ContainsFunc(s.facts, func(f factOf) bool { return f.id == id && !f.late && !f.moot })
}
