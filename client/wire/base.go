package wire

import (
	"encoding/json"
	"time"
)

// The requests that every daemon answers, whatever apps it runs. Where the
// original protocol has the request, the reply's keys are the original's and
// more.
var (
	Ping = Def[None, PingReply]{Spec{Request: "ping", Reply: "pong", Scope: ScopeRead,
		Summary: "Measure the way to the daemon and back"}}
	Info = Def[None, InfoReply]{Spec{Request: "info", Reply: "info", Scope: ScopeRead,
		Summary: "Show the daemon, its addresses, peers and rooms", Command: "status"}}
	Stats = Def[None, StatsReply]{Spec{Request: "stats", Reply: "stats", Scope: ScopeRead,
		Summary: "Count channels, connections and refused input"}}
	Send = Def[SendReq, SendReply]{Spec{Request: "send", Reply: "sent", Scope: ScopeSend,
		Summary: "Send a message to a channel", Command: "send", Write: true}}
	Join = Def[JoinReq, JoinReply]{Spec{Request: "join", Reply: "joined", Scope: ScopeSend,
		Summary: "Join a channel, also after restarts", Command: "channel join", Write: true}}
	Leave = Def[ChannelReq, LeaveReply]{Spec{Request: "leave", Reply: "left", Scope: ScopeSend,
		Summary: "Leave a channel; its log stays", Command: "channel leave", Write: true}}
	Open = Def[OpenReq, OpenReply]{Spec{Request: "open", Reply: "open_requested", Scope: ScopeSend,
		Summary: "Ask the peers of a channel to open another one", Command: "channel open", Write: true}}
	Channels = Def[ChannelsReq, ChannelsReply]{Spec{Request: "channels", Reply: "channels", Scope: ScopeRead,
		Summary: "List the channels that the daemon knows", Command: "channel list"}}
	Describe = Def[DescribeReq, ChannelDetail]{Spec{Request: "channel_info", Reply: "channel_info", Scope: ScopeRead,
		Summary: "Show a channel's members, limits and counters", Command: "channel info"}}
	Subscribe = Def[SubscribeReq, SubscribeReply]{Spec{Request: "subscribe", Reply: "subscribed", Scope: ScopeRead,
		Summary: "Limit this connection's pushes to channels"}}
	Unsubscribe = Def[SubscribeReq, SubscribeReply]{Spec{Request: "unsubscribe", Reply: "subscribed", Scope: ScopeRead,
		Summary: "Take channels out of those that this connection is limited to"}}
	SetFilter = Def[FilterReq, FilterReply]{Spec{Request: "set_filter", Reply: "filter_set", Scope: ScopeRead,
		Summary: "Limit this connection's pushes to texts"}}
	ClearFilter = Def[None, FilterReply]{Spec{Request: "clear_filter", Reply: "filter_set", Scope: ScopeRead,
		Summary: "Push all texts to this connection again"}}
	Identity = Def[None, IdentityReply]{Spec{Request: "identity", Reply: "identity", Scope: ScopeRead,
		Summary: "Show the daemon's key and address", Command: "id show"}}
	Version = Def[None, VersionReply]{Spec{Request: "version", Reply: "version", Scope: ScopeRead,
		Summary: "Show versions of program and protocol", Command: "version"}}
	Health = Def[None, HealthReply]{Spec{Request: "health", Reply: "health", Scope: ScopeRead,
		Summary: "Tell whether the daemon is ready", Command: "wait"}}
	LogLevel = Def[LogLevelReq, LogLevelReply]{Spec{Request: "log_level", Reply: "log_level", Scope: ScopeAdmin,
		Summary: "Change the least level that the daemon logs, until it ends"}}
	Schema = Def[SchemaReq, SchemaReply]{Spec{Request: "schema", Reply: "schema", Scope: ScopeRead,
		Summary: "Describe requests and replies in JSON Schema", Command: "schema"}}
	Cli = Def[CliReq, CliReply]{Spec{Request: "cli", Reply: "cli_result", Scope: ScopeAdmin,
		Summary: "Run a command of the original's terminal, where the setting sc-bridge-cli allows it"}}
	Complete = Def[CompleteReq, CompleteReply]{Spec{Request: "complete", Reply: "complete", Scope: ScopeRead,
		Summary: "List names that complete a prefix"}}
)

