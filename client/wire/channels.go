package wire

import (
	"encoding/json"
	"fmt"
	"time"
)

// SendReq sends a message to a channel. A message is any JSON value; it is
// ephemeral: who is not connected does not get it.
type SendReq struct {
	Channel string          `json:"channel" required:"true" jsonschema:"name of the channel"`
	Message json.RawMessage `json:"message" required:"true" jsonschema:"any JSON value"`
}

// SendReply answers send.
type SendReply struct {
	Channel string `json:"channel"`
	ID      string `json:"messageId" jsonschema:"id of the message, as receivers see it"`
	Peers   int    `json:"peers" jsonschema:"connected peers of the channel that it was handed to"`
	Queued  bool   `json:"queued" jsonschema:"nobody was there: it is kept for a minute, for the first who appears"`
}

// Table returns one row.
func (r SendReply) Table() Table {
	return Table{Columns: Columns("channel", ">peers", "queued", "message_id"), Rows: [][]any{{r.Channel, r.Peers, r.Queued, r.ID}}}
}

// Note says so if nobody got the message.
func (r SendReply) Note() string {
	switch {
	case r.Queued:
		return fmt.Sprintf("nobody else is in %s now: the message is kept for a minute, for the first who appears", r.Channel)
	case r.Peers == 0:
		return fmt.Sprintf("nobody else is in %s now: nobody got the message", r.Channel)
	}
	return ""
}

// ChannelReq names a channel.
type ChannelReq struct {
	Channel string `json:"channel" required:"true" jsonschema:"name of the channel"`
}

// JoinReply answers join.
type JoinReply struct {
	Channel string `json:"channel"`
}

// Table returns one row.
func (r JoinReply) Table() Table {
	return Table{Columns: Columns("channel"), Rows: [][]any{{r.Channel}}}
}

// LeaveReply answers leave.
type LeaveReply struct {
	Channel string `json:"channel"`
	OK      bool   `json:"ok" jsonschema:"false if it was not joined or cannot be left"`
}

// Table returns one row.
func (r LeaveReply) Table() Table {
	return Table{Columns: Columns("channel", "left"), Rows: [][]any{{r.Channel, r.OK}}}
}

// Note says why nothing was left.
func (r LeaveReply) Note() string {
	if r.OK {
		return ""
	}
	return fmt.Sprintf("%s was not joined, or is the entry channel, which none can leave", r.Channel)
}

// ChannelsReq asks for the channels.
type ChannelsReq struct{ Page }

// ChannelsReply answers channels, sorted by name.
type ChannelsReply struct {
	Channels []ChannelInfo `json:"channels"`
	Next
}

// Note says how to get what follows.
func (r ChannelsReply) Note() string { return r.More() }

// ChannelInfo is a channel that the daemon knows.
type ChannelInfo struct {
	Channel string `json:"channel"`
	Access  string `json:"access" jsonschema:"open: whoever knows the name is a member; owned: its owner gives roles"`
	Joined  bool   `json:"joined"`
	Entry   bool   `json:"entry" jsonschema:"the channel that every peer is in"`
	Peers   int    `json:"peers" jsonschema:"connected peers in it"`
	Events  uint64 `json:"events" jsonschema:"events of its room stored here"`
}

// Table returns a row for each channel.
func (r ChannelsReply) Table() Table {
	t := Table{Columns: Columns("channel", "access", "joined", ">peers", ">events")}
	for _, c := range r.Channels {
		t.Rows = append(t.Rows, []any{c.Channel, c.Access, c.Joined, c.Peers, c.Events})
	}
	return t
}

// OpenReq asks the peers in via to open a channel.
type OpenReq struct {
	Channel string `json:"channel" required:"true" jsonschema:"name of the channel to open"`
	Via     string `json:"via,omitempty" jsonschema:"channel to ask in; absent: the entry channel"`
}

// OpenReply answers open. What peers do with the request is their settings'
// choice.
type OpenReply struct {
	Channel string  `json:"channel"`
	Via     *string `json:"via" jsonschema:"channel that was asked in; null: the entry channel"`
	Peers   int     `json:"peers" jsonschema:"connected peers that were asked"`
}

// Table returns one row.
func (r OpenReply) Table() Table {
	via := any(nil)
	if r.Via != nil {
		via = *r.Via
	}
	return Table{Columns: Columns("channel", "via", ">peers"), Rows: [][]any{{r.Channel, via, r.Peers}}}
}

// DescribeReq names the channel to be described.
type DescribeReq struct {
	Channel string `json:"channel" required:"true" jsonschema:"name of the channel"`
}

// ChannelDetail answers channel_info.
type ChannelDetail struct {
	Channel      string           `json:"channel"`
	ID           string           `json:"channelId" jsonschema:"64 hex digits"`
	Access       string           `json:"access" jsonschema:"open: whoever knows the name is a member; owned: its owner gives roles"`
	Owner        string           `json:"owner,omitempty" jsonschema:"key of the owner, 64 hex digits; absent in an open channel"`
	Role         string           `json:"role,omitempty" jsonschema:"your role: owner, admin, member, viewer, bot or none; absent in an open channel"`
	Roles        []RoleInfo       `json:"roles,omitempty" jsonschema:"who has a role; absent in an open channel"`
	Joined       bool             `json:"joined"`
	Entry        bool             `json:"entry" jsonschema:"the channel that every peer is in"`
	Members      []string         `json:"members" jsonschema:"keys of the connected peers in it"`
	Limits       *ChannelLimits   `json:"limits,omitempty" jsonschema:"in force; absent if it is not joined"`
	NotCounted   []Uncounted      `json:"notCounted,omitempty" jsonschema:"events of its room that are stored and do not count, the first 100"`
	LastSent     *time.Time       `json:"lastSent,omitempty" jsonschema:"when a message was last sent here, UTC"`
	LastReceived *time.Time       `json:"lastReceived,omitempty" jsonschema:"when one last came, UTC"`
	LastGap      *time.Time       `json:"lastGap,omitempty" jsonschema:"when packets were last missed, UTC"`
	Counters     map[string]int64 `json:"counters" jsonschema:"what happened in it since it was joined, by name; refused packets by the check"`
}

// ChannelLimits are the limits of a channel.
type ChannelLimits struct {
	MaxBytes   int  `json:"maxBytes" jsonschema:"of a message, as JSON"`
	RateBytes  int  `json:"rateBytes" jsonschema:"bytes a second from one peer; 0: no limit"`
	BurstBytes int  `json:"burstBytes" jsonschema:"bytes at once"`
	WorkBits   int  `json:"workBits" jsonschema:"proof of work in zero bits; 0: none"`
	Relay      bool `json:"relay" jsonschema:"whether messages of others are passed on"`
	RelayTTL   int  `json:"relayTtl" jsonschema:"ttl shown with messages"`
}

// Table returns one row.
func (r ChannelDetail) Table() Table {
	return Table{
		Columns: Columns("channel", "access", "joined", ">members", ">sent", ">received", ">missing", "last_received"),
		Rows: [][]any{{r.Channel, r.Access, r.Joined, len(r.Members), r.Counters["sent"], r.Counters["received"],
			r.Counters["missing"], at(r.LastReceived)}},
	}
}

func at(t *time.Time) any {
	if t == nil {
		return nil
	}
	return *t
}
