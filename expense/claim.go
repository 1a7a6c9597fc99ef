package expense

import (
	"slices"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/core"
	"intercom/ledger/event"
)

// ClaimReq says which member of the room its author is.
type ClaimReq struct {
	app.Channel
	Alias string `json:"alias,omitempty" arg:"alias" required:"true" complete:"members" jsonschema:"your name among the room's members"`
}

// ClaimReply tells whom the name stands for now.
type ClaimReply struct {
	Channel string    `json:"channel"`
	Alias   string    `json:"alias"`
	Key     event.Key `json:"key" jsonschema:"your public key"`
	Claim   string    `json:"claim" jsonschema:"bound: the name is yours; contested: others claim it too, so it is nobody's; asked: an admin has to confirm it"`
}

// The values of claim.
const (
	claimBound     = "bound"
	claimContested = "contested"
	claimAsked     = "asked"
)

// Table implements wire.Tabular.
func (r ClaimReply) Table() wire.Table {
	return wire.Table{Columns: wire.Columns("alias", "claim", "key"), Rows: [][]any{{r.Alias, r.Claim, r.Key}}}
}

// Note implements wire.Noted.
func (r ClaimReply) Note() string {
	switch r.Claim {
	case claimContested:
		return "others claim " + r.Alias + " too, so it binds nobody: intercom expense members --channel " + r.Channel
	case claimAsked:
		return "an admin confirms it with: intercom expense role " + r.Key.String() + " ROLE --alias " + r.Alias
	}
	return ""
}

var claimDef = wire.Def[ClaimReq, ClaimReply]{Spec: wire.Spec{
	Request: "expense_claim", Reply: "expense_claimed", Scope: wire.ScopeExpense,
	Summary: "Say which member of a room you are", Command: "expense claim", Write: true,
}}

func decideClaim(_ app.Reader, in ClaimReq, c app.Call) ([]app.Draft, error) {
	alias, err := aliasOf(in.Alias)
	if err != nil {
		return nil, err
	}
	if m, ok := memberOf(c, c.Author); ok && (m.Alias == alias || m.Claims == alias) {
		return nil, nil
	}
	return []app.Draft{{Type: core.TypeClaim, Body: &core.Claim{Alias: alias}}}, nil
}

func aliasOf(text string) (string, error) {
	name, err := Name(text)
	if err != nil {
		return "", wire.Errorf(wire.InvalidRequest, "alias: %v", err)
	}
	return name, nil
}

func replyClaim(_ app.Reader, in ClaimReq, _ []*event.Signed, c app.Call) (ClaimReply, error) {
	alias, err := aliasOf(in.Alias)
	if err != nil {
		return ClaimReply{}, err
	}
	r := ClaimReply{Channel: c.Room.Name, Alias: alias, Key: c.Author, Claim: claimContested}
	if c.Room.Owned {
		r.Claim = claimAsked
	}
	if m, ok := memberOf(c, c.Author); ok && m.Alias == alias {
		r.Claim = claimBound
	}
	return r, nil
}

// memberOf returns what is known of a key in the room.
func memberOf(c app.Call, k event.Key) (app.RoomMember, bool) {
	all := c.Members()
	i := slices.IndexFunc(all, func(m app.RoomMember) bool { return m.Key == k })
	if i < 0 {
		return app.RoomMember{}, false
	}
	return all[i], true
}