// Base returns the declarations of this file and of those beside it, in their
// order.
func Base() []Declared {
	return append([]Declared{
		Ping.Declared(), Info.Declared(), Stats.Declared(), Send.Declared(), Join.Declared(), Leave.Declared(),
		Open.Declared(), Create.Declared(), Consent.Declared(), Channels.Declared(), Describe.Declared(), Subscribe.Declared(), Unsubscribe.Declared(),
		SetFilter.Declared(), ClearFilter.Declared(), Identity.Declared(), Version.Declared(), Health.Declared(),
		LogLevel.Declared(), Schema.Declared(), Complete.Declared(), Cli.Declared(), Events.Declared(), Present.Declared(),
		RoomExport.Declared(), RoomImport.Declared(),
	}, peerRequests()...)
}

// FilterReq sets the filter of a connection.
type FilterReq struct {
	Filter json.RawMessage `json:"filter,omitempty" jsonschema:"a text: terms that must all occur, alternatives between |; empty: everything passes"`
}

// FilterReply answers set_filter and clear_filter.
type FilterReply struct {
	Filter json.RawMessage `json:"filter" jsonschema:"as it was given; an empty text: none"`
}

// PingReply answers ping.
type PingReply struct {
	TS int64 `json:"ts" jsonschema:"the daemon's clock in milliseconds since 1970 UTC"`
}

// StatsReply answers stats.
type StatsReply struct {
	Channels           []string         `json:"channels" jsonschema:"joined channels"`
	ConnectionCount    int              `json:"connectionCount" jsonschema:"connected peers"`
	SidechannelStarted bool             `json:"sidechannelStarted"`
	Counters           map[string]int64 `json:"counters" jsonschema:"what happened since the start, by name; refused input by its reason"`
}

// SubscribeReq sets the channels whose pushes a connection gets; before the
// first subscribe it gets those of all.
type SubscribeReq struct {
	Channels []string `json:"channels" required:"true" jsonschema:"names of channels to add"`
}

// SubscribeReply answers subscribe and unsubscribe.
type SubscribeReply struct {
	Channels []string `json:"channels" jsonschema:"all channels subscribed so far"`
}

// IdentityReply answers identity.
type IdentityReply struct {
	PublicKey string `json:"publicKey" jsonschema:"ed25519 public key, 64 hex digits"`
	Address   string `json:"address" jsonschema:"Trac address of the key"`
	Network   string `json:"network" jsonschema:"network that the address is for"`
	Path      string `json:"path,omitempty" jsonschema:"derivation path from the mnemonic"`
}

// Table returns one row.
func (r IdentityReply) Table() Table {
	return Table{Columns: Columns("address", "public_key", "network"), Rows: [][]any{{r.Address, r.PublicKey, r.Network}}}
}

// VersionReply answers version.
type VersionReply struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty" jsonschema:"commit that the program was built from"`
	Go       string `json:"go" jsonschema:"version of the Go toolchain"`
	Protocol Range  `json:"protocol" jsonschema:"bridge protocol versions spoken"`
}

// The states of a daemon's health.
const (
	HealthStarting = "starting" // answers, but rooms and peers are not there yet
	HealthReady    = "ready"
	HealthReadOnly = "read-only" // reads only: the disk is full or failed
	HealthStopping = "stopping"
)

// HealthReply answers health, also while the daemon starts.
type HealthReply struct {
	Status   string    `json:"status" jsonschema:"starting, ready, read-only or stopping"`
	Ready    bool      `json:"ready" jsonschema:"whether requests are answered"`
	Reason   string    `json:"reason,omitempty" jsonschema:"why it is not ready"`
	Started  time.Time `json:"started" jsonschema:"when the daemon started, UTC"`
	UptimeMs int64     `json:"uptimeMs"`

	Hooks *HooksInfo `json:"hooks,omitempty" jsonschema:"what became of the hooks since the start"`
}

// HooksInfo counts what became of the hooks since the daemon's start.
type HooksInfo struct {
	Run         int64              `json:"run" jsonschema:"ended with exit code 0"`
	Failed      int64              `json:"failed" jsonschema:"ended with another one, or could not begin"`
	TimedOut    int64              `json:"timedOut" jsonschema:"were ended since they took too long"`
	Missed      int64              `json:"missed" jsonschema:"did not run since what happened was too long ago"`
	Interrupted int64              `json:"interrupted" jsonschema:"ran when a daemon ended; they are not run again"`
	Last        map[string]HookRun `json:"last" jsonschema:"the last of each: run, failed, timeout, missed, interrupted"`
}

