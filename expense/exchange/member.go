package exchange

import "strings"

// member returns the name here of a member of the file. Two members of the
// file that would be one here refuse it.
func (p *parser) member(line int, as string) string {
	if name, ok := p.members[as]; ok {
		return name
	}
	name := as
	if to, ok := p.Rename[as]; ok {
		name = to
	}
	name = strings.Join(strings.Fields(strings.ReplaceAll(name, ",", " ")), " ")
	if p.Name != nil {
		var err error
		if name, err = p.Name(name); err != nil {
			p.refuse(line, "member %.60q: %v", as, err)
			p.members[as] = as
			return as
		}
	} else if name == "" {
		p.refuse(line, "a member without a name")
	}
	p.members[as] = name
	if other, taken := p.as[name]; taken {
		p.refuse(line, "members %.60q and %.60q would both be %q", other, as, name)
		return name
	}
	p.as[name] = as
	if p.file.Members = append(p.file.Members, Member{as, name}); len(p.file.Members) == MaxMembers+1 {
		p.refuse(line, "there are more than %d members", MaxMembers)
	}
	return name
}

// sumOf adds parts up. They are in range and few, so nothing overflows.
func sumOf(parts []Part) (sum int64) {
	for _, p := range parts {
		sum += p.Amount
	}
	return sum
}

// negated returns parts with the other sign.
func negated(parts []Part) []Part {
	var out []Part
	for _, p := range parts {
		out = append(out, Part{p.Name, -p.Amount})
	}
	return out
}

// ones returns the parts of an equal split.
func ones(names []string) []Part {
	out := make([]Part, len(names))
	for i, n := range names {
		out[i] = Part{n, 1}
	}
	return out
}

// asEqual says that shares are those of an equal split, if they differ by at
// most one unit.
func (r *Record) asEqual() {
	low, high := r.Shares[0].Amount, r.Shares[0].Amount
	names := make([]string, len(r.Shares))
	for i, s := range r.Shares {
		low, high, names[i] = min(low, s.Amount), max(high, s.Amount), s.Name
	}
	if high-low <= 1 {
		r.Split, r.Of = Equal, ones(names)
	}
}
