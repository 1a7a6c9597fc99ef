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

// line is an entry as JSON. `expense list` and `expense export` write it; by
// hand, payer, amount and split are enough.
type line struct {
	ID       string        `json:"id,omitempty"`
	Type     string        `json:"type,omitempty"` // expense, income or payment
	Status   string        `json:"status,omitempty"`
	Date     string        `json:"date,omitempty"`
	Payer    string        `json:"payer,omitempty"`
	Payers   []memberMoney `json:"payers,omitempty"`
	From     string        `json:"from,omitempty"`
	To       string        `json:"to,omitempty"`
	Amount   literal       `json:"amount"`
	Currency string        `json:"currency,omitempty"`
	Exp      *int          `json:"exp,omitempty"`
	Split    []string      `json:"split,omitempty"`
	Kind     string        `json:"kind,omitempty"`
	Inputs   []input       `json:"inputs,omitempty"`
	Shares   []memberMoney `json:"shares,omitempty"`
	Note     string        `json:"note,omitempty"`
	Category string        `json:"category,omitempty"`
	Tags     []string      `json:"tags,omitempty"`
	Rate     *lineRate     `json:"rate,omitempty"`
	Key      string        `json:"key,omitempty"`
	For      string        `json:"for,omitempty"`
	Files    []Attachment  `json:"attachments,omitempty"`
}

type memberMoney struct {
	Member string  `json:"member"`
	Amount literal `json:"amount"`
}

type input struct {
	Member string  `json:"member"`
	N      literal `json:"n"`
}

type lineRate struct {
	Amount   literal `json:"amount"`
	Currency string  `json:"currency"`
	Exp      *int    `json:"exp,omitempty"`
}

// literal is a number as it was written, with or without quotes.
type literal string

// UnmarshalJSON implements json.Unmarshaler.
func (l *literal) UnmarshalJSON(b []byte) error {
	text := string(b)
	switch {
	case text == "null":
		return nil
	case text[0] == '"':
		if err := json.Unmarshal(b, &text); err != nil {
			return err
		}
	case text[0] != '-' && (text[0] < '0' || text[0] > '9'):
		return fmt.Errorf("%.40s is not a number", text)
	}
	*l = literal(strings.TrimSpace(text))
	return nil
}

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
		entries = d.Entries
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
	case "void", "replaced", "conflict", "duplicate":
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
	case "", "expense":
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

// lineParts reads who paid and who owes.
func (p *parser) lineParts(number int, r *Record, l line) error {
	var err error
	if l.Payer == "" {
		l.Payer = l.From
	}
	if len(l.Payers) == 0 && l.Payer != "" {
		l.Payers = []memberMoney{{l.Payer, literal(format(r.Amount, r.Exp))}}
	}
	if r.Payers, err = p.money(number, "payers", l.Payers, r); err != nil {
		return err
	}
	if l.To != "" && len(l.Split) == 0 && len(l.Shares) == 0 {
		l.Split = []string{l.To}
	}
	if r.Split = l.Kind; r.Split == "" {
		r.Split = Equal
		if len(l.Shares) > 0 {
			r.Split = Exact
		}
	}
	if len(l.Shares) > 0 {
		if r.Shares, err = p.money(number, "shares", l.Shares, r); err != nil {
			return err
		}
	}
	return p.lineSplit(number, r, l)
}

func (p *parser) lineSplit(number int, r *Record, l line) error {
	exp, ok := map[string]int{Equal: 0, Exact: r.Exp, Percent: 4, Shares: 0}[r.Split]
	switch {
	case !ok:
		return fmt.Errorf("kind %.40q is not equal, exact, percent or shares", r.Split)
	case len(l.Inputs) > 0 && r.Split != Equal:
		for _, in := range l.Inputs {
			n, err := parseDecimal(string(in.N), exp)
			if err != nil {
				return err
			}
			r.Of = append(r.Of, Part{p.member(number, in.Member), n})
		}
	case len(r.Shares) > 0 && r.Split == Equal:
		for _, s := range r.Shares {
			r.Of = append(r.Of, Part{s.Name, 1})
		}
	case len(r.Shares) > 0:
		r.Split, r.Of = Exact, r.Shares
	case r.Split != Equal:
		return fmt.Errorf("a split of kind %s needs shares or inputs", r.Split)
	case len(l.Split) == 0:
		return errors.New("split is missing: who shares the expense")
	default:
		for _, as := range l.Split {
			r.Of = append(r.Of, Part{p.member(number, as), 1})
		}
	}
	return r.checkSplit()
}

// checkSplit refuses inputs that do not fit the amount or the shares.
func (r *Record) checkSplit() error {
	seen := map[string]bool{}
	for _, o := range r.Of {
		if seen[o.Name] {
			return fmt.Errorf("%q is twice in the split", o.Name)
		}
		seen[o.Name] = true
	}
	if len(r.Of) > MaxMembers {
		return fmt.Errorf("%d names in the split, at most %d", len(r.Of), MaxMembers)
	}
	if r.Shares != nil {
		if len(r.Shares) != len(r.Of) {
			return errors.New("inputs and shares name different members")
		}
		for _, s := range r.Shares {
			if !seen[s.Name] {
				return errors.New("inputs and shares name different members")
			}
		}
	}
	switch r.Split {
	case Exact:
		if sum := sumOf(r.Of); sum != r.Amount {
			return errors.New(apart("shares", sum, r.Amount, r.Exp))
		}
		r.Shares = r.Of
		return nil
	case Percent:
		if sum := sumOf(r.Of); sum != 100_0000 && r.Shares == nil {
			return fmt.Errorf("the percentages add up to %s, not 100", format(sum, 4))
		}
	}
	return r.weights()
}

// money reads parts, which must add up to the amount.
func (p *parser) money(number int, what string, list []memberMoney, r *Record) ([]Part, error) {
	if len(list) == 0 || len(list) > MaxMembers {
		return nil, fmt.Errorf("%d %s, not 1 to %d", len(list), what, MaxMembers)
	}
	var parts []Part
	seen := map[string]bool{}
	for _, m := range list {
		v, err := parseDecimal(string(m.Amount), r.Exp)
		if err != nil {
			return nil, err
		}
		name := p.member(number, m.Member)
		if seen[name] {
			return nil, fmt.Errorf("%q is twice in %s", name, what)
		}
		seen[name] = true
		parts = append(parts, Part{name, v})
	}
	if sum := sumOf(parts); sum != r.Amount {
		return nil, errors.New(apart(what, sum, r.Amount, r.Exp))
	}
	return parts, nil
}

// jsonText says what is wrong with a JSON text.
func jsonText(err error) string {
	if bad, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("%s is a %s, which it cannot be", bad.Field, bad.Value)
	}
	return "no JSON as expected: " + strings.TrimPrefix(err.Error(), "json: ")
}

// lineOfJSON returns the line of an error.
func lineOfJSON(text string, err error) int {
	offset := int64(0)
	if bad, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = bad.Offset
	}
	if bad, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		offset = bad.Offset
	}
	return 1 + strings.Count(text[:min(int(offset), len(text))], "\n")
}
