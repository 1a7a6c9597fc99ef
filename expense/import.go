package expense

import (
	"strconv"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// MaxImport is the most entries of one request.
const MaxImport = 1000

// ImportReq adds entries of a file, all of them or none. One whose source is in
// the room already, from whomever, is not added again.
type ImportReq struct {
	app.Channel
	Entries []ImportEntry `json:"entries" jsonschema:"up to 1000"`
}

// ImportEntry is an entry to add. Payers, and shares where they are given, add
// up to the amount, which is below zero for income.
type ImportEntry struct {
	Type     string       `json:"type,omitempty" enum:"expense,payment" jsonschema:"expense or payment; expense if absent"`
	Date     string       `json:"date,omitempty" jsonschema:"YYYY-MM-DD; today if absent"`
	Amount   Amount       `json:"amount" jsonschema:"decimal number; below zero: income"`
	Currency string       `json:"currency,omitempty" jsonschema:"XXX if absent"`
	Exp      *int         `json:"exp,omitempty" jsonschema:"decimals of the amounts; those of the currency if absent"`
	Payers   []ImportPart `json:"payers"`
	Kind     string       `json:"kind,omitempty" enum:"equal,exact,percent,shares" jsonschema:"what the inputs are; equal if absent"`
	Inputs   []Input      `json:"inputs,omitempty" jsonschema:"what it is divided by: 1 each if equal, amounts, percent or shares"`
	Shares   []ImportPart `json:"shares,omitempty" jsonschema:"what each carries; divided by the inputs if absent"`
	Note     string       `json:"note,omitempty"`
	Category string       `json:"category,omitempty"`
	Tags     []string     `json:"tags,omitempty"`
	Rate     *ImportRate  `json:"rate,omitempty" jsonschema:"the amount in another currency"`
	For      string       `json:"for,omitempty" jsonschema:"member in whose name it is written"`
	Files    []Attachment `json:"attachments,omitempty" jsonschema:"files that belong to it, by hash; up to 16"`
	Source   *Origin      `json:"source,omitempty" jsonschema:"what repeats it safely"`
}

// ImportPart is a member's part of an amount.
type ImportPart struct {
	Member string `json:"member"`
	Amount Amount `json:"amount"`
}

// ImportRate is an amount in another currency.
type ImportRate struct {
	Amount   Amount `json:"amount"`
	Currency string `json:"currency"`
	Exp      *int   `json:"exp,omitempty"`
}

// ImportReply tells what became of each entry, in their order.
type ImportReply struct {
	Channel    string     `json:"channel"`
	Added      int        `json:"added"`
	Duplicates int        `json:"duplicates"`
	Results    []Imported `json:"results"`
}

// Imported is what became of one entry.
type Imported struct {
	Entry     event.ID `json:"entry" jsonschema:"the entry that stands for it"`
	Duplicate bool     `json:"duplicate,omitempty" jsonschema:"it was in the room already"`
}

// Table implements wire.Tabular.
func (r ImportReply) Table() wire.Table {
	t := wire.Table{Columns: wire.Columns("entry", "duplicate"), Rows: [][]any{}}
	for _, i := range r.Results {
		t.Rows = append(t.Rows, []any{i.Entry, i.Duplicate})
	}
	return t
}

// Import is the request that adds entries of a file. Its command reads the file.
var Import = wire.Def[ImportReq, ImportReply]{Spec: wire.Spec{
	Request: "expense_import", Reply: "expense_imported", Scope: wire.ScopeExpense,
	Summary: "Add entries of a file, once", Write: true,
}}

func decideImport(r app.Reader, in ImportReq, c app.Call) ([]app.Draft, error) {
	if len(in.Entries) == 0 || len(in.Entries) > MaxImport {
		return nil, wire.Errorf(wire.TooLarge, "%d entries, not 1 to %d", len(in.Entries), MaxImport)
	}
	var drafts []app.Draft
	seen := map[string]bool{}
	for i, e := range in.Entries {
		d, source, err := e.draft(c, len(drafts))
		if err != nil {
			refused := *wire.AsError(err)
			refused.Reason = "entry " + strconv.Itoa(i+1) + ": " + refused.Reason
			return nil, &refused
		}
		if source != nil {
			if _, there := imported(r, source); there || seen[source.prefix()] {
				continue
			}
			seen[source.prefix()] = true
		}
		drafts = append(drafts, d)
	}
	return drafts, nil
}

// imported returns the entry of a row of a file that stands for it.
func imported(r app.Reader, s *Source) (id event.ID, there bool) {
	if id = firstOf(r, s.prefix()); id.IsZero() { // perhaps added before rows had items
		id = firstOf(r, s.inFile())
	}
	return id, !id.IsZero()
}

func replyImport(r app.Reader, in ImportReq, events []*event.Signed, c app.Call) (ImportReply, error) {
	out := ImportReply{Channel: c.Room.Name, Added: len(events), Duplicates: len(in.Entries) - len(events), Results: []Imported{}}
	rest := events
	for _, e := range in.Entries {
		s := e.source()
		// The events are those of the entries in order, duplicates left out.
		if len(rest) > 0 && sameSource(rest[0], s) {
			out.Results = append(out.Results, Imported{Entry: rest[0].ID})
			rest = rest[1:]
			continue
		}
		result := Imported{Duplicate: true}
		if s != nil {
			result.Entry, _ = imported(r, s)
		}
		out.Results = append(out.Results, result)
	}
	return out, nil
}

// sameSource reports whether an entry's event was imported from a row, or from
// none.
func sameSource(e *event.Signed, s *Source) bool {
	fl, ok := flowOf(e)
	if !ok || fl.Source == nil || s == nil {
		return ok && fl.Source == s
	}
	return *fl.Source == *s
}

func (e ImportEntry) source() *Source {
	if e.Source == nil {
		return nil
	}
	return &Source{Format: e.Source.Format, SHA256: e.Source.SHA256, Row: e.Source.Row, Item: e.Source.Item}
}

// draft returns the event of an entry that is the nth of its commit.
func (e ImportEntry) draft(c app.Call, n int) (app.Draft, *Source, error) {
	b := &Add{Note: note(e.Note), Category: note(e.Category), Tags: labels(e.Tags), Source: e.source()}
	u, err := e.unit(e.Currency, e.Exp)
	if err != nil {
		return app.Draft{}, nil, err
	}
	b.Currency, b.Exp = u.Currency, u.Exp
	if b.Date, err = day(e.Date, c.Now); err != nil {
		return app.Draft{}, nil, err
	}
	if b.Amount, err = e.Amount.signed(u.Exp); err != nil {
		return app.Draft{}, nil, err
	}
	if b.Payers, err = importParts("payers", e.Payers, u.Exp); err != nil {
		return app.Draft{}, nil, err
	}
	if e.Rate != nil {
		if b.Rate, err = e.rate(); err != nil {
			return app.Draft{}, nil, err
		}
	}
	if e.For != "" {
		if b.For, err = Name(e.For); err != nil {
			return app.Draft{}, nil, wire.Errorf(wire.InvalidRequest, "for: %s", err)
		}
	}
	b.attach(e.Files)
	if err := e.divide(b, Seed{Author: c.Author, Instance: c.Instance, Seq: c.Seq + uint64(n)}); err != nil {
		return app.Draft{}, nil, err
	}
	if err := b.fits(); err != nil {
		return app.Draft{}, nil, err
	}
	if e.Type != EntryPayment {
		return app.Draft{Type: typeAdd, Body: b}, b.Source, nil
	}
	if len(b.Payers) != 1 || len(b.Shares) != 1 || b.Amount < 0 {
		return app.Draft{}, nil, wire.Errorf(wire.InvalidRequest, "a payment is of one member to one other")
	}
	p := &Payment{
		From: b.Payers[0].Name, To: b.Shares[0].Name, Amount: b.Amount, Currency: b.Currency, Exp: b.Exp,
		Date: b.Date, Note: b.Note, Source: b.Source,
	}
	if err := p.Check(); err != nil {
		return app.Draft{}, nil, wire.Errorf(wire.InvalidRequest, "%s", err)
	}
	return app.Draft{Type: typePayment, Body: p}, p.Source, nil
}

func (ImportEntry) unit(currency string, exp *int) (Unit, error) {
	u, err := unitOf(currency)
	if err != nil || exp == nil {
		return u, err
	}
	if u.Exp = *exp; u.Exp < 0 || u.Exp > MaxExponent {
		return u, wire.Errorf(wire.InvalidRequest, "exp: %d is not 0 to %d", u.Exp, MaxExponent)
	}
	return u, nil
}

func (e ImportEntry) rate() (*Rate, error) {
	u, err := e.unit(e.Rate.Currency, e.Rate.Exp)
	if err != nil {
		return nil, err
	}
	amount, err := e.Rate.Amount.signed(u.Exp)
	return &Rate{Currency: u.Currency, Exp: u.Exp, Amount: amount}, err
}

// divide reads the inputs, and the shares or what follows from the inputs.
func (e ImportEntry) divide(b *Add, seed Seed) error {
	if b.Split.Kind = e.Kind; b.Split.Kind == "" {
		b.Split.Kind = SplitEqual
	}
	exp := map[string]int{SplitExact: b.Exp, SplitPercent: percentExp}[b.Split.Kind]
	for _, in := range e.Inputs {
		name, err := Name(in.Member)
		if err != nil {
			return wire.Errorf(wire.InvalidRequest, "inputs: %s", err)
		}
		n, err := ParseAmount(in.N, exp)
		if err != nil {
			return refuseAmount(err)
		}
		b.Split.Of = append(b.Split.Of, Part{Name: name, Amount: n})
	}
	if b.Split.Kind == SplitPercent {
		if err := hundred(b.Split.Of); err != nil {
			return err
		}
	}
	if len(e.Shares) > 0 {
		var err error
		b.Shares, err = importParts("shares", e.Shares, b.Exp)
		if b.Split.Of == nil && b.Split.Kind == SplitEqual {
			for _, s := range b.Shares {
				b.Split.Of = append(b.Split.Of, Part{Name: s.Name, Amount: 1})
			}
		}
		return err
	}
	if b.Split.Kind == SplitExact {
		b.Shares = b.Split.Of
		return nil
	}
	weights := make([]Weight, len(b.Split.Of))
	for i, p := range b.Split.Of {
		weights[i] = Weight{Name: p.Name, N: p.Amount}
	}
	shares, err := Shares(b.Amount, weights, seed)
	if err != nil {
		return wire.Errorf(wire.InvalidRequest, "split: %s", err)
	}
	for _, s := range shares {
		b.Shares = append(b.Shares, Part{Name: s.Name, Amount: s.Amount})
	}
	return nil
}

func importParts(field string, list []ImportPart, exp int) ([]Part, error) {
	var parts []Part
	for _, p := range list {
		name, err := Name(p.Member)
		if err != nil {
			return nil, wire.Errorf(wire.InvalidRequest, "%s: %s", field, err)
		}
		amount, err := p.Amount.signed(exp)
		if err != nil {
			return nil, err
		}
		parts = append(parts, Part{Name: name, Amount: amount})
	}
	return parts, nil
}
