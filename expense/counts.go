package expense

import (
	"intercom/internal/app"
	"intercom/ledger/event"
)

// Counts reports whether an expense or a close has an effect in r: it is well
// formed, repeats no key, and its author knew what it names. A close that was
// reopened counts. No other events do.
func Counts(r app.Reader, e *event.Signed) bool {
	switch e.Type {
	case typeAdd:
		s := spotOf(e)
		if r.Get(entryKey(openPlace, s), new(entryRow)) {
			return true
		}
		closed := false
		r.Scan(bucketRows, func(key string, _ func(any)) bool {
			closed = r.Get(entryKey(parseBucket(key), s), new(entryRow))
			return !closed
		})
		return closed
	case typeClose:
		return r.Get(closeKey(e.ID), new(closeRow))
	}
	return false
}
