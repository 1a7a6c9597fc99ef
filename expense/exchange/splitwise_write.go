package exchange

// splitwiseWriter writes what Splitwise exports.
type splitwiseWriter struct {
	*base
	place map[string]int // of a member among the columns
	codes []string       // in order of appearance
	exps  map[string]int
	sums  map[string][]int64
}

func newSplitwiseWriter(b *base) *splitwiseWriter {
	s := &splitwiseWriter{base: b, place: map[string]int{}, exps: map[string]int{}, sums: map[string][]int64{}}
	head := []string{"Date", "Description", "Category", "Cost", "Currency"}
	for i, m := range b.Members {
		s.place[m] = i
		head = append(head, b.text(m))
	}
	s.cells(",", "\n\n", head...)
	return s
}

// Write implements Writer.
func (s *splitwiseWriter) Write(r Record) error {
	sums, ok := s.sums[r.Currency]
	if !ok {
		sums = make([]int64, len(s.Members))
		s.codes, s.sums[r.Currency], s.exps[r.Currency] = append(s.codes, r.Currency), sums, r.Exp
	}
	if r.Exp != s.exps[r.Currency] {
		return errExp(r, s.exps[r.Currency])
	}
	nets := make([]int64, len(s.Members))
	for _, n := range r.nets() {
		i, ok := s.place[n.Name]
		if !ok {
			return errMember(n.Name)
		}
		nets[i] = n.Amount
		if sums[i] += n.Amount; abs(sums[i]) > 1<<62 {
			return errSum
		}
	}
	category, note := r.Category, r.Note
	if category == "" {
		category = "General"
	}
	if r.Kind == Payment {
		category = "Payment"
		if note == "" {
			note = r.Payers[0].Name + " paid " + r.Shares[0].Name
		}
	}
	return s.row(r.Date, s.text(note), s.text(category), format(r.Amount, r.Exp), r.Currency, nets, r.Exp)
}

func (s *splitwiseWriter) row(date, note, category, cost, currency string, nets []int64, exp int) error {
	row := []string{date, note, category, cost, currency}
	for _, n := range nets {
		row = append(row, format(n, exp))
	}
	return s.cells(",", "\n", row...)
}

// Close implements Writer.
func (s *splitwiseWriter) Close() error {
	s.print("\n")
	for _, c := range s.codes {
		if err := s.row(s.Today, "Total balance", " ", " ", c, s.sums[c], s.exps[c]); err != nil {
			return err
		}
	}
	return s.w.Flush()
}
