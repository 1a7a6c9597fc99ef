// Package app holds the App value: everything that makes an application of
// rooms. The daemon runs the apps of internal/apps and knows nothing else of
// them; the command line and the schema are made from the same value.
//
// Apply is a confluent fold: events applied in any order that keeps causes
// before effects give the same rows. docs/apps.md shows how to write one.
package app

import (
	"slices"
	"time"

	"intercom/client/wire"
	"intercom/ledger/event"
)

// App is an application: its events, what they mean, and what may be asked.
type App struct {
	Name    string // short and stable; rows are stored under it
	Version string // of the fold; a change folds the stored events again
	Kinds   []Kind
	// Apply changes the rows by one event. It is called once per event, after
	// everything in the event's causal past, and once more with m.Duplicate
	// set where another event took over its idempotency key; the rows must
	// then be as if it had been a duplicate from the start. What is bad
	// changes nothing: Apply cannot fail.
	Apply    func(v View, e *event.Signed, m Meta, body event.Body)
	Requests []Request
	// Names returns names of a kind in a room, for completion; it may be nil.
	Names map[string]func(r Reader) []string
	// Timers returns what will happen without an event, soonest first.
	Timers func(r Reader, now time.Time) []Due
	// Chore is what the daemon does by itself for its user; it may be nil.
	Chore *Chore
	// Pushes returns what clients that follow the events are told when
	// something happened; it may be nil. An event for which nobody has a push
	// is told as it stands.
	Pushes func(r Reader, h Happened) []Push
	// States returns what is told where it becomes another; it may be nil. It
	// is asked a moment after changes, off their way, and may take its time.
	// Pushes tells of it as of a transition with the id of the state's Due.
	States func(r Reader, a Asking) []State
	// Attendance measures for how long a person is there; it may be nil.
	Attendance *Attendance
	// Within refuses a draft of a client that may move only so much money at
	// once, by currency. r has the rows before it, and err the code Forbidden.
	// It may be nil, of an app that moves none.
	Within func(r Reader, d Draft, most []Amount) (err error)
	// Notice returns what the person with the key self is told on his desktop
	// when something happened, a title and a line, both empty for nothing; it
	// may be nil.
	Notice func(r Reader, h Happened, self event.Key) (title, text string)
}

// Commands is what may be asked of an app. It is apart from the App so that a
// client has the declarations and none of the code behind them.
type Commands struct {
	About    string // one line, no full stop: what they are for
	Requests []wire.Declared
}

// Folds reports whether the app has a kind for events of type t.
func (a *App) Folds(t string) bool {
	return slices.ContainsFunc(a.Kinds, func(k Kind) bool { return k.Type == t })
}

// Kind is a type of event that an app folds.
type Kind struct {
	Type string
	New  func() event.Body // an empty body to decode into
	Role Role              // least role that writes it in a room with an owner; zero: Bot
}

// For returns k as a type that only a role, or a greater one, writes in a room
// with an owner.
func (k Kind) For(r Role) Kind {
	k.Role = r
	return k
}

// KindOf declares that events of type t have bodies of type B.
func KindOf[B any, P interface {
	*B
	event.Body
}](t string) Kind {
	return Kind{Type: t, New: func() event.Body { return P(new(B)) }}
}

// Meta is what the ledger knows of an event beside its bytes.
type Meta struct {
	Lamport   uint64
	Duplicate bool                   // another event has its idempotency key
	Role      Role                   // of the author, in the event's causal past
	Alias     string                 // member name that the author speaks for then, in a room with an owner
	Past      func(id event.ID) bool // whether id is in the event's causal past
	Cut       func() []Head          // the heads of the event's causal past
	// Policy returns what a setting of the room's policy is in the event's causal
	// past, nil if it is not set. It is nil in an open room, which has none.
	Policy func(setting string) any
	// Speaks reports whether somebody who may write speaks for a member name by
	// the event's causal past. It is nil in an open room.
	Speaks func(name string) bool
}

// Head is how far one writer's events reach.
type Head struct {
	Author   event.Key
	Instance event.Instance
	Seq      uint64 // of the last event, over all branches
}

// Reader is a snapshot of one app's rows in one room and of the room's events.
// Keys are text that sorts by bytes. A failing disk ends the request or the
// commit as a whole, so no method returns an error.
type Reader interface {
	// Get decodes the row of key into v, and reports whether there is one.
	Get(key string, v any) bool
	// Scan calls f for each key with the prefix, in order, until it returns
	// false. decode reads the row and is valid only during the call.
	Scan(prefix string, f func(key string, decode func(v any)) bool)
	// ScanFrom is Scan for the keys that are not below from; those below cost
	// nothing.
	ScanFrom(prefix, from string, f func(key string, decode func(v any)) bool)
	// IDs calls f for the ids of the room's events that begin with hex digits,
	// in order, until it returns false. It has those too that do not count.
	IDs(digits string, f func(id event.ID) bool)
	// Event returns an event of the room that has been applied.
	Event(id event.ID) (*event.Signed, bool)
	// Before reports whether x is in the causal past of y.
	Before(x, y event.ID) bool
}

// View is a Reader whose rows a fold may change.
type View interface {
	Reader
	Put(key string, v any)
	Del(key string)
}

// Due is a transition that time alone brings.
type Due struct {
	ID string // the same on every peer, for one-time effects
	At time.Time
}

// Chore is what is to be written at its time without a request. It is asked
// for in rooms that are joined, at the start, after events of some types, and
// when the time has come; what it writes must make it not due.
type Chore struct {
	Types []string // of the events that may change when it is due
	// Next returns when the person with the key self is next to write
	// something, a time that has passed if that is now; false: never.
	Next func(r Reader, self event.Key, now time.Time) (time.Time, bool)
	Do   func(r Reader, c Call) ([]Draft, error)
}

// Draft is an event that a decision wants written.
type Draft struct {
	Type string
	Body event.Body
}

// Call is what a request may know beside the rows and its fields.
type Call struct {
	Room     Room
	Author   event.Key
	Instance event.Instance
	Seq      uint64    // of the next own event in the room
	Now      time.Time // in the author's own time zone
	// State returns the hash of the app's rows before a decision, or as they are
	// read, which peers with the same events have in common.
	State func() event.ID
	// Recheck checks a part of the room's events again, from the place that the
	// part before returned; only a read has it.
	Recheck func(from string) Rechecked
	// Events is how many events of the room are stored; only a read has it.
	Events uint64
	// Seen returns when a person last told that he is there; zero: not within
	// wire.PresentFor, or not to us. Only a read has it. What he may do in the
	// room is not asked.
	Seen func(event.Key) time.Time
	Role Role // of Author, by all that is known here
	// Policy returns what a setting of the room's policy is, by all that is known
	// here; nil if it is not set. It is nil in an open room, which has none.
	Policy func(setting string) any
	// Members returns who has a role in the room or has claimed a name, in
	// order of their keys.
	Members func() []RoomMember
	// Heads returns how far the events of a key reach here, by instance.
	Heads func(event.Key) []Head
}

// Room names the room of a call.
type Room struct {
	Name   string
	ID     event.ID
	Joined bool // replicated here; else only what is here already is read
	Owned  bool // has an owner, who gives roles
}

// RoomReader is one room of a request that reads several.
type RoomReader struct {
	Room
	Reader
}
