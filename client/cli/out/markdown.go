package out

import (
	"bytes"
	"strings"
)

// markdownEscapes keeps text from being anything but text: no link, no image,
// no tag, no cell of its own.
var markdownEscapes = strings.NewReplacer(
	`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`,
	"<", `\<`, "&", `\&`, "~", `\~`, "\r\n", "<br>", "\n", "<br>",
)

// markdown prints a table of GitHub Flavored Markdown. It is read elsewhere,
// so times are in UTC.
func (p *Printer) markdown(b *bytes.Buffer, d Document) error {
	t, err := p.Options.pick(d)
	if err != nil || len(t.Rows) == 0 || len(t.Columns) == 0 {
		return err
	}
	head, rule := make([]string, len(t.Columns)), make([]string, len(t.Columns))
	for i, c := range t.Columns {
		head[i], rule[i] = markdownText(c.Name), "---"
		if c.Right {
			rule[i] = "---:"
		}
	}
	markdownRow(b, head)
	markdownRow(b, rule)
	for _, row := range t.Rows {
		cells := make([]string, len(t.Columns))
		for i := range min(len(row), len(cells)) {
			cells[i] = markdownText(cellText(row[i], nil))
		}
		markdownRow(b, cells)
	}
	return nil
}

func markdownText(s string) string { return safe(markdownEscapes.Replace(s), "") }

func markdownRow(b *bytes.Buffer, cells []string) {
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}
