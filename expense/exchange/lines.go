package exchange

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// lines reads JSON: a line for each entry, or a document with all of them.
func (p *parser) lines(text string) {
	for _, pair := range [][2]string{
		{"type", "expense, income or payment"}, {"date", "date"}, {"payer, payers, from", "payer"}, {"amount", "amount"},
		{"currency, exp", "currency"}, {"split, kind, inputs, shares, to", "split"}, {"note", "note"}, {"category", "category"},
		{"tags", "tags"}, {"rate", "rate"}, {"for", "in whose name"}, {"attachments", "attachments"}, {"key", "repeats an entry safely"},
	} {
		p.column(pair[0], pair[1])
	}
	if p.file.Format == JSON {
		p.document(text)
		return
	}
	number := 0
	for one := range strings.SplitSeq(text, "\n") {
		if number++; strings.TrimSpace(one) != "" {
			p.line(number, number, []byte(one))
		}
	}
}

func (p *parser) document(text string) {
	start := strings.TrimSpace(text)
	var entries []json.RawMessage
	var err error
	if strings.HasPrefix(start, "{") {
		var d struct {
			Entries []json.RawMessage `json:"entries"`
		}
		err = json.Unmarshal([]byte(text), &d)
		if entries = d.Entries; entries == nil && err == nil {
			p.refuse(1, "no entries in it, as in a file of balances and payments to make; intercom expense export --what entries writes them")
			return
		}
	} else {
		err = json.Unmarshal([]byte(text), &entries)
	}
	if err != nil {
		p.refuse(lineOfJSON(text, err), "%s", jsonText(err))
		return
	}
	at, from := 1, 0
	for i, raw := range entries {
		if to := strings.Index(text[from:], string(raw)); to >= 0 {
			at += strings.Count(text[from:from+to], "\n")
			from += to
		}
		p.line(at, i+1, raw)
	}
}

func (p *parser) line(number, place int, b []byte) {
	var l line
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(&l); err != nil {
		p.refuse(number, "%s", jsonText(err))
		return
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		p.refuse(number, "more than one value in the line")
		return
	}
	switch l.Status {
	case "pending", "denied", "void", "replaced", "conflict", "duplicate", "stopped":
		p.note(number, "left out: it does not count (%s)", l.Status)
		return
	}
	r, err := p.lineRecord(number, l)
	if err != nil {
		p.refuse(number, "%v", err)
		return
	}
	r.Row = place
	p.add(r)
}

func (p *parser) lineRecord(number int, l line) (Record, error) {
	r := Record{ID: l.ID, Key: l.Key, Kind: Expense, Note: l.Note, Category: l.Category, Tags: l.Tags}
	code, err := p.currency(l.Currency)
	if err != nil {
		return r, err
	}
	r.Currency, r.Exp = code, p.exponent(code)
	if l.Exp != nil {
		r.Exp = *l.Exp
	}
	if r.Exp < 0 || r.Exp > 8 {
		return r, fmt.Errorf("exp is %d, not 0 to 8", r.Exp)
	}
	if l.Date == "" {
		l.Date = p.Today
	}
	if r.Date, err = date(l.Date); err != nil {
		return r, err
	}
	if l.Amount == "" {
		return r, errors.New("amount is missing")
	}
	if r.Amount, err = parseDecimal(string(l.Amount), r.Exp); err != nil {
		return r, err
	}
	if r.Amount == 0 {
		return r, errors.New("the amount is 0")
	}
	if l.Rate != nil {
		if r.Rate, err = p.lineRate(*l.Rate); err != nil {
			return r, err
		}
	}
	if l.For != "" {
		r.For = p.member(number, l.For)
	}
	for _, f := range l.Files {
		if b, err := hex.DecodeString(f.SHA256); err != nil || len(b) != 32 || f.Size < 0 {
			return r, fmt.Errorf("attachment %.40q needs a sha256 of 64 hex digits and a size", f.Name)
		}
	}
	r.Files = l.Files
	if err := p.lineParts(number, &r, l); err != nil {
		return r, err
	}
	switch l.Type {
	case "", "expense", "opening": // here an entry as others
	case "income":
		if r.Amount > 0 {
			r.mirror()
		}
	case "payment":
		if r.payment(); r.Kind != Payment {
			return r, errors.New("a payment needs who gave it and the one other who got it, above zero")
		}
	default:
		return r, fmt.Errorf("type %.40q is not expense, income or payment", l.Type)
	}
	return r, nil
}

// mirror turns an expense into income.
func (r *Record) mirror() {
	r.Amount, r.Payers, r.Shares = -r.Amount, negated(r.Payers), negated(r.Shares)
	if r.Split == Exact {
		r.Of = r.Shares
	}
}

func (p *parser) lineRate(l lineRate) (*Rate, error) {
	code, err := p.currency(l.Currency)
	if err != nil {
		return nil, err
	}
	exp := p.exponent(code)
	if l.Exp != nil {
		exp = *l.Exp
	}
	if exp < 0 || exp > 8 {
		return nil, fmt.Errorf("exp is %d, not 0 to 8", exp)
	}
	v, err := parseDecimal(string(l.Amount), exp)
	if err != nil || v == 0 {
		return nil, fmt.Errorf("rate: amount %.40q", l.Amount)
	}
	return &Rate{Currency: code, Exp: exp, Amount: v}, nil
}
