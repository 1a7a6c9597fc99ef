package out

import (
	"slices"
	"strings"

	"intercom/client/wire"
)

// Options choose how a document is printed. The zero value prints tables,
// on a terminal and elsewhere: a format never changes by itself.
type Options struct {
	Format   string   // one of Formats; empty: Default
	Default  string   // the format where none is asked for (INTERCOM_FORMAT); empty: table
	Fields   []string // columns or keys to keep, in this order; `created_at` is also `createdAt`
	JQ       string   // expression over the document; prints one result a line
	Template string   // text/template over the document
	Raw      bool     // csv: do not guard text cells that a spreadsheet would run
}

type kind int

const (
	kindTable kind = iota
	kindJSON
	kindJSONL
	kindCSV
	kindTSV
	kindMarkdown
	kindYAML
	kindJQ
	kindTemplate
)

var formats = []string{
	kindTable: "table", kindJSON: "json", kindJSONL: "jsonl", kindCSV: "csv",
	kindTSV: "tsv", kindMarkdown: "md", kindYAML: "yaml",
}

// Formats returns the names of the formats, the default first.
func Formats() []string { return slices.Clone(formats) }

// kind returns what is printed; unknown formats are tables.
func (o Options) kind() kind {
	switch {
	case o.JQ != "":
		return kindJQ
	case o.Template != "":
		return kindTemplate
	case o.Format != "":
		return kind(max(0, slices.Index(formats, o.Format)))
	}
	return kind(max(0, slices.Index(formats, o.Default)))
}

// Human reports whether people read the output: what a table or Markdown is
// for. Programs read everything else.
func (o Options) Human() bool {
	k := o.kind()
	return k == kindTable || k == kindMarkdown
}

// Validate reports what is wrong with the options whatever the document, as a
// *wire.Error with code wire.InvalidRequest. Call it before anything is done.
func (o Options) Validate() error {
	if err := known("--format", o.Format); err != nil {
		return err
	}
	if err := known("INTERCOM_FORMAT", o.Default); err != nil && o.Format == "" {
		return err
	}
	if o.JQ != "" && o.Template != "" {
		return wire.Errorf(wire.InvalidRequest, "--jq and --template exclude each other").
			WithHint("pass one of them")
	}
	if o.JQ != "" || o.Template != "" {
		if o.Format != "" && o.Format != formats[kindJSON] {
			return wire.Errorf(wire.InvalidRequest, "--jq and --template do not print %s", o.Format).
				WithHint("leave out --format")
		}
	}
	if slices.Contains(o.Fields, "") {
		return wire.Errorf(wire.InvalidRequest, "--fields has an empty name").
			WithHint("separate names with single commas")
	}
	if _, err := compileJQ(o.JQ); err != nil {
		return err
	}
	_, err := parseTemplate(o.Template)
	return err
}

func known(source, format string) error {
	if format == "" || slices.Contains(formats, format) {
		return nil
	}
	return wire.Errorf(wire.InvalidRequest, "%s: unknown format %q", source, format).
		WithHint("one of " + strings.Join(formats, ", "))
}

// Check reports whether d can be printed: *wire.Error with code
// wire.InvalidRequest for fields that it does not have. A command that writes
// checks with an empty reply first, so that nothing is written for an output
// that cannot be made.
func (o Options) Check(d Document) error {
	if len(o.Fields) == 0 {
		return nil
	}
	switch o.kind() {
	case kindTable, kindMarkdown, kindCSV, kindTSV:
		_, err := o.pick(d)
		return err
	}
	_, err := o.view(d)
	return err
}
