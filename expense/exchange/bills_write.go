package exchange

import (
	"strconv"
	"strings"
	"time"
)

// billWriter writes bills of equal shares, as ihatemoney and Cospend know them:
// a record with other shares becomes a bill for each size of a share.
type billWriter struct {
	*base
	names *names
	put   func(r Record, payer, owers string) error
	end   func()
}

// Write implements Writer.
func (b *billWriter) Write(r Record) error {
	for _, one := range r.pieces() {
		payer, _ := b.names.name(one.Payers[0].Name)
		for _, group := range alike(one.Shares) {
			owers := make([]string, len(group))
			for i, s := range group {
				owers[i], _ = b.names.name(s.Name)
			}
			one.Amount = sumOf(group)
			if err := b.put(one, b.text(payer), b.text(strings.Join(owers, ", "))); err != nil {
				return err
			}
		}
	}
	return b.failed()
}

// Close implements Writer.
func (b *billWriter) Close() error {
	if b.end != nil {
		b.end()
	}
	return b.w.Flush()
}

func newIhatemoneyWriter(b *base) *billWriter {
	b.cells(",", "\r\n", "what", "bill_type", "amount", "currency", "date", "payer_name", "payer_weight", "owers")
	return &billWriter{base: b, names: listNames(), put: func(r Record, payer, owers string) error {
		kind := "Expense"
		if r.Kind == Payment {
			kind = "Reimbursement"
		}
		return b.cells(",", "\r\n", b.text(r.Note), kind, format(r.Amount, r.Exp), r.Currency, r.Date, payer, "1", owers)
	}}
}

func newCospendWriter(b *base) *billWriter {
	w := &billWriter{base: b, names: listNames()}
	b.print("name,weight,active,color\n")
	for _, m := range b.Members {
		name, _ := w.names.name(m)
		b.cells(",", "\n", b.text(name), "1", "1", "#4363d8")
	}
	b.print("\nwhat,amount,date,timestamp,payer_name,payer_weight,payer_active,owers,repeat,repeatfreq,repeatallactive,repeatuntil," +
		"categoryid,paymentmode,paymentmodeid,comment,deleted\n")
	ids, categories := map[string]string{}, []string{}
	w.put = func(r Record, payer, owers string) error {
		if err := b.one(r); err != nil {
			return err
		}
		category := "0"
		switch {
		case r.Kind == Payment:
			category = reimbursed
		case r.Category != "":
			if ids[r.Category] == "" {
				ids[r.Category] = strconv.Itoa(len(ids) + 1)
				categories = append(categories, r.Category)
			}
			category = ids[r.Category]
		}
		day, err := time.Parse(time.DateOnly, r.Date)
		if err != nil {
			return err
		}
		what, comment, _ := strings.Cut(r.Note, "\n")
		return b.cells(",", "\n", b.text(what), format(r.Amount, r.Exp), r.Date, strconv.FormatInt(day.Unix(), 10), payer, "1", "1", owers,
			"n", "1", "0", "", category, "n", "0", b.text(comment), "0")
	}
	w.end = func() {
		b.print("\ncategoryname,categoryid,icon,color\n")
		for i, c := range categories {
			b.cells(",", "\n", b.text(c), strconv.Itoa(i+1), "", "#4363d8")
		}
		if b.only != "" {
			b.print("\ncurrencyname,exchange_rate\n")
			b.cells(",", "\n", b.only, "1")
		}
	}
	return w
}
