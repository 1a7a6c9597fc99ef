package out_test

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"intercom/client/cli/out"
	"intercom/client/wire"
)

// anyTable draws tables whose texts hold what delimited formats trip over.
func anyTable(t *rapid.T) wire.Table {
	columns := rapid.IntRange(1, 4).Draw(t, "columns")
	table := wire.Table{}
	for i := range columns {
		table.Columns = append(table.Columns, wire.Column{Name: fmt.Sprintf("c%d", i)})
	}
	text := rapid.StringOf(rapid.RuneFrom([]rune("ab,;\"' =+-@.01\t\r\n\\|é\x1b\u202e")))
	for range rapid.IntRange(0, 5).Draw(t, "rows") {
		row := make([]any, columns)
		for c := range row {
			row[c] = rapid.OneOf(text.AsAny(), rapid.Int64().AsAny(), rapid.Bool().AsAny()).Draw(t, "cell")
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

func TestCSVReadsBackAsTheSameCells(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		table := anyTable(rt)
		raw := rapid.Bool().Draw(rt, "raw")
		got, _ := printed(t, out.Options{Format: "csv", Raw: raw}, out.Terminal{}, out.Document{Table: table})
		records, err := csv.NewReader(strings.NewReader(got)).ReadAll()
		if err != nil || len(records) != len(table.Rows)+1 {
			rt.Fatalf("%d records, %v", len(records), err)
		}
		for r, row := range table.Rows {
			for c, cell := range row {
				// The reader of encoding/csv takes CRLF in a cell for a newline.
				want := strings.ReplaceAll(fmt.Sprint(cell), "\r\n", "\n")
				read := records[r+1][c]
				if !raw && read != want && strings.HasPrefix(read, "'") && strings.IndexAny(want, "=+-@\t\r\n") == 0 {
					read = read[1:]
				}
				if read != want {
					rt.Fatalf("cell %q reads back as %q", want, read)
				}
			}
		}
	})
}

func TestTSVReadsBackAsTheSameCells(t *testing.T) {
	unescape := strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n", `\r`, "\r")
	rapid.Check(t, func(rt *rapid.T) {
		table := anyTable(rt)
		got, _ := printed(t, out.Options{Format: "tsv"}, out.Terminal{}, out.Document{Table: table})
		lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
		if len(lines) != len(table.Rows)+1 {
			rt.Fatalf("%d lines for %d rows", len(lines), len(table.Rows))
		}
		for r, row := range table.Rows {
			for c, cell := range strings.Split(lines[r+1], "\t") {
				if unescape.Replace(cell) != fmt.Sprint(row[c]) {
					rt.Fatalf("cell %q reads back as %q", row[c], cell)
				}
			}
		}
	})
}

func TestCSVGuardsTextButNotNumbers(t *testing.T) {
	tests := []struct {
		cell any
		want string
	}{
		{"=1+1", "'=1+1"}, {"+1", "'+1"}, {"@x", "'@x"}, {"\tx", "'\tx"}, {"\rx", "\"'\rx\""},
		{"-x", "'-x"}, {"-", "'-"}, {"-1e3", "'-1e3"}, {"-1.", "'-1."}, {"-.5", "'-.5"}, {"-1-1", "'-1-1"},
		{"-15.00", "-15.00"}, {"-7", "-7"}, {"15", "15"}, {"a=b", "a=b"}, {"'x", "'x"},
		{amount("-15.00"), "-15.00"}, {amount("=x"), "'=x"},
		{-5, "-5"}, {int64(-5), "-5"}, {uint64(5), "5"}, {true, "true"}, {nil, ""},
		{time.Date(2026, 1, 2, 3, 4, 5, 0, athens), "2026-01-02T01:04:05Z"},
		{time.Duration(-90) * time.Second, "'-1m30s"},
	}
	for _, tt := range tests {
		d := out.Document{Table: wire.Table{Columns: wire.Columns("x"), Rows: [][]any{{tt.cell}}}}
		got, _ := printed(t, out.Options{Format: "csv"}, out.Terminal{}, d)
		if want := "x\r\n" + tt.want + "\r\n"; got != want && tt.want != "" {
			t.Errorf("%#v: got %q, want %q", tt.cell, got, want)
		}
		raw, _ := printed(t, out.Options{Format: "csv", Raw: true}, out.Terminal{}, d)
		if strings.HasPrefix(tt.want, "'") && tt.cell != "'x" && strings.Contains(raw, "'") {
			t.Errorf("%#v: raw has %q", tt.cell, raw)
		}
	}
}