// HookRun is one run of a hook.
type HookRun struct {
	Hook   string    `json:"hook" jsonschema:"name of its file"`
	Cursor string    `json:"cursor" jsonschema:"of the event"`
	At     time.Time `json:"at"`
	Detail string    `json:"detail,omitempty" jsonschema:"what went wrong, and the end of standard error"`
}

// Table returns one row.
func (r HealthReply) Table() Table {
	return Table{Columns: Columns("status", "ready", "started"), Rows: [][]any{{r.Status, r.Ready, r.Started}}}
}

// LogLevelReq changes the least level that the daemon logs.
type LogLevelReq struct {
	Level string `json:"level,omitempty" enum:"debug,info,warn,error" jsonschema:"from now on; absent: only ask"`
}

// LogLevelReply answers log_level.
type LogLevelReply struct {
	Level  string `json:"level" jsonschema:"least level that is logged"`
	Before string `json:"before" jsonschema:"the level before"`
}

// Table returns one row.
func (r LogLevelReply) Table() Table {
	return Table{Columns: Columns("level", "before"), Rows: [][]any{{r.Level, r.Before}}}
}

// SchemaReq asks for the schema of one request or push, or for all.
type SchemaReq struct {
	Request string `json:"request,omitempty" jsonschema:"type of the request or push; all if absent"`
}

// SchemaReply answers schema.
type SchemaReply struct {
	Requests []RequestSchema `json:"requests"`
	Pushes   []PushSchema    `json:"pushes"`
}

// PushSchema describes a frame that the daemon sends unasked.
type PushSchema struct {
	Push    string `json:"push" jsonschema:"type of the frame"`
	Summary string `json:"summary"`
	Fields  any    `json:"fields" jsonschema:"JSON Schema of the frame's fields"`
}

// RequestSchema describes a request and its reply.
type RequestSchema struct {
	Request string `json:"request" jsonschema:"type of the request frame"`
	Reply   string `json:"reply" jsonschema:"type of the reply frame"`
	Scope   Scope  `json:"scope" jsonschema:"right that it needs"`
	Summary string `json:"summary"`
	Command string `json:"command,omitempty" jsonschema:"command that sends it"`
	Schema  string `json:"schema,omitempty" jsonschema:"name of the document that the command prints"`
	Write   bool   `json:"write" jsonschema:"takes key and dryRun"`
	In      any    `json:"in" jsonschema:"JSON Schema of the request's fields"`
	Out     any    `json:"out" jsonschema:"JSON Schema of the reply's fields"`
}

// List makes the requests the rows of a line-wise format.
func (r SchemaReply) List() string { return "requests" }

// Table returns a row for each request.
func (r SchemaReply) Table() Table {
	t := Table{Columns: Columns("request", "reply", "scope", "command", "summary")}
	for _, s := range r.Requests {
		t.Rows = append(t.Rows, []any{s.Request, s.Reply, string(s.Scope), s.Command, s.Summary})
	}
	return t
}

// The kinds of names that complete.
const (
	CompleteChannels = "channels" // joined channels
	CompleteRooms    = "rooms"    // rooms with events
	CompleteMembers  = "members"  // names of people in a room
	CompleteSessions = "sessions" // ids of focus sessions
	CompletePeers    = "peers"    // keys, ids and addresses of known peers

	CompleteEntries     = "entries"     // ids of entries that count
	CompleteRules       = "rules"       // ids of rules by which expenses recur
	CompleteCloses      = "closes"      // ids of closes that can be reopened
	CompleteCheckpoints = "checkpoints" // ids of checkpoints
)

// CompleteReq asks for names that complete a prefix.
type CompleteReq struct {
	Kind    string `json:"kind" required:"true" jsonschema:"channels, rooms, or a kind that an app names, such as members"`
	Prefix  string `json:"prefix,omitempty" jsonschema:"start of the name"`
	Channel string `json:"channel,omitempty" jsonschema:"room whose names are meant; all if absent"`
}

// CompleteReply answers complete: at most 100 values, sorted.
type CompleteReply struct {
	Values []string `json:"values"`
}
