package event

import (
	"encoding/hex"
	"encoding/json"
)

// BodyJSON returns a body as JSON for people: byte strings are hex digits. It
// is false where the body is none of the format's.
func BodyJSON(body []byte) (json.RawMessage, bool) {
	if Canonical(body) != nil {
		return nil, false
	}
	var v any
	if Unmarshal(body, &v) != nil {
		return nil, false
	}
	b, err := json.Marshal(plain(v))
	return b, err == nil
}

// plain returns a decoded value without what JSON does not have.
func plain(v any) any {
	switch v := v.(type) {
	case []byte:
		return hex.EncodeToString(v)
	case []any:
		for i, e := range v {
			v[i] = plain(e)
		}
	case map[any]any:
		m := make(map[string]any, len(v))
		for k, e := range v {
			name, ok := plain(k).(string)
			if !ok { // maps of the format have text keys; a foreign one may not
				b, err := json.Marshal(plain(k))
				if err != nil {
					continue
				}
				name = string(b)
			}
			m[name] = plain(e)
		}
		return m
	}
	return v
}
