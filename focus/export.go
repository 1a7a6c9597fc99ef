package focus

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"intercom/client/wire"
	"intercom/focus/timesheet"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// ExportReq asks for times as a document for other programs.
type ExportReq struct {
	app.InNamed
	Format   string   `json:"format,omitempty" enum:"csv,json,jsonl,ics,timeclock,hledger,ledger,timewarrior,timewarrior-json,expense" jsonschema:"csv, json, jsonl, ics, timeclock, hledger, ledger, timewarrior, timewarrior-json or expense; csv if absent"`
	As       string   `json:"as,omitempty" complete:"participants" jsonschema:"whose times: me, a key or its beginning, or all (csv, json and jsonl); me if absent"`
	Since    string   `json:"since,omitempty" jsonschema:"first day, of the end of a session where the person was: 2026-03-01, today, yesterday, 7d, 2w, 3m"`
	Until    string   `json:"until,omitempty" jsonschema:"last day"`
	Open     bool     `json:"open,omitempty" jsonschema:"sessions that still run too, up to now"`
	Rate     string   `json:"rate,omitempty" jsonschema:"of expense: what an hour or a minute costs: 80/h, 1.50/min, 80 EUR/h"`
	Currency string   `json:"currency,omitempty" jsonschema:"of expense: 3 to 8 capital letters; the room's usual one if absent"`
	Payer    string   `json:"payer,omitempty" jsonschema:"of expense: the name of the person in expense rooms, who is owed for the work"`
	Split    []string `json:"split,omitempty" jsonschema:"of expense: the names of those who owe it"`
	Raw      bool     `json:"raw,omitempty" cli:"-" jsonschema:"of csv: do not guard text cells that a spreadsheet would run"`
	wire.Page
}

// ExportReply has a piece of the document. The pieces of all pages, one behind
// the other, are the document.
type ExportReply struct {
	Format string `json:"format"`
	Count  int    `json:"count" jsonschema:"rows of this piece: sessions, or stretches of work"`
	Data   string `json:"data"`
	wire.Next
}

// Table implements wire.Tabular.
func (r ExportReply) Table() wire.Table {
	return wire.Table{Columns: wire.Columns("format", ">count", "data"), Rows: [][]any{{r.Format, r.Count, r.Data}}}
}

// List implements wire.Listed.
func (ExportReply) List() string { return "" }

var exportDef = wire.Def[ExportReq, ExportReply]{Spec: wire.Spec{
	Request: "focus_export", Reply: "focus_export", Scope: wire.ScopeRead,
	Summary: "Write times as a calendar, a timesheet, or entries to bill", Command: "focus export", Rooms: true,
}}

func readExport(rooms []app.RoomReader, in ExportReq, c app.Call) (out ExportReply, err error) {
	o, ch, err := exportOptions(rooms, in, c)
	if err != nil {
		return out, err
	}
	var rows []exported
	for _, p := range parts(rooms, ch, c.Now.UnixMilli()) {
		rows = append(rows, p.rows(o.Format)...)
	}
	if o.Format == timesheet.ICS {
		rows = append(rows, planned(rooms, ch, c.Now)...)
	}
	// Stretches of sessions at the same time are told one after the other.
	slices.SortFunc(rows, func(a, b exported) int { return strings.Compare(a.key, b.key) })
	page, next, err := wire.Cut(in.Page, rows, func(r exported) string { return r.key })
	if err != nil {
		return out, err
	}
	out.Format, out.Count, out.Next = o.Format, len(page), next
	var b strings.Builder
	if in.After == "" {
		b.WriteString(o.Head())
	}
	for i, r := range page {
		b.WriteString(o.Row(r.sheet(), in.After == "" && i == 0))
	}
	if next.Next == "" {
		b.WriteString(o.Tail(len(rows) == 0))
	}
	out.Data = b.String()
	return out, nil
}

var currencyCode = regexp.MustCompile(`^[A-Z]{3,8}$`)

