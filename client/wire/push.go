package wire

import (
	"encoding/json"
	"reflect"

	"intercom/ledger/event"
)

// The pushes of the original protocol, which every connection gets.
const (
	PushMessage = "sidechannel_message"
	PushFocus   = "focus_event"
)

// The types of frames that the daemon pushes beside those. They go to
// connections that sent `events`, and each carries a cursor.
const (
	PushExpense = "expense_event" // an expense, close or other event of an expense room
	PushLedger  = "ledger_event"  // an event of a room for which there is no push of its own
	PushPeer    = "peer_event"    // a peer came or went
	PushGap     = "gap"           // messages of a channel that did not come
	PushLagged  = "lagged"        // pushes were skipped since the client did not read
	PushReset   = "reset"         // the cursor cannot be resumed; follow from here
)

// PeerEvent tells that a peer came or went.
type PeerEvent struct {
	Event   string `json:"event" jsonschema:"connected or disconnected"`
	Peer    string `json:"peer" jsonschema:"ed25519 public key, 64 hex digits"`
	Address string `json:"address,omitempty" jsonschema:"multiaddress of the connection"`
	TS      int64  `json:"ts" jsonschema:"the daemon's clock in milliseconds since 1970 UTC"`
}

// Gap tells that messages of an author are missing: packets are numbered, and
// some did not come within the time that they are waited for.
type Gap struct {
	Channel string    `json:"channel"`
	From    string    `json:"from" jsonschema:"the author's key, 64 hex digits"`
	Missing [2]uint64 `json:"missing" jsonschema:"numbers of the first and the last missing packet"`
	TS      int64     `json:"ts" jsonschema:"the daemon's clock in milliseconds since 1970 UTC"`
}

// Streamed is what the frame of every push has beside the fields of its type.
type Streamed struct {
	Type     string `json:"type" jsonschema:"type of the frame"`
	Cursor   string `json:"cursor,omitempty" jsonschema:"where to go on behind it; on a connection that follows"`
	Replayed bool   `json:"replayed,omitempty" jsonschema:"it is no news: it was late, or is read from history"`
}

// MessageEvent is a message of a channel. An event of a room is also pushed as
// the message that would have carried it in the original.
type MessageEvent struct {
	Channel   string          `json:"channel"`
	ID        string          `json:"id" jsonschema:"the same at every receiver"`
	From      string          `json:"from" jsonschema:"the author's key, 64 hex digits"`
	Origin    string          `json:"origin" jsonschema:"the same as from"`
	Sig       string          `json:"sig" jsonschema:"128 hex digits"`
	RelayedBy *string         `json:"relayedBy" jsonschema:"key of the peer that passed it on"`
	TTL       int             `json:"ttl" jsonschema:"how often it may still be passed on"`
	TS        int64           `json:"ts" jsonschema:"the author's clock in milliseconds since 1970 UTC"`
	Message   json.RawMessage `json:"message" jsonschema:"any JSON value, the author's word"`
	Event     string          `json:"event,omitempty" jsonschema:"id of the event that it repeats; absent in a message"`
	Source    string          `json:"source,omitempty" jsonschema:"local or remote; on a connection that follows"`
}

// FocusEvent is an event of a focus room.
type FocusEvent struct {
	App       string         `json:"app" jsonschema:"focus_room"`
	EventType string         `json:"eventType" jsonschema:"session_start, session_join, session_checkin, session_extend, session_end or session_expired; also session_superseded, _begin, _soon, _break, _pause, _resume, _leave, _done, _handover, _cohost, _schedule"`
	Payload   map[string]any `json:"payload" jsonschema:"room, and what the type of the event adds"`
	At        int64          `json:"at" jsonschema:"milliseconds since 1970 UTC"`
	By        string         `json:"by" jsonschema:"key of who did it, 64 hex digits"`
	Source    string         `json:"source" jsonschema:"local or remote"`
	Event     string         `json:"event,omitempty" jsonschema:"id of the event; absent of what time brought"`
	Channel   string         `json:"channel,omitempty" jsonschema:"of session_superseded"`
}

