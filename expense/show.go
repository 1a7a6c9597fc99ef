package expense

import (
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// mostHistory bounds the events that a history lists.
const mostHistory = 1000

// ShowReq asks for all that is known of an entry.
type ShowReq struct {
	app.Channel
	Entry string `json:"entry,omitempty" arg:"entry" required:"true" complete:"entries" jsonschema:"id of the entry or the start of it"`
	Proof bool   `json:"proof,omitempty" jsonschema:"also the signed bytes, so that anybody can check who wrote them"`
}

// ShowReply is an entry with what happened to it.
type ShowReply struct {
	Channel   string     `json:"channel"`
	Joined    bool       `json:"joined" jsonschema:"the room is replicated here; else only what is here already is shown"`
	Entry     Entry      `json:"entry"`
	Current   []event.ID `json:"current,omitempty" jsonschema:"what stands in its place; several are in conflict, the first counts"`
	Closed    event.ID   `json:"closed,omitzero" jsonschema:"close that it belongs to; absent: it is open"`
	History   []Change   `json:"history" jsonschema:"the entry, those before and after it, and what was said of them, in order"`
	Proof     *Proof     `json:"proof,omitempty"`
	Truncated bool       `json:"truncated,omitempty" jsonschema:"the history has more than the first 1000 events"`
}

// Change is an event in the history of an entry.
type Change struct {
	Event  event.ID  `json:"event"`
	What   string    `json:"what" jsonschema:"added, paid, replaced, restored, void, confirmed or disputed"`
	Entry  event.ID  `json:"entry" jsonschema:"the entry that it is about"`
	Status string    `json:"status,omitempty" jsonschema:"of an entry: whether it counts"`
	Text   string    `json:"text,omitempty" jsonschema:"amount and split of an entry, else the reason"`
	By     event.Key `json:"by"`
	At     time.Time `json:"at"`
}

// Proof is a signed envelope (docs/format.md): the event's id is SHA-256 of
// "intercom/event/1\0" and the envelope, the signature is Ed25519 by the author
// over "intercom/sig/event/1\0" and the id.
type Proof struct {
	Event     event.ID  `json:"event"`
	Author    event.Key `json:"author"`
	Envelope  string    `json:"envelope" jsonschema:"CBOR, hex"`
	Signature string    `json:"signature" jsonschema:"Ed25519, hex"`
}

// List implements wire.Listed.
func (ShowReply) List() string { return "history" }

// Table implements wire.Tabular.
func (r ShowReply) Table() wire.Table {
	t := wire.Table{Columns: wire.Columns("at", "what", "text", "status", "by", "event"), Rows: [][]any{}}
	for _, h := range r.History {
		t.Rows = append(t.Rows, []any{h.At, h.What, h.Text, h.Status, h.By, h.Event})
	}
	return t
}

// Note implements wire.Noted.
func (r ShowReply) Note() string {
	var notes []string
	say := func(text string, yes bool) {
		if yes {
			notes = append(notes, text)
		}
	}
	e := r.Entry
	say("category: "+e.Category, e.Category != "")
	say("tags: "+strings.Join(e.Tags, ", "), len(e.Tags) > 0)
	for _, f := range e.Attachments {
		notes = append(notes, "attachment: "+f.Name+", "+plural(f.Size, "byte", "bytes")+", sha256 "+f.SHA256.String())
	}
	if e.Rate != nil {
		notes = append(notes, "booked as "+e.Rate.Amount+" "+e.Rate.Currency)
	}
	if s := e.Source; s != nil {
		notes = append(notes, "imported from row "+plainNumber(s.Row)+" of a file of "+s.Format+", sha256 "+s.SHA256.String())
	}
	if o := e.Recur; o != nil {
		notes = append(notes, "what the rule "+o.Rule.Short()+" adds for "+o.Date+": intercom expense recur list --channel "+r.Channel)
	}
	if len(e.Missing) > 0 {
		text := "counts when confirmed by: " + strings.Join(e.Missing, ", ")
		if e.SilentFrom != nil {
			text += "; what they write from " + e.SilentFrom.Format(time.DateOnly) + " on without a dispute confirms it too"
		}
		notes = append(notes, text)
	}
	say("does not count as long as somebody whom it costs something disputes it; correct it: intercom expense edit "+e.ID.Short()+" --channel "+r.Channel, e.Status == StatusDenied)
	say("cleared by the close "+r.Closed.Short(), !r.Closed.IsZero())
	if len(r.Current) > 1 {
		notes = append(notes, "changes made apart are in conflict; resolve it: intercom expense edit "+r.Current[0].Short()+" --channel "+r.Channel)
	}
	if p := r.Proof; p != nil {
		notes = append(notes, "envelope: "+p.Envelope, "signature: "+p.Signature)
	}
	say(notJoined(app.Room{Name: r.Channel}), !r.Joined)
	return strings.Join(notes, "\n")
}

var showDef = wire.Def[ShowReq, ShowReply]{Spec: wire.Spec{
	Request: "expense_show", Reply: "expense_show", Scope: wire.ScopeRead,
	Summary: "Show an entry with all that happened to it", Command: "expense show",
}}

func readShow(r app.Reader, in ShowReq, c app.Call) (ShowReply, error) {
	h, err := findEntry(r, in.Entry, c.Room.Name)
	if err != nil {
		return ShowReply{}, err
	}
	out := ShowReply{Channel: c.Room.Name, Joined: c.Room.Joined, Entry: h.shown(r)}
	out.Entry.ClockAhead = out.Entry.At.After(c.Now.Add(clockSkew))
	for _, a := range current(r, h) {
		out.Current = append(out.Current, a.Signed.ID)
	}
	if h.first != open {
		out.Closed = h.first.id()
	}
	out.History, out.Truncated = history(r, h)
	if in.Proof {
		out.Proof = &Proof{
			Event: h.Signed.ID, Author: h.Author, Envelope: hex.EncodeToString(h.Raw), Signature: hex.EncodeToString(h.Sig[:]),
		}
	}
	return out, nil
}

// ranked is a change with its place in the order of (lamport, id).
type ranked struct {
	rank
	Change
}

// history follows an entry to those before and after it.
func history(r app.Reader, h held) (list []Change, truncated bool) {
	var all []ranked
	seen := map[event.ID]bool{}
	todo := []event.ID{h.Signed.ID}
	for ; len(todo) > 0 && len(all) < mostHistory; todo = todo[1:] {
		at, ok := hold(r, todo[0])
		if !ok || seen[todo[0]] {
			continue
		}
		seen[todo[0]] = true
		entry := at.shown(r)
		all = append(all, ranked{rankOf(at.Lamport, at.Signed.ID), entry.change()})
		todo = append(todo, entry.Replaces...)
		subject := subjectOf(at.Signed)
		todo = append(todo, replacements(r, subject)...)
		if !entry.Restores.IsZero() {
			todo = append(todo, entry.Restores)
		}
		todo = append(todo, firstOf(r, restorePrefix(at.Signed.ID)))
		for _, prefix := range []string{voidPrefix(subject), opinionPrefix(at.Signed.ID)} {
			r.Scan(prefix, func(key string, _ func(any)) bool {
				at := rank(descending(tail(key)))
				if e, ok := r.Event(at.id()); ok {
					all = append(all, ranked{at, said(e)})
				}
				return len(all) < mostHistory
			})
		}
	}
	slices.SortFunc(all, func(a, b ranked) int { return a.compare(b.rank) })
	list = make([]Change, len(all))
	for i, c := range all {
		list[i] = c.Change
	}
	return list, len(all) >= mostHistory
}

// change shows an entry as a part of a history.
func (e Entry) change() Change {
	c := Change{Event: e.ID, Entry: e.ID, Status: e.Status, By: e.By, At: e.At, What: "added"}
	switch {
	case len(e.Replaces) > 0:
		c.What = "replaced"
	case !e.Restores.IsZero():
		c.What = "restored"
	case e.Type == EntryPayment:
		c.What = "paid"
	}
	shares := make([]string, len(e.Shares))
	for i, s := range e.Shares {
		shares[i] = s.Member + " " + s.Amount
	}
	c.Text = e.Date + ": " + e.payers() + " paid " + e.Amount + " " + e.Currency + " for " + strings.Join(shares, ", ")
	if e.Type == EntryPayment {
		c.Text = e.Date + ": " + e.Payer + " paid " + e.Amount + " " + e.Currency + " to " + e.Shares[0].Member
	}
	if e.Note != "" {
		c.Text += ": " + e.Note
	}
	return c
}

// said shows a void, a confirmation or a dispute as a part of a history.
func said(e *event.Signed) Change {
	c := Change{Event: e.ID, By: e.Author, At: event.Instant(e.TS)}
	var v Void // of one shape with the others
	if event.Unmarshal(e.Body, &v) == nil {
		c.Entry, c.Text = v.Target, v.Reason
	}
	c.What = map[string]string{typeVoid: "void", typeConfirm: "confirmed", typeDispute: "disputed"}[e.Type]
	return c
}
