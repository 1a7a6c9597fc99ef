package exchange

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

const byteOrderMark = "\uFEFF"

// decode returns the text of a file, which must be UTF-8 without NUL.
func (p *parser) decode(b []byte) string {
	if bytes.HasPrefix(b, []byte{0xFF, 0xFE}) || bytes.HasPrefix(b, []byte{0xFE, 0xFF}) {
		p.refuse(1, "the file is UTF-16; save it as UTF-8")
		return ""
	}
	b = bytes.TrimPrefix(b, []byte(byteOrderMark))
	for line, rest := 1, b; len(rest) > 0; line++ {
		this, after, _ := bytes.Cut(rest, []byte("\n"))
		switch {
		case !utf8.Valid(this):
			p.refuse(line, "not UTF-8; save the file as UTF-8")
			return ""
		case bytes.IndexByte(this, 0) >= 0:
			p.refuse(line, "there is a NUL byte")
			return ""
		}
		rest = after
	}
	if len(bytes.TrimSpace(b)) == 0 {
		p.refuse(1, "the file is empty")
	}
	return string(b)
}

// row is a row of a table and the line at which it starts.
type row struct {
	line  int
	cells []string
}

// cell returns the cell at a place, or nothing behind the last.
func (r row) cell(i int) string {
	if i < 0 || i >= len(r.cells) {
		return ""
	}
	return r.cells[i]
}

// table reads CSV (RFC 4180), also with semicolons or tabs where the header has
// them. Empty rows are left out, guards against formulas are undone.
func (p *parser) table(text string) []row {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord = separator(text), -1
	var rows []row
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			p.refuse(bad.Line, "%s", csvText(bad.Err))
			return nil
		}
		line, _ := r.FieldPos(0)
		switch {
		case err != nil:
			p.refuse(line, "%v", err)
			return nil
		case len(rows) > MaxRows:
			p.refuse(line, "there are more than %d rows", MaxRows)
			return nil
		case len(cells) > maxCells:
			p.refuse(line, "%d cells, at most %d", len(cells), maxCells)
			return nil
		}
		empty := true
		for i, c := range cells {
			cells[i] = unguard(strings.TrimSpace(c))
			empty = empty && cells[i] == ""
		}
		if !empty {
			rows = append(rows, row{line, cells})
		}
	}
}

func csvText(err error) string {
	switch {
	case errors.Is(err, csv.ErrQuote):
		return "a quote is not closed, or stands inside a cell without quotes"
	case errors.Is(err, csv.ErrBareQuote):
		return "a quote stands inside a cell that has none around it"
	}
	return err.Error()
}

// separator returns what separates the cells of the first line.
func separator(text string) rune {
	head, _, _ := strings.Cut(text, "\n")
	best, most := ',', strings.Count(head, ",")
	for _, c := range ";\t" {
		if n := strings.Count(head, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}

// formula starts a cell that a spreadsheet would run (CWE-1236).
const formula = "=+-@\t\r"

// guarded reports whether a text, or a text behind single quotes, would run.
func guarded(s string) bool {
	s = strings.TrimLeft(s, "'")
	return s != "" && strings.IndexByte(formula, s[0]) >= 0
}

// unguard takes away the quote that writers put before formulas.
func unguard(s string) string {
	if strings.HasPrefix(s, "'") && guarded(s) {
		return s[1:]
	}
	return s
}

// Guard puts a quote before a text that a spreadsheet would run.
func Guard(s string) string {
	if guarded(s) {
		return "'" + s
	}
	return s
}