// ExpenseEvent is an event of an expense room.
type ExpenseEvent struct {
	EventType string         `json:"eventType" jsonschema:"expense_add, expense_clear or expense_reopen; also expense_pay, _replace, _void, _confirm, _dispute, _defaults, _pin; expense_owe and expense_plan, which no event brings"`
	Entry     map[string]any `json:"entry,omitempty" jsonschema:"of expense_add: as expense list shows it"`
	Close     string         `json:"close,omitempty" jsonschema:"of expense_reopen: id of the close"`
	Member    string         `json:"member,omitempty" jsonschema:"of expense_owe: who owes, you"`
	Amount    string         `json:"amount,omitempty" jsonschema:"of expense_owe: that he owes"`
	Limit     string         `json:"limit,omitempty" jsonschema:"of expense_owe: above which he wants to know"`
	Currency  string         `json:"currency,omitempty" jsonschema:"of expense_owe"`
	Channel   string         `json:"channel"`
	By        string         `json:"by,omitempty" jsonschema:"key of who did it, 64 hex digits"`
	At        int64          `json:"at" jsonschema:"the author's clock in milliseconds since 1970 UTC"`
	Event     string         `json:"event,omitempty" jsonschema:"id of the event"`
	Source    string         `json:"source" jsonschema:"local or remote"`
}

// LedgerEvent is an event for which no app has a push. It says nothing of
// whether the event has an effect.
type LedgerEvent struct {
	Channel   string    `json:"channel"`
	Event     EventInfo `json:"event"`
	EventType string    `json:"eventType,omitempty" jsonschema:"the event's type"`
	Source    string    `json:"source" jsonschema:"local or remote"`
}

// EventInfo is an event of a room.
type EventInfo struct {
	ID       event.ID        `json:"id"`
	Author   event.Key       `json:"author"`
	Instance string          `json:"instance" jsonschema:"16 hex digits"`
	Seq      uint64          `json:"seq"`
	TS       int64           `json:"ts" jsonschema:"the author's clock in milliseconds since 1970 UTC"`
	Type     string          `json:"type"`
	Body     json.RawMessage `json:"body,omitempty" jsonschema:"as JSON, byte strings as hex digits; absent where it is not readable"`
}

// Lagged tells how many pushes left the daemon's memory before the client had
// taken them; no event of a room is among them.
type Lagged struct {
	Missed uint64 `json:"missed"`
}

// Reset tells that the stream does not go on where the cursor was.
type Reset struct {
	Reason string `json:"reason" jsonschema:"restarted, too_old or unknown"`
}

// DeclaredPush is a push with the Go type of its fields but for those of Streamed.
type DeclaredPush struct {
	Type    string
	Summary string // one line, no full stop
	Fields  reflect.Type
}

// Pushes returns the pushes whose fields are declared.
func Pushes() []DeclaredPush {
	return []DeclaredPush{
		{PushMessage, "A message came, or an event in the shape of one", reflect.TypeFor[MessageEvent]()},
		{PushFocus, "Something happened in a focus room", reflect.TypeFor[FocusEvent]()},
		{PushExpense, "Something happened in an expense room", reflect.TypeFor[ExpenseEvent]()},
		{PushLedger, "An event of a room for which no app has a push", reflect.TypeFor[LedgerEvent]()},
		{PushPeer, "A peer came or went", reflect.TypeFor[PeerEvent]()},
		{PushGap, "Messages of a channel are missing", reflect.TypeFor[Gap]()},
		{PushLagged, "Pushes were skipped since the client did not take them", reflect.TypeFor[Lagged]()},
		{PushReset, "The stream does not go on where the cursor was", reflect.TypeFor[Reset]()},
	}
}
