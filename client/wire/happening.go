package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Happening is a frame of the stream, for people.
type Happening json.RawMessage

// Echo reports whether a frame repeats an event of a room as the message that
// would have carried it in the original.
func Echo(frame json.RawMessage) bool {
	if !bytes.Contains(frame, []byte(`"`+PushMessage+`"`)) {
		return false
	}
	var f struct{ Type, Event string }
	return json.Unmarshal(frame, &f) == nil && f.Type == PushMessage && f.Event != ""
}

// happening is what the kinds of frames have.
type happening struct {
	Type      string          `json:"type"`
	EventType string          `json:"eventType"`
	Channel   string          `json:"channel"`
	At        int64           `json:"at"`
	TS        int64           `json:"ts"`
	By        string          `json:"by"`
	From      string          `json:"from"`
	Peer      string          `json:"peer"`
	Address   string          `json:"address"`
	Message   json.RawMessage `json:"message"`
	Event     json.RawMessage `json:"event"`
	Missed    uint64          `json:"missed"`
	Missing   [2]uint64       `json:"missing"`
	Reason    string          `json:"reason"`
	Payload   struct {
		Room, Goal, Status, Summary, Reason string
		Minutes                             int64
	} `json:"payload"`
	Entry struct {
		Payer, Amount, Currency, Note string
		Split                         []string
	} `json:"entry"`
}

var happeningColumns = Columns("time", "type", "channel", "who", "what")

// Table returns one row: time, type, channel, who, what.
func (h Happening) Table() Table { return Table{Columns: happeningColumns, Rows: [][]any{h.row()}} }

func (h Happening) row() []any {
	var f happening
	if err := json.Unmarshal(h, &f); err != nil {
		// A push of an app that uses these names for other things.
		var head struct{ Type, Channel string }
		_ = json.Unmarshal(h, &head) // its type and channel are all that is known
		return []any{nil, head.Type, head.Channel, "", ""}
	}
	var event EventInfo
	if f.Type == PushLedger && json.Unmarshal(f.Event, &event) == nil {
		f.TS, f.By = event.TS, event.Author.String()
	}
	if f.Channel == "" {
		f.Channel = f.Payload.Room
	}
	who := f.By
	for _, other := range []string{f.From, f.Peer} {
		if who == "" {
			who = other
		}
	}
	row := []any{nil, f.Type, f.Channel, who[:min(8, len(who))], f.what(event.Type)}
	if ms := max(f.At, f.TS); ms > 0 {
		row[0] = time.UnixMilli(ms).UTC()
	}
	return row
}

func (f happening) what(event string) string {
	switch f.Type {
	case PushMessage:
		var text string
		if json.Unmarshal(f.Message, &text) != nil {
			text = string(f.Message)
		}
		return text
	case PushFocus:
		p := f.Payload
		return detail(f.EventType, p.Goal, p.Status, p.Summary, minutes(p.Minutes))
	case PushExpense:
		e := f.Entry
		if e.Amount == "" {
			return f.EventType
		}
		return detail(f.EventType, e.Payer+" paid "+e.Amount+" "+e.Currency+" for "+strings.Join(e.Split, ", "), e.Note)
	case PushLedger:
		return event
	case PushPeer:
		var what string
		_ = json.Unmarshal(f.Event, &what) // a text, as it is declared
		return detail(what, f.Address)
	case PushGap:
		return fmt.Sprintf("%d packets are missing", f.Missing[1]-f.Missing[0]+1)
	case PushLagged:
		return fmt.Sprintf("%d were missed", f.Missed)
	case PushReset:
		return f.Reason
	}
	return f.EventType
}

func minutes(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d minutes", n)
}

// detail joins what there is.
func detail(what string, more ...string) string {
	var parts []string
	for _, m := range more {
		if m != "" {
			parts = append(parts, m)
		}
	}
	if len(parts) == 0 {
		return what
	}
	return what + ": " + strings.Join(parts, "; ")
}

// List implements Listed.
func (EventsReply) List() string { return "events" }

// Table returns a row for each frame.
func (r EventsReply) Table() Table {
	t := Table{Columns: happeningColumns, Rows: [][]any{}}
	for _, frame := range r.Events {
		t.Rows = append(t.Rows, Happening(frame).row())
	}
	return t
}

// Note says how to go on where there is more.
func (r EventsReply) Note() string {
	if r.More {
		return "there are more: the same with --since " + r.Cursor
	}
	return ""
}
