package daemon

import (
	"encoding/json"
	"fmt"
	"slices"

	"intercom/client/wire"
	"intercom/daemon/bridge/compat"
	"intercom/daemon/journal"
	"intercom/internal/app"
	"intercom/ledger"
	"intercom/ledger/event"
)

// member is a field of a frame.
type member struct {
	name  string
	value any
}

// object adds members to a JSON object, behind its own; those that it has
// already are left out.
func object(body any, members ...member) ([]byte, error) {
	out, own := []byte("{}"), map[string]json.RawMessage{}
	if body != nil {
		var err error
		if out, err = compat.Encode(body); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(out, &own); err != nil {
			return nil, fmt.Errorf("%T is no JSON object: %w", body, err)
		}
	}
	for _, m := range members {
		if _, ok := own[m.name]; ok {
			continue
		}
		value, err := compat.Encode(m.value)
		if err != nil {
			return nil, fmt.Errorf("encode %s: %w", m.name, err)
		}
		out = out[:len(out)-1]
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, `"`+m.name+`":`...)
		out = append(append(out, value...), '}')
	}
	return out, nil
}

// frameOf makes a frame of a type from its other fields.
func frameOf(typ, kind, channel string, body any, members ...member) (journal.Frame, error) {
	head := []member{{"type", typ}}
	if kind != "" {
		head = append(head, member{"eventType", kind})
	}
	first, err := object(nil, head...)
	if err != nil {
		return journal.Frame{}, err
	}
	rest, err := object(body, members...)
	if err != nil {
		return journal.Frame{}, err
	}
	f := journal.Frame{Type: typ, Kind: kind, Channel: channel, Text: rest, JSON: first}
	if len(rest) > 2 {
		f.JSON = slices.Concat(first[:len(first)-1], []byte(","), rest[1:])
	}
	return f, nil
}

func source(local bool) string {
	if local {
		return "local"
	}
	return "remote"
}

// pushOf makes the frame of an app's own push.
func pushOf(e ledger.Entry, p app.Push) (journal.Frame, error) {
	members := []member{{"channel", e.Room.Name()}}
	if e.Event != nil {
		members = append(members, member{"by", e.Event.Author}, member{"at", e.Event.TS}, member{"event", e.Event.ID})
	} else {
		members = append(members, member{"at", e.Passed.Due.UnixMilli()})
	}
	f, err := frameOf(p.Type, p.Kind, e.Room.Name(), p.Body, append(members, member{"source", source(e.Local)})...)
	f.Env = p.Env
	return f, err
}

// alike makes of a push in the original's shape the one for clients that
// follow: it names the event, so that nobody takes it for a message.
func alike(e ledger.Entry, f compat.Frame) journal.Frame {
	out := journal.Frame{Type: f.Type, Kind: f.Kind, Channel: f.Channel, Text: f.Text, JSON: f.JSON}
	if e.Event != nil {
		out.JSON = withMembers(f.JSON, member{"event", e.Event.ID}, member{"source", source(e.Local)})
	}
	return out
}

// sourced makes of a message's push the one for clients that follow.
func sourced(f compat.Frame, own bool) journal.Frame {
	return journal.Frame{Type: f.Type, Channel: f.Channel, Text: f.Text, JSON: f.JSON, Source: source(own)}
}

// withMembers is object of a frame that is one already.
func withMembers(frame []byte, members ...member) []byte {
	out, err := object(json.RawMessage(frame), members...)
	if err != nil { // a frame is an object, and the members are texts
		return frame
	}
	return out
}

// ledgerEvent makes the push of an event that has no other.
func ledgerEvent(e ledger.Entry) journal.Frame {
	shown := wire.LedgerEvent{
		Channel: e.Room.Name(), Source: source(e.Local),
		Event: wire.EventInfo{
			ID: e.Event.ID, Author: e.Event.Author, Instance: e.Event.Instance.String(), Seq: e.Event.Seq,
			TS: e.Event.TS, Type: e.Event.Type,
		},
	}
	if body, ok := event.BodyJSON(e.Event.Body); ok && e.Event.Epoch == 0 {
		shown.Event.Body = body
	}
	f, err := frameOf(wire.PushLedger, e.Event.Type, e.Room.Name(), shown)
	if err != nil { // numbers and texts, and JSON that was made here
		return journal.Frame{Type: wire.PushLedger, Channel: e.Room.Name(), JSON: []byte(`{"type":"` + wire.PushLedger + `"}`)}
	}
	return f
}
