// Package exchange reads and writes the files that other programs for shared
// expenses read and write. A file is read as a whole or refused as a whole, and
// every refusal has its line. What a file does not tell is never guessed. What
// is written balances to the minor unit, and is written as the records come, in
// memory that depends on the members alone.
package exchange

import (
	"crypto/sha256"
	"fmt"
	"io"
	"sort"
	"strings"
)

// Limits of a file that is read.
const (
	MaxFile    = 64 << 20 // bytes
	MaxRows    = 500_000
	MaxMembers = 1000
	maxCells   = MaxMembers + 16 // of a row
	maxListed  = 20              // problems that an error lists
)

// Kind tells what a record is.
type Kind string

// The kinds of records. Income is an expense whose amounts are below zero.
const (
	Expense Kind = "expense"
	Payment Kind = "payment" // of the one payer to the one member of the shares
	Opening Kind = "opening" // what was owed (payers) and owing (shares) before the first entry; not read
)

// The kinds of splits, and what the numbers of Record.Of are in each.
const (
	Equal   = "equal"   // 1
	Exact   = "exact"   // minor units
	Percent = "percent" // 1/10000 of a percent
	Shares  = "shares"  // any weight
)

// Part is a member's part of a record.
type Part struct {
	Name   string
	Amount int64 // minor units, or what Record.Of counts
}

// Record is one expense, income or payment. The payers are owed what they paid,
// and those with shares owe them: both add up to Amount. A record whose Shares
// are empty is to be divided in proportion to Of.
type Record struct {
	Row      int    // line of the file at which it starts, or number in a JSON document; 0: of no file
	ID       string // of the entry that it was made from, or that its program gave it; or empty
	Key      string // what repeats it safely, or empty
	Kind     Kind
	Date     string // YYYY-MM-DD
	Note     string
	Category string
	Tags     []string
	Currency string // 3 to 8 capital letters
	Exp      int    // decimals
	Amount   int64  // minor units
	Payers   []Part
	Split    string
	Of       []Part
	Shares   []Part
	Rate     *Rate
	Item     [sha256.Size]byte // of what is read: what tells it from all other rows of the format, in whatever file
	For      string            // the member in whose name it was written, or empty
	Files    []Attachment      // of our own formats alone

	// Of the entry that is written; not read.
	By, At string
	JSON   []byte // the entry as JSON, one line; empty: made from the record
}

// Rate is a record's amount in another currency.
type Rate struct {
	Currency string
	Exp      int
	Amount   int64
}

// Attachment is a file that belongs to a record; its bytes are elsewhere.
type Attachment struct {
	SHA256 string `json:"sha256"` // 64 hex digits
	Size   int64  `json:"size"`   // bytes
	Name   string `json:"name"`
}

// Member is a member of a file.
type Member struct {
	As   string // in the file
	Name string // here
}

// Problem is what is wrong at a line.
type Problem struct {
	Line int
	What string
}

func (p Problem) String() string { return fmt.Sprintf("line %d: %s", p.Line, p.What) }

// Column tells what a column of a file is taken for.
type Column struct {
	As string // its header
	Is string // what it holds; empty: it is not read
}

// File is what a file says.
type File struct {
	Format  string
	SHA256  [sha256.Size]byte
	Columns []Column
	Members []Member // in order of appearance
	Records []Record
	// Unclear rows would have to be guessed. Who imports the file must know.
	Unclear []Problem
	Notes   []Problem // of rows that are taken in a way that may surprise
}

// Options say how to read a file. The zero value reads plain files.
type Options struct {
	Format   string // empty: found by the content
	Currency string // of rows that name none; empty: XXX
	// Exponent returns the decimals of a currency; nil: 2 of each.
	Exponent func(currency string) int
	// Name returns a member's name as it is written here; nil: as it is.
	Name func(string) (string, error)
	// Rename puts other names in the place of those of the file.
	Rename map[string]string
	// Today is the day of JSON entries that name none; empty: they are refused.
	Today string
	// Weights of members, for files that do not tell them all.
	Weights map[string]string
}

