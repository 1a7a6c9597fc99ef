package app

import (
	"time"

	"intercom/ledger/event"
)

// Happened is an event that has become part of the rows, or a transition that
// time has brought.
type Happened struct {
	Room  string
	Event *event.Signed // nil for a transition
	Due   Due           // the transition
	Local bool          // written here
	Now   time.Time
}

// Push is what clients are told. The frame has the fields of Body and, where
// Body does not have them, those that every push has: channel, by, at, event,
// source.
type Push struct {
	Type string   // of the frame, like `checklist_event`
	Kind string   // its eventType, like `checklist_add`
	Body any      // marshals to a JSON object; nil: no more fields
	Env  []string // of hooks, NAME=value, beside what they have for every push
}
