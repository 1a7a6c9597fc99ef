package expense

import (
	"intercom/internal/app"
	"intercom/ledger/event"
)

// Counts reports whether an event has an effect in r: it is well formed,
// repeats no key, and its author knew what it names and had the right. An entry
// that was replaced or made void counts in this sense, as does a close that was
// reopened; defaults count while no others are in force. Checkpoints, pinned
// plans, rules and their stops do not.
func Counts(r app.Reader, e *event.Signed) bool {
	switch e.Type {
	case typeAdd, typePayment, typeReplace:
		_, ok := find(r, spotOf(e))
		return ok
	case typeVoid, typeConfirm, typeDispute:
		c := said(e)
		return isAmong(r, voidPrefix(subjectBy(r, c.Entry)), e.ID) || isAmong(r, opinionPrefix(c.Entry)+e.Author.String()+"/", e.ID)
	case typeDefaults:
		return topOf(r, defaultRows) == e.ID
	case typeClose:
		return r.Get(closeKey(e.ID), new(closeRow))
	case typeReopen:
		var b Reopen
		return event.DecodeBody(e.Body, &b) == nil && r.Get(reopenPrefix(b.Close)+e.ID.String(), new(presentRow))
	}
	return false
}

// mostAsked bounds the rows that are asked for an event: who says one thing
// again and again is heard for what he said last.
const mostAsked = 64

// isAmong reports whether an event is of the highest below a prefix whose keys
// end in descending ranks.
func isAmong(r app.Reader, prefix string, id event.ID) (found bool) {
	asked := 0
	r.Scan(prefix, func(key string, _ func(any)) bool {
		asked++
		found = rank(descending(tail(key))).id() == id
		return !found && asked < mostAsked
	})
	return found
}
