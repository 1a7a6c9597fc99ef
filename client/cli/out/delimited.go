package out

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
)

// csv prints RFC 4180 as it stands: lines end in CRLF, the header comes also
// without rows. Readers of CSV take that; tools that cut lines are for tsv.
// A text that a spreadsheet would run (CWE-1236) gets a leading quote unless
// Raw; numbers do not.
func (p *Printer) csv(b *bytes.Buffer, d Document, header bool) error {
	w := csv.NewWriter(b)
	return p.delimited(d, header, func(cells []string) error {
		// CRLF is set here because UseCRLF would also change the newlines
		// inside of cells.
		if err := w.Write(cells); err != nil {
			return fmt.Errorf("write csv: %w", err)
		}
		w.Flush()
		b.Truncate(b.Len() - 1)
		if len(cells) == 1 && cells[0] == "" {
			b.WriteString(`""`) // readers skip lines that are empty
		}
		b.WriteString("\r\n")
		return w.Error()
	}, func(cell any, text string) string {
		if !p.Options.Raw && free(cell) && text != "" && strings.IndexByte("=+-@\t\r", text[0]) >= 0 && !decimal(text) {
			return "'" + text
		}
		return text
	})
}

var tsvEscapes = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)

// tsv prints one line a row, cells separated by tabs; tab, newline, carriage
// return and backslash in cells are escaped with a backslash.
func (p *Printer) tsv(b *bytes.Buffer, d Document, header bool) error {
	return p.delimited(d, header, func(cells []string) error {
		b.WriteString(strings.Join(cells, "\t"))
		return b.WriteByte('\n')
	}, func(_ any, text string) string { return tsvEscapes.Replace(text) })
}

func (p *Printer) delimited(d Document, header bool,
	write func([]string) error, guard func(any, string) string,
) error {
	t, err := p.Options.pick(d)
	if err != nil || len(t.Columns) == 0 {
		return err
	}
	cells := make([]string, len(t.Columns))
	if header {
		for i, c := range t.Columns {
			cells[i] = p.screen(guard(c.Name, c.Name), "")
		}
		if err := write(cells); err != nil {
			return err
		}
	}
	for _, row := range t.Rows {
		for i := range cells {
			cells[i] = ""
			if i < len(row) {
				cells[i] = p.screen(guard(row[i], cellText(row[i], nil)), "")
			}
		}
		if err := write(cells); err != nil {
			return err
		}
	}
	return nil
}
