package compat

import (
	"time"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// Frame is a push in the original's shape.
type Frame struct {
	Type    string // of the frame
	Kind    string // of a focus_event: its eventType
	Channel string // that it belongs to; what subscriptions look at
	Text    []byte // what filters look at; may share memory with JSON
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

// Frames returns what the original pushes when an event of an app happens:
// nothing for an app that it does not have.
func (s Shapes) Frames(app string, h Happening) ([]Frame, error) {
	switch app {
	case "focus":
		return s.FocusFrames(h)
	case "expense":
		return s.ExpenseFrames(h)
	}
	return nil, nil
}
