package expense

import (
	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// VoidReq takes an entry out, or writes one that was taken out anew.
type VoidReq struct {
	app.Channel
	Entry  string `json:"entry,omitempty" arg:"entry" required:"true" complete:"entries" jsonschema:"id of the entry or the start of it"`
	Reason string `json:"reason,omitempty" short:"m" jsonschema:"why, up to 4096 bytes"`
	Undo   bool   `json:"undo,omitempty" jsonschema:"write the void entry anew, as it was"`
}

var voidDef = wire.Def[VoidReq, EntryReply]{Spec: wire.Spec{
	Request: "expense_void", Reply: "expense_voided", Scope: wire.ScopeExpense,
	Summary: "Take an entry out, for good; it stays to be seen", Command: "expense void", Write: true,
}}

func decideVoid(r app.Reader, in VoidReq, c app.Call) ([]app.Draft, error) {
	if in.Undo {
		return undo(r, in, c)
	}
	reason, err := say("reason", in.Reason)
	if err != nil {
		return nil, err
	}
	alive, err := changeable(r, in.Entry, c.Room.Name)
	if err != nil {
		return nil, err
	}
	if h := alive[0]; !mayVoid(c.Role, c.Author, h.Author) {
		return nil, wire.Errorf(wire.Forbidden, "only its author, %s, and admins void entry %s", h.Author.Short(), h.Signed.ID.Short()).
			WithHint("intercom expense dispute " + h.Signed.ID.Short())
	}
	return []app.Draft{{Type: typeVoid, Body: &Void{Target: alive[0].Signed.ID, Reason: reason}}}, nil
}

// undo writes a void entry anew. It names what it restores, so that two who do
// so add it once.
func undo(r app.Reader, in VoidReq, c app.Call) ([]app.Draft, error) {
	h, err := findEntry(r, in.Entry, c.Room.Name)
	if err != nil {
		return nil, err
	}
	if first, ok := hold(r, twin(r, h.Signed)); ok {
		h = first
	}
	for range mostChanges {
		subject := subjectOf(h.Signed)
		if next, ok := hold(r, topOf(r, replacePrefix(subject))); ok && !isVoid(r, subject) {
			h = next
		} else if next, ok := hold(r, firstOf(r, restorePrefix(h.Signed.ID))); ok {
			h = next
		} else {
			break
		}
	}
	if !isVoid(r, subjectOf(h.Signed)) {
		return nil, wire.Errorf(wire.Conflict, "entry %s is not void", h.Signed.ID.Short())
	}
	if err := h.notClosed(c.Room.Name); err != nil {
		return nil, err
	}
	if h.Type == typePayment {
		b := new(Payment)
		if err := event.Unmarshal(h.Body, b); err != nil {
			return nil, err
		}
		b.Source, b.Restores = nil, h.Signed.ID
		return []app.Draft{{Type: typePayment, Body: b}}, nil
	}
	// The row of a file, or the day of a rule, that it came from is done, so it
	// claims none.
	fl, _ := flowOf(h.Signed)
	fl.Source, fl.Recur, fl.Restores = nil, nil, h.Signed.ID
	return []app.Draft{{Type: typeAdd, Body: &fl.Add}}, nil
}

func replyVoid(r app.Reader, _ VoidReq, events []*event.Signed, c app.Call) (EntryReply, error) {
	out := EntryReply{Channel: c.Room.Name}
	var b Void
	if events[0].Type != typeVoid {
		out.Entry = shownOf(r, events[0])
		return out, nil
	}
	err := event.Unmarshal(events[0].Body, &b)
	if e, ok := r.Event(b.Target); ok {
		out.Entry = shownOf(r, e)
	}
	return out, err
}

// OpinionReq says what the caller thinks of an entry.
type OpinionReq struct {
	app.Channel
	Entry  string `json:"entry,omitempty" arg:"entry" required:"true" complete:"entries" jsonschema:"id of the entry or the start of it"`
	Reason string `json:"reason,omitempty" short:"m" jsonschema:"why, up to 4096 bytes"`
}

// ConfirmReq agrees to an entry.
type ConfirmReq struct{ OpinionReq }

// DisputeReq objects to an entry.
type DisputeReq struct{ OpinionReq }

var confirmDef = wire.Def[ConfirmReq, EntryReply]{Spec: wire.Spec{
	Request: "expense_confirm", Reply: "expense_confirmed", Scope: wire.ScopeExpense,
	Summary: "Agree to an entry, such as a payment that was received", Command: "expense confirm", Write: true,
}}

var disputeDef = wire.Def[DisputeReq, EntryReply]{Spec: wire.Spec{
	Request: "expense_dispute", Reply: "expense_disputed", Scope: wire.ScopeExpense,
	Summary: "Object to an entry: it counts until it is changed or void, but where the room asks for confirmations", Command: "expense dispute", Write: true,
}}

func decideConfirm(r app.Reader, in ConfirmReq, c app.Call) ([]app.Draft, error) {
	target, reason, err := in.about(r, c)
	if err != nil {
		return nil, err
	}
	return []app.Draft{{Type: typeConfirm, Body: &Confirm{Target: target, Reason: reason}}}, nil
}

func decideDispute(r app.Reader, in DisputeReq, c app.Call) ([]app.Draft, error) {
	target, reason, err := in.about(r, c)
	if err != nil {
		return nil, err
	}
	return []app.Draft{{Type: typeDispute, Body: &Dispute{Target: target, Reason: reason}}}, nil
}

// about returns the entry that an opinion is about.
func (in OpinionReq) about(r app.Reader, c app.Call) (event.ID, string, error) {
	reason, err := say("reason", in.Reason)
	if err != nil {
		return event.ID{}, "", err
	}
	h, err := findEntry(r, in.Entry, c.Room.Name)
	if err != nil {
		return event.ID{}, "", err
	}
	alive := current(r, h)
	if len(alive) == 0 {
		return event.ID{}, "", wire.Errorf(wire.Conflict, "entry %s is void", h.Signed.ID.Short())
	}
	return alive[0].Signed.ID, reason, nil
}

func replyConfirm(r app.Reader, _ ConfirmReq, events []*event.Signed, c app.Call) (EntryReply, error) {
	var b Confirm
	err := event.Unmarshal(events[0].Body, &b)
	return opined(r, b.Target, c), err
}

func replyDispute(r app.Reader, _ DisputeReq, events []*event.Signed, c app.Call) (EntryReply, error) {
	var b Dispute
	err := event.Unmarshal(events[0].Body, &b)
	return opined(r, b.Target, c), err
}

func opined(r app.Reader, target event.ID, c app.Call) EntryReply {
	out := EntryReply{Channel: c.Room.Name}
	if e, ok := r.Event(target); ok {
		out.Entry = shownOf(r, e)
	}
	return out
}
