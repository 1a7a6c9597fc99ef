package exchange

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Formats that are written beside those that are read.
const (
	Text      = "text"
	Markdown  = "md"
	CSV       = "csv"
	TSV       = "tsv"
	Hledger   = "hledger"
	Ledger    = "ledger"
	Beancount = "beancount"
)

// Writable returns the formats that NewWriter knows.
func Writable() []string {
	return []string{
		Text, Markdown, CSV, TSV, JSON, Lines, Hledger, Ledger, Beancount, Splitwise, SpliitCSV, SpliitJSON, Ihatemoney, Cospend,
	}
}

// ErrUnfit is the kind of what a format cannot hold.
var ErrUnfit = errors.New("the format cannot hold all of it")

var errSum = fmt.Errorf("%w: the sums are too large", ErrUnfit)

// NeedsMembers reports whether a format names all members at its beginning.
func NeedsMembers(format string) bool {
	return slices.Contains([]string{Splitwise, SpliitCSV, Cospend}, format)
}

// TakesAs reports whether a format can be the books of one member.
func TakesAs(format string) bool {
	return slices.Contains([]string{Hledger, Ledger, Beancount}, format)
}

// Writer writes records one after the other. Close writes what comes behind
// them; it does not close what is written to.
type Writer interface {
	Write(Record) error
	Close() error
}

// WriteOptions say what a file is of.
type WriteOptions struct {
	Room    string   // its name
	Members []string // for formats that NeedsMembers
	Count   int      // of the records; below 0: not known
	As      string   // a member, for his own books; empty: the books of the room
	Raw     bool     // leave cells that a spreadsheet would run as they are
	Today   string   // YYYY-MM-DD
	// Exponent returns the decimals of a currency; nil: 2 of each.
	Exponent func(currency string) int
}

// NewWriter returns a writer of a format. An unknown one is an error.
func NewWriter(format string, w io.Writer, o WriteOptions) (Writer, error) {
	if o.As != "" && !TakesAs(format) {
		return nil, fmt.Errorf("format %s is not of one member: use %s, %s or %s", format, Hledger, Ledger, Beancount)
	}
	b := &base{WriteOptions: o, w: bufio.NewWriterSize(w, 64<<10), format: format}
	if o.Exponent == nil {
		b.Exponent = func(string) int { return 2 }
	}
	switch format {
	case Text, Markdown, CSV, TSV:
		return newSheet(b), nil
	case JSON, Lines:
		return &jsonWriter{base: b}, nil
	case Hledger, Ledger:
		return newJournal(b, &ledgerStyle{base: b}), nil
	case Beancount:
		return newJournal(b, newBeanStyle(b)), nil
	case Splitwise:
		return newSplitwiseWriter(b), nil
	case SpliitCSV:
		return newSpliitWriter(b), nil
	case SpliitJSON:
		return &spliitJSONWriter{base: b, ids: map[string]string{}}, nil
	case Ihatemoney:
		return newIhatemoneyWriter(b), nil
	case Cospend:
		return newCospendWriter(b), nil
	}
	return nil, fmt.Errorf("format %.40q is none of %s", format, strings.Join(Writable(), ", "))
}

// base is what all writers have. The buffer keeps the first error.
type base struct {
	WriteOptions
	w      *bufio.Writer
	format string
	only   string // the one currency of a format that has no other
}

func (b *base) print(parts ...string) {
	for _, p := range parts {
		b.w.WriteString(p) // its error comes back from Flush
	}
}

// failed returns the error of what was written so far.
func (b *base) failed() error {
	_, err := b.w.Write(nil)
	return err
}

// cells writes a row of CSV, every cell as it is.
func (b *base) cells(comma, end string, cells ...string) error {
	for i, c := range cells {
		if i > 0 {
			b.print(comma)
		}
		b.print(quoteCell(c, comma))
	}
	b.print(end)
	return b.failed()
}

// text guards a cell that holds somebody's text.
func (b *base) text(s string) string {
	if b.Raw {
		return s
	}
	return Guard(s)
}

// quoteCell writes a cell by RFC 4180.
func quoteCell(s, comma string) string {
	if s == "" || !strings.ContainsAny(s, comma+"\"\r\n") && s[0] != ' ' && s[len(s)-1] != ' ' {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

// one refuses a second currency in a format that knows one.
func (b *base) one(r Record) error {
	if b.only == "" {
		b.only = r.Currency
	}
	if b.only != r.Currency {
		return fmt.Errorf("%w: %s holds one currency, and there are %s and %s; choose one", ErrUnfit, b.format, b.only, r.Currency)
	}
	if want := b.Exponent(r.Currency); r.Exp != want {
		return fmt.Errorf("%w: %s counts %s with %d decimals, and an entry has %d", ErrUnfit, b.format, r.Currency, want, r.Exp)
	}
	return nil
}

// names gives each text a form that a format takes, no two the same one.
type names struct {
	of    map[string]string
	taken map[string]bool
	safe  func(string) string
	tail  func(safe string, n int) string // makes another one of a taken form
}

func newNames(safe func(string) string, tail func(string, int) string) *names {
	return &names{of: map[string]string{}, taken: map[string]bool{}, safe: safe, tail: tail}
}

// name returns the form of s, and whether it is the first time.
func (n *names) name(s string) (form string, first bool) {
	if form, ok := n.of[s]; ok {
		return form, false
	}
	base := n.safe(s)
	form = base
	for i := 2; n.taken[form]; i++ {
		form = n.tail(base, i)
	}
	n.of[s], n.taken[form] = form, true
	return form, true
}

// listNames are names in a list with commas.
func listNames() *names {
	return newNames(func(s string) string {
		return strings.Join(strings.Fields(strings.ReplaceAll(s, ",", " ")), " ")
	}, func(s string, n int) string { return fmt.Sprintf("%s %d", s, n) })
}

// oneLine replaces what would break or reorder a line by spaces.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, breaks), " ")
}
