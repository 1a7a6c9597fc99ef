package compat

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// StringOf returns what JavaScript's String() makes of a JSON value; a nil
// value is "undefined". It takes time linear in the value's length and, unlike
// the original, does not fail on objects with a toString of their own. raw is valid
// JSON in UTF-8, without blanks around it.
func StringOf(raw json.RawMessage) string {
	if len(raw) == 0 {
		return "undefined"
	}
	if n := len(raw); n > 1 && raw[0] == '"' && raw[n-1] == '"' && bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : n-1]) // most names are
	}
	v, err := decode(raw)
	if err != nil {
		return ""
	}
	var b strings.Builder
	writeString(&b, v)
	return b.String()
}

// Truthy reports whether JavaScript takes a JSON value for true in a
// condition; a nil value is undefined, so false.
func Truthy(raw json.RawMessage) bool {
	if len(raw) == 0 {
		return false
	}
	switch raw[0] {
	case 'n', 'f':
		return false
	case '"':
		return len(raw) > 2
	case '{', '[', 't':
		return true
	}
	f, ok := number(string(raw))
	return ok && f != 0
}

func decode(raw json.RawMessage) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber() // a float64 cannot hold 1e400, which JavaScript reads as Infinity
	var v any
	err := d.Decode(&v)
	return v, err
}

func writeString(b *strings.Builder, v any) {
	switch v := v.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case string:
		b.WriteString(v)
	case json.Number:
		f, _ := number(v.String())
		b.WriteString(FormatNumber(f))
	case []any:
		for i, e := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			if e != nil { // Array.prototype.join leaves null empty
				writeString(b, e)
			}
		}
	default:
		b.WriteString("[object Object]")
	}
}

// number reads a JSON number as JavaScript does: what is too large becomes an
// infinity.
func number(literal string) (float64, bool) {
	f, err := strconv.ParseFloat(literal, 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, false
	}
	return f, true
}

// FormatNumber returns a number as JavaScript prints it (ECMA-262,
// Number::toString with radix 10).
func FormatNumber(f float64) string {
	switch abs := math.Abs(f); {
	case f == 0:
		return "0" // also for -0
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case abs < 1e-6 || abs >= 1e21:
		s := strconv.FormatFloat(f, 'e', -1, 64)
		if i := strings.IndexByte(s, 'e'); s[i+2] == '0' { // e-07 is e-7
			s = s[:i+2] + s[i+3:]
		}
		return s
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
