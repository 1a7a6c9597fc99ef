package expense

import (
	"encoding/json"
	"strings"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// Flag is a switch that clients of the original set to anything: true unless
// it is null, 0, empty, or a text that says no.
type Flag bool

// UnmarshalJSON implements json.Unmarshaler.
func (f *Flag) UnmarshalJSON(raw []byte) error {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	*f = true
	switch v := v.(type) {
	case nil:
		*f = false
	case bool:
		*f = Flag(v)
	case float64:
		*f = v != 0
	case string:
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "", "0", "false", "no", "off":
			*f = false
		}
	}
	return nil
}

// PersistReq marks the state of a room, so that it can be gone back to.
type PersistReq struct {
	app.Channel
	Label string `json:"label,omitempty" jsonschema:"name of the checkpoint, for people, up to 128 bytes"`
	Sim   Flag   `json:"sim,omitempty" jsonschema:"only try: nothing is written"`
}

// PersistReply says what was marked.
type PersistReply struct {
	Channel    string   `json:"channel"`
	Sim        bool     `json:"sim" jsonschema:"nothing was written"`
	Checkpoint event.ID `json:"checkpoint,omitzero" jsonschema:"id of the checkpoint; absent with sim"`
	Entries    int64    `json:"entries" jsonschema:"open entries"`
	Kept
}

// Kept says how far a state is kept: in the log of the room's members, or in a
// contract beyond that.
type Kept struct {
	Tx        *string `json:"tx" jsonschema:"transaction that carries it; null: none"`
	Settled   bool    `json:"settled"`
	Confirmed bool    `json:"confirmed"`
	Source    string  `json:"source" jsonschema:"local: the room's log"`
}

// local is what is kept in the log of the room.
var local = Kept{Source: "local"}

// Table implements wire.Tabular.
func (r PersistReply) Table() wire.Table {
	return wire.Table{
		Columns: wire.Columns("channel", "checkpoint", ">entries", "source"),
		Rows:    [][]any{{r.Channel, r.Checkpoint, r.Entries, r.Source}},
	}
}

// Note implements wire.Noted.
func (r PersistReply) Note() string {
	if r.Sim {
		return "nothing was written"
	}
	return "go back: intercom expense restore " + r.Checkpoint.Short() + " --channel " + r.Channel
}

var persistDef = wire.Def[PersistReq, PersistReply]{Spec: wire.Spec{
	Request: "expense_persist", Reply: "expense_persisted", Scope: wire.ScopeExpense,
	Summary: "Mark the state of a room to go back to", Command: "expense persist", Write: true,
}}

func decidePersist(_ app.Reader, in PersistReq, c app.Call) ([]app.Draft, error) {
	label := strings.TrimSpace(in.Label)
	if len(label) > maxLabel {
		return nil, wire.Errorf(wire.InvalidRequest, "label has %d bytes, at most %d", len(label), maxLabel)
	}
	if in.Sim {
		return nil, nil
	}
	return []app.Draft{{Type: typeCheckpoint, Body: &Checkpoint{State: c.State(), Label: label}}}, nil
}

func replyPersist(r app.Reader, in PersistReq, events []*event.Signed, c app.Call) (PersistReply, error) {
	out := PersistReply{Channel: c.Room.Name, Sim: bool(in.Sim), Entries: openCount(r), Kept: local}
	if len(events) > 0 {
		out.Checkpoint = events[0].ID
	}
	return out, nil
}

// openCount returns how many entries the open epoch has.
func openCount(r app.Reader) int64 {
	var row tallyRow
	r.Get(bucketKey(openPlace), &row)
	return row.Count
}

// checkpoint folds a room.checkpoint.
func (f *fold) checkpoint(e *event.Signed, m app.Meta) reason {
	if key := pointKey(rankOf(m.Lamport, e.ID)); m.Duplicate {
		f.Del(key)
	} else {
		f.Put(key, presentRow{})
	}
	return counts
}
