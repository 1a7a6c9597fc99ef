package app

import (
	"time"

	"intercom/ledger/event"
)

// Attendance is how the daemon measures for how long its person is there. It
// knows that he is where a client of his says so again within a minute, and
// that he is not where the machine slept.
type Attendance struct {
	// Current returns the session that self takes part in; zero: none.
	Current func(r Reader, self event.Key, now time.Time) event.ID
	// Worked returns for how much of a time self was to be there.
	Worked func(r Reader, self event.Key, session event.ID, from, to time.Time) time.Duration
	// Sum returns what to write of a session that is over, which may be nothing.
	Sum func(r Reader, self event.Key, session event.ID, m Measured, now time.Time) (drafts []Draft, over bool)
}

// Measured is what was measured of a session. What is in neither was not
// measured: no client was there, or no daemon.
type Measured struct{ Present, Idle time.Duration }
