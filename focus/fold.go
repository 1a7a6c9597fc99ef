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
	horizon    = 366 * dayMS    // how far ahead a session may be scheduled
	maxLength  = dayMS          // a session never lasts longer, extensions and pauses included
	early      = 5 * 60 * 1000  // before the begin a join already counts
	booking    = dayMS          // the same for a session that was scheduled
	standing   = dayMS          // how long a standing join waits for a begin
	skew       = 2 * 60 * 1000  // by which another clock may be ahead
	longPause  = 15 * 60 * 1000 // an open pause ends after it
	afterEnd   = 15 * 60 * 1000 // within it a member may say how long he was present
	minPhase   = 60             // seconds; a cycle with a shorter part is none
)

type startRow struct {
	_         struct{} `cbor:",toarray"`
	Author    event.Key
	Lamport   uint64
	TS        int64
	TZ        int
	Seconds   int64
	Cycle     []int64 // as in Start, with the long break behind it; empty: none
	Scheduled bool
	DayStart  int64 // minutes after midnight
}

// standRow is a join or a leave that names no session.
type standRow struct {
	_       struct{} `cbor:",toarray"`
	Author  event.Key
	Lamport uint64
	TZ      int
	Leave   bool
	// DayStart is minutes after midnight, of a join.
	DayStart int64
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
	factLeave
	factPause
	factResume
	factBreak
	factDone
	factHandover
	factCohost
)

// String names the act.
func (k kind) String() string {
	return [...]string{
		factJoin: "join", factCheckIn: "checkin", factExtend: "extend", factEnd: "end", factLeave: "leave",
		factPause: "pause", factResume: "resume", factBreak: "break", factDone: "done",
		factHandover: "handover", factCohost: "cohost",
	}[k]
}

type factRow struct {
	_       struct{} `cbor:",toarray"`
	Kind    kind
	Author  event.Key
	TS      int64
	TZ      int
	Seconds int64  // of an extension and a break; of a done, present
	Idle    int64  // seconds, of a done
	Right   bool   // the author was host or co-host; of an end, also an admin
	To      []byte // key, of a handover and a co-host
	// DayStart is minutes after midnight, of a join.
	DayStart int64
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
// its causal past alone, or the reason why it does not count. A grant has a
// second row, by which later events of its receiver find their right.
// Everything else is worked out when it is asked for, so no order of arrival
// can matter.
func apply(v app.View, e *event.Signed, m app.Meta, body event.Body) {
	key, row, why := fact(v, e, m, body)
	if f, ok := row.(factRow); ok && why == counts && f.To != nil {
		keepGrant(v, e, m, body)
	}
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
// does not count.
func fact(r app.Reader, e *event.Signed, m app.Meta, body event.Body) (key string, row any, why reason) {
	about := func(session event.ID, f factRow) (string, any, reason) {
		f.Author, f.TS, f.TZ = e.Author, e.TS, e.TZ
		key := factKey(session, m.Lamport, e.ID)
		if !m.Past(session) {
			return key, nil, noSession
		}
		start, _, ok := startOf(r, session)
		if !ok {
			return key, nil, noSession
		}
		switch f.Kind {
		case factExtend, factEnd, factHandover, factCohost, factPause, factResume, factBreak:
			f.Right = entitled(r, m, start, e.Author) || f.Kind == factEnd && m.Role.Governs()
		}
		switch f.Kind {
		case factExtend, factEnd, factHandover, factCohost:
			if !f.Right {
				return key, nil, notHost
			}
		}
		return key, f, counts
	}
	switch b := body.(type) {
	case *Start:
		return begun(e, m, b, validBegin(e.TS, b.Begin), false)
	case *Schedule:
		return begun(e, m, &b.Start, validSchedule(e.TS, b.Begin), true)
	case *Join:
		if b.Session.IsZero() {
			return timeKey(standRows, e.TS, e.ID), standRow{Author: e.Author, Lamport: m.Lamport, TZ: e.TZ, DayStart: b.DayStart}, counts
		}
		return about(b.Session, factRow{Kind: factJoin, DayStart: b.DayStart})
	case *Leave:
		if b.Session.IsZero() {
			return timeKey(standRows, e.TS, e.ID), standRow{Author: e.Author, Lamport: m.Lamport, TZ: e.TZ, Leave: true}, counts
		}
		return about(b.Session, factRow{Kind: factLeave})
	case *CheckIn:
		if b.Session.IsZero() {
			return timeKey(noteRows, e.TS, e.ID), noteRow{Author: e.Author, Lamport: m.Lamport}, counts
		}
		return about(b.Session, factRow{Kind: factCheckIn})
	case *Extend:
		return about(b.Session, factRow{Kind: factExtend, Seconds: b.Seconds})
	case *End:
		return about(b.Session, factRow{Kind: factEnd})
	case *Pause:
		return about(b.Session, factRow{Kind: factPause})
	case *Resume:
		return about(b.Session, factRow{Kind: factResume})
	case *Break:
		seconds := b.Seconds
		if seconds == 0 {
			seconds = DefaultBreak
		}
		return about(b.Session, factRow{Kind: factBreak, Seconds: seconds})
	case *Done:
		return about(b.Session, factRow{Kind: factDone, Seconds: b.Present, Idle: b.Idle})
	case *Handover:
		return about(b.Session, factRow{Kind: factHandover, To: b.To[:]})
	case *Cohost:
		return about(b.Session, factRow{Kind: factCohost, To: b.To[:]})
	}
	return "", nil, counts
}

func begun(e *event.Signed, m app.Meta, b *Start, ok, scheduled bool) (string, any, reason) {
	key := timeKey(sessionRows, b.Begin, e.ID)
	if !ok {
		return key, nil, badBegin
	}
	row := startRow{Author: e.Author, Lamport: m.Lamport, TS: e.TS, TZ: e.TZ, Seconds: b.Seconds, Scheduled: scheduled, DayStart: b.DayStart}
	if c := b.Cycle; len(c) == 3 && c[0] >= minPhase && c[1] >= minPhase {
		long := b.LongBreak
		if long < minPhase {
			long = c[1]
		}
		row.Cycle = []int64{c[0], c[1], c[2], long}
	}
	return key, row, counts
}

func validBegin(ts, begin int64) bool { return ts-beginBack <= begin && begin <= ts+beginAhead }

func validSchedule(ts, begin int64) bool { return ts-beginAhead <= begin && begin <= ts+horizon }

// startOf returns the event that began a session and its body. It asks the
// event and no row, because a row may go when its event turns out to be a
// duplicate, and facts about a session must not depend on that.
func startOf(r app.Reader, session event.ID) (*event.Signed, *Start, bool) {
	e, ok := r.Event(session)
	if !ok || e.Epoch != 0 {
		return nil, nil, false
	}
	b := new(Start)
	switch e.Type {
	case typeStart:
		ok = event.DecodeBody(e.Body, b) == nil && validBegin(e.TS, b.Begin)
	case typeSchedule:
		ok = event.DecodeBody(e.Body, b) == nil && validSchedule(e.TS, b.Begin)
	default:
		ok = false
	}
	return e, b, ok
}
