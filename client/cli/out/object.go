package out

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// object is a JSON object in the order in which it was written.
type object []member

type member struct {
	key   string
	value json.RawMessage // compact and safe
}

// encode returns v as compact JSON that can be shown on a terminal.
func encode(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode document: %w", err)
	}
	return safeJSON(bytes.TrimSpace(b.Bytes())), nil
}

// parseObject reads an object; ok is false for other JSON.
func parseObject(raw []byte) (o object, ok bool, err error) {
	if len(raw) == 0 || raw[0] != '{' {
		return nil, false, nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if _, err := dec.Token(); err != nil {
		return nil, false, fmt.Errorf("parse object: %w", err)
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, false, fmt.Errorf("parse object: %w", err)
		}
		var m member
		m.key, _ = key.(string)
		if err := dec.Decode(&m.value); err != nil {
			return nil, false, fmt.Errorf("parse object: %w", err)
		}
		o = append(o, m)
	}
	return o, true, nil
}

// parseList reads the elements of a list, none from null.
func parseList(raw []byte) ([]json.RawMessage, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("parse list: %w", err)
	}
	return list, nil
}

func (o object) get(key string) json.RawMessage {
	for _, m := range o {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

// without returns o with no member of that key.
func (o object) without(key string) object {
	rest := make(object, 0, len(o))
	for _, m := range o {
		if m.key != key {
			rest = append(rest, m)
		}
	}
	return rest
}

// choose returns the members of keys, in their order; null where o has none,
// so that every row has the same keys.
func (o object) choose(keys []string) object {
	chosen := make(object, len(keys))
	for i, k := range keys {
		chosen[i] = member{k, o.get(k)}
		if chosen[i].value == nil {
			chosen[i].value = json.RawMessage("null")
		}
	}
	return chosen
}

func (o object) bytes() json.RawMessage {
	b := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, quote(m.key)...)
		b = append(b, ':')
		b = append(b, m.value...)
	}
	return append(b, '}')
}

func joinList(list []json.RawMessage) json.RawMessage {
	return append(append([]byte{'['}, bytes.Join(byteSlices(list), []byte{','})...), ']')
}

func byteSlices(list []json.RawMessage) [][]byte {
	s := make([][]byte, len(list))
	for i, raw := range list {
		s[i] = raw
	}
	return s
}

// quote returns s as a JSON string.
func quote(s string) []byte {
	b, err := encode(s)
	if err != nil {
		return []byte(`""`) // a string always encodes
	}
	return b
}
