// Package out is the one output layer of the command line: a command returns
// a Document and never formats. Data goes to standard output, everything else
// to standard error, and text from other peers never controls a terminal:
// what it could control one with is escaped in tables, in JSON, in YAML and in
// Markdown, and in the other formats where standard output is a terminal.
package out

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"intercom/client/wire"
)

// Document is what a command prints. json, yaml, jq and template see Data,
// jsonl its rows; table, csv, tsv and md see Table. Note goes to standard
// error. A Document without columns and with Data is shown as the rows of Data.
type Document struct {
	Schema string // versioned name, the first key of json and yaml
	Data   any    // marshals to JSON; a list becomes the key "items"
	Table  wire.Table
	Note   string // what a person should know beside the data
}

// ErrReaderGone is returned where the reader of standard output closed its
// end. It is no failure: Error makes it exit code 0.
var ErrReaderGone = errors.New("reader of standard output has gone")

// Printer prints documents and errors, for one goroutine at a time. A process that wants ErrReaderGone
// must ignore SIGPIPE, which otherwise ends it.
type Printer struct {
	Stdout, Stderr io.Writer
	Options        Options
	Terminal       Terminal           // facts about standard output
	Zone           *time.Location     // of the times in tables; nil is the local one
	Redraws        bool               // standard error is a terminal that can take back a line
	Page           func([]byte) error // shows text that is longer than the terminal; nil: write it

	lines    int // printed by Line
	progress *Progress
}

// Print prints one document. Errors are wire.InvalidRequest for options that
// do not fit the document, and ErrReaderGone.
func (p *Printer) Print(d Document) error {
	var b bytes.Buffer
	if err := p.render(&b, d); err != nil {
		return err
	}
	show := p.write
	if p.Page != nil && p.Options.Human() && p.Terminal.shorterThan(b.Bytes()) {
		show = func(b []byte) error { return p.progress.aside(func() error { return p.Page(b) }) }
	}
	if err := show(b.Bytes()); err != nil {
		return err
	}
	if note := p.note(d, b.Len() == 0); note != "" {
		p.Note(note)
	}
	return nil
}

func (p *Printer) render(b *bytes.Buffer, d Document) error {
	switch p.Options.kind() {
	case kindTable:
		return p.table(b, d)
	case kindMarkdown:
		return p.markdown(b, d)
	case kindCSV:
		return p.csv(b, d, true)
	case kindTSV:
		return p.tsv(b, d, true)
	}
	v, err := p.Options.view(d)
	if err != nil {
		return err
	}
	switch p.Options.kind() {
	case kindJQ:
		return p.jq(b, v.document())
	case kindTemplate:
		return p.template(b, v.document())
	case kindJSONL:
		return v.lines(b)
	case kindYAML:
		return writeYAML(b, v.document())
	default:
		if err := json.Indent(b, v.document(), "", "  "); err != nil {
			return fmt.Errorf("indent document: %w", err)
		}
		return b.WriteByte('\n')
	}
}

// note returns what standard error is to hear: people also hear that nothing
// was found.
func (p *Printer) note(d Document, empty bool) string {
	if d.Note == "" && empty && p.Options.Human() && len(d.Table.Columns) > 0 {
		return "no rows"
	}
	return d.Note
}

// Line prints one item of a stream: json and jsonl one compact object a line
// without a schema, yaml a document, csv and tsv rows under one header, table
// and md the row as plain text.
func (p *Printer) Line(d Document) error {
	first := p.lines == 0
	p.lines++
	var b bytes.Buffer
	var err error
	switch p.Options.kind() {
	case kindTable, kindMarkdown:
		err = p.text(&b, d)
	case kindCSV:
		err = p.csv(&b, d, first)
	case kindTSV:
		err = p.tsv(&b, d, first)
	default:
		err = p.item(&b, d)
	}
	if err != nil {
		return err
	}
	if err := p.write(b.Bytes()); err != nil {
		return err
	}
	if d.Note != "" {
		p.Note(d.Note)
	}
	return nil
}

func (p *Printer) item(b *bytes.Buffer, d Document) error {
	d.Schema = ""
	v, err := p.Options.view(d)
	if err != nil {
		return err
	}
	switch p.Options.kind() {
	case kindJQ:
		return p.jq(b, v.document())
	case kindTemplate:
		return p.template(b, v.document())
	case kindYAML:
		b.WriteString("---\n")
		return writeYAML(b, v.document())
	}
	b.Write(v.document())
	return b.WriteByte('\n')
}

// Note tells a person something on standard error, one line each.
func (p *Printer) Note(text string) {
	_ = p.progress.aside(func() error {
		_, err := fmt.Fprintln(p.Stderr, safe(text, "\n"))
		return err // nobody to tell that standard error fails
	})
}

func (p *Printer) write(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	err := p.progress.aside(func() error {
		_, err := p.Stdout.Write(b)
		return err
	})
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.EPIPE), errors.Is(err, io.ErrClosedPipe):
		return ErrReaderGone
	}
	return fmt.Errorf("write output: %w", err)
}
