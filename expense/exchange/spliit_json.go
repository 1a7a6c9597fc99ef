package exchange

import (
	"encoding/json"
	"fmt"
	"strings"
)

type spliitExpense struct {
	ID       string      `json:"id"`
	Date     string      `json:"expenseDate"`
	Title    string      `json:"title"`
	Notes    string      `json:"notes"`
	Category *spliitName `json:"category"`
	Amount   json.Number `json:"amount"`
	PaidBy   string      `json:"paidById"`
	PaidFor  []struct {
		ID     string      `json:"participantId"`
		Shares json.Number `json:"shares"`
	} `json:"paidFor"`
	Reimbursement    bool        `json:"isReimbursement"`
	Mode             string      `json:"splitMode"`
	OriginalAmount   json.Number `json:"originalAmount"`
	OriginalCurrency string      `json:"originalCurrency"`
	Recurrence       string      `json:"recurrenceRule"`
}

type spliitName struct {
	Name string `json:"name"`
}

// spliitGroup is what spliit's JSON holds beside the expenses.
type spliitGroup struct {
	Currency     string            `json:"currency"`
	Code         string            `json:"currencyCode"`
	Expenses     []json.RawMessage `json:"expenses"`
	Participants []struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"participants"`
}

// spliitJSON reads spliit's JSON, whose amounts are in minor units.
func (p *parser) spliitJSON(text string) {
	var g spliitGroup
	if err := json.Unmarshal([]byte(text), &g); err != nil {
		p.refuse(lineOfJSON(text, err), "%s", jsonText(err))
		return
	}
	if len(g.Expenses) > MaxRows {
		p.refuse(1, "there are more than %d expenses", MaxRows)
		return
	}
	code := g.Code
	if code == "" {
		code = g.Currency
	}
	code, err := p.currency(code)
	if err != nil {
		p.refuse(1, "%v", err)
		return
	}
	names := map[string]string{}
	for _, m := range g.Participants {
		if _, twice := p.members[m.Name]; twice || names[m.ID] != "" {
			p.refuse(1, "two participants are called %.60q", m.Name)
		}
		names[m.ID] = p.member(1, m.Name)
	}
	for _, pair := range [][2]string{
		{"expenseDate", "date"}, {"title, notes", "note"}, {"category", "category"}, {"amount", "amount"},
		{"currencyCode, currency", "currency"}, {"originalAmount, originalCurrency", "rate"}, {"paidById", "payer"},
		{"paidFor, splitMode", "split"}, {"isReimbursement", "payment or not"},
	} {
		p.column(pair[0], pair[1])
	}
	line, from := 1, 0
	for i, raw := range g.Expenses {
		// The expenses stand in the text in this order, as they are.
		if at := strings.Index(text[from:], string(raw)); at >= 0 {
			line += strings.Count(text[from:from+at], "\n")
			from += at
		}
		var e spliitExpense
		if err := json.Unmarshal(raw, &e); err != nil {
			p.refuse(line, "expense %d: %s", i+1, jsonText(err))
			continue
		}
		rec, err := p.spliitRecord(e, names, code)
		if err != nil {
			p.refuse(line, "expense %d, %.60q: %v", i+1, e.Title, err)
			continue
		}
		if rec.Row = i + 1; rec.Amount == 0 {
			p.note(line, "expense %d is left out: the amount is 0", i+1)
			continue
		}
		if every := strings.ToLower(e.Recurrence); every != "" && every != "none" {
			p.note(line, "%.60q recurs %.20s in spliit; only this expense is taken: `intercom expense recur add` lets it recur here", e.Title, every)
		}
		p.add(rec)
	}
}

func (p *parser) spliitRecord(e spliitExpense, names map[string]string, code string) (Record, error) {
	r := Record{ID: e.ID, Kind: Expense, Currency: code, Exp: p.exponent(code), Note: joinNote(e.Title, e.Notes)}
	if e.Category != nil {
		r.Category = e.Category.Name
	}
	var err error
	if r.Date, err = date(e.Date); err != nil {
		return r, err
	}
	if r.Amount, err = parseDecimal(e.Amount.String(), 0); err != nil {
		return r, err
	}
	payer, ok := names[e.PaidBy]
	if !ok {
		return r, fmt.Errorf("who paid, %.60q, is no participant", e.PaidBy)
	}
	r.Payers = []Part{{payer, r.Amount}}
	if len(e.PaidFor) == 0 || len(e.PaidFor) > MaxMembers {
		return r, fmt.Errorf("it is paid for %d participants, not 1 to %d", len(e.PaidFor), MaxMembers)
	}
	seen := map[string]bool{}
	for _, f := range e.PaidFor {
		name, ok := names[f.ID]
		if !ok || seen[name] {
			return r, fmt.Errorf("paid for %.60q, which is no participant or there twice", f.ID)
		}
		seen[name] = true
		n, err := parseDecimal(f.Shares.String(), 0)
		if err != nil {
			return r, err
		}
		r.Of = append(r.Of, Part{name, n})
	}
	if e.OriginalCurrency != "" && e.OriginalAmount != "" {
		other, err := p.currency(e.OriginalCurrency)
		if err != nil {
			return r, err
		}
		v, err := parseDecimal(e.OriginalAmount.String(), 0)
		if err != nil {
			return r, err
		}
		if v != 0 {
			r.Rate = &Rate{Currency: other, Exp: p.exponent(other), Amount: v}
		}
	}
	if err := r.spliitMode(e.Mode); err != nil {
		return r, err
	}
	if e.Reimbursement {
		r.payment()
	}
	return r, nil
}

func (r *Record) spliitMode(mode string) error {
	switch mode {
	case "EVENLY", "":
		for i := range r.Of {
			r.Of[i].Amount = 1
		}
		r.Split = Equal
	case "BY_SHARES":
		r.Split = Shares
	case "BY_PERCENTAGE":
		if sum := sumOf(r.Of); sum != 100_00 {
			return fmt.Errorf("the percentages add up to %s, not 100", format(sum, 2))
		}
		r.Split = Percent
		for i := range r.Of {
			r.Of[i].Amount *= 100
		}
	case "BY_AMOUNT":
		if sum := sumOf(r.Of); sum != r.Amount {
			return fmt.Errorf("%s", apart("shares", sum, r.Amount, r.Exp))
		}
		r.Split, r.Shares = Exact, r.Of
		return nil
	default:
		return fmt.Errorf("split mode %.40q is not known", mode)
	}
	return r.weights()
}

// weights refuses what an amount cannot be divided by.
func (r *Record) weights() error {
	for _, w := range r.Of {
		if w.Amount < 0 {
			return fmt.Errorf("%s has a weight below zero", w.Name)
		}
	}
	if sumOf(r.Of) == 0 {
		return fmt.Errorf("all weights are zero")
	}
	return nil
}

// joinNote joins a title and what stands below it.
func joinNote(title, notes string) string {
	title, notes = strings.TrimSpace(title), strings.TrimSpace(notes)
	switch {
	case notes == "":
		return title
	case title == "":
		return notes
	}
	return title + "\n" + notes
}
