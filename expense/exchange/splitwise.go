package exchange

import (
	"strings"
)

// splitwiseLead is how many columns come before the members.
const splitwiseLead = 5

// splitwiseWords are the headers of the first columns, in the languages that
// Splitwise writes them in.
var splitwiseWords = [splitwiseLead][]string{
	{"date", "datum", "fecha", "data", "tanggal", "日付", "วันที่"},
	{"description", "beschreibung", "descripción", "descrizione", "omschrijving", "beschrijving", "descrição", "opis", "beskrivning", "keterangan", "概要", "คำอธิบาย"},
	{"category", "kategorie", "catégorie", "categoría", "categoria", "categorie", "kategoria", "kategori", "カテゴリ", "หมวดหมู่"},
	{"cost", "kosten", "coût", "coste", "costo", "custo", "koszt", "kostnad", "biaya", "費用", "ราคา"},
	{"currency", "währung", "devise", "moneda", "valuta", "moeda", "waluta", "mata uang", "通貨", "สกุลเงิน"},
}

// paymentWords are the category of payments in these languages.
var paymentWords = []string{"payment", "zahlung", "paiement", "pago", "pagamento", "betaling", "płatność", "pembayaran", "betalning", "支払い"}

// isSplitwise reports whether a row is the header of a file of Splitwise.
func isSplitwise(cells []string) bool {
	if len(cells) <= splitwiseLead {
		return false
	}
	for i, words := range splitwiseWords {
		if !anyFold(words, cells[i]) {
			return false
		}
	}
	return true
}

func anyFold(words []string, s string) bool {
	for _, w := range words {
		if strings.EqualFold(w, strings.TrimSpace(s)) {
			return true
		}
	}
	return false
}

// splitwise reads Splitwise's export. A cell of a member is what he paid less
// what he owes, so a row adds up to 0; payer and shares follow where one
// member alone is owed, and otherwise are lost.
func (p *parser) splitwise(rows []row) {
	if len(rows[0].cells) <= splitwiseLead {
		p.refuse(rows[0].line, "%d columns; after date, description, category, cost and currency comes one for each member", len(rows[0].cells))
		return
	}
	for i, is := range []string{"date", "note", "category", "amount", "currency"} {
		p.column(rows[0].cells[i], is)
	}
	names := make([]string, len(rows[0].cells))
	for i := splitwiseLead; i < len(names); i++ {
		names[i] = p.memberColumn(rows[0], i)
	}
	d := p.style(func(yield func(int, string) bool) {
		for _, r := range rows[1:] {
			for _, c := range r.cells[min(3, len(r.cells)):] {
				if strings.Trim(c, "-.,0123456789") == "" {
					yield(r.line, c)
				}
			}
		}
	})
	sums := map[string][]int64{}
	for r := range p.below(rows) {
		if r.cell(3) == "" && r.cell(2) == "" {
			p.splitwiseTotal(r, names, d, sums)
			continue
		}
		p.splitwiseRow(r, names, d, sums)
	}
}

// nets reads the cells of the members.
func (p *parser) nets(r row, names []string, d decimals, exp int) (nets []Part, all []int64, ok bool) {
	all, ok = make([]int64, len(names)), true
	for i := splitwiseLead; i < len(names); i++ {
		if r.cell(i) == "" {
			continue
		}
		v, err := d.parse(r.cell(i), exp)
		if err != nil {
			p.refuse(r.line, "%s: %v", names[i], err)
			ok = false
		}
		if all[i] = v; v != 0 {
			nets = append(nets, Part{names[i], v})
		}
	}
	return nets, all, ok
}

func (p *parser) splitwiseRow(r row, names []string, d decimals, sums map[string][]int64) {
	code, err := p.currency(r.cell(4))
	if err != nil {
		p.refuse(r.line, "%v", err)
		return
	}
	exp := p.exponent(code)
	day, dateErr := date(r.cell(0))
	cost, costErr := d.parse(r.cell(3), exp)
	for _, err := range []error{dateErr, costErr} {
		if err != nil {
			p.refuse(r.line, "%v", err)
		}
	}
	nets, all, ok := p.nets(r, names, d, exp)
	if dateErr != nil || costErr != nil || !ok {
		return
	}
	if off := sumOf(nets); off != 0 {
		p.refuse(r.line, "what the members paid and owe differs by %s %s, not 0", format(off, exp), code)
		return
	}
	if sums[code] == nil {
		sums[code] = make([]int64, len(names))
	}
	for i, v := range all {
		sums[code][i] += v
	}
	rec := Record{Row: r.line, Kind: Expense, Date: day, Note: r.cell(1), Category: r.cell(2), Currency: code, Exp: exp, Split: Exact}
	if len(nets) == 0 {
		p.unclear(r.line, "nobody is owed anything of %s %s, so it cannot be told who paid it", format(cost, exp), code)
		return
	}
	p.splitwiseParts(&rec, nets, cost)
}

// splitwiseParts finds payers and shares, and adds the record.
func (p *parser) splitwiseParts(rec *Record, nets []Part, cost int64) {
	sign := int64(1)
	if cost < 0 { // a refund: everything is mirrored
		sign, cost, nets = -1, -cost, negated(nets)
	}
	var owed, owes []Part
	for _, n := range nets {
		if n.Amount > 0 {
			owed = append(owed, n)
		} else {
			owes = append(owes, Part{n.Name, -n.Amount})
		}
	}
	switch over := sumOf(owed) - cost; {
	case over > 0:
		p.refuse(rec.Row, "members are owed %s, %s more than the cost", format(sumOf(owed), rec.Exp), format(over, rec.Exp))
		return
	case len(owed) > 1:
		rec.Payers, rec.Shares, rec.Amount = owed, owes, sumOf(owed)
		p.note(rec.Row, "%d members are owed, so who paid how much of %s is lost: taken as what each is owed and owes",
			len(owed), format(cost*sign, rec.Exp))
	default:
		rec.Payers, rec.Shares, rec.Amount = []Part{{owed[0].Name, cost}}, owes, cost
		if over < 0 {
			rec.Shares = append([]Part{{owed[0].Name, -over}}, owes...)
		}
	}
	if len(owed) == 1 && len(owes) == 1 && len(rec.Shares) == 1 && sign > 0 && anyFold(paymentWords, rec.Category) {
		rec.Kind, rec.Category = Payment, ""
	}
	rec.Of = rec.Shares
	if len(owed) == 1 && rec.Kind == Expense {
		rec.asEqual()
	}
	if sign < 0 {
		rec.Amount, rec.Payers, rec.Shares = -rec.Amount, negated(rec.Payers), negated(rec.Shares)
		if rec.Split == Exact {
			rec.Of = rec.Shares
		}
	}
	p.add(*rec)
}

// splitwiseTotal compares a line of totals with the rows before it.
func (p *parser) splitwiseTotal(r row, names []string, d decimals, sums map[string][]int64) {
	code, err := p.currency(r.cell(4))
	if err != nil {
		p.refuse(r.line, "%v", err)
		return
	}
	exp := p.exponent(code)
	_, all, ok := p.nets(r, names, d, exp)
	if !ok {
		return
	}
	for i := splitwiseLead; i < len(names); i++ {
		var sum int64
		if s := sums[code]; s != nil {
			sum = s[i]
		}
		if off := all[i] - sum; off != 0 {
			p.note(r.line, "the file counts %s %s for %s, its rows add up to %s: %s apart",
				format(all[i], exp), code, names[i], format(sum, exp), format(off, exp))
		}
	}
}
