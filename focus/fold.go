package focus

import (
	"intercom/internal/app"
	"intercom/ledger/event"
)

// Bounds of a session's begin around the time that its event claims, and
// other limits, in ms.
const (
	beginBack  = 12 * 3600 * 1000 // a session may be recorded this late
	beginAhead = 5 * 60 * 1000
	maxLength  = dayMS         // a session never lasts longer, extensions included
	early      = 5 * 60 * 1000 // before the begin a join already counts
	standing   = dayMS         // how long a standing join waits for a begin
	skew       = 2 * 60 * 1000 // by which another clock may be ahead
)

type startRow struct {
	_       struct{} `cbor:",toarray"`
	Author  event.Key
	Lamport uint64
	TS      int64
	TZ      int
	Seconds int64
}

type standRow struct {
	_       struct{} `cbor:",toarray"`
	Author  event.Key
	Lamport uint64
	TZ      int
}

type noteRow struct {
	_       struct{} `cbor:",toarray"`
	Author  event.Key
	Lamport uint64
}

// kind of a fact about a session.
type kind uint8

const (
	factJoin kind = iota + 1
	factCheckIn
	factExtend
	factEnd
)

// String names the act.
func (k kind) String() string {
	return [...]string{factJoin: "join", factCheckIn: "checkin", factExtend: "extend", factEnd: "end"}[k]
}

type factRow struct {
	_       struct{} `cbor:",toarray"`
	Kind    kind
	Author  event.Key
	TS      int64
	TZ      int
	Seconds int64 // of an extension
}

// reason is why an event does not count.
type reason uint8

const (
	counts reason = iota
	isDuplicate
	badBegin
	noSession
	notHost
)

// String says the reason in words.
func (r reason) String() string {
	switch r {
	case isDuplicate:
		return "an earlier event has the same key"
	case badBegin:
		return "the session begins too far from the time of its event"
	case noSession:
		return "no session with that id was known to the author"
	case notHost:
		return "the author is not the session's host"
	}
	return "counts"
}

type refusedRow struct {
	_      struct{} `cbor:",toarray"`
	Reason reason
}

// apply keeps one row for each event: a fact that follows from the event and
// its causal past alone, or the reason why it does not count. Everything else
// is worked out when it is asked for, so no order of arrival can matter.
func apply(v app.View, e *event.Signed, m app.Meta, body event.Body) {
	key, row, why := fact(v, e, m, body)
	if m.Duplicate && key != "" {
		v.Del(key)
		why = isDuplicate
	}
	switch {
	case why != counts:
		// One row for each event, also if its reason changes.
		v.Put(refusedKey(m.Lamport, e.ID), refusedRow{Reason: why})
	case key != "":
		v.Put(key, row)
	}
}

// fact returns where the row of an event stands and what it is, or why it
// does not count. Types that are not folded have neither.
func fact(r app.Reader, e *event.Signed, m app.Meta, body event.Body) (key string, row any, why reason) {
	about := func(session event.ID, f factRow) (string, any, reason) {
		f.Author, f.TS, f.TZ = e.Author, e.TS, e.TZ
		key := factKey(session, m.Lamport, e.ID)
		if !m.Past(session) {
			return key, nil, noSession
		}
		start, _, ok := startOf(r, session)
		switch {
		case !ok:
			return key, nil, noSession
		case (f.Kind == factExtend || f.Kind == factEnd) && start.Author != e.Author:
			return key, nil, notHost
		}
		return key, f, counts
	}
	switch b := body.(type) {
	case *Start:
		key := timeKey(sessionRows, b.Begin, e.ID)
		if !validBegin(e.TS, b.Begin) {
			return key, nil, badBegin
		}
		return key, startRow{Author: e.Author, Lamport: m.Lamport, TS: e.TS, TZ: e.TZ, Seconds: b.Seconds}, counts
	case *Join:
		if b.Session.IsZero() {
			return timeKey(standRows, e.TS, e.ID), standRow{Author: e.Author, Lamport: m.Lamport, TZ: e.TZ}, counts
		}
		return about(b.Session, factRow{Kind: factJoin})
	case *CheckIn:
		if b.Session.IsZero() {
			return timeKey(noteRows, e.TS, e.ID), noteRow{Author: e.Author, Lamport: m.Lamport}, counts
		}
		return about(b.Session, factRow{Kind: factCheckIn})
	case *Extend:
		return about(b.Session, factRow{Kind: factExtend, Seconds: b.Seconds})
	case *End:
		return about(b.Session, factRow{Kind: factEnd})
	}
	return "", nil, counts
}

func validBegin(ts, begin int64) bool { return ts-beginBack <= begin && begin <= ts+beginAhead }

// startOf returns the start event of a session and its body. It asks the
// event and no row, because a row may go when its event turns out to be a
// duplicate, and facts about a session must not depend on that.
func startOf(r app.Reader, session event.ID) (*event.Signed, *Start, bool) {
	e, ok := r.Event(session)
	if !ok || e.Type != typeStart || e.Epoch != 0 {
		return nil, nil, false
	}
	b := new(Start)
	if event.DecodeBody(e.Body, b) != nil || !validBegin(e.TS, b.Begin) {
		return nil, nil, false
	}
	return e, b, true
}
