package exchange

import (
	"strings"
	"time"
)

// reimbursed is Cospend's category of payments among members.
const reimbursed = "-11"

// cospend reads Cospend's CSV: blocks of members, bills, categories, payment
// modes and currencies, each with a header of its own.
func (p *parser) cospend(rows []row) {
	b := &bills{parser: p, weights: map[string]int64{}}
	labels := map[string]string{} // kind and id -> name
	main := ""
	var list []row
	block, width := "", 0
	var at map[string]int
	for _, r := range rows {
		if begins := cospendBlock(r.cells); begins != "" {
			block, width = begins, len(r.cells)
			at, _ = index(r.cells, r.cells)
			if block == "what" && (b.at != nil || !b.header(r)) {
				if b.count == 0 {
					p.refuse(r.line, "there are two blocks of bills")
				}
				return
			}
			continue
		}
		if !p.fits(r, width) {
			continue
		}
		cell := func(name string) string {
			if i, ok := at[name]; ok {
				return r.cell(i)
			}
			return ""
		}
		switch block {
		case "name":
			if _, twice := p.members[cell("name")]; twice {
				p.refuse(r.line, "two members are called %.60q", cell("name"))
			}
			b.weigh(r.line, p.member(r.line, cell("name")), cell("weight"))
			b.told = true
		case "what":
			list = append(list, r)
		case "categoryname":
			labels["category "+cell("categoryid")] = cell("categoryname")
		case "paymentmodename":
			labels["mode "+cell("paymentmodeid")] = cell("paymentmodename")
		case "currencyname":
			if one, err := parseDecimal(cell("exchange_rate"), 8); err == nil && one == 1e8 {
				main = strings.ToUpper(cell("currencyname"))
			}
		}
	}
	if b.at == nil {
		p.refuse(rows[0].line, "there is no block of bills")
		return
	}
	if main != "€" && !isCode(main) {
		main = ""
	}
	if p.Currency != "" {
		main = ""
	}
	if !b.told {
		for _, r := range list {
			if as := r.cell(b.at["payer_name"]); as != "" {
				b.weigh(r.line, p.member(r.line, as), r.cell(b.at["payer_weight"]))
			}
		}
	}
	b.given()
	for _, r := range list {
		b.cospendBill(r, labels, main)
	}
}

func cospendBlock(cells []string) string {
	second := map[string]string{
		"name": "weight", "what": "amount", "categoryname": "categoryid", "paymentmodename": "paymentmodeid", "currencyname": "exchange_rate",
	}[cells[0]]
	if second != "" && len(cells) > 1 && cells[1] == second {
		return cells[0]
	}
	return ""
}

func (b *bills) cospendBill(r row, labels map[string]string, currency string) {
	cell := func(name string) string { return r.cell(b.at[name]) }
	if d := cell("deleted"); d != "" && d != "0" {
		b.note(r.line, "left out: %.60q is in Cospend's trash", cell("what"))
		return
	}
	rec, ok := b.bill(r, currency)
	if !ok {
		return
	}
	if id := cell("categoryid"); id != "" && id != "0" {
		rec.Category = labels["category "+id]
		if rec.Category == "" && id != reimbursed {
			rec.Category = "category " + id
		}
		if id == reimbursed {
			rec.payment()
		}
	}
	if mode := labels["mode "+cell("paymentmodeid")]; mode != "" {
		rec.Tags = append(rec.Tags, mode)
	}
	if repeat := cell("repeat"); repeat != "" && repeat != "n" {
		b.note(r.line, "%.60q is repeated in Cospend; only this bill is taken", cell("what"))
	}
	b.add(rec)
}

// unixDay returns the day, UTC, of a time in seconds.
func unixDay(text string) string {
	n, err := parseDecimal(text, 0)
	if err != nil {
		return text
	}
	return time.Unix(n, 0).UTC().Format(time.DateOnly)
}
