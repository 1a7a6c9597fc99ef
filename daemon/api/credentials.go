package api

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"

	"intercom/client/wire"
	"intercom/daemon/bridge/compat"
)

// credentials checks that an invite and a welcome can be read. An open channel
// needs neither and takes no further notice of them.
func credentials(fields map[string]json.RawMessage) error {
	if !readable(fields["invite"]) {
		return wire.Errorf(wire.InvalidInvite, "invite is no JSON object, plain or in base64")
	}
	if !readable(fields["welcome"]) {
		return wire.Errorf(wire.InvalidWelcome, "welcome is no JSON object, plain or in base64")
	}
	return nil
}

// readable reports whether raw is an object, or a text that holds one: its
// JSON, plain or in base64. What JavaScript takes for false is none at all.
func readable(raw json.RawMessage) bool {
	if !compat.Truthy(raw) || raw[0] == '{' {
		return true
	}
	var text string
	if raw[0] != '"' || json.Unmarshal(raw, &text) != nil {
		return false
	}
	return isObject([]byte(text)) || isObject(fromBase64(text))
}

// fromBase64 reads either alphabet, padded or not; nil if text is neither.
func fromBase64(text string) []byte {
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(strings.TrimSpace(text), "="))
	b, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return b
}

func isObject(b []byte) bool {
	b = bytes.TrimSpace(b)
	return len(b) > 0 && b[0] == '{' && json.Valid(b)
}
