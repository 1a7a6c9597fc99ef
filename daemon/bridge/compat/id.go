package compat

import (
	"encoding/json"
	"math"
)

// EchoID returns the JSON text under which a reply repeats the request's id,
// or nil where it does not: integers by value (1.0 is 1, 1e2 is 100; digits
// alone stay as they are, also beyond 2^53) and, unlike the original, strings.
func EchoID(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return nil
	}
	switch c := raw[0]; {
	case c == '"':
		return raw
	case c != '-' && (c < '0' || c > '9'):
		return nil
	}
	f, ok := number(string(raw))
	if !ok || math.IsInf(f, 0) || f != math.Trunc(f) {
		return nil
	}
	if f != 0 && digits(raw) {
		return raw
	}
	return json.RawMessage(FormatNumber(f))
}

func digits(raw json.RawMessage) bool {
	for i, c := range raw {
		if (c < '0' || c > '9') && (i > 0 || c != '-') {
			return false
		}
	}
	return true
}
