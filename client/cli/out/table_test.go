package out_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"intercom/client/cli/out"
	"intercom/client/wire"
)

func TestTableShowsEachRowOnOneLineUnchanged(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("ab |-+=_.:\"'<>&%{}[]\\東é…")))
		table := wire.Table{Columns: wire.Columns("first", ">second", "third")}
		for range rapid.IntRange(1, 5).Draw(rt, "rows") {
			table.Rows = append(table.Rows, []any{text.Draw(rt, "a"), rapid.Int().Draw(rt, "n"), text.Draw(rt, "b")})
		}
		got, _ := printed(t, out.Options{}, out.Terminal{}, out.Document{Table: table})
		lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
		if len(lines) != len(table.Rows)+1 {
			rt.Fatalf("%d lines for %d rows:\n%s", len(lines), len(table.Rows), got)
		}
		for i, row := range table.Rows {
			line := lines[i+1]
			for _, cell := range row {
				want := fmt.Sprint(cell)
				at := strings.Index(line+strings.Repeat(" ", len(want)), want)
				if at < 0 {
					rt.Fatalf("%q is not in %q", want, line)
				}
				line = line[min(at+len(strings.TrimRight(want, " ")), len(line)):]
			}
		}
	})
}

func TestTableFitsTheTerminal(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("abc d")), 0, 60, -1)
		var table wire.Table
		columns := rapid.IntRange(1, 60).Draw(rt, "columns") // more than fit
		for n := range columns {
			table.Columns = append(table.Columns, wire.Column{Name: fmt.Sprint("column ", n), Right: n%2 == 1})
		}
		for range rapid.IntRange(1, 4).Draw(rt, "rows") {
			var row []any
			for range columns {
				row = append(row, text.Draw(rt, "cell"))
			}
			table.Rows = append(table.Rows, row)
		}
		width := rapid.IntRange(1, 200).Draw(rt, "width")
		got, _ := printed(t, out.Options{}, out.Terminal{Tty: true, Width: width}, out.Document{Table: table})
		for line := range strings.Lines(got) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > width {
				rt.Fatalf("%d of %d columns: %q", n, width, line)
			}
		}
	})
}

func TestRowsOfOtherLengthsThanTheHeader(t *testing.T) {
	table := wire.Table{Columns: wire.Columns("a", "b"), Rows: [][]any{{"1"}, {"1", "2", "3"}, {}}}
	want := map[string]string{
		"table": "A  B\n1\n1  2\n\n", "csv": "a,b\r\n1,\r\n1,2\r\n,\r\n", "tsv": "a\tb\n1\t\n1\t2\n\t\n",
		"md": "| a | b |\n| --- | --- |\n| 1 |  |\n| 1 | 2 |\n|  |  |\n",
	}
	for format, text := range want {
		if got, _ := printed(t, out.Options{Format: format}, out.Terminal{}, out.Document{Table: table}); got != text {
			t.Errorf("%s: got %q, want %q", format, got, text)
		}
	}
}
