package wire

import (
	"encoding/json"
	"fmt"
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
}

// Table returns one row.
func (r SendReply) Table() Table {
	return Table{Columns: Columns("channel", ">peers", "message_id"), Rows: [][]any{{r.Channel, r.Peers, r.ID}}}
}

// Note says so if nobody got the message.
func (r SendReply) Note() string {
	if r.Peers == 0 {
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
	Access  string `json:"access" jsonschema:"open: whoever knows the name is a member"`
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
