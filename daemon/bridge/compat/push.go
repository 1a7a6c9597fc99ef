package compat

import (
	"encoding/json"
	"time"

	"intercom/internal/app"
	"intercom/ledger/event"
	"intercom/p2p/channel"
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

// FocusFrames returns what the original pushes when an event of the focus app
// happens: a focus_event, and for an event of another peer the message that
// carried it.
func FocusFrames(h Happening) ([]Frame, error) { return nil, nil }

// ExpenseFrames returns what the original pushes when an event of the expense
// app happens: for an event of another peer the message that carried it.
func ExpenseFrames(h Happening) ([]Frame, error) { return nil, nil }

// ExpiredFrame returns the push for a session that has ended by time; id is
// that of the focus app's timer. It is false where the session ended otherwise.
func ExpiredFrame(room, id string, r app.Reader, now time.Time) (Frame, bool, error) {
	return Frame{}, false, nil
}

// MessageFrame returns the push for a message of a channel.
func MessageFrame(m channel.Message) (Frame, error) {
	b, err := json.Marshal(m)
	return Frame{Channel: m.Channel, Text: string(m.Message), JSON: b}, err
}
