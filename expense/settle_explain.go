package expense

import "fmt"

// Explained says how the plan of one currency came about.
type Explained struct {
	Unit
	Open     int        `json:"open" jsonschema:"members with a balance"`
	Payments int        `json:"payments" jsonschema:"payments of the plan, those left out as too small included"`
	Fewest   bool       `json:"fewest" jsonschema:"no plan that settles everybody has fewer payments"`
	Groups   [][]string `json:"groups,omitempty" jsonschema:"members that settle among themselves"`
	Why      string     `json:"why" jsonschema:"the same in a sentence"`
}

func (w way) explain(p *planner, u Unit, part []MemberBalance, s Solution) Explained {
	exact := p.solve(part, MaxExact)
	out := Explained{Unit: u, Open: exact.Open, Payments: len(s.Transfers)}
	out.Fewest = s.Fewest || exact.Fewest && len(s.Transfers) == len(exact.Transfers)
	for _, g := range s.Groups {
		var names []string
		for _, b := range g {
			names = append(names, b.Member)
		}
		out.Groups = append(out.Groups, names)
	}
	has := plural(int64(out.Open), "member has", "members have") + " a balance"
	payments := plural(int64(out.Payments), "payment", "payments")
	other := fmt.Sprintf("; the exact plan has %d", len(exact.Transfers))
	switch {
	case out.Open == 0:
		out.Why = "nobody has a balance"
	case w.center != "":
		out.Why = has + ", all goes through " + w.center + ": " + payments + other
	case w.algorithm == AlgorithmGreedy:
		out.Why = has + ", the largest debtor pays the largest creditor: " + payments + other
	case w.algorithm == AlgorithmDirect:
		out.Why = has + ", each pays those with whom entries were shared: " + payments + other
	case s.Fewest:
		out.Why = fmt.Sprintf("%s; they divide into %s of sum zero and into no more: %d - %d = %s, the fewest possible",
			has, plural(int64(len(s.Groups)), "group", "groups"), out.Open, len(s.Groups), payments)
	default:
		out.Why = fmt.Sprintf("%s, more than the %d that can be searched for all groups: %s, and fewer may be possible", has, w.maxExact, payments)
	}
	return out
}

// why says what the two members of a transfer shared.
func (p pairs) why(u Unit, t Transfer) string {
	s := p.between(u, t.From, t.To)
	if s.entries == 0 {
		return "no shared entry: it replaces payments through others"
	}
	shared := plural(s.entries, "shared entry", "shared entries")
	switch s.sum.Sign() {
	case 1:
		return shared + ", by which " + t.From + " owes " + t.To + " " + s.sum.Format(u.Exp)
	case -1:
		return shared + ", by which " + t.To + " owes " + t.From + " " + s.sum.Neg().Format(u.Exp)
	}
	return shared + ", which cancel out"
}
