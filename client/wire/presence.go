package wire

import "time"

// PresentReq says that the person is there.
type PresentReq struct {
	Channel string `json:"channel" required:"true" jsonschema:"name of the room"`
}

// PresentReply answers present.
type PresentReply struct {
	Channel string    `json:"channel"`
	Counted bool      `json:"counted" jsonschema:"a session runs in which you are, and the time since you said so last counts as present"`
	Until   time.Time `json:"until" jsonschema:"say so again before"`
}

// PresentFor is for how long saying so holds.
const PresentFor = time.Minute

// Present is said by clients while a person has them before him.
var Present = Def[PresentReq, PresentReply]{Spec{Request: "present", Reply: "present", Scope: ScopeFocus,
	Summary: "Say that you are there, every 20 seconds, in a session of a room"}}
