package exchange

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
)

// identify gives each record its Item: the same for the same row in whatever
// file of the format, so that a longer export of a group has new ones for its
// new rows alone. It is the id that the program gave the row, or else what the
// row says, and how many rows before it in the file are like it.
func (p *parser) identify() {
	like := map[[sha256.Size]byte]uint64{}
	for i := range p.file.Records {
		r := &p.file.Records[i]
		same := sha256.Sum256([]byte(p.identity(r)))
		r.Item = sha256.Sum256(binary.BigEndian.AppendUint64(same[:], like[same]))
		like[same]++
	}
}

// identity is what must be the same of two rows of a format that are one. It
// has the members' names of the file, whatever they are called here, and
// leaves out what a program shows in its user's language (categories) or
// changes afterwards in all rows (weights that belong to members).
func (p *parser) identity(r *Record) string {
	format := p.file.Format
	if format == JSON {
		format = Lines
	}
	fields := []string{"intercom/row/1", format}
	if r.ID != "" && r.Kind != Opening {
		fields = append(fields, "id", r.ID)
	} else {
		of := r.Of
		if r.Shares != nil {
			of = r.Shares
		}
		fields = append(fields, "row", r.Date, r.Note, r.Currency, strconv.FormatInt(r.Amount, 10), strconv.Itoa(r.Exp))
		fields = append(fields, p.named(r.Payers, false)...)
		fields = append(fields, "for")
		fields = append(fields, p.named(of, format == Ihatemoney || format == Cospend)...)
	}
	var b strings.Builder
	for _, f := range fields {
		b.WriteString(strconv.Quote(f))
	}
	return b.String()
}

// named lists parts in order of their names in the file, with their numbers or
// the names alone.
func (p *parser) named(parts []Part, names bool) []string {
	var out []string
	for _, part := range parts {
		as := p.as[part.Name]
		switch {
		case names:
			out = append(out, as)
		case part.Amount != 0:
			out = append(out, as+" "+strconv.FormatInt(part.Amount, 10))
		}
	}
	slices.Sort(out)
	return out
}
