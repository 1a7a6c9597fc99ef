package wire

// A room travels as one encrypted file (docs/format.md, "A room as a file").
// Each request carries a piece of it, at most MaxPiece bytes; a file that is
// not asked for, or sent, for a minute is given up.
var (
	RoomExport = Def[RoomExportReq, RoomExportReply]{Spec{Request: "room_export", Reply: "room_exported", Scope: ScopeRead,
		Summary: "Write a room as one encrypted file, piece by piece"}}
	RoomImport = Def[RoomImportReq, RoomImportReply]{Spec{Request: "room_import", Reply: "room_imported", Scope: ScopeAdmin,
		Summary: "Take in the file of a room, piece by piece, and join the room", Write: true}}
)

// MaxPiece bounds a piece of a file in bytes.
const MaxPiece = 512 << 10

// RoomExportReq begins a file, or asks for the piece that follows.
type RoomExportReq struct {
	Channel    string   `json:"channel,omitempty" jsonschema:"the room; of the first request alone, like the two below"`
	For        []string `json:"for,omitempty" jsonschema:"keys of the peers that may open the file, 64 hex digits each, at most 64"`
	Passphrase string   `json:"passphrase,omitempty" jsonschema:"in place of keys: whoever knows it may open the file"`
	File       string   `json:"file,omitempty" jsonschema:"of the reply before"`
}

// RoomExportReply is a piece of a file.
type RoomExportReply struct {
	Channel string `json:"channel"`
	File    string `json:"file,omitempty" jsonschema:"to send for the next piece; absent: this is the last"`
	Data    string `json:"data" jsonschema:"in base64"`
	Events  uint64 `json:"events" jsonschema:"in the file so far"`
}

// RoomImportReq begins a file, or sends the piece that follows.
type RoomImportReq struct {
	Channel    string `json:"channel,omitempty" jsonschema:"of the first request: the room that the file must be of; any if absent"`
	Passphrase string `json:"passphrase,omitempty" jsonschema:"of the first request: of the file; absent: the file is for this peer's key"`
	File       string `json:"file,omitempty" jsonschema:"of the reply before"`
	Data       string `json:"data,omitempty" jsonschema:"in base64"`
	Last       bool   `json:"last,omitempty" jsonschema:"nothing follows"`
}

// RoomImportReply says what became of the events of a file so far.
type RoomImportReply struct {
	File      string         `json:"file,omitempty" jsonschema:"to send with the next piece; absent: the file is done with"`
	Channel   string         `json:"channel" jsonschema:"the room's name here"`
	ChannelID string         `json:"channelId" jsonschema:"64 hex digits"`
	Owner     string         `json:"owner,omitempty" jsonschema:"key of the room's first owner; absent: it is open"`
	Events    int            `json:"events" jsonschema:"that were read"`
	Added     int            `json:"added" jsonschema:"of them: new here"`
	Known     int            `json:"known" jsonschema:"of them: were here already"`
	Refused   int            `json:"refused" jsonschema:"of them: were not taken"`
	Refusals  []RefusedEvent `json:"refusals" jsonschema:"the first 100 of these"`
	Whole     bool           `json:"whole" jsonschema:"the file was read to its end, and nothing of it is missing"`
	Problem   string         `json:"problem,omitempty" jsonschema:"why it is not whole"`
	Joined    bool           `json:"joined" jsonschema:"the room was not joined before"`
}

// RefusedEvent is an event that was not taken, and why.
type RefusedEvent struct {
	Event  string `json:"event,omitempty" jsonschema:"its id; absent: it is no event"`
	Reason string `json:"reason"`
}
