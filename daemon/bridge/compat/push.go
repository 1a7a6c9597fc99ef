package compat

import (
	"time"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// Frame is a push in the original's shape.
type Frame struct {
	Channel string // that it belongs to; what subscriptions look at
	Text    string // what filters look at
	JSON    []byte // the whole frame
}

// Happening is an event that has become part of a room's state.
type Happening struct {
	Room   string
	Event  *event.Signed
	Local  bool       // written here
	Reader app.Reader // the rows of the event's app after it
	Now    time.Time
}
