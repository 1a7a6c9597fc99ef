package app

import "intercom/ledger/event"

// Rechecked is what a part of a room's events came to when they were checked
// again.
type Rechecked struct {
	Events    uint64 // looked at
	Signed    uint64 // of them, proven by their own signature
	Chained   uint64 // proven by the chain to a later one
	Flaws     []Flaw // the first of them
	FlawCount int
	Next      string // where the next part begins; empty: that was all
}

// Flaw is what is wrong with an event.
type Flaw struct {
	Event event.ID `json:"event"`
	What  string   `json:"what"`
}
