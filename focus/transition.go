package focus

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// What time alone brings to a session. They are part of the ids of timers.
const (
	TimeBegin = "begin"   // a scheduled session begins
	TimeSoon  = "soon"    // 5 minutes of it are left
	TimeBreak = "break"   // a break of its cycle begins
	TimeWork  = "work"    // a break ends: of its cycle, or one that was called
	TimeLapse = "lapse"   // a pause ends by itself
	TimeEnd   = "expired" // it ends
)

const (
	soonMS     = 5 * 60 * 1000
	nextPhases = 2 // of each session's cycle; later ones become due in their turn
)

// Transition is a moment that time alone brings to a session.
type Transition struct {
	Session event.ID
	What    string // TimeBegin and so on
	At      time.Time
}

// timerID names a transition: another time, another name.
func timerID(session event.ID, what string, ms int64) string {
	return session.String() + ":" + what + ":" + strconv.FormatInt(ms, 10)
}

// ParseTimer returns the transition that a timer's id names.
func ParseTimer(id string) (Transition, bool) {
	parts := strings.Split(id, ":")
	if len(parts) != 3 {
		return Transition{}, false
	}
	session, err := event.ParseID(parts[0])
	if err != nil {
		return Transition{}, false
	}
	switch parts[1] {
	case TimeBegin, TimeSoon, TimeBreak, TimeWork, TimeLapse, TimeEnd:
	default:
		return Transition{}, false
	}
	ms, err := strconv.ParseInt(parts[2], 10, 64)
	return Transition{Session: session, What: parts[1], At: event.Instant(ms)}, err == nil
}

// Expired returns the session and the end by time that a timer's id names.
func Expired(id string) (session event.ID, end time.Time, ok bool) {
	t, ok := ParseTimer(id)
	if !ok || t.What != TimeEnd {
		return event.ID{}, time.Time{}, false
	}
	return t.Session, t.At, true
}

// timers returns what time will bring to the sessions that run or begin within
// a day, soonest first. It names the next phases of a cycle only, and is asked
// again when one has come.
func timers(r app.Reader, now time.Time) []app.Due {
	ms := now.UnixMilli()
	var due []app.Due
	for _, s := range load(r, ms-maxLength, ms+dayMS).sessions {
		if s.begin <= ms+dayMS && s.end > ms {
			due = s.timers(ms, due)
		}
	}
	slices.SortFunc(due, func(a, b app.Due) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return due
}

func (s *session) timers(now int64, due []app.Due) []app.Due {
	add := func(what string, at int64) bool {
		if at <= now {
			return false
		}
		due = append(due, app.Due{ID: timerID(s.id, what, at), At: time.UnixMilli(at)})
		return true
	}
	if s.Scheduled && s.end > s.begin {
		add(TimeBegin, s.begin)
	}
	for _, p := range s.pauses {
		switch {
		case !p.open || p.to >= s.end:
		case p.rest:
			add(TimeWork, p.to)
		default:
			add(TimeLapse, p.to)
		}
	}
	phases := 0
	for ph := range s.phases {
		if phases == nextPhases {
			break
		}
		what := TimeWork
		if ph.name != Work {
			what = TimeBreak
		}
		if ph.from > s.begin && add(what, ph.from) {
			phases++
		}
	}
	if s.ender == nil {
		if soon := s.soon(); soon > s.begin {
			add(TimeSoon, soon)
		}
		add(TimeEnd, s.end)
	}
	return due
}

// soon returns when 5 minutes of the session's clock are left.
func (s *session) soon() int64 {
	at := s.end - soonMS
	for _, p := range slices.Backward(s.pauses) {
		if p.to <= at {
			break
		}
		at -= p.to - p.from
	}
	return at
}
