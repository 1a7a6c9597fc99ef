// Package wire is what client and daemon say to each other: frames, errors
// with stable codes, and the declarations that both sides share. It is light:
// everything that links it starts in a few milliseconds.
package wire

import (
	"encoding/json"
)

// Protocol is the range of bridge versions that this build speaks. A client
// and a daemon whose ranges meet work together.
var Protocol = Range{Min: 1, Max: 1}

// Range is an inclusive range of protocol versions.
type Range struct {
	Min int `json:"min"`
	Max int `json:"max"`
}

// Meets reports whether the two ranges have a version in common.
func (r Range) Meets(o Range) bool { return r.Min <= o.Max && o.Min <= r.Max }

// Frame sizes in bytes. Replies may be larger than requests.
const (
	MaxRequest = 1_064_000
	MaxReply   = 256 << 20
)

// Scope names the right that a request needs. The daemon's owner, on the Unix
// socket or with the token, has all of them.
type Scope string

// The scopes of requests.
const (
	ScopeRead    Scope = "read"
	ScopeSend    Scope = "send"
	ScopeFocus   Scope = "focus"
	ScopeExpense Scope = "expense"
	ScopeAdmin   Scope = "admin" // peers, tokens and what else concerns the daemon; includes all others
)

// Spec declares a request: one declaration gives dispatch, schema, help,
// scope and the flags of the command.
type Spec struct {
	Request string // type of the request frame, `expense_add`
	Reply   string // type of the reply frame, `expense_added`
	Scope   Scope
	Summary string // one line, no full stop
	Command string // the command that sends it, `expense add`; empty: none
	Write   bool   // changes something, so takes a key and a dry run
	Rooms   bool   // reads several rooms: all where none is named
}

// Def is a Spec whose request and reply have Go types, for typed calls.
type Def[Req, Rep any] struct{ Spec }

// Schema returns the name of the document that a command prints.
func (s Spec) Schema() string { return SchemaName(s.Command) }

// SchemaName returns the versioned name of a command's document:
// `expense balance` gives `intercom.expense.balance/v1`.
func SchemaName(command string) string {
	name := []byte(command)
	for i, c := range name {
		if c == ' ' {
			name[i] = '.'
		}
	}
	return "intercom." + string(name) + "/v1"
}

// Hello is the first frame of a connection, sent by the daemon unasked.
type Hello struct {
	Type                 string   `json:"type"`
	Peer                 string   `json:"peer"`
	Address              string   `json:"address"`
	EntryChannel         string   `json:"entryChannel"`
	Filter               string   `json:"filter"`
	RequiresAuth         bool     `json:"requiresAuth"`
	FocusBridgeActions   []string `json:"focusBridgeActions"`
	ExpenseBridgeActions []string `json:"expenseBridgeActions"`
	Protocol             Range    `json:"protocol"`
	Version              string   `json:"version"`
	Instance             string   `json:"instance"` // changes with every start of the daemon
	Capabilities         []string `json:"capabilities"`
}

// Push is a frame that the daemon sends unasked; its "type" tells the kind.
type Push struct {
	Type   string
	Cursor string          // where to go on behind it; on a connection that follows
	Raw    json.RawMessage // the whole frame
}
