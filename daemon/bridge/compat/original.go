package compat

import (
	"strings"

	"intercom/ledger/event"
)

// DefaultRoom returns the room that a request means when it names none: the
// original kept expenses of no channel in the entry channel. Empty: none.
func DefaultRoom(request string) string {
	if strings.HasPrefix(request, "expense_") {
		return event.EntryChannel
	}
	return ""
}

// Original returns the original protocol's fields of a reply, in its order, or
// nil where the original has no such reply or where it is the reply's own.
func (s Shapes) Original(_ string, reply any) any {
	if fields := s.focusReply(reply); fields != nil {
		return fields
	}
	return s.expenseReply(reply)
}
