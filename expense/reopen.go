package expense

import (
	"strings"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// ReopenReq makes a close void for good.
type ReopenReq struct {
	app.Channel
	Close string `json:"close,omitempty" arg:"close" complete:"closes" jsonschema:"id of the close or the start of it; the latest if absent"`
}

// ReopenReply says what was reopened.
type ReopenReply struct {
	Channel  string   `json:"channel"`
	OK       bool     `json:"ok"`
	Reopened event.ID `json:"reopened" jsonschema:"id of the close that is void now"`
	Entries  int64    `json:"entries" jsonschema:"entries that are open now"`
}

// Table implements wire.Tabular.
func (r ReopenReply) Table() wire.Table {
	return wire.Table{
		Columns: wire.Columns("channel", "reopened", ">entries"),
		Rows:    [][]any{{r.Channel, r.Reopened, r.Entries}},
	}
}

var reopenDef = wire.Def[ReopenReq, ReopenReply]{Spec: wire.Spec{
	Request: "expense_reopen", Reply: "expense_reopened", Scope: wire.ScopeExpense,
	Summary: "Undo a clear, for good", Command: "expense reopen", Write: true,
}}

func decideReopen(r app.Reader, in ReopenReq, c app.Call) ([]app.Draft, error) {
	id, err := findClose(r, strings.ToLower(strings.TrimSpace(in.Close)), c.Room.Name)
	if err != nil {
		return nil, err
	}
	return []app.Draft{{Type: typeReopen, Body: &Reopen{Close: id}}}, nil
}

func replyReopen(r app.Reader, _ ReopenReq, events []*event.Signed, c app.Call) (ReopenReply, error) {
	var b Reopen
	if err := event.Unmarshal(events[0].Body, &b); err != nil {
		return ReopenReply{}, err
	}
	var row tallyRow
	r.Get(bucketKey(openPlace), &row)
	return ReopenReply{Channel: c.Room.Name, OK: true, Reopened: b.Close, Entries: row.Count}, nil
}

// findClose returns the valid close that a prefix names, and the latest for
// none.
func findClose(r app.Reader, prefix, room string) (event.ID, error) {
	if prefix == "" {
		latest := latestClose(r)
		if latest.IsZero() {
			return latest, wire.Errorf(wire.NotFound, "%s has no close that could be reopened", room)
		}
		return latest, nil
	}
	if strings.Trim(prefix, "0123456789abcdef") != "" {
		return event.ID{}, wire.Errorf(wire.InvalidRequest, "close: %.70q is no id", prefix).WithHint("give the hex digits that `expense clear` printed")
	}
	var found []rank
	r.Scan(closeRows+prefix, func(key string, decode func(any)) bool {
		var row closeRow
		decode(&row)
		if id, err := event.ParseID(key[len(closeRows):]); err == nil {
			found = append(found, rankOf(row.Lamport, id))
		}
		return len(found) < 2
	})
	switch {
	case len(found) == 0:
		return event.ID{}, wire.Errorf(wire.NotFound, "%s has no close %.64s", room, prefix)
	case len(found) > 1:
		return event.ID{}, wire.Errorf(wire.Ambiguous, "several closes begin with %s", prefix).WithHint("give more digits")
	case !r.Get(validKey(found[0]), new(presentRow)):
		return event.ID{}, wire.Errorf(wire.Conflict, "close %s is reopened already", found[0].id().Short())
	}
	return found[0].id(), nil
}

// closeIDs returns the closes that can be reopened.
func closeIDs(r app.Reader) (ids []string) {
	r.Scan(validRows, func(key string, _ func(any)) bool {
		ids = append(ids, parseValid(key).id().String())
		return true
	})
	return ids
}

func latestClose(r app.Reader) event.ID {
	var latest rank
	r.Scan(validRows, func(key string, _ func(any)) bool {
		c := parseValid(key)
		if latest != "" && c.lamport() < latest.lamport() {
			return false
		}
		latest = max(latest, c)
		return true
	})
	if latest == "" {
		return event.ID{}
	}
	return latest.id()
}
