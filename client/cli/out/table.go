package out

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// minColumn is the narrowest that a column is cut to, in columns of the
// terminal; wider tables run over its edge.
const minColumn = 12

// table prints aligned columns without lines, cut to the width of a terminal;
// nothing if there are no rows.
func (p *Printer) table(b *bytes.Buffer, d Document) error {
	t, err := p.Options.pick(d)
	if err != nil || len(t.Rows) == 0 || len(t.Columns) == 0 {
		return err
	}
	head := make([]string, len(t.Columns))
	align := make([]tw.Align, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = strings.ToUpper(strings.ReplaceAll(safe(c.Name, ""), "_", " "))
		align[i] = tw.AlignLeft
		if c.Right {
			align[i] = tw.AlignRight
		}
	}
	rows := make([][]string, len(t.Rows))
	for r, row := range t.Rows {
		rows[r] = p.row(row, len(head))
	}
	if p.Terminal.Tty {
		fit(append([][]string{head}, rows...), p.Terminal.Width)
	}
	var grid bytes.Buffer
	if err := setColumns(&grid, head, rows, align); err != nil {
		return err
	}
	for i, line := range strings.Split(strings.TrimRight(grid.String(), "\n"), "\n") {
		line = strings.TrimRight(line, " ")
		if i == 0 && p.Terminal.Color {
			line = "\x1b[1m" + line + "\x1b[0m"
		}
		b.WriteString(line + "\n")
	}
	return nil
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

// fit cuts the cells of the widest columns until a line is no wider than width.
func fit(lines [][]string, width int) {
	widths := make([]int, len(lines[0]))
	total := 2 * (len(widths) - 1)
	for i := range widths {
		for _, cells := range lines {
			widths[i] = max(widths[i], twwidth.Width(cells[i]))
		}
		total += widths[i]
	}
	cut := make([]bool, len(widths))
	for total > width {
		widest := 0
		for i, w := range widths {
			if w > widths[widest] {
				widest = i
			}
		}
		if widths[widest] <= minColumn {
			break
		}
		widths[widest]--
		total--
		cut[widest] = true
	}
	for i := range widths {
		if !cut[i] {
			continue
		}
		for _, cells := range lines {
			if twwidth.Width(cells[i]) > widths[i] {
				cells[i] = twwidth.Truncate(cells[i], widths[i], "…")
			}
		}
	}
}

// setColumns sets the columns two blanks apart.
func setColumns(b *bytes.Buffer, head []string, rows [][]string, align []tw.Align) error {
	cell := tw.CellConfig{
		Formatting: tw.CellFormatting{AutoWrap: tw.WrapNone, AutoFormat: tw.Off},
		Padding:    tw.CellPadding{Global: tw.Padding{Right: "  ", Overwrite: true}},
		Alignment:  tw.CellAlignment{PerColumn: align},
	}
	t := tablewriter.NewTable(b,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders:  tw.BorderNone,
			Settings: tw.Settings{Separators: tw.SeparatorsNone, Lines: tw.LinesNone},
		})),
		tablewriter.WithConfig(tablewriter.Config{Header: cell, Row: cell}),
		tablewriter.WithTrimSpace(tw.Off),
	)
	t.Header(head)
	if err := t.Bulk(rows); err != nil {
		return fmt.Errorf("fill table: %w", err)
	}
	if err := t.Render(); err != nil {
		return fmt.Errorf("render table: %w", err)
	}
	return nil
}
