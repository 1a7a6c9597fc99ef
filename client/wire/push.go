package wire

// The types of frames that the daemon pushes, beside those of the original
// protocol (focus_event, sidechannel_message). They go to connections that
// sent `events`, and each carries a cursor.
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
