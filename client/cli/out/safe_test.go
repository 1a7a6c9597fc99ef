package out_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode"

	"intercom/client/cli/out"
	"intercom/client/wire"
)

// controls returns the first rune of s that could control a terminal.
func controls(s, keep string) (rune, bool) {
	for _, r := range strings.ToValidUTF8(s, "\x00") {
		if strings.ContainsRune(keep, r) {
			continue
		}
		if unicode.IsControl(r) || (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069) || r == 0x2028 || r == 0x2029 {
			return r, true
		}
	}
	return 0, false
}

func FuzzNoControlReachesTheTerminal(f *testing.F) {
	f.Add(hostileText)
	f.Add("\u2066a\u2069\u0085\x7f\r\n\t")
	f.Add("\xc2\x1b[0m\xf0\x9f")
	f.Fuzz(func(t *testing.T, text string) {
		e := entries{Channel: text, Entries: []entry{{1, text, amount(text), sample.Entries[0].At, text}, {ID: 2}}}
		d := document(e)
		d.Table.Columns[4].Name, d.Note = text+"x", text
		show := func(name string, o out.Options, term out.Terminal) {
			stdout, stderr := printed(t, o, term, d)
			keep := "\n"
			if term.Tty && (name == "tsv" || o.JQ != "" || o.Template != "") {
				keep += "\t"
			}
			if name == "csv" {
				stdout = strings.ReplaceAll(stdout, "\r\n", "\n")
			}
			if r, ok := controls(stdout, keep); ok {
				t.Errorf("%s %v: %U reaches standard output", name, o, r)
			}
			if r, ok := controls(stderr, "\n"); ok {
				t.Errorf("%s: %U reaches standard error", name, r)
			}
		}
		for _, format := range []string{"table", "md", "json", "jsonl", "yaml"} {
			show(format, out.Options{Format: format}, out.Terminal{})
		}
		tty := out.Terminal{Tty: true, Width: 60}
		for _, format := range out.Formats() {
			show(format, out.Options{Format: format}, tty)
		}
		show("jq", out.Options{JQ: "., .channel, .entries[]"}, tty)
		show("template", out.Options{Template: "{{.channel}} {{json .}}"}, tty)

		for _, o := range []out.Options{{}, {Format: "json"}} {
			var se bytes.Buffer
			p := &out.Printer{Stdout: &bytes.Buffer{}, Stderr: &se, Options: o}
			p.Error(errors.Join(wire.Errorf(wire.Code(text), "%s", text).WithHint(text)))
			if r, ok := controls(se.String(), "\n"); ok {
				t.Errorf("%U reaches standard error as an error", r)
			}
			if lines := strings.Count(se.String(), "\n"); lines > 2 {
				t.Errorf("an error of %d lines", lines)
			}
		}
	})
}

// A text of a peer makes neither a row nor a cell of its own.
func FuzzMarkdownRowsStayRows(f *testing.F) {
	f.Add("a|b\n| c")
	f.Add(`\|`)
	f.Fuzz(func(t *testing.T, text string) {
		d := out.Document{Table: wire.Table{Columns: wire.Columns("a", "b"), Rows: [][]any{{text, text}}}}
		got, _ := printed(t, out.Options{Format: "md"}, out.Terminal{}, d)
		lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
		if len(lines) != 3 {
			t.Fatalf("%d lines: %q", len(lines), got)
		}
		bars := 0
		for i, escaped := 0, false; i < len(lines[2]); i++ {
			if lines[2][i] == '|' && !escaped {
				bars++
			}
			escaped = lines[2][i] == '\\' && !escaped
		}
		if bars != 3 {
			t.Errorf("%d bars in %q", bars, lines[2])
		}
	})
}
