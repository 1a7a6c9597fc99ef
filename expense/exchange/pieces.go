package exchange

import "unicode"

// nets returns what each member is owed by a record, in order of appearance,
// members without a difference left out. It adds up to 0.
func (r *Record) nets() []Part {
	var out []Part
	at := map[string]int{}
	put := func(name string, amount int64) {
		i, ok := at[name]
		if !ok {
			i = len(out)
			at[name] = i
			out = append(out, Part{Name: name})
		}
		out[i].Amount += amount
	}
	for _, p := range r.Payers {
		put(p.Name, p.Amount)
	}
	for _, s := range r.Shares {
		put(s.Name, -s.Amount)
	}
	kept := out[:0]
	for _, p := range out {
		if p.Amount != 0 {
			kept = append(kept, p)
		}
	}
	return kept
}

// oneSign reports whether no part has a sign other than the amount's.
func oneSign(parts []Part, amount int64) bool {
	for _, p := range parts {
		if p.Amount > 0 && amount < 0 || p.Amount < 0 && amount > 0 {
			return false
		}
	}
	return true
}

// pieces returns records of one payer each that together change balances as r
// does. Payers take shares in their order. A record whose parts have both signs
// is taken as what each is owed and owes.
func (r *Record) pieces() []Record {
	payers, shares := r.Payers, r.Shares
	if !oneSign(payers, r.Amount) || !oneSign(shares, r.Amount) {
		payers, shares = nil, nil
		for _, n := range r.nets() {
			if n.Amount > 0 {
				payers = append(payers, n)
			} else {
				shares = append(shares, Part{n.Name, -n.Amount})
			}
		}
	}
	if len(payers) == 1 {
		one := *r
		one.Payers, one.Shares, one.Amount = payers, withoutZero(shares), payers[0].Amount
		return []Record{one}
	}
	var out []Record
	rest := append([]Part(nil), shares...)
	for _, p := range payers {
		if p.Amount == 0 {
			continue
		}
		one := *r
		one.Payers, one.Amount, one.Shares, one.Split = []Part{p}, p.Amount, nil, Exact
		for left := p.Amount; left != 0; {
			take := rest[0].Amount
			if abs(take) > abs(left) {
				take = left
			}
			if take != 0 {
				one.Shares = append(one.Shares, Part{rest[0].Name, take})
			}
			left -= take
			if rest[0].Amount -= take; rest[0].Amount == 0 {
				rest = rest[1:]
			}
		}
		one.Of = one.Shares
		out = append(out, one)
	}
	return out
}

func withoutZero(parts []Part) []Part {
	var out []Part
	for _, p := range parts {
		if p.Amount != 0 {
			out = append(out, p)
		}
	}
	return out
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

// even reports whether all shares are the same.
func even(shares []Part) bool {
	for _, s := range shares {
		if s.Amount != shares[0].Amount {
			return false
		}
	}
	return true
}

// alike groups shares by their amount, in order of appearance.
func alike(shares []Part) [][]Part {
	var groups [][]Part
	at := map[int64]int{}
	for _, s := range shares {
		i, ok := at[s.Amount]
		if !ok {
			i = len(groups)
			at[s.Amount] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], s)
	}
	return groups
}

// breaks tells characters that break or reorder a line, and spaces.
func breaks(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}
