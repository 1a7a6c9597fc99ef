package out

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// reserved are words that a reader of YAML 1.1 or 1.2 takes for something else.
var reserved = map[string]bool{
	"true": true, "false": true, "null": true, "yes": true, "no": true,
	"on": true, "off": true, "y": true, "n": true,
}

// writeYAML writes compact JSON as YAML blocks in the same order. Every text
// that is not plainly words is quoted: what libraries leave plain lets control
// characters through and makes numbers of text such as `1e3`.
func writeYAML(b *bytes.Buffer, raw json.RawMessage) error {
	return yamlValue(b, raw, 0, false)
}

// yamlValue writes a value. inline says that its first line has begun, after a
// dash of the list that holds it.
func yamlValue(b *bytes.Buffer, raw json.RawMessage, depth int, inline bool) error {
	o, ok, err := parseObject(raw)
	switch {
	case err != nil:
		return err
	case ok && len(o) > 0:
		for i, m := range o {
			indent(b, depth, inline && i == 0)
			b.WriteString(yamlText(m.key))
			b.WriteByte(':')
			if err := yamlMember(b, m.value, depth); err != nil {
				return err
			}
		}
		return nil
	case raw[0] == '[' && string(raw) != "[]":
		list, err := parseList(raw)
		if err != nil {
			return err
		}
		for i, e := range list {
			indent(b, depth, inline && i == 0)
			b.WriteString("- ")
			if err := yamlValue(b, e, depth+1, true); err != nil {
				return err
			}
		}
		return nil
	}
	indent(b, depth, inline)
	if err := yamlScalar(b, raw); err != nil {
		return err
	}
	return b.WriteByte('\n')
}

// yamlMember writes what follows the colon of a key.
func yamlMember(b *bytes.Buffer, raw json.RawMessage, depth int) error {
	block := (raw[0] == '{' || raw[0] == '[') && len(raw) > 2
	if block {
		b.WriteByte('\n')
		return yamlValue(b, raw, depth+1, false)
	}
	b.WriteByte(' ')
	if err := yamlScalar(b, raw); err != nil {
		return err
	}
	return b.WriteByte('\n')
}

func yamlScalar(b *bytes.Buffer, raw json.RawMessage) error {
	if raw[0] != '"' {
		b.Write(raw)
		return nil
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return fmt.Errorf("parse text: %w", err)
	}
	b.WriteString(yamlText(s))
	return nil
}

// yamlText returns s plain or as a double-quoted scalar (YAML 1.2.2, 7.3.1).
func yamlText(s string) string {
	if plain(s) && !reserved[strings.ToLower(s)] {
		return s
	}
	b := []byte{'"'}
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r > 0xffff && hostile(r):
			b = fmt.Appendf(b, `\U%08x`, r)
		case hostile(r) || r == 0xfffe || r == 0xffff: // the last two are not printable in YAML
			b = fmt.Appendf(b, `\u%04x`, r)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return string(append(b, '"'))
}

// plain reports whether s is words of ASCII letters, digits and `_./-` that
// begin with a letter, one blank apart.
func plain(s string) bool {
	before := byte(' ')
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		switch {
		case i == 0 && !letter, c == ' ' && before == ' ':
			return false
		case !letter && (c < '-' || c > '9') && c != '_' && c != ' ': // `-` to `9` holds `./`
			return false
		case before == ' ' && c == '-' && i > 0: // ` - ` and ` ---` look like structure
			return false
		}
		before = c
	}
	return before != ' '
}

func indent(b *bytes.Buffer, depth int, inline bool) {
	if !inline {
		b.WriteString(strings.Repeat("  ", depth))
	}
}
