package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"intercom/client/wire"
	"intercom/expense"
	"intercom/expense/exchange"
)

// exportOptions are what only entries can be asked for by.
type exportOptions struct {
	as       string
	currency string
	since    string
	until    string
}

// addExportFile prints the document itself: --format is the document's own, and
// so are --json and INTERCOM_FORMAT where they name a format that it has. --jq,
// --template and --fields still show the whole reply. Entries are written here,
// page by page, in any format that the exchange knows.
func addExportFile(r *request, cmd *cobra.Command) {
	var o exportOptions
	var file roomFile
	f := cmd.Flags()
	f.Lookup("format").Usage = "text, csv or json of the plan; or one of the entries: " + strings.Join(r.field("format").choices[3:], ", ") + ", which is the whole room, encrypted"
	f.Lookup("what").Usage = "plan, entries or balances; plan if absent, entries in formats that have no other"
	f.StringVar(&o.as, "as", "", "the books of this member alone: what was paid, used, and is owed (hledger, ledger, beancount)")
	f.StringVar(&o.currency, "currency", "", "only entries in this currency")
	f.StringVar(&o.since, "since", "", "only entries from this day on, YYYY-MM-DD")
	f.StringVar(&o.until, "until", "", "only entries up to this day, YYYY-MM-DD")
	file.add(r.sh, cmd)
	complete(r.sh, cmd, "as", wire.CompleteMembers)
	cmd.Example = `  intercom expense export --channel trip --format csv --what entries > trip.csv
  intercom expense export --channel trip --format hledger | hledger -f - balance
  intercom expense export --channel trip --format beancount --as alice > alice.beancount
  intercom expense export --channel trip --format room --to trip.room --for 03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8`
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error { return r.chooseFormat(cmd) }
	r.local = func(ctx context.Context) (any, bool, error) {
		format, what := textOf(r.field("format")), textOf(r.field("what"))
		if format == formatRoom || file.given() {
			if format != formatRoom || what != "" || o != (exportOptions{}) {
				return nil, true, usage(cmd, "--to, --for and --passphrase-file belong to --format room, which has the whole room")
			}
			r.print = func(any) error { return nil } // it is written
			return nil, true, r.exportRoom(ctx, cmd, file)
		}
		if what == "" {
			if what = expense.WhatEntries; slices.Contains([]string{"", exchange.Text, exchange.CSV, exchange.JSON}, format) && o == (exportOptions{}) {
				what = expense.WhatPlan
			}
		}
		if format == "" {
			format = exchange.Text
		}
		p := r.sh.printer.Options
		shown := p.JQ != "" || p.Template != "" || len(p.Fields) > 0
		daemons := slices.Contains([]string{exchange.Text, exchange.CSV, exchange.JSON}, format)
		switch {
		case what == expense.WhatEntries && !shown:
			err := r.exportEntries(ctx, cmd, format, o)
			r.print = func(any) error { return nil } // it is printed
			return nil, true, err
		case !daemons:
			return nil, true, usage(cmd, "--format %s holds the entries; the plan and balances are written as text, csv or json", format)
		case o != (exportOptions{}):
			return nil, true, usage(cmd, "--as, --currency, --since and --until choose entries: add --what entries")
		}
		return nil, false, nil
	}
	r.print = func(reply any) error {
		o := r.sh.printer.Options
		if o.JQ != "" || o.Template != "" || len(o.Fields) > 0 {
			return r.sh.show(r.spec.Schema(), reply)
		}
		return r.sh.printer.Text(reply.(expense.ExportReply).Data + "\n")
	}
}

func (r *request) chooseFormat(cmd *cobra.Command) error {
	format, asked := r.field("format"), r.sh.flags.json
	switch fallback := r.sh.printer.Options.Default; {
	case asked && format.raw != nil && string(format.raw) != `"json"`:
		return usage(cmd, "--json and --format %s exclude each other", strings.Trim(format.String(), `"`))
	case asked:
		format.raw = quote("json")
	case format.raw == nil && slices.Contains(format.choices, fallback):
		format.raw = quote(fallback)
	}
	return nil
}

// textOf returns the text that a field was given.
func textOf(f *field) (text string) {
	_ = json.Unmarshal(f.raw, &text) // of a text, or nothing
	return text
}

// exportEntries writes the entries of a room in pages, so that memory does not
// grow with their number.
func (r *request) exportEntries(ctx context.Context, cmd *cobra.Command, format string, o exportOptions) error {
	room, err := r.sh.room(textOf(r.room))
	if err != nil {
		return err
	}
	if o.as != "" {
		if o.as, err = expense.Name(o.as); err != nil {
			return usage(cmd, "--as: %v", err)
		}
		if !exchange.TakesAs(format) {
			return usage(cmd, "--format %s is of the whole room: --as needs hledger, ledger or beancount", format)
		}
	}
	e := exporter{
		sh: r.sh, in: expense.ListReq{Filter: expense.Filter{Since: o.since, Until: o.until}}, currency: strings.ToUpper(o.currency),
		all: format == exchange.JSON || format == exchange.Lines,
	}
	e.in.Channel.Channel = room
	w := exchange.WriteOptions{
		Room: room, As: o.as, Raw: r.sh.printer.Options.Raw, Count: -1, Today: time.Now().Format(time.DateOnly), Exponent: expense.Exponent,
	}
	if exchange.NeedsMembers(format) {
		if w.Members, err = e.members(ctx); err != nil {
			return err
		}
	}
	to := &lineWriter{write: r.sh.printer.Text}
	out, err := exchange.NewWriter(format, to, w)
	if err != nil {
		return usage(cmd, "%v", err)
	}
	if err := e.each(ctx, out.Write); err != nil {
		return exportError(err)
	}
	if err := out.Close(); err != nil {
		return exportError(err)
	}
	if e.held > 0 {
		r.sh.printer.Note(strconv.Itoa(e.held) + " left out, which somebody has to confirm or denies: intercom expense list --channel " + room)
	}
	if e.away {
		r.sh.printer.Note(room + " is not replicated here, so this may not be all of it: intercom channel join " + room)
	}
	return to.close()
}

