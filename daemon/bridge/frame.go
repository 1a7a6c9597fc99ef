package bridge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"intercom/client/wire"
	"intercom/daemon/bridge/compat"
	"intercom/internal/jsontext"
)

// Bounds of a frame's shape: tiny fields would take memory, and what is deep
// is too deep for readers that come later, clients and peers among them.
const (
	maxFields = 1000
	maxDepth  = 1000
)

// parse reads a request frame. An array has no fields, as in the original.
func parse(data []byte) (map[string]json.RawMessage, error) {
	shape, ok := jsontext.Look(data)
	switch {
	case !ok && !utf8.Valid(data): // encoding/json would repair it silently
		return nil, refusal(wire.InvalidUTF8, compat.InvalidJSON, "frame is not UTF-8")
	case !ok:
		return nil, refusal(wire.InvalidJSON, compat.InvalidJSON, "frame is not one JSON value")
	case shape.Depth > maxDepth:
		return nil, refusal(wire.TooLarge, compat.InvalidJSON, fmt.Sprintf("frame is nested deeper than %d", maxDepth))
	}
	data = bytes.TrimLeft(data, " \t\r\n")
	fields := make(map[string]json.RawMessage, 8)
	switch data[0] {
	case '[':
		return fields, nil
	case '{':
	default:
		return nil, refusal(wire.InvalidRequest, compat.InvalidMessage, "frame is not a JSON object")
	}
	for key, value := range members(data) {
		if fields[key] = value; len(fields) > maxFields {
			return nil, refusal(wire.TooLarge, compat.InvalidMessage, fmt.Sprintf("frame has more than %d fields", maxFields))
		}
	}
	return fields, nil
}

// unpaired reports whether valid JSON escapes a surrogate without its other
// half, which has no UTF-8: encoding/json would make all of them U+FFFD.
func unpaired(data []byte) bool {
	for {
		i := bytes.IndexByte(data, '\\')
		if i < 0 {
			return false
		}
		data = data[i:]
		first := escaped(data)
		switch {
		case first < 0:
			data = data[2:]
		case !utf16.IsSurrogate(first):
			data = data[6:]
		case utf16.DecodeRune(first, escaped(data[6:])) == utf8.RuneError:
			return true
		default:
			data = data[12:]
		}
	}
}

// escaped returns the code unit of \uXXXX at the start of b, or -1.
func escaped(b []byte) rune {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}

func refusal(c wire.Code, text, reason string) *wire.Error {
	return &wire.Error{Code: c, Text: text, Reason: reason}
}

// members yields the members of a valid JSON object in their order, with keys
// as they are: encoding/json would take Type for type.
func members(obj []byte) iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		i := skipSpace(obj, 0) + 1
		for {
			i = skipSpace(obj, i)
			if obj[i] == '}' {
				return
			}
			end := skipValue(obj, i)
			key := unquote(obj[i:end])
			i = skipSpace(obj, end) + 1 // the colon
			i = skipSpace(obj, i)
			end = skipValue(obj, i)
			if !yield(key, obj[i:end:end]) {
				return
			}
			if i = skipSpace(obj, end); obj[i] == ',' {
				i++
			}
		}
	}
}

func skipSpace(b []byte, i int) int {
	for b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r' {
		i++
	}
	return i
}

// skipValue returns the end of the valid JSON value that starts at i and does
// not end b.
func skipValue(b []byte, i int) int {
	switch b[i] {
	case '"':
		return jsontext.StringEnd(b, i)
	case '{', '[':
		for depth := 0; ; {
			switch b[i] {
			case '"':
				i = jsontext.StringEnd(b, i)
				continue
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
			i++
		}
	}
	for ; ; i++ {
		switch b[i] {
		case ',', '}', ']', ' ', '\n', '\t', '\r':
			return i
		}
	}
}

func unquote(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1])
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return ""
	}
	return s
}

// text returns the value of a JSON string, and whether raw is one.
func text(raw json.RawMessage) (string, bool) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	return unquote(raw), true
}

// replyFrame makes {"id":…,"type":…} followed by the members of the objects;
// of members with one name the first stays. Objects that are nil or null have
// no members.
func replyFrame(id json.RawMessage, typ string, objects ...any) ([]byte, error) {
	objects = slices.DeleteFunc(objects, func(o any) bool { return o == nil })
	if len(objects) == 1 {
		if frame, ok := plainFrame(id, typ, objects[0]); ok {
			return frame, nil
		}
	}
	var b bytes.Buffer
	b.WriteByte('{')
	if id != nil {
		fmt.Fprintf(&b, `"id":%s,`, id)
	}
	name, err := compat.Encode(typ)
	if err != nil {
		return nil, fmt.Errorf("encode type: %w", err)
	}
	fmt.Fprintf(&b, `"type":%s`, name)
	seen := map[string]bool{"id": true, "type": true}
	for _, o := range objects {
		raw, err := compat.Encode(o)
		if err != nil {
			return nil, fmt.Errorf("encode %s: %w", typ, err)
		}
		if string(raw) == "null" {
			continue
		}
		if raw[0] != '{' {
			return nil, fmt.Errorf("encode %s: %T is not a JSON object", typ, o)
		}
		for key, value := range members(raw) {
			if seen[key] {
				continue
			}
			seen[key] = true
			quoted, err := compat.Encode(key)
			if err != nil {
				return nil, fmt.Errorf("encode %s: %w", typ, err)
			}
			b.WriteByte(',')
			b.Write(quoted)
			b.WriteByte(':')
			b.Write(value)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// withCursor adds a cursor to a frame; an empty one is none.
func withCursor(frame []byte, cursor string) []byte {
	if cursor == "" {
		return frame
	}
	return fmt.Appendf(frame[:len(frame)-1:len(frame)-1], `,"cursor":"%s"}`, cursor)
}

// plainFrame is replyFrame of one object that has no member id or type, at any
// depth: its members are as they are to be.
func plainFrame(id json.RawMessage, typ string, o any) (frame []byte, ok bool) {
	raw, err := compat.Encode(o)
	if err != nil || len(raw) < 2 || raw[0] != '{' || bytes.Contains(raw, []byte(`"id":`)) || bytes.Contains(raw, []byte(`"type":`)) {
		return nil, false
	}
	b := make([]byte, 0, len(raw)+len(id)+len(typ)+32)
	b = append(b, '{')
	if id != nil {
		b = append(append(append(b, `"id":`...), id...), ',')
	}
	b = append(append(append(b, `"type":"`...), typ...), '"')
	if len(raw) > 2 {
		b = append(b, ',')
	}
	return append(b, raw[1:]...), true
}

// errorFrame makes the frame of a failed request; it cannot fail.
func errorFrame(id json.RawMessage, text string, e *wire.Error) []byte {
	frame, err := replyFrame(id, "error", struct {
		Error  string    `json:"error"`
		Code   wire.Code `json:"code"`
		Reason string    `json:"reason"`
		Hint   string    `json:"hint,omitempty"`
	}{text, e.Code, e.Reason, e.Hint})
	if err != nil { // strings always encode
		return []byte(`{"type":"error","error":"internal error","code":"internal","reason":"internal error"}`)
	}
	return frame
}
