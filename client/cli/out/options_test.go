package out_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"intercom/client/cli/out"
	"intercom/client/wire"
)

func TestValidate(t *testing.T) {
	tests := []struct {
		o    out.Options
		want string // part of the error; empty: none
		hint string
	}{
		{out.Options{}, "", ""},
		{out.Options{Format: "yaml", Default: "xml"}, "", ""},
		{out.Options{Default: "csv", JQ: "."}, "", ""},
		{out.Options{Format: "json", Template: "x"}, "", ""},
		{out.Options{Format: "xml"}, `--format: unknown format "xml"`, "table, json, jsonl, csv, tsv, md, yaml"},
		{out.Options{Format: "JSON"}, `unknown format "JSON"`, "json"},
		{out.Options{Default: "xml"}, `INTERCOM_FORMAT: unknown format "xml"`, "table, json"},
		{out.Options{JQ: ".", Template: "x"}, "exclude each other", "one of them"},
		{out.Options{JQ: ".", Format: "csv"}, "do not print csv", "--format"},
		{out.Options{Fields: []string{"a", ""}}, "empty name", ""},
		{out.Options{JQ: ".a |"}, "unexpected EOF at character 5", ""},
		{out.Options{JQ: `"é" + ]`}, `unexpected token "]" at character 7`, ""},
		{out.Options{JQ: "nope"}, "function not defined: nope/0", ""},
		{out.Options{Template: "a\n{{.x"}, "line 2: unclosed action", ""},
		{out.Options{Template: "{{nope}}"}, `line 1: function "nope" not defined`, ""},
	}
	for _, tt := range tests {
		err := tt.o.Validate()
		if tt.want == "" {
			if err != nil {
				t.Errorf("%+v: %v", tt.o, err)
			}
			continue
		}
		e, ok := errors.AsType[*wire.Error](err)
		if !ok || e.Code != wire.InvalidRequest || !strings.Contains(e.Reason, tt.want) || !strings.Contains(e.Hint, tt.hint) {
			t.Errorf("%+v: got %#v, want %q", tt.o, err, tt.want)
		}
	}
}

func TestFields(t *testing.T) {
	tests := []struct{ format, fields, want string }{
		{"csv", "note,id", "note,id\r\ndinner,1\r\n"},
		{"csv", "createdAt", "created_at\r\n2026-03-01T23:30:00Z\r\n"},
		{"table", "amount,PAYER", "AMOUNT  PAYER\n 30.00  alice\n"},
		{"jsonl", "created_at,id", "{\"createdAt\":\"2026-03-01T23:30:00Z\",\"id\":1}\n"},
		{"json", "id", "{\n  \"schema\": \"intercom.expense.list/v1\",\n  \"entries\": [\n    {\n      \"id\": 1\n    }\n  ]\n}\n"},
		{"json", "channel", "{\n  \"schema\": \"intercom.expense.list/v1\",\n  \"channel\": \"trip-nyc\"\n}\n"},
		{"yaml", "id", "schema: intercom.expense.list/v1\nentries:\n  - id: 1\n"},
	}
	d := document(entries{Channel: "trip-nyc", Entries: sample.Entries[:1]})
	for _, tt := range tests {
		got, _ := printed(t, out.Options{Format: tt.format, Fields: strings.Split(tt.fields, ",")}, out.Terminal{}, d)
		if got != tt.want {
			t.Errorf("%s %s: got %q, want %q", tt.format, tt.fields, got, tt.want)
		}
	}
}

func TestFieldOfTypeButNotOfValueIsNull(t *testing.T) {
	d := document(entries{Entries: sample.Entries[3:]})
	got, _ := printed(t, out.Options{Format: "jsonl", Fields: []string{"note"}}, out.Terminal{}, d)
	if want := "{\"note\":null}\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestUnknownFieldIsToldBeforeThereAreRows(t *testing.T) {
	for _, format := range out.Formats() {
		o := out.Options{Format: format, Fields: []string{"id", "nope"}}
		err := o.Check(document(entries{}))
		e, ok := errors.AsType[*wire.Error](err)
		if !ok || e.Code != wire.InvalidRequest || !strings.Contains(e.Reason, `"nope"`) || !strings.Contains(e.Hint, "id, payer, amount") {
			t.Errorf("%s: got %#v", format, err)
		}
		p := &out.Printer{Stdout: io.Discard, Stderr: io.Discard, Options: o}
		if perr := p.Print(document(sample)); perr == nil || perr.Error() != err.Error() {
			t.Errorf("%s: Print says %v, Check %v", format, perr, err)
		}
	}
}
