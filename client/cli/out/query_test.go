package out_test

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"intercom/client/cli/out"
	"intercom/client/wire"
)

func TestJQAndTemplate(t *testing.T) {
	tests := []struct {
		o    out.Options
		want string
	}{
		{out.Options{JQ: ".schema"}, "intercom.expense.list/v1\n"},
		{out.Options{JQ: ".entries[0,1] | .payer"}, "alice\nbob\n"},
		{out.Options{JQ: ".entries[0].id, (.entries|length), null, [1,{a:\"<x>\"}]"}, "1\n4\nnull\n[1,{\"a\":\"<x>\"}]\n"},
		{out.Options{JQ: "12345678901234567890123"}, "12345678901234567890123\n"},
		{out.Options{JQ: "empty"}, ""},
		{out.Options{JQ: "1, halt, 2"}, "1\n"},
		{out.Options{JQ: "env | length"}, "0\n"},
		{out.Options{JQ: ".entries[0]", Fields: []string{"id"}}, "{\"id\":1}\n"},
		{out.Options{Template: "{{range .entries}}{{.id}} {{.amount}}\n{{end}}"}, "1 30.00\n2 -15.00\n-3 1000000.05\n4 0.1\n"},
		{out.Options{Template: "{{with index .entries 0}}{{if lt .id 2}}{{json .payer}}{{end}}{{end}}"}, "\"alice\"\n"},
		{out.Options{Template: "{{if .absent}}x{{end}}"}, ""},
	}
	for _, tt := range tests {
		if got, _ := printed(t, tt.o, out.Terminal{}, document(sample)); got != tt.want {
			t.Errorf("%+v: got %q, want %q", tt.o, got, tt.want)
		}
	}
}

func TestQueryKeepsLargeNumbers(t *testing.T) {
	d := out.Document{Data: map[string]uint64{"n": 1<<64 - 1}}
	for _, o := range []out.Options{{JQ: ".n"}, {Template: "{{.n}}"}, {Format: "csv"}, {Format: "yaml"}} {
		if got, _ := printed(t, o, out.Terminal{}, d); !strings.Contains(got, "18446744073709551615") {
			t.Errorf("%+v: got %q", o, got)
		}
	}
}

func TestQueryThatFailsIsUsageError(t *testing.T) {
	for _, tt := range []struct {
		o    out.Options
		want string
	}{
		{out.Options{JQ: "1, .entries.x"}, "at result 2 of"},
		{out.Options{JQ: `"x" | error`}, "at result 1 of"},
		{out.Options{Template: "a\n{{index .entries 9}}"}, "line 2:2: "},
	} {
		p := &out.Printer{Stdout: io.Discard, Stderr: io.Discard, Options: tt.o}
		err := p.Print(document(sample))
		if e, ok := errors.AsType[*wire.Error](err); !ok || e.Code.Exit() != 2 || !strings.Contains(e.Reason, tt.want) {
			t.Errorf("%+v: got %v, want %q", tt.o, err, tt.want)
		}
	}
}

func TestTemplatesShowSecondsAsACountdown(t *testing.T) {
	for in, want := range map[string]string{"0": "0:00", "5": "0:05", "1471": "24:31", "3599": "59:59", "5400": "1:30:00"} {
		d := out.Document{Data: json.RawMessage(`{"s":` + in + `}`)}
		if got, _ := printed(t, out.Options{Template: "{{clock .s}}{{clock .absent}}"}, out.Terminal{}, d); got != want+"\n" {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}