func (o Options) exponent(currency string) int {
	if o.Exponent == nil {
		return 2
	}
	return o.Exponent(currency)
}

// Error is a file that was refused as a whole.
type Error struct {
	Format   string
	Problems []Problem // the first of them, in order of lines
	Count    int
}

func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	text := strings.Join(lines, "; ")
	if more := e.Count - len(e.Problems); more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return text
}

// Format names of files that are read.
const (
	Splitwise  = "splitwise"
	SpliitCSV  = "spliit"
	SpliitJSON = "spliit-json"
	Ihatemoney = "ihatemoney"
	Cospend    = "cospend"
	Lines      = "jsonl"
	JSON       = "json"
)

// Readable returns the formats that Read knows.
func Readable() []string {
	return []string{Splitwise, SpliitCSV, SpliitJSON, Ihatemoney, Cospend, Lines, JSON}
}

// Read reads a file. A file that is malformed gives an *Error that lists what
// is wrong; other errors are the reader's.
func Read(r io.Reader, o Options) (*File, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	p := &parser{Options: o, file: &File{SHA256: sha256.Sum256(b)}, members: map[string]string{}, as: map[string]string{}}
	if len(b) > MaxFile {
		p.refuse(1, "the file has more than %d bytes", MaxFile)
		return nil, p.err()
	}
	text := p.decode(b)
	if p.count == 0 {
		p.read(text)
	}
	if p.count > 0 {
		return nil, p.err()
	}
	p.identify()
	return p.file, nil
}

// parser reads one file and collects what is wrong with it.
type parser struct {
	Options
	file     *File
	members  map[string]string // as in the file -> here
	as       map[string]string // here -> as in the file
	problems []Problem
	count    int
}

func (p *parser) refuse(line int, format string, args ...any) {
	p.count++
	if len(p.problems) < 5*maxListed {
		p.problems = append(p.problems, Problem{line, fmt.Sprintf(format, args...)})
	}
}

func (p *parser) err() error {
	sort.SliceStable(p.problems, func(i, j int) bool { return p.problems[i].Line < p.problems[j].Line })
	return &Error{Format: p.file.Format, Problems: p.problems[:min(len(p.problems), maxListed)], Count: p.count}
}

func (p *parser) unclear(line int, format string, args ...any) {
	p.file.Unclear = append(p.file.Unclear, Problem{line, fmt.Sprintf(format, args...)})
}

func (p *parser) note(line int, format string, args ...any) {
	p.file.Notes = append(p.file.Notes, Problem{line, fmt.Sprintf(format, args...)})
}

func (p *parser) column(as, is string) { p.file.Columns = append(p.file.Columns, Column{as, is}) }

// add takes a record whose parts are complete.
func (p *parser) add(r Record) {
	if len(p.file.Records) == MaxRows {
		p.refuse(r.Row, "there are more than %d rows", MaxRows)
		return
	}
	p.file.Records = append(p.file.Records, r)
}

// read tells the format and reads the file.
func (p *parser) read(text string) {
	if p.Format == "" {
		p.file.Format = Detect(text)
	} else {
		p.file.Format = p.Format
	}
	switch p.file.Format {
	case SpliitJSON:
		p.spliitJSON(text)
	case Lines, JSON:
		p.lines(text)
	case Splitwise, SpliitCSV, Ihatemoney, Cospend:
		t := p.table(text)
		switch {
		case p.count > 0:
			return
		case len(t) == 0:
			p.refuse(1, "no cell holds anything")
			return
		}
		switch p.file.Format {
		case Splitwise:
			p.splitwise(t)
		case SpliitCSV:
			p.spliitCSV(t)
		case Ihatemoney:
			p.ihatemoney(t)
		case Cospend:
			p.cospend(t)
		}
	case "":
		p.refuse(1, "the columns are those of no format that is known: %s", strings.Join(Readable(), ", "))
	default:
		p.refuse(1, "format %.40q is none of %s", p.file.Format, strings.Join(Readable(), ", "))
	}
}
