package exchange

import (
	"errors"
	"fmt"
)

// lineParts reads who paid and who owes.
func (p *parser) lineParts(number int, r *Record, l line) error {
	var err error
	if l.Payer == "" {
		l.Payer = l.From
	}
	if len(l.Payers) == 0 && l.Payer != "" {
		l.Payers = []memberMoney{{l.Payer, literal(format(r.Amount, r.Exp))}}
	}
	if r.Payers, err = p.money(number, "payers", l.Payers, r); err != nil {
		return err
	}
	if l.To != "" && len(l.Split) == 0 && len(l.Shares) == 0 {
		l.Split = []string{l.To}
	}
	if r.Split = l.Kind; r.Split == "" {
		r.Split = Equal
		if len(l.Shares) > 0 {
			r.Split = Exact
		}
	}
	if len(l.Shares) > 0 {
		if r.Shares, err = p.money(number, "shares", l.Shares, r); err != nil {
			return err
		}
	}
	return p.lineSplit(number, r, l)
}

func (p *parser) lineSplit(number int, r *Record, l line) error {
	exp, ok := map[string]int{Equal: 0, Exact: r.Exp, Percent: 4, Shares: 0}[r.Split]
	switch {
	case !ok:
		return fmt.Errorf("kind %.40q is not equal, exact, percent or shares", r.Split)
	case len(l.Inputs) > 0 && r.Split != Equal:
		for _, in := range l.Inputs {
			n, err := parseDecimal(string(in.N), exp)
			if err != nil {
				return err
			}
			r.Of = append(r.Of, Part{p.member(number, in.Member), n})
		}
	case len(r.Shares) > 0 && r.Split == Equal:
		for _, s := range r.Shares {
			r.Of = append(r.Of, Part{s.Name, 1})
		}
	case len(r.Shares) > 0:
		r.Split, r.Of = Exact, r.Shares
	case r.Split != Equal:
		return fmt.Errorf("a split of kind %s needs shares or inputs", r.Split)
	case len(l.Split) == 0:
		return errors.New("split is missing: who shares the expense")
	default:
		for _, as := range l.Split {
			r.Of = append(r.Of, Part{p.member(number, as), 1})
		}
	}
	return r.checkSplit()
}

// checkSplit refuses inputs that do not fit the amount or the shares.
func (r *Record) checkSplit() error {
	seen := map[string]bool{}
	for _, o := range r.Of {
		if seen[o.Name] {
			return fmt.Errorf("%q is twice in the split", o.Name)
		}
		seen[o.Name] = true
	}
	if len(r.Of) > MaxMembers {
		return fmt.Errorf("%d names in the split, at most %d", len(r.Of), MaxMembers)
	}
	if r.Shares != nil {
		if len(r.Shares) != len(r.Of) {
			return errors.New("inputs and shares name different members")
		}
		for _, s := range r.Shares {
			if !seen[s.Name] {
				return errors.New("inputs and shares name different members")
			}
		}
	}
	switch r.Split {
	case Exact:
		if sum := sumOf(r.Of); sum != r.Amount {
			return errors.New(apart("shares", sum, r.Amount, r.Exp))
		}
		r.Shares = r.Of
		return nil
	case Percent:
		if sum := sumOf(r.Of); sum != 100_0000 && r.Shares == nil {
			return fmt.Errorf("the percentages add up to %s, not 100", format(sum, 4))
		}
	}
	return r.weights()
}

// money reads parts, which must add up to the amount.
func (p *parser) money(number int, what string, list []memberMoney, r *Record) ([]Part, error) {
	if len(list) == 0 || len(list) > MaxMembers {
		return nil, fmt.Errorf("%d %s, not 1 to %d", len(list), what, MaxMembers)
	}
	var parts []Part
	seen := map[string]bool{}
	for _, m := range list {
		v, err := parseDecimal(string(m.Amount), r.Exp)
		if err != nil {
			return nil, err
		}
		name := p.member(number, m.Member)
		if seen[name] {
			return nil, fmt.Errorf("%q is twice in %s", name, what)
		}
		seen[name] = true
		parts = append(parts, Part{name, v})
	}
	if sum := sumOf(parts); sum != r.Amount {
		return nil, errors.New(apart(what, sum, r.Amount, r.Exp))
	}
	return parts, nil
}
