package compat

import (
	"strings"

	"intercom/client/wire"
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

// Original returns the original protocol's fields of a reply, or nil where the
// original has no such request.
func Original(request string, reply any) any { return nil }

// ErrorText returns the original's text of an error, or empty.
func ErrorText(request string, e *wire.Error) string { return "" }
