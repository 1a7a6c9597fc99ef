package exchange

import (
	"strings"
)

// weightDecimals is how exactly weights are read.
const weightDecimals = 6

// bills reads what ihatemoney and Cospend have in common: one payer, owers who
// divide a bill by the weights of members.
type bills struct {
	*parser
	at      map[string]int // columns
	weights map[string]int64
	// told: the file tells the weight of every member.
	told bool
}

var billColumns = []string{
	"what", "bill_type", "amount", "currency", "date", "timestamp", "payer_name", "payer_weight", "payer_active", "owers",
	"repeat", "repeatfreq", "repeatallactive", "repeatuntil", "categoryid", "paymentmode", "paymentmodeid", "comment", "deleted",
}

// header takes the columns of bills.
func (b *bills) header(r row) bool {
	b.at, _ = index(r.cells, billColumns)
	for _, must := range []string{"what", "amount", "payer_name", "owers"} {
		if b.at[must] < 0 {
			b.refuse(r.line, "there is no column %q", must)
			return false
		}
	}
	if b.at["date"] < 0 && b.at["timestamp"] < 0 {
		b.refuse(r.line, "there is no column %q", "date")
		return false
	}
	is := map[string]string{
		"what": "note", "bill_type": "payment or not", "amount": "amount", "currency": "currency", "date": "date",
		"payer_name": "payer", "payer_weight": "weight of the payer", "owers": "split", "categoryid": "category",
		"paymentmodeid": "tag", "paymentmode": "tag", "comment": "note", "deleted": "left out or not", "timestamp": "date, where that is empty",
	}
	for _, c := range r.cells {
		b.column(c, is[c])
	}
	return true
}

// weigh notes the weight of a member.
func (b *bills) weigh(line int, name, text string) {
	if text == "" {
		return
	}
	n, err := parseDecimal(text, weightDecimals)
	if err != nil || n < 0 || n > 1e12 {
		b.refuse(line, "weight %.20q of %s is no number from 0 to 1000000 with up to %d decimals", text, name, weightDecimals)
		return
	}
	if was, ok := b.weights[name]; ok && was != n {
		b.note(line, "%s had another weight in lines above; this one counts for all", name)
	}
	b.weights[name] = n
}

// given takes the weights that the caller gives.
func (b *bills) given() {
	for as, text := range b.Weights {
		b.weigh(1, b.member(1, as), text)
	}
}

// owers returns the members of a list, each once.
func (b *bills) owers(line int, text string) (names []string) {
	seen := map[string]bool{}
	for as := range strings.SplitSeq(text, ",") {
		as = strings.TrimSpace(as)
		if as == "" {
			continue
		}
		name := b.member(line, as)
		if seen[name] {
			b.refuse(line, "%s owes twice", name)
		}
		seen[name] = true
		names = append(names, name)
	}
	return names
}

// bill reads one bill. ok is false where it was refused or left out.
func (b *bills) bill(r row, fallback string) (rec Record, ok bool) {
	before := b.count
	cell := func(name string) string { return r.cell(b.at[name]) }
	code := cell("currency")
	if code == "" {
		code = fallback
	}
	code, err := b.currency(code)
	if err != nil {
		b.refuse(r.line, "%v", err)
		return rec, false
	}
	rec = Record{Row: r.line, Kind: Expense, Note: joinNote(cell("what"), cell("comment")), Currency: code, Exp: b.exponent(code)}
	day := cell("date")
	if day == "" {
		day = unixDay(cell("timestamp"))
	}
	if rec.Date, err = date(day); err != nil {
		b.refuse(r.line, "%v", err)
	}
	if rec.Amount, err = parseDecimal(cell("amount"), rec.Exp); err != nil {
		b.refuse(r.line, "%v", err)
	}
	if cell("payer_name") == "" {
		b.refuse(r.line, "nobody is named as who paid")
		return rec, false
	}
	payer := b.member(r.line, cell("payer_name"))
	rec.Payers = []Part{{payer, rec.Amount}}
	names := b.owers(r.line, cell("owers"))
	switch {
	case b.count > before:
		return rec, false
	case rec.Amount == 0:
		b.note(r.line, "left out: the amount is 0")
		return rec, false
	case len(names) == 0:
		b.unclear(r.line, "nobody is named who owes %s %s", format(rec.Amount, rec.Exp), code)
		return rec, false
	}
	return rec, b.divide(&rec, names)
}

// divide says what a bill is divided by.
func (b *bills) divide(rec *Record, names []string) bool {
	rec.Split, rec.Of = Equal, ones(names)
	even, unknown := true, []string(nil)
	for i, n := range names {
		w, ok := b.weights[n]
		if !ok && !b.told {
			unknown = append(unknown, n)
		}
		if !ok {
			w = 1e6
		}
		rec.Of[i].Amount = w
		even = even && w == rec.Of[0].Amount
	}
	if !b.allOne() && len(unknown) > 0 {
		b.unclear(rec.Row, "the file does not tell the weight of %s, and some members have another than 1: give --weight NAME=N",
			strings.Join(unknown, ", "))
		return false
	}
	if even {
		rec.Of = ones(names)
		return true
	}
	rec.Split = Shares
	shorten(rec.Of)
	if err := rec.weights(); err != nil {
		b.refuse(rec.Row, "%v", err)
		return false
	}
	return true
}

// allOne reports whether every weight that is known is 1.
func (b *bills) allOne() bool {
	for _, w := range b.weights {
		if w != 1e6 {
			return false
		}
	}
	return true
}

// shorten divides weights by what all have in common.
func shorten(of []Part) {
	var common int64
	for _, p := range of {
		a, b := common, p.Amount
		for b != 0 {
			a, b = b, a%b
		}
		common = a
	}
	for i := range of {
		of[i].Amount /= max(common, 1)
	}
}
