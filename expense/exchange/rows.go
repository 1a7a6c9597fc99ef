package exchange

import "iter"

// memberColumn takes column i of a header for that of a member, and returns
// his name here. Two columns of one name refuse the file.
func (p *parser) memberColumn(header row, i int) string {
	as := header.cells[i]
	if _, twice := p.members[as]; twice {
		p.refuse(header.line, "two columns are called %.60q", as)
	}
	name := p.member(header.line, as)
	p.column(as, "member "+name)
	return name
}

// below returns the rows under a header, those alone that fit.
func (p *parser) below(rows []row) iter.Seq[row] {
	return func(yield func(row) bool) {
		for _, r := range rows[1:] {
			if p.fits(r, len(rows[0].cells)) && !yield(r) {
				return
			}
		}
	}
}

// fits refuses a row that has more cells than columns.
func (p *parser) fits(r row, columns int) bool {
	if len(r.cells) <= columns {
		return true
	}
	p.refuse(r.line, "%d cells under %d columns", len(r.cells), columns)
	return false
}
