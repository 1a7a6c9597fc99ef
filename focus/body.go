package focus

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"intercom/ledger/event"
)

// Limits of the bodies. They are part of the format and never shrink.
const (
	MaxText    = 240       // code points of a goal, a check-in and a summary
	MaxSeconds = 24 * 3600 // of a planned length and of one extension
	maxTags    = 16
	maxTag     = 64   // bytes
	maxRounds  = 100  // of a cycle
	lastMinute = 1439 // of a day

	// DefaultBreak is the length in seconds of a break that names none.
	DefaultBreak = 300
)

// Start begins a session; the event's id is the session's.
type Start struct {
	Goal     string   `cbor:"goal"`
	Seconds  int64    `cbor:"seconds"` // planned
	Begin    int64    `cbor:"begin"`   // ms since 1970 UTC
	Tags     []string `cbor:"tags,omitempty"`
	Cycle    []int64  `cbor:"cycle,omitempty"`    // seconds of work, seconds of break, rounds
	DayStart int64    `cbor:"dayStart,omitempty"` // minutes after midnight
	// LongBreak is the break after the last round of a cycle, in seconds; 0:
	// as long as the others.
	LongBreak int64 `cbor:"longBreak,omitempty"`
}

// Schedule is a start ahead of its time: the session begins by itself. The
// event's id is the session's.
type Schedule struct{ Start }

// Join takes part in a session; without one it stands for the next.
type Join struct {
	Session  event.ID `cbor:"session,omitzero"`
	DayStart int64    `cbor:"dayStart,omitempty"` // minutes after midnight
}

// Leave ends taking part; without a session it cancels standing joins.
type Leave struct {
	Session event.ID `cbor:"session,omitzero"`
}

// Pause stops a session's clock.
type Pause struct {
	Session event.ID `cbor:"session"`
}

// Resume lets a session's clock go on.
type Resume struct {
	Session event.ID `cbor:"session"`
}

// Break is a pause that was planned and ends by itself.
type Break struct {
	Session event.ID `cbor:"session"`
	Seconds int64    `cbor:"seconds,omitempty"` // 0: DefaultBreak
}

// CheckIn says how it goes; without a session it is kept with the room.
type CheckIn struct {
	Session event.ID `cbor:"session,omitzero"`
	Text    string   `cbor:"text"`
}

// Extend adds to the length of a session.
type Extend struct {
	Session event.ID `cbor:"session"`
	Seconds int64    `cbor:"seconds"`
}

// End ends a session before its time.
type End struct {
	Session event.ID `cbor:"session"`
	Summary string   `cbor:"summary,omitempty"`
}

// Done says how long its author was present.
type Done struct {
	Session event.ID `cbor:"session"`
	Present int64    `cbor:"present"` // seconds
	Idle    int64    `cbor:"idle"`    // seconds
}

// Handover makes another peer the host.
type Handover struct {
	Session event.ID  `cbor:"session"`
	To      event.Key `cbor:"to"`
}

// Cohost gives another peer the host's rights.
type Cohost struct {
	Session event.ID  `cbor:"session"`
	To      event.Key `cbor:"to"`
}

var errSession = errors.New("focus: session is missing")

// Check implements event.Body.
func (b *Start) Check() error {
	if len(b.Tags) > maxTags {
		return fmt.Errorf("focus: %d tags, at most %d", len(b.Tags), maxTags)
	}
	for _, t := range b.Tags {
		if t == "" || len(t) > maxTag {
			return fmt.Errorf("focus: tag of %d bytes", len(t))
		}
	}
	return errors.Join(text("goal", b.Goal), between("seconds", b.Seconds, 1, MaxSeconds),
		between("begin", b.Begin, 0, event.MaxInteger), cycle(b.Cycle), between("dayStart", b.DayStart, 0, lastMinute),
		between("longBreak", b.LongBreak, 0, MaxSeconds))
}

// Check implements event.Body.
func (b *Join) Check() error { return between("dayStart", b.DayStart, 0, lastMinute) }

// Check implements event.Body.
func (b *Leave) Check() error { return nil }

// Check implements event.Body.
func (b *Pause) Check() error { return named(b.Session) }

// Check implements event.Body.
func (b *Resume) Check() error { return named(b.Session) }

// Check implements event.Body.
func (b *Break) Check() error {
	return errors.Join(named(b.Session), between("seconds", b.Seconds, 0, MaxSeconds))
}

// Check implements event.Body.
func (b *CheckIn) Check() error {
	if b.Text == "" {
		return errors.New("focus: text is missing")
	}
	return text("text", b.Text)
}

// Check implements event.Body.
func (b *Extend) Check() error {
	return errors.Join(named(b.Session), between("seconds", b.Seconds, 1, MaxSeconds))
}

// Check implements event.Body.
func (b *End) Check() error { return errors.Join(named(b.Session), text("summary", b.Summary)) }

// Check implements event.Body.
func (b *Done) Check() error {
	return errors.Join(named(b.Session), between("present", b.Present, 0, MaxSeconds), between("idle", b.Idle, 0, MaxSeconds))
}

// Check implements event.Body.
func (b *Handover) Check() error { return given(b.Session, b.To) }

// Check implements event.Body.
func (b *Cohost) Check() error { return given(b.Session, b.To) }

func named(session event.ID) error {
	if session.IsZero() {
		return errSession
	}
	return nil
}

func given(session event.ID, to event.Key) error {
	if to == (event.Key{}) {
		return errors.Join(named(session), errors.New("focus: to is missing"))
	}
	return named(session)
}

func text(field, s string) error {
	if n := utf8.RuneCountInString(s); n > MaxText {
		return fmt.Errorf("focus: %s of %d characters, at most %d", field, n, MaxText)
	}
	return nil
}

func between(field string, n, low, high int64) error {
	if n < low || n > high {
		return fmt.Errorf("focus: %s is %d, not %d to %d", field, n, low, high)
	}
	return nil
}

func cycle(c []int64) error {
	switch {
	case len(c) == 0:
		return nil
	case len(c) != 3:
		return fmt.Errorf("focus: cycle of %d numbers instead of 3", len(c))
	}
	return errors.Join(between("work", c[0], 1, MaxSeconds), between("break", c[1], 1, MaxSeconds),
		between("rounds", c[2], 1, maxRounds))
}
