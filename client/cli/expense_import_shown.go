package cli

import (
	"fmt"
	"strings"

	"intercom/client/wire"
	"intercom/expense/exchange"
)

// importedFile is what became of a file.
type importedFile struct {
	Channel    string           `json:"channel"`
	File       string           `json:"file"`
	Format     string           `json:"format"`
	SHA256     string           `json:"sha256"`
	Entries    int              `json:"entries" jsonschema:"that the file holds; of a room's file: its events, here and below"`
	Payments   int              `json:"payments" jsonschema:"those of them that are payments"`
	Added      int              `json:"added"`
	Duplicates int              `json:"duplicates" jsonschema:"entries that were in the room already"`
	Columns    []importedColumn `json:"columns"`
	Members    []importedMember `json:"members"`
	Unclear    []importedRow    `json:"unclear" jsonschema:"rows that are left out: they would have to be guessed"`
	Notes      []importedRow    `json:"notes" jsonschema:"rows that are taken in a way that may surprise"`

	Room *wire.RoomImportReply `json:"room,omitempty" jsonschema:"what became of a room's file"`
}

type importedColumn struct {
	As string `json:"as" jsonschema:"its header in the file"`
	Is string `json:"is" jsonschema:"what it is taken for; empty: it is not read"`
}

type importedMember struct {
	As   string `json:"as" jsonschema:"in the file"`
	Name string `json:"name" jsonschema:"here"`
}

type importedRow struct {
	Line int    `json:"line"`
	What string `json:"what"`
}

// Table implements wire.Tabular.
func (f importedFile) Table() wire.Table {
	t := wire.Table{Columns: wire.Columns("what", "in the file", "here"), Rows: [][]any{}}
	for _, c := range f.Columns {
		is := c.Is
		if is == "" {
			is = "(not read)"
		}
		if !strings.HasPrefix(is, "member ") {
			t.Rows = append(t.Rows, []any{"column", c.As, is})
		}
	}
	for _, m := range f.Members {
		t.Rows = append(t.Rows, []any{"member", m.As, m.Name})
	}
	for _, r := range f.Notes {
		t.Rows = append(t.Rows, []any{"note", fmt.Sprintf("line %d", r.Line), r.What})
	}
	for _, r := range f.Unclear {
		t.Rows = append(t.Rows, []any{"left out", fmt.Sprintf("line %d", r.Line), r.What})
	}
	if f.Room != nil {
		t.Rows = append(t.Rows, []any{"room", f.Room.ChannelID, f.Room.Channel})
		for _, e := range f.Room.Refusals {
			t.Rows = append(t.Rows, []any{"refused", e.Event, e.Reason})
		}
	}
	return t
}

// Note implements wire.Noted.
func (f importedFile) Note() string {
	if f.Room != nil {
		return f.roomNote()
	}
	note := fmt.Sprintf("%s: %s of %s, %d added, %d there already", f.File, count(f.Entries, "entry", "entries"), f.Format, f.Added, f.Duplicates)
	if len(f.Unclear) > 0 {
		note += ", " + count(len(f.Unclear), "row", "rows") + " left out"
	}
	return note
}

func count(n int, one, many string) string { return fmt.Sprintf("%d %s", n, plural(n, one, many)) }

func importedRows(list []exchange.Problem) []importedRow {
	out := []importedRow{}
	for _, p := range list {
		out = append(out, importedRow(p))
	}
	return out
}