func exportOptions(rooms []app.RoomReader, in ExportReq, c app.Call) (o timesheet.Options, ch choice, err error) {
	o = timesheet.Options{Format: strings.ToLower(strings.TrimSpace(in.Format)), Raw: in.Raw}
	if o.Format == "" {
		o.Format = timesheet.CSV
	}
	if !slices.Contains(timesheet.Formats(), o.Format) {
		return o, ch, wire.Errorf(wire.InvalidRequest, "format: %.40q is none of %s", in.Format, strings.Join(timesheet.Formats(), ", ")).
			WithHint("intercom focus export --format csv")
	}
	if in.As == "" {
		in.As = asMe
	}
	if ch, err = choose(rooms, in.As, in.Since, in.Until, c); err != nil {
		return o, ch, err
	}
	ch.open = in.Open
	if ch.who == (event.Key{}) && !timesheet.ForMany(o.Format) {
		return o, ch, wire.Errorf(wire.InvalidRequest, "a file of %s has the times of one person", o.Format).
			WithHint("one export for each, --as KEY; csv, json and jsonl take all")
	}
	if ch.who != (event.Key{}) {
		o.Person = ch.who.String()
	}
	if o.Format == timesheet.Expense {
		o.Bill, err = bill(in)
	}
	return o, ch, err
}

func bill(in ExportReq) (b timesheet.Bill, err error) {
	b = timesheet.Bill{Currency: in.Currency, Payer: strings.TrimSpace(in.Payer), Split: in.Split}
	example := `intercom focus export --format expense --rate 80/h --payer alice --split bob | intercom expense add --channel trip --from -`
	switch {
	case in.Rate == "":
		return b, wire.Errorf(wire.MissingField, "rate is required: what an hour costs").WithHint(example)
	case b.Payer == "":
		return b, wire.Errorf(wire.MissingField, "payer is required: who did the work, by his name in expense rooms").WithHint(example)
	case len(in.Split) == 0:
		return b, wire.Errorf(wire.MissingField, "split is required: who owes the work").WithHint(example)
	}
	rate, currency, err := timesheet.ParseRate(in.Rate)
	switch {
	case err != nil:
		return b, wire.Errorf(wire.InvalidRequest, "rate: %.40q is none: %v", in.Rate, err).WithHint(example)
	case currency != "" && in.Currency != "" && currency != in.Currency:
		return b, wire.Errorf(wire.InvalidRequest, "the rate is in %.16s and the currency is %.16s", currency, in.Currency).WithHint(example)
	case currency != "":
		b.Currency = currency
	}
	if b.Rate = rate; b.Currency != "" && !currencyCode.MatchString(b.Currency) {
		return b, wire.Errorf(wire.InvalidRequest, "currency: %.16q is not 3 to 8 capital letters", b.Currency).WithHint(example)
	}
	return b, nil
}

// exported is a row before its texts are read.
type exported struct {
	part
	timesheet.Span
	key  string
	plan string // status of a session that has not begun
}

// rows returns the rows of a part: one, or one for each stretch of work. Only
// formats for tables tell of parts without work.
func (p part) rows(format string) (rows []exported) {
	add := func(s timesheet.Span, n int) {
		rows = append(rows, exported{part: p, Span: s, key: p.rowKey(s, n)})
	}
	switch {
	case timesheet.ByStint(format):
		for i, s := range p.stints {
			add(timesheet.Span{From: s.from, To: s.to}, i)
		}
	case p.seconds > 0 || timesheet.ForMany(format):
		add(timesheet.Span{From: p.from(), To: p.to()}, 0)
	}
	return rows
}

// rowKey says where the nth row of a part stands in a document.
func (p part) rowKey(s timesheet.Span, n int) string {
	return fmt.Sprintf("%016x%s%s%06x", s.From, p.id, p.m.key, n)
}

func (e exported) sheet() timesheet.Row {
	if e.plan != "" {
		return e.ahead()
	}
	row := timesheet.Row{
		Session: e.id.String(), Room: e.room.Name, Person: e.m.key.String(), Date: label(ByDay, e.day),
		Seconds: e.seconds, Checkins: e.m.checkins, Counted: !e.open && e.countsFor(e.m), Witnesses: e.seen(), Open: e.open,
		At: e.Span, Written: max(e.TS/1000, e.Span.To),
	}
	if _, b, ok := startOf(e.room, e.id); ok {
		row.Goal, row.Tags = b.Goal, b.Tags
	}
	if e.ender != nil {
		var b End
		if ev, ok := e.room.Event(e.ender.id); ok && event.DecodeBody(ev.Body, &b) == nil {
			row.Summary = b.Summary
		}
	}
	for _, s := range e.stints {
		row.Stints = append(row.Stints, timesheet.Span{From: s.from, To: s.to})
	}
	return row
}
