package exchange

import (
	"fmt"
	"sort"
	"strings"
	"unicode"
)

// journal writes plain-text accounting. Its last transaction states what every
// member is owed, so that whoever reads the file checks our sums.
type journal struct {
	*base
	style style
	sums  map[posting]int64 // by account; the amount is left out
	last  string            // the latest day
}

// style is the syntax of a journal.
type style interface {
	head()
	// account returns the account of a member, or one of the member's own books.
	account(parts ...string) string
	unit(currency string, exp int) string
	day(date string) string
	transaction(r Record, title string, postings []posting)
	balances(day string, all []posting)
}

// posting is an amount of an account.
type posting struct {
	account string
	unit    string
	exp     int
	amount  int64
}

func newJournal(b *base, s style) *journal {
	s.head()
	return &journal{base: b, style: s, sums: map[posting]int64{}}
}

// Write implements Writer.
func (j *journal) Write(r Record) error {
	unit := j.style.unit(r.Currency, r.Exp)
	var postings []posting
	put := func(amount int64, asserted bool, account ...string) error {
		if amount == 0 {
			return nil
		}
		p := posting{account: j.style.account(account...), unit: unit, exp: r.Exp}
		if asserted {
			if j.sums[p] += amount; abs(j.sums[p]) > 1<<62 {
				return errSum
			}
		}
		p.amount = amount
		postings = append(postings, p)
		return nil
	}
	var err error
	if j.As == "" {
		err = j.room(r, put)
	} else {
		err = j.own(r, put)
	}
	if err != nil || len(postings) == 0 {
		return err
	}
	j.last = max(j.last, j.style.day(r.Date))
	j.style.transaction(r, j.title(r), postings)
	return j.failed()
}

// room posts who paid and who owes.
func (j *journal) room(r Record, put func(int64, bool, ...string) error) error {
	for _, p := range r.Payers {
		if err := put(p.Amount, true, "room", p.Name); err != nil {
			return err
		}
	}
	for _, s := range r.Shares {
		if err := put(-s.Amount, true, "room", s.Name); err != nil {
			return err
		}
	}
	return nil
}

// own posts what a record is to one member: what left his purse, what he used,
// and what he and others owe each other.
func (j *journal) own(r Record, put func(int64, bool, ...string) error) error {
	var paid, used int64
	var others []Part
	for _, one := range r.pieces() {
		payer := one.Payers[0].Name
		for _, s := range one.Shares {
			switch {
			case payer == j.As && s.Name == j.As:
				paid += s.Amount
				used += s.Amount
			case payer == j.As:
				paid += s.Amount
				others = append(others, s)
			case s.Name == j.As:
				used += s.Amount
				others = append(others, Part{payer, -s.Amount})
			}
		}
	}
	if r.Kind == Payment { // what he got is in his purse, not used up
		paid, used = paid-used, 0
	}
	if r.Kind == Opening { // nothing was paid or used now
		var sum int64
		for _, o := range others {
			sum += o.Amount
			if err := put(o.Amount, true, "assets", "room", j.Room, o.Name); err != nil {
				return err
			}
		}
		return put(-sum, false, "equity", "opening balances")
	}
	category := r.Category
	if category == "" {
		category = "other"
	}
	if err := put(used, false, "expenses", "shared", category); err != nil {
		return err
	}
	for _, o := range others {
		if err := put(o.Amount, true, "assets", "room", j.Room, o.Name); err != nil {
			return err
		}
	}
	return put(-paid, false, "assets", "cash")
}

// title is what a transaction is called.
func (j *journal) title(r Record) string {
	switch {
	case r.Note != "":
		return r.Note
	case r.Kind == Payment:
		return "settle " + r.Payers[0].Name + " to " + r.Shares[0].Name
	case r.Amount < 0:
		return "income"
	}
	return "expense"
}

// Close implements Writer.
func (j *journal) Close() error {
	all := make([]posting, 0, len(j.sums))
	for p, sum := range j.sums {
		p.amount = sum
		all = append(all, p)
	}
	sort.Slice(all, func(a, b int) bool {
		if all[a].account != all[b].account {
			return all[a].account < all[b].account
		}
		return all[a].unit < all[b].unit
	})
	if len(all) > 0 {
		j.style.balances(j.last, all)
	}
	return j.w.Flush()
}

// clampYear keeps a date in the years that a reader knows.
func clampYear(date string, low, high int) string {
	switch {
	case date < fmt.Sprintf("%04d", low):
		return fmt.Sprintf("%04d-01-01", low)
	case date > fmt.Sprintf("%04d-12-31", high):
		return fmt.Sprintf("%04d-12-31", high)
	}
	return date
}

// tags returns what a comment says of a record, name and value, values in one
// line and without what separates them.
func (j *base) tags(r Record, day string) [][2]string {
	out := [][2]string{{"id", short(r.ID)}, {"kind", string(r.Kind)}, {"category", r.Category}, {"payer", strings.ReplaceAll(memberNames(r.Payers), ",", " ")}}
	if len(r.Tags) > 0 {
		out = append(out, [2]string{"tags", strings.Join(r.Tags, " ")})
	}
	if r.Rate != nil {
		out = append(out, [2]string{"rate", r.Rate.Currency + " " + format(r.Rate.Amount, r.Rate.Exp)})
	}
	if day != r.Date {
		out = append(out, [2]string{"day", r.Date})
	}
	kept := out[:0]
	for _, t := range out {
		if t[1] = plain(t[1]); t[1] != "" {
			kept = append(kept, t)
		}
	}
	return kept
}

// plain leaves out what has a meaning in a comment: commas and colons separate
// tags, brackets hold dates, a semicolon begins another comment.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(",:;[]\"\\", r) || unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.FieldsFunc(s, breaks), " ")
}
