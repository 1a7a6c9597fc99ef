package out

import (
	"bytes"
	"strings"
	"time"

	"github.com/clipperhouse/displaywidth"

	"intercom/client/wire"
)

// table prints aligned columns without lines, cut to the width of a terminal;
// nothing if there are no rows.
func (p *Printer) table(b *bytes.Buffer, d Document) error {
	t, err := p.Options.pick(d)
	if err != nil || len(t.Rows) == 0 || len(t.Columns) == 0 {
		return err
	}
	lines := make([][]string, 1, 1+len(t.Rows))
	for _, c := range t.Columns {
		lines[0] = append(lines[0], strings.ToUpper(strings.ReplaceAll(safe(c.Name, ""), "_", " ")))
	}
	for _, row := range t.Rows {
		lines = append(lines, p.row(row, len(t.Columns)))
	}
	widths := columnWidths(lines)
	if p.Terminal.Tty {
		fit(lines, widths, p.Terminal.Width)
	}
	for i, cells := range lines {
		line := setColumns(t.Columns, widths, cells)
		if p.Terminal.Tty {
			line = displaywidth.TruncateString(line, p.Terminal.Width, "…") // more columns than fit
		}
		if i == 0 && p.Terminal.Color {
			line = "\x1b[1m" + line + "\x1b[0m"
		}
		b.WriteString(line + "\n")
	}
	return nil
}

// columnWidths returns how many columns of the terminal the widest cells take.
func columnWidths(lines [][]string) []int {
	widths := make([]int, len(lines[0]))
	for _, cells := range lines {
		for i, cell := range cells {
			widths[i] = max(widths[i], displaywidth.String(cell))
		}
	}
	return widths
}

// setColumns sets cells in their columns, two blanks apart.
func setColumns(columns []wire.Column, widths []int, cells []string) string {
	var line strings.Builder
	for i, cell := range cells {
		pad := strings.Repeat(" ", widths[i]-displaywidth.String(cell))
		if columns[i].Right {
			line.WriteString(pad + cell + "  ")
		} else {
			line.WriteString(cell + pad + "  ")
		}
	}
	return strings.TrimRight(line.String(), " ")
}

// text prints rows as plain text: cells that hold something, two blanks apart.
func (p *Printer) text(b *bytes.Buffer, d Document) error {
	t, err := p.Options.pick(d)
	if err != nil {
		return err
	}
	for _, row := range t.Rows {
		var cells []string
		for _, c := range p.row(row, len(row)) {
			if c != "" {
				cells = append(cells, c)
			}
		}
		b.WriteString(strings.Join(cells, "  ") + "\n")
	}
	return nil
}

func (p *Printer) row(row []any, columns int) []string {
	zone := p.Zone
	if zone == nil {
		zone = time.Local
	}
	cells := make([]string, columns)
	for i := range min(len(row), columns) {
		cells[i] = safe(cellText(row[i], zone), "")
	}
	return cells
}

// fit cuts the cells of the widest columns until a line is no wider than width,
// or every column is one wide.
func fit(lines [][]string, widths []int, width int) {
	total := 2 * (len(widths) - 1)
	for _, w := range widths {
		total += w
	}
	cut := make([]bool, len(widths))
	for total > width {
		widest := 0
		for i, w := range widths {
			if w > widths[widest] {
				widest = i
			}
		}
		if widths[widest] <= 1 {
			break
		}
		widths[widest]--
		total--
		cut[widest] = true
	}
	for _, cells := range lines {
		for i := range widths {
			if cut[i] && displaywidth.String(cells[i]) > widths[i] {
				cells[i] = displaywidth.TruncateString(cells[i], widths[i], "…")
			}
		}
	}
}
