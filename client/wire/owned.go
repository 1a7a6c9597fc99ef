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
