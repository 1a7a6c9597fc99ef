package focus

import (
	"fmt"
	"strconv"
	"strings"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// Rows are of six kinds. Those of the first three stand in the order of a
// time, the latest first, in buckets of a day, so that a read walks over what
// is near its time and never over all of a room's history:
//
//	s/<day>/<begin>/<id>         a session: startRow
//	w/<day>/<ts>/<id>            a standing join, or a leave of such: standRow
//	n/<day>/<ts>/<id>            a check-in without session: noteRow
//	f/<session>/<lamport>/<id>   what was done about a session: factRow
//	g/<session>/<to>/<lamport>/<id>   who was given a host's rights: grantRow
//	x/<lamport>/<id>             what does not count: refusedRow
const (
	sessionRows = "s/"
	standRows   = "w/"
	noteRows    = "n/"
	factRows    = "f/"
	grantRows   = "g/"
	refusedRows = "x/"
)

const (
	dayMS   = 24 * 3600 * 1000
	dayBits = 27 // enough for the days of 2^53 ms
	lastDay = 1<<dayBits - 1
	// longSpan is where one walk over all days is cheaper than one for each.
	longSpan = 32 * dayMS
)

// bucket names the day of ms in binary digits, later days first.
func bucket(ms int64) string { return fmt.Sprintf("%0*b", dayBits, lastDay-ms/dayMS) }

func timeKey(kind string, ms int64, id event.ID) string {
	return fmt.Sprintf("%s%s/%014x/%s", kind, bucket(ms), event.MaxInteger-ms, id)
}

func factPrefix(session event.ID) string { return factRows + session.String() + "/" }

func factKey(session event.ID, lamport uint64, id event.ID) string {
	return fmt.Sprintf("%s%016x/%s", factPrefix(session), lamport, id)
}

func grantPrefix(session event.ID, to event.Key) string {
	return grantRows + session.String() + "/" + to.String() + "/"
}

func grantKey(session event.ID, to event.Key, lamport uint64, id event.ID) string {
	return fmt.Sprintf("%s%016x/%s", grantPrefix(session, to), lamport, id)
}

func refusedKey(lamport uint64, id event.ID) string {
	return fmt.Sprintf("%s%016x/%s", refusedRows, lamport, id)
}

// at is where and when a row of a time stands, read from its key.
type at struct {
	ms int64
	id event.ID
}

func parseTime(key string) at {
	parts := strings.Split(key, "/") // kind, day, time, id: as timeKey wrote it
	inverted, _ := strconv.ParseInt(parts[2], 16, 64)
	id, _ := event.ParseID(parts[3])
	return at{ms: event.MaxInteger - inverted, id: id}
}

// place is a lamport time and an id: the order that picks winners.
type place struct {
	lamport uint64
	id      event.ID
}

func (p place) compare(o place) int {
	switch {
	case p.lamport < o.lamport:
		return -1
	case p.lamport > o.lamport:
		return 1
	}
	return p.id.Compare(o.id)
}

// parsePlace reads the last two parts of a key.
func parsePlace(key string) place {
	parts := strings.Split(key, "/")
	lamport, _ := strconv.ParseUint(parts[len(parts)-2], 16, 64)
	id, _ := event.ParseID(parts[len(parts)-1])
	return place{lamport: lamport, id: id}
}

// window calls f for the rows of a kind with a time in [low, high], the
// latest first.
func window(r app.Reader, kind string, low, high int64, f func(a at, decode func(any))) {
	low, high = max(low, 0), min(high, event.MaxInteger)
	visit := func(key string, decode func(any)) bool {
		if a := parseTime(key); a.ms >= low && a.ms <= high {
			f(a, decode)
		}
		return true
	}
	if high-low > longSpan {
		r.Scan(kind, visit)
		return
	}
	for day := high / dayMS; day >= low/dayMS; day-- {
		r.Scan(kind+bucket(day*dayMS)+"/", visit)
	}
}

// backward calls f for the rows of a kind with a time in [low, high], the
// latest first, until it returns false. Rows after high cost nothing, however
// many: no scan is over a prefix that has them.
func backward(r app.Reader, kind string, low, high int64, f func(a at, decode func(any)) bool) {
	low, high = max(low, 0), min(high, event.MaxInteger)
	more := true
	walk := func(prefix string) {
		r.Scan(prefix, func(key string, decode func(any)) bool {
			a := parseTime(key)
			more = a.ms >= low && f(a, decode)
			return more
		})
	}
	// Times of the day of high are hexadecimal digits, earlier ones greater.
	day := kind + bucket(high) + "/"
	digits := fmt.Sprintf("%014x", event.MaxInteger-high)
	walk(day + digits + "/")
	for n := len(digits) - 1; n >= 0 && more; n-- {
		for d := digits[n]; d != 'f' && more; {
			if d++; d == '9'+1 {
				d = 'a'
			}
			prefix := digits[:n] + string(d)
			first, _ := strconv.ParseInt(prefix+strings.Repeat("0", len(digits)-n-1), 16, 64)
			if event.MaxInteger-first < max(low, high-high%dayMS) {
				n = 0 // all else is before the span or the day
				break
			}
			walk(day + prefix)
		}
	}
	for ms := high - dayMS; more && ms/dayMS >= low/dayMS && ms >= 0; ms -= dayMS {
		walk(kind + bucket(ms) + "/")
	}
}

// latest returns the last row of a kind at or before ms. Rows after ms cost
// nothing, however many: each scan is over a prefix beyond them.
func latest(r app.Reader, kind string, ms int64) (found at, ok bool) {
	try := func(prefix string) bool {
		r.Scan(prefix, func(key string, _ func(any)) bool {
			found = parseTime(key)
			ok = found.ms <= ms
			return !ok
		})
		return ok
	}
	from := bucket(ms)
	if try(kind + from + "/") {
		return found, true
	}
	// Days before have greater digits: what shares the most of them is next.
	for n := dayBits - 1; n >= 0; n-- {
		if from[n] == '0' && try(kind+from[:n]+"1") {
			return found, true
		}
	}
	return at{}, false
}
