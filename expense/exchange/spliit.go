package exchange

import (
	"strings"
)

// spliitLead are the columns of spliit's CSV before the members.
var spliitLead = []string{
	"Date", "Description", "Category", "Currency", "Cost", "Original cost", "Original currency", "Conversion rate",
	"Is Reimbursement", "Split mode",
}

// Split modes in spliit's CSV; the dash is U+2013.
const (
	spliitEvenly  = "Evenly"
	spliitShares  = "Unevenly – By shares"
	spliitPercent = "Unevenly – By percentage"
	spliitAmount  = "Unevenly – By amount"
)

// index returns the places of the columns by name, and of the others.
func index(header []string, known []string) (at map[string]int, others []int) {
	at = map[string]int{}
	is := map[string]bool{}
	for _, k := range known {
		at[k], is[k] = -1, true
	}
	for i, h := range header {
		if is[h] && at[h] < 0 {
			at[h] = i
		} else {
			others = append(others, i)
		}
	}
	return at, others
}

// spliitCSV reads spliit's CSV. A member's cell is his own share, above zero
// for who paid and below for the others, each rounded on its own.
func (p *parser) spliitCSV(rows []row) {
	head := rows[0]
	at, others := index(head.cells, spliitLead)
	for _, must := range []string{"Date", "Description", "Cost", "Is Reimbursement", "Split mode"} {
		if at[must] < 0 {
			p.refuse(head.line, "there is no column %q", must)
		}
	}
	if p.count > 0 {
		return
	}
	is := []string{"date", "note", "category", "currency", "amount", "rate", "rate", "", "payment or not", "split"}
	for i, name := range spliitLead {
		if at[name] >= 0 {
			p.column(name, is[i])
		}
	}
	names := map[int]string{}
	for _, i := range others {
		names[i] = p.memberColumn(head, i)
	}
	d := p.style(func(yield func(int, string) bool) {
		for _, r := range rows[1:] {
			for _, i := range append([]int{at["Cost"], at["Original cost"]}, others...) {
				if c := r.cell(i); strings.Trim(c, "-.,0123456789") == "" {
					yield(r.line, c)
				}
			}
		}
	})
	for r := range p.below(rows) {
		p.spliitRow(r, at, others, names, d)
	}
}

func (p *parser) spliitRow(r row, at map[string]int, others []int, names map[int]string, d decimals) {
	before := p.count
	code, err := p.currency(r.cell(at["Currency"]))
	if err != nil {
		p.refuse(r.line, "%v", err)
		return
	}
	rec := Record{Row: r.line, Kind: Expense, Note: r.cell(at["Description"]), Category: r.cell(at["Category"]), Currency: code, Exp: p.exponent(code)}
	if rec.Date, err = date(r.cell(at["Date"])); err != nil {
		p.refuse(r.line, "%v", err)
	}
	if rec.Amount, err = d.parse(r.cell(at["Cost"]), rec.Exp); err != nil {
		p.refuse(r.line, "%v", err)
	} else if rec.Amount == 0 {
		p.note(r.line, "left out: the amount is 0")
		return
	}
	rec.Rate = p.rate(r.line, r.cell(at["Original cost"]), r.cell(at["Original currency"]), d)
	sign := int64(1)
	if rec.Amount < 0 {
		sign = -1
	}
	var payers, none []string
	for _, i := range others {
		if r.cell(i) == "" {
			none = append(none, names[i])
			continue
		}
		v, err := d.parse(r.cell(i), rec.Exp)
		switch v *= sign; {
		case err != nil:
			p.refuse(r.line, "%s: %v", names[i], err)
		case v > 0:
			payers = append(payers, names[i])
			rec.Shares = append(rec.Shares, Part{names[i], v})
		case v < 0:
			rec.Shares = append(rec.Shares, Part{names[i], -v})
		default:
			none = append(none, names[i])
		}
	}
	switch {
	case p.count > before:
		return
	case len(rec.Shares) == 0:
		p.unclear(r.line, "nobody has a share of %s %s", format(rec.Amount, rec.Exp), code)
		return
	case len(payers) > 1:
		p.refuse(r.line, "%s are both marked as who paid", strings.Join(payers, " and "))
		return
	case len(payers) == 0 && len(none) == 1:
		payers = none // only he can have paid for all others
	case len(payers) == 0:
		p.unclear(r.line, "who paid %s %s has no share of it, and may be any of %s; spliit's JSON export tells it",
			format(rec.Amount, rec.Exp), code, strings.Join(none, ", "))
		return
	}
	rec.Payers = []Part{{payers[0], rec.Amount}}
	p.spliitSplit(rec, r.cell(at["Split mode"]), r.cell(at["Is Reimbursement"]), sign)
}

// spliitSplit makes the parts add up, where spliit rounded each on its own.
func (p *parser) spliitSplit(rec Record, mode, reimbursement string, sign int64) {
	off := sumOf(rec.Shares) - rec.Amount*sign
	rec.Split, rec.Of = Exact, rec.Shares
	switch slack := int64(len(rec.Shares)); {
	case off != 0 && (mode == spliitAmount || off > slack || off < -slack):
		p.refuse(rec.Row, "%s", apart("shares", sumOf(rec.Shares), rec.Amount*sign, rec.Exp))
		return
	case mode == spliitEvenly && off == 0:
		rec.asEqual()
	case mode == spliitEvenly:
		names := make([]string, len(rec.Shares))
		for i, s := range rec.Shares {
			names[i] = s.Name
		}
		rec.Split, rec.Of, rec.Shares = Equal, ones(names), nil
	case off != 0:
		rec.Split, rec.Shares = Shares, nil
		p.note(rec.Row, "the shares are rounded and %s apart from the amount: divided anew", format(off, rec.Exp))
	}
	if sign < 0 {
		if rec.Shares = negated(rec.Shares); rec.Split == Exact {
			rec.Of = rec.Shares
		}
	}
	switch strings.ToLower(reimbursement) {
	case "yes", "true", "1":
		rec.payment()
	}
	p.add(rec)
}

// payment makes a record one, if one member gave one other something.
func (r *Record) payment() {
	shares := r.Shares
	if shares == nil {
		shares = r.Of
	}
	if r.Amount > 0 && len(r.Payers) == 1 && len(shares) == 1 && shares[0].Name != r.Payers[0].Name {
		r.Kind, r.Split, r.Category = Payment, Exact, ""
		r.Shares = []Part{{shares[0].Name, r.Amount}}
		r.Of = r.Shares
	}
}

// rate reads what an amount was in the currency in which it was paid.
func (p *parser) rate(line int, amount, currency string, d decimals) *Rate {
	if amount == "" || currency == "" {
		return nil
	}
	code, err := p.currency(currency)
	if err != nil {
		p.refuse(line, "%v", err)
		return nil
	}
	exp := p.exponent(code)
	v, err := d.parse(amount, exp)
	switch {
	case err != nil:
		p.refuse(line, "%v", err)
	case v != 0:
		return &Rate{Currency: code, Exp: exp, Amount: v}
	}
	return nil
}

// apart says by how much a sum misses an amount.
func apart(what string, sum, amount int64, exp int) string {
	off, over := sum-amount, "over"
	if off < 0 {
		off, over = -off, "missing"
	}
	return what + " add up to " + format(sum, exp) + ", the amount is " + format(amount, exp) + ": " + format(off, exp) + " " + over
}
