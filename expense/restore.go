package expense

import (
	"slices"
	"strings"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// RestoreReq goes back to a checkpoint.
type RestoreReq struct {
	app.Channel
	Checkpoint string `json:"checkpoint,omitempty" arg:"checkpoint" complete:"checkpoints" jsonschema:"id of the checkpoint or the start of it; the latest if absent"`
	Replace    Flag   `json:"replace,omitempty" jsonschema:"also close what came after the checkpoint"`
	Sim        Flag   `json:"sim,omitempty" jsonschema:"only try: nothing is written"`
}

// RestoreReply says what is open now. The log has everything already, so only
// entries that were closed are added.
type RestoreReply struct {
	Channel    string     `json:"channel"`
	Added      int64      `json:"added" jsonschema:"entries that are open again"`
	Total      int64      `json:"total" jsonschema:"open entries"`
	Replace    bool       `json:"replace"`
	Sim        bool       `json:"sim" jsonschema:"nothing was written"`
	Checkpoint event.ID   `json:"checkpoint,omitzero" jsonschema:"the checkpoint; absent if there is none"`
	Label      string     `json:"label,omitempty" jsonschema:"its name"`
	Reopened   []event.ID `json:"reopened" jsonschema:"closes that are void now"`
	Closed     event.ID   `json:"closed,omitzero" jsonschema:"close of what came after the checkpoint"`
	Kept
}

// Table implements wire.Tabular.
func (r RestoreReply) Table() wire.Table {
	return wire.Table{
		Columns: wire.Columns("channel", "checkpoint", ">added", ">total", "source"),
		Rows:    [][]any{{r.Channel, r.Checkpoint, r.Added, r.Total, r.Source}},
	}
}

// Note implements wire.Noted.
func (r RestoreReply) Note() string {
	var notes []string
	if r.Checkpoint.IsZero() {
		notes = append(notes, r.Channel+" has no checkpoint: this is what its log holds")
	}
	if !r.Closed.IsZero() {
		notes = append(notes, "what came after is closed\nundo: intercom expense reopen "+r.Closed.Short()+" --channel "+r.Channel)
	}
	return strings.Join(notes, "\n")
}

var restoreDef = wire.Def[RestoreReq, RestoreReply]{Spec: wire.Spec{
	Request: "expense_restore", Reply: "expense_restored", Scope: wire.ScopeExpense,
	Summary: "Go back to a checkpoint of a room", Command: "expense restore", Write: true,
}}

func decideRestore(r app.Reader, in RestoreReq, c app.Call) ([]app.Draft, error) {
	point, err := findPoint(r, in, c.Room.Name)
	if err != nil || point == "" || bool(in.Sim) {
		return nil, err
	}
	var drafts []app.Draft
	closes := covering(r, point.id())
	for _, id := range closes {
		drafts = append(drafts, app.Draft{Type: typeReopen, Body: &Reopen{Close: id}})
	}
	if in.Replace {
		if b := after(r, point.id(), closes); b != nil {
			drafts = append(drafts, app.Draft{Type: typeClose, Body: b})
		}
	}
	return drafts, nil
}

func replyRestore(r app.Reader, in RestoreReq, events []*event.Signed, c app.Call) (RestoreReply, error) {
	out := RestoreReply{
		Channel: c.Room.Name, Total: openCount(r), Replace: bool(in.Replace), Sim: bool(in.Sim), Reopened: []event.ID{}, Kept: local,
	}
	point, err := findPoint(r, in, c.Room.Name)
	if err != nil || point == "" {
		return out, err
	}
	out.Checkpoint = point.id()
	if e, ok := r.Event(out.Checkpoint); ok {
		var b Checkpoint
		if err := event.Unmarshal(e.Body, &b); err != nil {
			return out, err
		}
		out.Label = b.Label
	}
	for _, e := range events {
		var b Reopen
		switch {
		case e.Type == typeClose:
			out.Closed = e.ID
		case event.Unmarshal(e.Body, &b) == nil:
			out.Reopened = append(out.Reopened, b.Close)
		}
	}
	out.Added = comeBack(r, out.Reopened)
	return out, nil
}

// findPoint returns the checkpoint that a request means, empty for the latest
// one of a room that has none. Of a room that was never used there is nothing
// to restore.
func findPoint(r app.Reader, in RestoreReq, room string) (rank, error) {
	prefix := strings.ToLower(strings.TrimSpace(in.Checkpoint))
	var latest rank
	var found []rank
	r.Scan(pointRows, func(key string, _ func(any)) bool {
		p := parsePoint(key)
		if prefix != "" {
			if strings.HasPrefix(p.id().String(), prefix) {
				found = append(found, p)
			}
			return true
		}
		if latest != "" && p.lamport() < latest.lamport() {
			return false
		}
		latest = max(latest, p)
		return true
	})
	switch {
	case prefix != "" && len(found) == 0:
		return "", wire.Errorf(wire.InvalidRequest, "%s has no checkpoint %.64s", room, prefix).
			WithHint("give the hex digits that `expense persist` printed")
	case len(found) > 1:
		return "", wire.Errorf(wire.Ambiguous, "several checkpoints begin with %s", prefix).WithHint("give more digits")
	case len(found) == 1:
		return found[0], nil
	case latest == "" && unused(r):
		return "", wire.Errorf(wire.NotFound, "%s was never used: there is nothing to restore", room).
			WithHint("intercom expense persist --channel " + room)
	}
	return latest, nil
}

// pointIDs returns the checkpoints.
func pointIDs(r app.Reader) (ids []string) {
	r.Scan(pointRows, func(key string, _ func(any)) bool {
		ids = append(ids, parsePoint(key).id().String())
		return true
	})
	return ids
}

// unused reports whether no expense and no close was ever folded.
func unused(r app.Reader) bool {
	for _, prefix := range []string{bucketRows, closeRows, refusedRows} {
		found := false
		r.Scan(prefix, func(string, func(any)) bool {
			found = true
			return false
		})
		if found {
			return false
		}
	}
	return true
}

// covering returns the valid closes, but those that the checkpoint has seen,
// that include entries which were open in it.
func covering(r app.Reader, point event.ID) []event.ID {
	var closes []validClose
	for _, c := range closesAfter(r, rankOf(0, event.ID{})) {
		if !r.Before(c.id(), point) {
			closes = append(closes, c)
		}
	}
	var ids []event.ID
	for p := range placesOf(r) {
		if p.first == open || r.Before(p.first.id(), point) {
			continue // no close includes them, or they were not open
		}
		for _, s := range standings(r, p) {
			if len(closes) == 0 {
				break
			}
			if !r.Before(s.id, point) {
				continue
			}
			closes = slices.DeleteFunc(closes, func(c validClose) bool {
				includes := r.Before(s.id, c.id()) && !keeps(r, c.closeRow, s.id)
				if includes {
					ids = append(ids, c.id())
				}
				return includes
			})
		}
	}
	slices.SortFunc(ids, event.ID.Compare)
	return ids
}

// after returns the close of what came after a checkpoint, once the closes are
// reopened; nil if nothing did.
func after(r app.Reader, point event.ID, reopened []event.ID) *Close {
	b := &Close{Open: []Unsettled{}, Keep: point}
	for p := range placesOf(r) {
		if p.first != open && !slices.Contains(reopened, p.first.id()) {
			continue
		}
		for _, s := range standings(r, p) {
			if !s.Out && !r.Before(s.id, point) {
				return b
			}
		}
	}
	return nil
}

// comeBack counts the open entries that one of the closes includes.
func comeBack(r app.Reader, closes []event.ID) (n int64) {
	if len(closes) == 0 {
		return 0
	}
	rows := make([]closeRow, len(closes))
	for i, id := range closes {
		r.Get(closeKey(id), &rows[i])
	}
	for _, s := range standings(r, openPlace) {
		if s.Out {
			continue
		}
		for i, id := range closes {
			if r.Before(s.id, id) && !keeps(r, rows[i], s.id) {
				n++
				break
			}
		}
	}
	return n
}
