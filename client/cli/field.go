package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/pflag"

	"intercom/client/wire"
)

// field is a field of a request's struct as a flag, and perhaps as a
// positional argument. It is the flag's value: it keeps the JSON to send.
type field struct {
	name     string // in JSON
	flag     string // empty: none
	short    string
	arg      string // name of the positional argument, empty: none
	usage    string
	complete string // kind of the names that complete it, empty: none
	required bool
	choices  []string        // of a text; empty: any
	fallback json.RawMessage // sent where nothing is given
	typ      reflect.Type

	raw   json.RawMessage // given; nil: not
	stdin bool            // the text is to be read from standard input
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// fieldsOf reads the fields of a request's struct and their tags.
func fieldsOf(t reflect.Type) []*field {
	var fields []*field
	for _, f := range wire.Fields(t) {
		d := &field{
			name: f.JSON, flag: f.Tag.Get("flag"), short: f.Tag.Get("short"), arg: f.Tag.Get("arg"),
			usage: f.Tag.Get("jsonschema"), complete: f.Tag.Get("complete"), required: f.Tag.Get("required") == "true", typ: f.Type,
		}
		if enum := f.Tag.Get("enum"); enum != "" {
			d.choices = strings.Split(enum, ",")
		}
		if more := f.Tag.Get("cliplus"); more != "" { // what the command does beyond the request
			d.choices = append(d.choices, strings.Split(more, ",")...)
		}
		if d.flag == "" {
			d.flag = kebab(f.JSON)
		}
		if f.Tag.Get("cli") == "-" {
			d.flag = ""
		}
		if text, ok := f.Tag.Lookup("clidefault"); ok {
			if d.fallback = json.RawMessage(text); !json.Valid(d.fallback) {
				d.fallback = quote(text)
			}
		}
		fields = append(fields, d)
	}
	return fields
}

// kebab turns payerShares into payer-shares.
func kebab(name string) string {
	var b strings.Builder
	for i, r := range name {
		if 'A' <= r && r <= 'Z' {
			if i > 0 {
				b.WriteByte('-')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

func quote(text string) json.RawMessage {
	b, _ := json.Marshal(text) // a string always has a JSON form
	return b
}

// form is how a flag's text becomes JSON.
type form int

const (
	formText   form = iota // a string, also of types that read their own JSON
	formSwitch             // a bool
	formNumber             // a number
	formList               // strings separated by commas
	formJSON               // JSON as it is
)

func (f *field) form() form {
	t := f.typ
	if t.Kind() == reflect.Bool {
		return formSwitch // also one that takes more over the bridge
	}
	if t.Implements(unmarshaler) || reflect.PointerTo(t).Implements(unmarshaler) {
		if t == reflect.TypeFor[json.RawMessage]() {
			return formJSON
		}
		return formText
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch k := t.Kind(); {
	case k == reflect.Bool:
		return formSwitch
	case k == reflect.String:
		return formText
	case k >= reflect.Int && k <= reflect.Float64:
		return formNumber
	case k == reflect.Slice && t.Elem().Kind() == reflect.String:
		return formList
	}
	return formJSON
}

// add adds the flag to a command's flags.
func (f *field) add(flags *pflag.FlagSet) {
	if f.flag == "" {
		return
	}
	flag := flags.VarPF(f, f.flag, f.short, f.usage)
	if f.form() == formSwitch {
		flag.NoOptDefVal = "true"
	}
}

// Set reads the flag's text. A list may be given in parts.
func (f *field) Set(text string) error {
	switch f.form() {
	case formSwitch:
		v, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is not true or false", text)
		}
		f.raw = strconv.AppendBool(nil, v)
	case formNumber:
		if err := json.Unmarshal([]byte(text), reflect.New(f.typ).Interface()); err != nil {
			return fmt.Errorf("%q is not a number that fits", text)
		}
		f.raw = json.RawMessage(text)
	case formList:
		var list []string
		if f.raw != nil {
			if err := json.Unmarshal(f.raw, &list); err != nil {
				return err
			}
		}
		for part := range strings.SplitSeq(text, ",") {
			list = append(list, strings.TrimSpace(part))
		}
		f.raw, _ = json.Marshal(slices.DeleteFunc(list, func(s string) bool { return s == "" })) // strings
	case formJSON:
		if f.raw = json.RawMessage(text); !json.Valid(f.raw) {
			return fmt.Errorf("%q is not JSON", text)
		}
	default:
		if len(f.choices) > 0 && !slices.Contains(f.choices, text) {
			return fmt.Errorf("%q is not one of %s", text, strings.Join(f.choices, ", "))
		}
		f.raw, f.stdin = quote(text), text == "-"
	}
	return nil
}

// String returns what was given.
func (f *field) String() string { return string(f.raw) }

// Type names the value in the help.
func (f *field) Type() string {
	return [...]string{formText: "text", formSwitch: "bool", formNumber: "number", formList: "a,b", formJSON: "json"}[f.form()]
}

// maxText bounds what is read from standard input in bytes.
const maxText = wire.MaxRequest

// readText reads a text to its end, without the last newline.
func readText(r io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxText+1))
	if err != nil {
		return "", fmt.Errorf("read standard input: %w", err)
	}
	if len(b) > maxText {
		return "", wire.Errorf(wire.TooLarge, "standard input has more than %d bytes", maxText)
	}
	if !utf8.Valid(b) {
		return "", wire.Errorf(wire.InvalidUTF8, "standard input is not UTF-8")
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r"), nil
}