// exportError gives a code to what a format cannot hold.
func exportError(err error) error {
	if errors.Is(err, exchange.ErrUnfit) {
		return wire.Errorf(wire.InvalidRequest, "%s", err)
	}
	return err
}

// exportPage is how many entries are asked for at once.
const exportPage = 5000

// exporter reads the entries of a room.
type exporter struct {
	sh       *shell
	in       expense.ListReq
	currency string
	all      bool // also entries that confirmations keep out of the balances, where the format says so of each
	held     int  // of those, how many are left out
	away     bool // the room is not replicated here
}

func (e *exporter) each(ctx context.Context, f func(exchange.Record) error) error {
	declared := e.sh.declared()
	at := slices.IndexFunc(declared, func(d wire.Declared) bool { return d.Command == "expense list" })
	if at < 0 {
		return wire.Errorf(wire.Unsupported, "no app here lists expenses")
	}
	list := declared[at]
	e.in.Limit, e.in.After, e.held = exportPage, "", 0
	for {
		var reply expense.ListReply
		err := e.sh.do(ctx, list.Spec, e.in, &reply)
		if err != nil {
			return err
		}
		e.away = !reply.Joined
		for _, entry := range slices.Concat(reply.Opening, reply.Entries) {
			if e.currency != "" && entry.Currency != e.currency {
				continue
			}
			if !e.all && (entry.Status == expense.StatusPending || entry.Status == expense.StatusDenied) {
				e.held++
				continue
			}
			r, err := recordOf(entry)
			if err != nil {
				return err
			}
			if err := f(r); err != nil {
				return err
			}
		}
		if e.in.After = reply.Next.Next; e.in.After == "" {
			return nil
		}
	}
}

// members returns the members of the entries, by name.
func (e *exporter) members(ctx context.Context) ([]string, error) {
	seen := map[string]bool{}
	err := e.each(ctx, func(r exchange.Record) error {
		for _, p := range r.Payers {
			seen[p.Name] = true
		}
		for _, s := range r.Shares {
			seen[s.Name] = true
		}
		return nil
	})
	var names []string
	for n := range seen {
		names = append(names, n)
	}
	slices.Sort(names)
	return names, err
}

// recordOf returns an entry as a record.
func recordOf(e expense.Entry) (exchange.Record, error) {
	r := exchange.Record{
		ID: e.ID.String(), Kind: exchange.Kind(e.Type), Date: e.Date, Note: e.Note, Category: e.Category, Tags: e.Tags,
		Currency: e.Currency, Exp: e.Exp, Split: e.Kind, By: e.By.String(), At: e.At.Format(time.RFC3339),
	}
	var err error
	if r.JSON, err = json.Marshal(e); err != nil {
		return r, err
	}
	if r.Amount, err = strconv.ParseInt(e.Minor, 10, 64); err != nil {
		return r, err
	}
	if r.Payers, err = partsOf(e.Payers); err != nil {
		return r, err
	}
	if r.Shares, err = partsOf(e.Shares); err != nil {
		return r, err
	}
	if e.Rate != nil {
		r.Rate = &exchange.Rate{Currency: e.Rate.Currency, Exp: e.Rate.Exp}
		r.Rate.Amount, err = strconv.ParseInt(e.Rate.Minor, 10, 64)
	}
	return r, err
}

func partsOf(list []expense.MemberMoney) ([]exchange.Part, error) {
	parts := make([]exchange.Part, len(list))
	for i, m := range list {
		n, err := strconv.ParseInt(m.Minor, 10, 64)
		if err != nil {
			return nil, err
		}
		parts[i] = exchange.Part{Name: m.Member, Amount: n}
	}
	return parts, nil
}

// lineWriter passes whole lines on, so that no character is cut.
type lineWriter struct {
	write func(string) error
	rest  []byte
}

// Write implements io.Writer.
func (w *lineWriter) Write(b []byte) (int, error) {
	end := bytes.LastIndexByte(b, '\n') + 1
	if end == 0 {
		w.rest = append(w.rest, b...)
		return len(b), nil
	}
	err := w.write(string(w.rest) + string(b[:end]))
	w.rest = append(w.rest[:0], b[end:]...)
	return len(b), err
}

func (w *lineWriter) close() error { return w.write(string(w.rest)) }
