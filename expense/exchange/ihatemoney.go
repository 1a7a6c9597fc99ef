package exchange

import (
	"strings"
)

// ihatemoney reads ihatemoney's CSV, of any version.
func (p *parser) ihatemoney(rows []row) {
	b := &bills{parser: p, weights: map[string]int64{}}
	if !b.header(rows[0]) {
		return
	}
	for _, r := range rows[1:] {
		if as := r.cell(b.at["payer_name"]); as != "" {
			b.weigh(r.line, p.member(r.line, as), r.cell(b.at["payer_weight"]))
		}
	}
	b.given()
	for r := range p.below(rows) {
		rec, ok := b.bill(r, "")
		if !ok {
			continue
		}
		switch kind := strings.ToLower(r.cell(b.at["bill_type"])); kind {
		case "", "expense":
		case "reimbursement":
			rec.payment()
		default:
			p.refuse(r.line, "bill type %.40q is neither Expense nor Reimbursement", kind)
			continue
		}
		p.add(rec)
	}
}
