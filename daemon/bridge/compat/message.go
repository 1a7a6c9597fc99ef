package compat

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"intercom/ledger/event"
	"intercom/p2p/channel"
)

// startTTL is what the original shows for a message that nobody has relayed.
const startTTL = 3

// sidechannelMessage is the push of a message.
type sidechannelMessage struct {
	Type      string          `json:"type"`
	Channel   string          `json:"channel"`
	ID        string          `json:"id"`
	From      string          `json:"from"`
	Origin    string          `json:"origin"`
	Sig       string          `json:"sig"`
	RelayedBy *string         `json:"relayedBy"`
	TTL       int             `json:"ttl"`
	TS        int64           `json:"ts"`
	Message   json.RawMessage `json:"message"`
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
	if len(message) == 0 || message[0] != '{' {
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
	b, err := Encode(m)
	return Frame{Type: m.Type, Channel: m.Channel, Text: filterText(m.Message), JSON: b}, err
}

// filterText is what the original's filters see of a message: a text itself,
// the JSON of all else.
func filterText(message json.RawMessage) string {
	var s string
	if len(message) > 0 && message[0] == '"' && json.Unmarshal(message, &s) == nil {
		return s
	}
	return string(message)
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
