package expense

import (
	"strings"

	"intercom/client/wire"
	"intercom/internal/app"
)

// The formats of an export and what it may hold.
const (
	FormatText = "text"
	FormatCSV  = "csv"
	FormatJSON = "json"

	WhatPlan     = "plan"
	WhatEntries  = "entries"
	WhatBalances = "balances"
)

// ExportReq asks for a document about a room.
type ExportReq struct {
	app.Channel
	// The original answers a format that it does not know with text.
	Format string `json:"format,omitempty" enum:"text,csv,json" cliplus:"md,tsv,jsonl,hledger,ledger,beancount,splitwise,spliit,spliit-json,ihatemoney,cospend,room" jsonschema:"text, csv or json; text if absent"`
	What   string `json:"what,omitempty" enum:"plan,entries,balances" jsonschema:"plan, entries or balances; plan if absent"`
}

// ExportReply has the document as text without a line end at its end.
type ExportReply struct {
	Channel string `json:"channel"`
	Format  string `json:"format"`
	What    string `json:"what"`
	Data    string `json:"data"`
	Summary Sheet  `json:"summary"`
}

// Table implements wire.Tabular.
func (r ExportReply) Table() wire.Table {
	return wire.Table{
		Columns: wire.Columns("channel", "format", "what", "data"),
		Rows:    [][]any{{r.Channel, r.Format, r.What, r.Data}},
	}
}

// List implements wire.Listed.
func (ExportReply) List() string { return "" }

var exportDef = wire.Def[ExportReq, ExportReply]{Spec: wire.Spec{
	Request: "expense_export", Reply: "expense_export", Scope: wire.ScopeRead,
	Summary: "Write the settlement plan, the expenses or the balances as a document", Command: "expense export",
}}

func (p *planner) readExport(r app.Reader, in ExportReq, c app.Call) (ExportReply, error) {
	out := ExportReply{Channel: c.Room.Name, Format: formatOf(in.Format), What: in.What}
	if out.What == "" {
		out.What = WhatPlan
	}
	write := documentWriter(out.What, out.Format)
	if write == nil {
		return out, wire.Errorf(wire.InvalidRequest, "what: %.40q is not plan, entries or balances", in.What)
	}
	out.Summary = sheet(r, p, c)
	out.Data = write(r, documentOf(out.Summary))
	return out, nil
}

func formatOf(s string) string {
	switch s = strings.ToLower(strings.TrimSpace(s)); s {
	case FormatCSV, FormatJSON:
		return s
	}
	return FormatText
}

// documentWriter returns what writes a document, nil if nobody does. It is no table:
// a client would link all that a table names.
func documentWriter(what, format string) func(app.Reader, document) string {
	switch what + " " + format {
	case "plan text":
		return func(_ app.Reader, s document) string { return s.planText() }
	case "plan csv":
		return func(_ app.Reader, s document) string { return s.planCSV() }
	case "plan json":
		return func(_ app.Reader, s document) string { return s.planJSON() }
	case "entries text":
		return func(r app.Reader, s document) string { return entriesText(s.Channel, withOpenings(r, openEntries(r))) }
	case "entries csv":
		return func(r app.Reader, _ document) string { return entriesCSV(withOpenings(r, openEntries(r))) }
	case "entries json":
		return func(r app.Reader, _ document) string { return indented(withOpenings(r, openEntries(r))) }
	case "balances text":
		return func(_ app.Reader, s document) string { return s.balancesText() }
	case "balances csv":
		return func(_ app.Reader, s document) string { return s.balancesCSV() }
	case "balances json":
		return func(_ app.Reader, s document) string { return indented(s.Balances) }
	}
	return nil
}
