package wire

import (
	"fmt"
	"time"
)

// Create makes a room with an owner.
var Create = Def[CreateReq, CreateReply]{Spec{Request: "channel_create", Reply: "channel_created", Scope: ScopeAdmin,
	Summary: "Make a channel that you own: its room takes entries only from those whom you give a role", Command: "channel create", Write: true}}

// The values of access.
const (
	AccessOpen  = "open"
	AccessOwned = "owned"
)

// CreateReq names the channel to be made.
type CreateReq struct {
	Channel string `json:"channel" required:"true" jsonschema:"name of the channel"`
}

// CreateReply answers channel_create.
type CreateReply struct {
	Channel   string `json:"channel" jsonschema:"its name here"`
	ChannelID string `json:"channelId" jsonschema:"64 hex digits"`
	Owner     string `json:"owner" jsonschema:"key of the owner, 64 hex digits: others need it to join"`
	Created   bool   `json:"created" jsonschema:"false if it was there before"`
	Name      string `json:"name" jsonschema:"its name wherever another channel is known by the bare one"`
}

// Table returns one row.
func (r CreateReply) Table() Table {
	return Table{Columns: Columns("channel", "created", "owner", "channel_id"), Rows: [][]any{{r.Channel, r.Created, r.Owner, r.ChannelID}}}
}

// Note says how others join.
func (r CreateReply) Note() string {
	return fmt.Sprintf("others join it with: intercom channel join %s --owner %s\nand write after: intercom expense role KEY member --channel %s",
		r.Name, r.Owner, r.Channel)
}

// Consent signs that one takes a channel's room over.
var Consent = Def[ConsentReq, ConsentReply]{Spec{Request: "channel_consent", Reply: "channel_consent", Scope: ScopeAdmin,
	Summary: "Agree to own a channel: make what its owner needs to hand it over to you", Command: "channel consent"}}

// ConsentReq names the channel that is to be taken over.
type ConsentReq struct {
	Channel string `json:"channel" required:"true" jsonschema:"name of the channel"`
}

// ConsentReply is good for one handover: of that channel, by that owner, to
// that key.
type ConsentReply struct {
	Channel string `json:"channel"`
	Owner   string `json:"owner" jsonschema:"key of the present owner, 64 hex digits, who alone can use it"`
	Key     string `json:"key" jsonschema:"key here, of the owner to be, 64 hex digits"`
	Consent string `json:"consent" jsonschema:"signature, 128 hex digits; no secret"`
}

// Table returns one row.
func (r ConsentReply) Table() Table {
	return Table{Columns: Columns("channel", "key", "consent"), Rows: [][]any{{r.Channel, r.Key, r.Consent}}}
}

// Note says what the present owner does with it.
func (r ConsentReply) Note() string {
	return fmt.Sprintf("the owner hands over with: intercom expense role %s owner --consent %s --channel NAME", r.Key, r.Consent)
}

// JoinReq names the channel to be joined.
type JoinReq struct {
	Channel string `json:"channel" required:"true" jsonschema:"name of the channel"`
	Owner   string `json:"owner,omitempty" jsonschema:"key of its owner, 64 hex digits; absent: a channel that is known here, else the open one"`
}

// RoleInfo is a key that has a role in a room, or claims a name in it.
type RoleInfo struct {
	Key    string     `json:"key" jsonschema:"64 hex digits"`
	Role   string     `json:"role" jsonschema:"owner, admin, member, viewer or bot"`
	Alias  string     `json:"alias,omitempty" jsonschema:"member name that it speaks for"`
	Until  *time.Time `json:"until,omitempty" jsonschema:"when the role ends, UTC"`
	Claims string     `json:"claims,omitempty" jsonschema:"member name that it claims and that is not given to it"`
}

// Uncounted is an event that is stored and does not count.
type Uncounted struct {
	Event  string `json:"event" jsonschema:"its id"`
	By     string `json:"by" jsonschema:"key of its author"`
	Type   string `json:"type"`
	Reason string `json:"reason"`
}
