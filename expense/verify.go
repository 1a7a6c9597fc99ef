package expense

import (
	"strings"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// VerifyReq asks what a room's state is, and whether its events are what their
// authors signed.
type VerifyReq struct {
	app.Channel
	Full  bool   `json:"full,omitempty" jsonschema:"check every signature and chain of the room again"`
	After string `json:"after,omitempty" cli:"-" jsonschema:"with full: go on behind the part that returned this as next"`
}

// Verification is what a room's expenses come to, for two people to compare,
// and what is wrong with them.
type Verification struct {
	Channel   string     `json:"channel"`
	Joined    bool       `json:"joined" jsonschema:"the room is replicated here; else only what is here already is looked at"`
	State     event.ID   `json:"state" jsonschema:"hash of the state: the same where the same events are"`
	Spoken    string     `json:"spoken" jsonschema:"the first half of state in groups of four, to be read out"`
	Events    uint64     `json:"events" jsonschema:"stored events of the room"`
	Checked   uint64     `json:"checked" jsonschema:"with full: events that were checked again"`
	Signed    uint64     `json:"signed" jsonschema:"of them, proven by their own signature"`
	Chained   uint64     `json:"chained" jsonschema:"proven by the chain to a later one that is signed"`
	Flaws     []app.Flaw `json:"flaws" jsonschema:"what is wrong with events, the first 100 of a part"`
	FlawCount int        `json:"flawCount"`
	Conflicts []Entry    `json:"conflicts" jsonschema:"entries that lost against another change of the same entry, the first 100"`
	Refused   int        `json:"refused" jsonschema:"events that do not count"`
	Next      string     `json:"next,omitempty" jsonschema:"where the next part begins; absent: that was all"`
}

// Table implements wire.Tabular.
func (v Verification) Table() wire.Table {
	return wire.Table{
		Columns: wire.Columns("channel", "state", ">events", ">checked", ">flaws", ">conflicts"),
		Rows:    [][]any{{v.Channel, v.Spoken, v.Events, v.Checked, v.FlawCount, len(v.Conflicts)}},
	}
}

// List implements wire.Listed.
func (Verification) List() string { return "" }

// Note implements wire.Noted.
func (v Verification) Note() string {
	notes := []string{"same state, same entries: read it to a friend who runs this too"}
	if v.Checked > 0 && v.FlawCount == 0 {
		notes = append(notes, plural(int64(v.Checked), "event is", "events are")+" what their authors signed")
	}
	for _, f := range v.Flaws {
		notes = append(notes, f.Event.Short()+": "+f.What)
	}
	for _, e := range v.Conflicts {
		notes = append(notes, "conflict: "+e.ID.Short()+" of "+e.Date+", "+e.Amount+" "+e.Currency+", lost against another change: intercom expense list --all")
	}
	if !v.Joined {
		notes = append(notes, notJoined(app.Room{Name: v.Channel}))
	}
	return strings.Join(notes, "\n")
}

// Verify declares the request; with Full it answers part by part.
var Verify = wire.Def[VerifyReq, Verification]{Spec: wire.Spec{
	Request: "expense_verify", Reply: "expense_verified", Scope: wire.ScopeRead,
	Summary: "Show a hash of the state to compare, and check signatures again", Command: "expense verify",
}}

const mostConflicts = 100

func readVerify(r app.Reader, in VerifyReq, c app.Call) (Verification, error) {
	out := Verification{
		Channel: c.Room.Name, Joined: c.Room.Joined, State: c.State(), Events: c.Events, Flaws: []app.Flaw{}, Conflicts: []Entry{},
	}
	text := out.State.String()
	var groups []string
	for at := 0; at < len(text)/2; at += 4 {
		groups = append(groups, text[at:at+4])
	}
	out.Spoken = strings.Join(groups, " ")
	if in.After == "" {
		out.Refused = counted(r, refusedCount)
		out.Conflicts = conflicts(r)
	}
	if in.Full {
		part := c.Recheck(in.After)
		out.Checked, out.Signed, out.Chained = part.Events, part.Signed, part.Chained
		out.Flaws, out.FlawCount, out.Next = append(out.Flaws, part.Flaws...), part.FlawCount, part.Next
	}
	return out, nil
}

// conflicts returns the open entries that lost against another change.
func conflicts(r app.Reader) []Entry {
	lost := []Entry{}
	all, late := openStanding(r)
	for _, s := range all {
		if !s.Out || len(lost) == mostConflicts {
			continue
		}
		if e, ok := r.Event(s.id); ok && statusOf(r, e) == StatusConflict {
			lost = append(lost, shownAs(r, []standing{s}, late)...)
		}
	}
	return lost
}
