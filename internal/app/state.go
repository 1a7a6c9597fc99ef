package app

import (
	"time"

	"intercom/ledger/event"
)

// Asking is whose view of a room its States are.
type Asking struct {
	Self    event.Key
	Alias   string                  // the member name that Self speaks for in the room; empty: none
	Setting func(key string) string // of the daemon's configuration
	Wants   func(kind string) bool  // whether a hook is named by an eventType
	Now     time.Time
}

// State is something about a room that a person is told of when it becomes
// another. It follows from the room's rows and from who asks, so it is told of
// in no event: the daemon keeps what it was when it was told last.
type State struct {
	ID    string // names it in the room
	Value string // what it is, at most 64 bytes; empty: it does not hold, of which nobody is told
	Due   string // the transition that tells of it, for App.Pushes; at most 512 bytes
	Quiet bool   // not told where nothing was known of it before the daemon looked
}
