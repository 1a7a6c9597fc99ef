package out_test

import (
	"bytes"
	"testing"
	"time"

	"intercom/client/cli/out"
	"intercom/client/wire"
)

// amount is money as replies carry it.
type amount string

func (a amount) String() string { return string(a) }

type entry struct {
	ID     int64     `json:"id"`
	Payer  string    `json:"payer"`
	Amount amount    `json:"amount"`
	At     time.Time `json:"createdAt"`
	Note   string    `json:"note,omitempty"`
}

type entries struct {
	Channel string  `json:"channel"`
	Entries []entry `json:"entries"`
}

func (e entries) Table() wire.Table {
	t := wire.Table{Columns: wire.Columns(">id", "payer", ">amount", "created_at", "note")}
	for _, x := range e.Entries {
		t.Rows = append(t.Rows, []any{x.ID, x.Payer, x.Amount, x.At, x.Note})
	}
	return t
}

// hostileText is what a peer would send to take over a terminal, a
// spreadsheet or a page.
const hostileText = "\x1b[31mred\x1b[0m \u009b2J \u202egnp.exe\u202c\r\n| [x](http://evil) <b> `c` \\ \U000e0041\x00\xff"

var sample = entries{
	Channel: "trip-nyc",
	Entries: []entry{
		{1, "alice", "30.00", time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC), "dinner"},
		{2, "bob", "-15.00", time.Date(2026, 3, 2, 8, 0, 0, 5e8, time.UTC), "=HYPERLINK(\"http://evil\")"},
		{-3, "Zoë 東京 👩‍👧", "1000000.05", time.Time{}, hostileText},
		{4, "+carol\tx", "0.1", time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC), ""},
	},
}

var athens = time.FixedZone("EET", 2*60*60)

func document(e entries) out.Document {
	return out.Document{Schema: "intercom.expense.list/v1", Data: e, Table: e.Table()}
}

// printed returns what Print writes to standard output and standard error.
func printed(t testing.TB, o out.Options, term out.Terminal, d out.Document) (stdout, stderr string) {
	t.Helper()
	var so, se bytes.Buffer
	p := &out.Printer{Stdout: &so, Stderr: &se, Options: o, Terminal: term, Zone: athens}
	if err := p.Print(d); err != nil {
		t.Fatalf("print %+v: %v", o, err)
	}
	return so.String(), se.String()
}
