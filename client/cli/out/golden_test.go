package out_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"intercom/client/cli/out"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got\n%s\nwant\n%s", name, got, want)
	}
}

func TestPrintEveryFormat(t *testing.T) {
	for _, format := range out.Formats() {
		stdout, stderr := printed(t, out.Options{Format: format}, out.Terminal{}, document(sample))
		golden(t, "sample."+format, stdout)
		if stderr != "" {
			t.Errorf("%s: standard error %q", format, stderr)
		}
	}
}

func TestPrintOnTerminal(t *testing.T) {
	term := out.Terminal{Tty: true, Width: 72, Color: true}
	for _, format := range out.Formats() {
		stdout, _ := printed(t, out.Options{Format: format}, term, document(sample))
		golden(t, "terminal."+format, stdout)
	}
}

func TestPrintWithoutTableShowsRowsOfData(t *testing.T) {
	d := out.Document{Schema: "intercom.call/v1", Data: map[string]any{
		"type": "peers", "peers": []any{map[string]any{"key": "ab", "rtt": 1.5, "tags": []string{"x"}}, map[string]any{"key": "-cd"}},
	}}
	for _, format := range []string{"table", "csv", "jsonl"} {
		stdout, _ := printed(t, out.Options{Format: format}, out.Terminal{}, d)
		golden(t, "untyped."+format, stdout)
	}
}

func TestEmptyResult(t *testing.T) {
	header := "id,payer,amount,created_at,note\r\n"
	tests := []struct{ format, stdout, stderr string }{
		{"table", "", "no rows\n"},
		{"md", "", "no rows\n"},
		{"csv", header, ""},
		{"tsv", "id\tpayer\tamount\tcreated_at\tnote\n", ""},
		{"jsonl", "", ""},
		{"json", "{\n  \"schema\": \"intercom.expense.list/v1\",\n  \"channel\": \"c\",\n  \"entries\": []\n}\n", ""},
		{"yaml", "schema: intercom.expense.list/v1\nchannel: c\nentries: []\n", ""},
	}
	for _, tt := range tests {
		stdout, stderr := printed(t, out.Options{Format: tt.format}, out.Terminal{}, document(entries{Channel: "c"}))
		if stdout != tt.stdout || stderr != tt.stderr {
			t.Errorf("%s: got %q and %q, want %q and %q", tt.format, stdout, stderr, tt.stdout, tt.stderr)
		}
	}
}

func TestListBecomesItems(t *testing.T) {
	tests := []struct {
		data any
		want string
	}{
		{[]entry(nil), "{\n  \"schema\": \"s\",\n  \"items\": []\n}\n"},
		{[]string{"a"}, "{\n  \"schema\": \"s\",\n  \"items\": [\n    \"a\"\n  ]\n}\n"},
		{"text", "{\n  \"schema\": \"s\",\n  \"value\": \"text\"\n}\n"},
		{nil, "{\n  \"schema\": \"s\"\n}\n"},
	}
	for _, tt := range tests {
		got, _ := printed(t, out.Options{Format: "json"}, out.Terminal{}, out.Document{Schema: "s", Data: tt.data})
		if got != tt.want {
			t.Errorf("%v: got %s, want %s", tt.data, got, tt.want)
		}
	}
}

// detail has a list that is no list of rows.
type detail struct {
	ID     string  `json:"id"`
	Shares []entry `json:"shares"`
}

func (detail) List() string { return "" }

func TestJSONLRows(t *testing.T) {
	one := entry{ID: 1}
	line := `{"id":1,"payer":"","amount":"","createdAt":"0001-01-01T00:00:00Z"}`
	tests := []struct {
		name string
		data any
		want string
	}{
		{"only list of objects", entries{Entries: []entry{one, one}}, line + "\n" + line + "\n"},
		{"list that is no rows", detail{ID: "x", Shares: []entry{one}}, `{"id":"x","shares":[` + line + "]}\n"},
		{"list of texts", struct {
			Members []string `json:"members"`
		}{[]string{"a"}}, "{\"members\":[\"a\"]}\n"},
		{"two lists", struct {
			A, B []entry
		}{}, "{\"A\":null,\"B\":null}\n"},
		{"list itself", []entry{one}, line + "\n"},
		{"object", one, line + "\n"},
	}
	for _, tt := range tests {
		got, _ := printed(t, out.Options{Format: "jsonl"}, out.Terminal{}, out.Document{Schema: "s", Data: tt.data})
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestNoteGoesToStandardError(t *testing.T) {
	d := document(entries{})
	d.Note = "nothing yet\x1b[2J\nhint: intercom expense add"
	_, stderr := printed(t, out.Options{}, out.Terminal{}, d)
	if want := "nothing yet\\x1b[2J\nhint: intercom expense add\n"; stderr != want {
		t.Errorf("got %q, want %q", stderr, want)
	}
}

func TestLine(t *testing.T) {
	tests := []struct {
		o    out.Options
		want string
	}{
		{out.Options{Format: "json"}, "{\"id\":1,\"payer\":\"a\"}\n{\"id\":2,\"payer\":\"\"}\n"},
		{out.Options{Format: "jsonl"}, "{\"id\":1,\"payer\":\"a\"}\n{\"id\":2,\"payer\":\"\"}\n"},
		{out.Options{Format: "json", Fields: []string{"payer"}}, "{\"payer\":\"a\"}\n{\"payer\":\"\"}\n"},
		{out.Options{Format: "csv"}, "id,payer\r\n1,a\r\n2,\r\n"},
		{out.Options{Format: "tsv"}, "id\tpayer\n1\ta\n2\t\n"},
		{out.Options{Format: "yaml"}, "---\nid: 1\npayer: a\n---\nid: 2\npayer: \"\"\n"},
		{out.Options{}, "1  a\n2\n"},
		{out.Options{JQ: ".id, .payer"}, "1\na\n2\n\n"},
		{out.Options{Template: "{{.id}}:{{.payer}}"}, "1:a\n2:\n"},
	}
	type push struct {
		ID    int    `json:"id"`
		Payer string `json:"payer"`
	}
	for _, tt := range tests {
		var so, se bytes.Buffer
		p := &out.Printer{Stdout: &so, Stderr: &se, Options: tt.o}
		for _, v := range []push{{1, "a"}, {2, ""}} {
			if err := p.Line(out.Document{Schema: "s", Data: v}); err != nil {
				t.Fatal(err)
			}
		}
		if so.String() != tt.want || se.Len() > 0 {
			t.Errorf("%+v: got %q and %q, want %q", tt.o, so.String(), se.String(), tt.want)
		}
	}
}
