package wire

import "encoding/json"

// Events asks for what happens. By default the connection follows: the reply
// says where it begins, and every push behind it carries a cursor.
var Events = Def[EventsReq, EventsReply]{Spec{Request: "events", Reply: "events", Scope: ScopeRead,
	Summary: "Show what happened, and follow what happens", Command: "events"}}

// Bounds of what one connection may ask to have looked at for each push.
const (
	MaxEventTypes    = 100
	MaxEventChannels = 1000
	MaxEventName     = 512    // bytes of a type or a channel's name
	MaxEventsLimit   = 10_000 // frames of a reply
)

// Filter says what to follow, and from where on.
type Filter struct {
	Since    string   // a cursor, a time (RFC 3339), or start; empty: now
	Types    []string // types or eventTypes of pushes; none: all
	Channels []string // none: all, and what belongs to none
}

// EventsReq asks for the stream from a place on. A second one on a connection
// replaces the first.
type EventsReq struct {
	Since    string   `json:"since,omitempty" jsonschema:"a cursor, a time (RFC 3339), or start for the oldest that is kept; now if absent"`
	Types    []string `json:"types,omitempty" jsonschema:"types or eventTypes of pushes; all if absent"`
	Channels []string `json:"channels,omitempty" jsonschema:"names of channels; all, and what belongs to none, if absent"`
	Limit    int      `json:"limit,omitempty" jsonschema:"with follow false: how many frames at most, about; 1000 if absent, up to 10000"`
	Follow   *bool    `json:"follow,omitempty" jsonschema:"false: the reply holds what there is, and no push follows; true if absent"`
}

// EventsReply answers events. Events and More are there where the request does
// not follow.
type EventsReply struct {
	Cursor string            `json:"cursor" jsonschema:"where to go on"`
	Events []json.RawMessage `json:"events,omitzero" jsonschema:"frames as they would be pushed"`
	More   bool              `json:"more,omitempty" jsonschema:"there are more behind the cursor"`
}
