package exchange

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

func errMember(name string) error {
	return fmt.Errorf("%w: member %q came while the file was written, write it again", ErrUnfit, name)
}

func errExp(r Record, exp int) error {
	return fmt.Errorf("%w: entry %s counts %s with %d decimals, others with %d", ErrUnfit, short(r.ID), r.Currency, r.Exp, exp)
}

// spliitWriter writes spliit's CSV.
type spliitWriter struct {
	*base
	place map[string]int
}

func newSpliitWriter(b *base) *spliitWriter {
	s := &spliitWriter{base: b, place: map[string]int{}}
	b.print(byteOrderMark)
	var head []string
	for _, h := range spliitLead {
		head = append(head, quoted(h))
	}
	for i, m := range b.Members {
		s.place[m] = i
		head = append(head, quoted(b.text(m)))
	}
	b.print(strings.Join(head, ","), "\n")
	return s
}

func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// number writes an amount as JavaScript writes a number.
func number(v int64, exp int) string {
	s := format(v, exp)
	if strings.Contains(s, ".") {
		s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// Write implements Writer.
func (s *spliitWriter) Write(r Record) error {
	for _, one := range r.pieces() {
		if err := s.piece(one); err != nil {
			return err
		}
	}
	return s.failed()
}

func (s *spliitWriter) piece(r Record) error {
	cells := make([]int64, len(s.Members))
	for _, share := range r.Shares {
		i, ok := s.place[share.Name]
		if !ok {
			return errMember(share.Name)
		}
		if cells[i] = -share.Amount; share.Name == r.Payers[0].Name {
			cells[i] = share.Amount
		}
	}
	if _, ok := s.place[r.Payers[0].Name]; !ok {
		return errMember(r.Payers[0].Name)
	}
	mode, paid := spliitAmount, "No"
	if even(r.Shares) {
		mode = spliitEvenly
	}
	if r.Kind == Payment {
		paid = "Yes"
	}
	row := []string{quoted(r.Date), quoted(s.text(r.Note)), quoted(s.text(r.Category)), quoted(r.Currency), quoted(format(r.Amount, r.Exp))}
	if r.Rate != nil {
		row = append(row, quoted(format(r.Rate.Amount, r.Rate.Exp)), quoted(r.Rate.Currency), quoted(conversion(r)))
	} else {
		row = append(row, "", "", "")
	}
	row = append(row, quoted(paid), quoted(mode))
	for _, c := range cells {
		row = append(row, number(c, r.Exp))
	}
	s.print(strings.Join(row, ","), "\n")
	return nil
}

// conversion is the amount over the original one, for people: nobody reads it
// back.
func conversion(r Record) string {
	per := float64(r.Amount)
	for range r.Rate.Exp {
		per *= 10
	}
	for range r.Exp {
		per /= 10
	}
	return strconv.FormatFloat(per/float64(r.Rate.Amount), 'g', 8, 64)
}

// Close implements Writer.
func (s *spliitWriter) Close() error { return s.w.Flush() }

// spliitJSONWriter writes spliit's JSON.
type spliitJSONWriter struct {
	*base
	ids   map[string]string
	order []string
	n     int
}

func (s *spliitJSONWriter) id(name string) string {
	id, ok := s.ids[name]
	if !ok {
		id = "m" + strconv.Itoa(len(s.ids)+1)
		s.ids[name], s.order = id, append(s.order, name)
	}
	return id
}

// Write implements Writer.
func (s *spliitJSONWriter) Write(r Record) error {
	if err := s.one(r); err != nil {
		return err
	}
	for _, one := range r.pieces() {
		if err := s.piece(one); err != nil {
			return err
		}
	}
	return s.failed()
}

func (s *spliitJSONWriter) piece(r Record) error {
	type paidFor struct {
		Participant string `json:"participantId"`
		Shares      int64  `json:"shares"`
	}
	e := struct {
		ID               string      `json:"id"`
		Created          string      `json:"createdAt"`
		Date             string      `json:"expenseDate"`
		Title            string      `json:"title"`
		Category         *spliitName `json:"category"`
		Amount           int64       `json:"amount"`
		OriginalAmount   *int64      `json:"originalAmount"`
		OriginalCurrency *string     `json:"originalCurrency"`
		Rate             *string     `json:"conversionRate"`
		PaidBy           string      `json:"paidById"`
		PaidFor          []paidFor   `json:"paidFor"`
		Reimbursement    bool        `json:"isReimbursement"`
		Mode             string      `json:"splitMode"`
		Recurrence       string      `json:"recurrenceRule"`
		Notes            string      `json:"notes"`
	}{
		Created: r.Date + "T00:00:00.000Z", Date: r.Date + "T00:00:00.000Z", Amount: r.Amount, PaidBy: s.id(r.Payers[0].Name),
		Reimbursement: r.Kind == Payment, Mode: "BY_AMOUNT", Recurrence: "NONE",
	}
	s.n++
	e.ID = "e" + strconv.Itoa(s.n)
	e.Title, e.Notes, _ = strings.Cut(r.Note, "\n")
	if r.Category != "" {
		e.Category = &spliitName{r.Category}
	}
	if r.Rate != nil {
		rate := conversion(r)
		e.OriginalAmount, e.OriginalCurrency, e.Rate = &r.Rate.Amount, &r.Rate.Currency, &rate
	}
	for _, share := range r.Shares {
		e.PaidFor = append(e.PaidFor, paidFor{s.id(share.Name), share.Amount})
	}
	if even(r.Shares) {
		e.Mode = "EVENLY"
		for i := range e.PaidFor {
			e.PaidFor[i].Shares = 100
		}
	}
	b, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if s.n == 1 {
		s.open()
	} else {
		s.print(",")
	}
	s.print("\n", string(b))
	return nil
}

func (s *spliitJSONWriter) open() {
	name, _ := json.Marshal(s.Room) // a string always has a JSON form
	code, _ := json.Marshal(s.only)
	if s.only == noCurrency {
		code = []byte(`""`)
	}
	currency, _ := json.Marshal(s.only)
	s.print(`{"id":`, string(name), `,"name":`, string(name), `,"information":"","currency":`, string(currency), `,"currencyCode":`, string(code), `,"expenses":[`)
}

// Close implements Writer.
func (s *spliitJSONWriter) Close() error {
	if s.n == 0 {
		s.open()
	}
	s.print("],\n\"participants\":[")
	for i, name := range s.order {
		b, err := json.Marshal(struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		}{s.ids[name], name})
		if err != nil {
			return err
		}
		if i > 0 {
			s.print(",")
		}
		s.print(string(b))
	}
	s.print("],\"activities\":[]}\n")
	return s.w.Flush()
}
