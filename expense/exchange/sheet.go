package exchange

import (
	"encoding/json"
	"strings"
)

// sheet writes a row for each record: text, Markdown, CSV or TSV.
type sheet struct{ *base }

// The first nine columns are those of the daemon's own document.
var sheetColumns = []string{
	"date", "payer", "amount", "currency", "split", "note", "by", "at", "id", "type", "category", "tags", "payers", "shares",
}

func newSheet(b *base) *sheet {
	s := &sheet{b}
	switch b.format {
	case Text:
		b.print("channel: ", oneLine(b.Room), "\n")
		if b.Count >= 0 {
			b.print("entries: ", format(int64(b.Count), 0), "\n")
		}
	case Markdown:
		b.print("| date | payer | amount | currency | split | note | category | id |\n|---|---|---:|---|---|---|---|---|\n")
	case CSV:
		s.cells(",", "\n", sheetColumns...)
	case TSV:
		b.print(strings.Join(sheetColumns, "\t"), "\n")
	}
	return s
}

func memberNames(parts []Part) string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = p.Name
	}
	return strings.Join(out, ",")
}

func amounts(parts []Part, exp int) string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = p.Name + " " + format(p.Amount, exp)
	}
	return strings.Join(out, ", ")
}

// payer names who paid, with amounts where there are several.
func (r *Record) payer() string {
	if len(r.Payers) == 1 {
		return r.Payers[0].Name
	}
	return amounts(r.Payers, r.Exp)
}

// Write implements Writer.
func (s *sheet) Write(r Record) error {
	amount := format(r.Amount, r.Exp)
	switch s.format {
	case Text:
		line := r.Date + " " + r.payer() + " paid " + amount + " " + r.Currency
		if r.Kind == Payment {
			line += " to " + r.Shares[0].Name
		} else {
			line += " for " + strings.ReplaceAll(memberNames(r.Shares), ",", ", ")
		}
		if r.Note != "" {
			line += ": " + r.Note
		}
		s.print(oneLine(line), "\n")
		return s.failed()
	case Markdown:
		for _, c := range []string{r.Date, r.payer(), amount, r.Currency, strings.ReplaceAll(memberNames(r.Shares), ",", ", "), r.Note, r.Category} {
			s.print("| ", mark(c), " ")
		}
		s.print("| ", short(r.ID), " |\n")
		return s.failed()
	}
	row := []string{
		r.Date, s.text(r.payer()), amount, r.Currency, s.text(memberNames(r.Shares)), s.text(r.Note), r.By, r.At, r.ID,
		string(r.Kind), s.text(r.Category), s.text(strings.Join(r.Tags, ",")), s.text(amounts(r.Payers, r.Exp)), s.text(amounts(r.Shares, r.Exp)),
	}
	if s.format == CSV {
		return s.cells(",", "\n", row...)
	}
	for i, c := range row {
		row[i] = oneLine(c)
	}
	s.print(strings.Join(row, "\t"), "\n")
	return s.failed()
}

// Close implements Writer.
func (s *sheet) Close() error { return s.w.Flush() }

// mark writes a text into a cell of a Markdown table.
func mark(s string) string {
	s = oneLine(s)
	for _, c := range `\|*_` + "`[]<>" {
		s = strings.ReplaceAll(s, string(c), `\`+string(c))
	}
	return s
}

func short(id string) string { return id[:min(len(id), 12)] }

// jsonWriter writes entries as JSON, a line each or as one array.
type jsonWriter struct {
	*base
	n int
}

// Write implements Writer.
func (j *jsonWriter) Write(r Record) error {
	text := r.JSON
	if len(text) == 0 {
		var err error
		if text, err = json.Marshal(lineOf(r)); err != nil {
			return err
		}
	}
	switch {
	case j.format == Lines:
		j.print(string(text), "\n")
	case j.n == 0:
		j.print("[\n  ", string(text))
	default:
		j.print(",\n  ", string(text))
	}
	j.n++
	return j.failed()
}

// Close implements Writer.
func (j *jsonWriter) Close() error {
	switch {
	case j.format == JSON && j.n == 0:
		j.print("[]\n")
	case j.format == JSON:
		j.print("\n]\n")
	}
	return j.w.Flush()
}

// lineOf returns a record as it is read.
func lineOf(r Record) line {
	l := line{
		ID: r.ID, Type: string(r.Kind), Date: r.Date, Amount: literal(format(r.Amount, r.Exp)), Currency: r.Currency, Exp: &r.Exp,
		Kind: r.Split, Note: r.Note, Category: r.Category, Tags: r.Tags, Key: r.Key, For: r.For, Files: r.Files,
	}
	for _, p := range r.Payers {
		l.Payers = append(l.Payers, memberMoney{p.Name, literal(format(p.Amount, r.Exp))})
	}
	for _, s := range r.Shares {
		l.Shares = append(l.Shares, memberMoney{s.Name, literal(format(s.Amount, r.Exp))})
	}
	exp, inputs := map[string]int{Exact: r.Exp, Percent: 4}[r.Split], r.Split != Equal
	for _, o := range r.Of {
		if inputs {
			l.Inputs = append(l.Inputs, input{o.Name, literal(format(o.Amount, exp))})
		} else if len(r.Shares) == 0 {
			l.Split = append(l.Split, o.Name)
		}
	}
	if r.Rate != nil {
		l.Rate = &lineRate{literal(format(r.Rate.Amount, r.Rate.Exp)), r.Rate.Currency, &r.Rate.Exp}
	}
	return l
}
