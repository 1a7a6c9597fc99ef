package compat

import (
	"encoding/json"
	"strings"

	"intercom/client/wire"
)

// switches are the flags that are 1 or 0, or stand alone.
var switches = []string{"sim", "confirmed", "replace", "payerShares"}

// Flags reads the flags of a command of the original's terminal, `--name value`:
// a value may stand in double or single quotes, in double ones after a backslash
// every character stands for itself; without a value it is true.
func Flags(args string) (map[string]json.RawMessage, error) {
	words, err := words(args)
	if err != nil {
		return nil, err
	}
	fields := map[string]json.RawMessage{}
	for i := 0; i < len(words); i++ {
		name, ok := strings.CutPrefix(words[i].text, "--")
		if !ok || words[i].quoted || name == "" {
			return nil, wire.Errorf(wire.InvalidRequest, "%q is no --name", words[i].text)
		}
		name, value, given := strings.Cut(name, "=")
		if next := i + 1; !given && next < len(words) && (words[next].quoted || !strings.HasPrefix(words[next].text, "--")) {
			value, given, i = words[next].text, true, next
		}
		fields[name] = json.RawMessage("true")
		if given {
			if fields[name], err = Encode(value); err != nil {
				return nil, err
			}
		}
	}
	for _, name := range switches {
		switch raw := fields[name]; strings.ToLower(StringOf(raw)) {
		case "undefined":
		case "", "0", "false", "no", "off":
			fields[name] = json.RawMessage("false")
		default:
			fields[name] = json.RawMessage("true")
		}
	}
	return fields, nil
}

// word is a part of a command line.
type word struct {
	text   string
	quoted bool // from its start, so that it is no --name
}

func words(line string) ([]word, error) {
	var all []word
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		w, n, err := firstWord(line)
		if err != nil {
			return nil, err
		}
		all, line = append(all, w), line[n:]
	}
	return all, nil
}

// firstWord returns the word that a line begins with and where it ends.
func firstWord(line string) (word, int, error) {
	var text strings.Builder
	var quote byte // that is open; 0: none
	i := 0
	for ; i < len(line); i++ {
		switch ch := line[i]; {
		case quote == '"' && ch == '\\' && i+1 < len(line):
			i++
			text.WriteByte(line[i])
		case ch == quote:
			quote = 0
		case quote != 0:
			text.WriteByte(ch)
		case ch == '"' || ch == '\'':
			quote = ch
		case strings.IndexByte(" \t\r\n", ch) >= 0:
			return word{text.String(), line[0] == '"' || line[0] == '\''}, i, nil
		default:
			text.WriteByte(ch)
		}
	}
	if quote != 0 {
		return word{}, i, wire.Errorf(wire.InvalidRequest, "a quote %c is not closed", quote)
	}
	return word{text.String(), line[0] == '"' || line[0] == '\''}, i, nil
}
