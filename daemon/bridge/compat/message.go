package compat

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"intercom/internal/jsontext"
	"intercom/ledger/event"
	"intercom/p2p/channel"
)

// startTTL is what the original shows for a message that nobody has relayed.
const startTTL = 3

// sidechannelMessage is the push of a message. All texts but the channel are
// plain: hex digits and what ids are made of.
type sidechannelMessage struct {
	Type, Channel         string
	ID, From, Origin, Sig string
	RelayedBy             *string
	TTL                   int
	TS                    int64
	Message               json.RawMessage
}

// payload is the original's form of a message between peers.
type payload struct {
	Type    string          `json:"type"`
	ID      string          `json:"id"`
	Channel string          `json:"channel"`
	From    string          `json:"from"`
	Origin  string          `json:"origin"`
	Message json.RawMessage `json:"message"`
	TS      int64           `json:"ts"`
	TTL     int             `json:"ttl"`
	Sig     string          `json:"sig"`
}

// MessageFrame returns the push for a message of a channel. For the message
// null the original shows the whole payload that carried it.
func MessageFrame(m channel.Message) (Frame, error) {
	p := sidechannelMessage{
		Type: "sidechannel_message", Channel: m.Channel, ID: m.ID, From: m.From, Origin: m.From, Sig: m.Sig,
		TTL: m.TTL, TS: m.TS, Message: m.Message,
	}
	if m.RelayedBy != "" {
		p.RelayedBy = &m.RelayedBy
	}
	if string(m.Message) == "null" {
		whole, err := Encode(payload{
			Type: "sidechannel", ID: m.ID, Channel: m.Channel, From: m.From, Origin: m.From, Message: m.Message,
			TS: m.TS, TTL: m.TTL, Sig: m.Sig,
		})
		if err != nil {
			return Frame{}, err
		}
		p.Message = whole
	}
	return p.frame()
}

// Control reports whether a message is one by which peers of the original
// authenticate and welcome each other, which they never show to a client.
// Here both have their own ways, so such a message means nothing.
func Control(message json.RawMessage) bool {
	if len(message) == 0 || message[0] != '{' || !bytes.Contains(message, []byte("control")) && !bytes.ContainsRune(message, '\\') {
		return false
	}
	var m map[string]json.RawMessage // whose keys are exact, unlike a struct's
	if json.Unmarshal(message, &m) != nil {
		return false
	}
	switch StringOf(m["control"]) {
	case "auth", "welcome":
		return m["control"][0] == '"'
	}
	return false
}

// eventMessage returns the push for the message that, in the original, would
// have carried an event.
func eventMessage(h Happening, message any) (Frame, error) {
	raw, err := Encode(message)
	if err != nil {
		return Frame{}, err
	}
	from := h.Event.Author.String()
	return sidechannelMessage{
		Type: "sidechannel_message", Channel: h.Room, From: from, Origin: from,
		ID:  fmt.Sprintf("%s:%d:%s", from, h.Event.TS, short(h.Event.ID)),
		Sig: fmt.Sprintf("%x", h.Event.Sig), TTL: startTTL, TS: h.Event.TS, Message: raw,
	}.frame()
}

func (m sidechannelMessage) frame() (Frame, error) {
	// By hand, since this is the path of every message: Encode would read it
	// byte by byte, for blanks that are seldom there.
	message := m.Message
	shape, ok := jsontext.Look(message)
	if !ok {
		return Frame{}, errors.New("encode message: not JSON")
	}
	if shape.Blanks {
		var text bytes.Buffer
		if err := json.Compact(&text, message); err != nil {
			return Frame{}, fmt.Errorf("encode message: %w", err)
		}
		message = text.Bytes()
	}
	name, err := Encode(m.Channel)
	if err != nil {
		return Frame{}, err
	}
	b := make([]byte, 0, len(message)+len(name)+len(m.ID)+3*len(m.From)+len(m.Sig)+160)
	b = append(append(b, `{"type":"sidechannel_message","channel":`...), name...)
	for _, f := range [...][2]string{{"id", m.ID}, {"from", m.From}, {"origin", m.Origin}, {"sig", m.Sig}} {
		b = append(append(append(append(append(b, `,"`...), f[0]...), `":"`...), f[1]...), '"')
	}
	if m.RelayedBy == nil {
		b = append(b, `,"relayedBy":null`...)
	} else {
		b = append(append(append(b, `,"relayedBy":"`...), *m.RelayedBy...), '"')
	}
	b = strconv.AppendInt(append(b, `,"ttl":`...), int64(m.TTL), 10)
	b = strconv.AppendInt(append(b, `,"ts":`...), m.TS, 10)
	b = append(append(append(b, `,"message":`...), message...), '}')
	message = b[len(b)-1-len(message) : len(b)-1]
	return Frame{Type: m.Type, Channel: m.Channel, Text: filterText(message), JSON: b}, nil
}

// filterText is what the original's filters see of a message: a text itself,
// the JSON of all else.
func filterText(message json.RawMessage) []byte {
	if n := len(message); n > 1 && message[0] == '"' && bytes.IndexByte(message, '\\') < 0 {
		return message[1 : n-1]
	}
	var s string
	if len(message) > 0 && message[0] == '"' && json.Unmarshal(message, &s) == nil {
		return []byte(s)
	}
	return message
}

// short returns the 8 characters of 0-9a-z that end the original's ids.
func short(id event.ID) string {
	const all = 36 * 36 * 36 * 36 * 36 * 36 * 36 * 36
	s := strconv.FormatUint(binary.BigEndian.Uint64(id[:])%all, 36)
	return strings.Repeat("0", 8-len(s)) + s
}

// Encode writes v as JavaScript would: without escapes for HTML.
func Encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	return bytes.TrimSpace(b.Bytes()), nil
}
