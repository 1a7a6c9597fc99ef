package expense

// pair is two members, the lower first.
type pair struct{ low, high string }

// pairSum is what the entries that both share come to between two members:
// above zero, high owes low.
type pairSum struct {
	sum     Sum
	entries int64
}

// pairs is what members owe each other by the entries that they share, by unit.
// In an entry with one payer each of the others owes the payer his share. With
// several payers, those who paid less than their share owe those who paid more,
// both by member, so that what it comes to is exact.
type pairs map[Unit]map[pair]pairSum

func (p pairs) add(b *Add) {
	u := Unit{b.Currency, b.Exp}
	of := p[u]
	if of == nil {
		of = map[pair]pairSum{}
		p[u] = of
	}
	var net []Balance
	for name, amount := range netOf(b) {
		net = append(net, Balance{Member: name, Amount: SumOf(amount)})
	}
	for _, t := range payInOrder(openBalances(net)) {
		k, amount := pair{t.To, t.From}, t.Amount
		if t.From < t.To {
			k, amount = pair{t.From, t.To}, t.Amount.Neg()
		}
		s := of[k]
		of[k] = pairSum{s.sum.Plus(amount), s.entries + 1}
	}
}

// between returns what from owes to by the entries that they share, and how
// many these are.
func (p pairs) between(u Unit, from, to string) pairSum {
	if to < from {
		return p[u][pair{to, from}]
	}
	s := p[u][pair{from, to}]
	return pairSum{s.sum.Neg(), s.entries}
}

// plan settles each pair of a unit between themselves.
func (p pairs) plan(u Unit) []Transfer {
	var plan []Transfer
	for k, s := range p[u] {
		switch s.sum.Sign() {
		case 1:
			plan = append(plan, Transfer{From: k.high, To: k.low, Amount: s.sum})
		case -1:
			plan = append(plan, Transfer{From: k.low, To: k.high, Amount: s.sum.Neg()})
		}
	}
	sortTransfers(plan)
	return plan
}

// netOf returns what an entry changes in the balance of each member that it
// names.
func netOf(b *Add) map[string]int64 {
	net := make(map[string]int64, len(b.Shares)+len(b.Payers))
	for _, p := range b.Payers {
		net[p.Name] += p.Amount
	}
	for _, s := range b.Shares {
		net[s.Name] -= s.Amount // both below 2^53
	}
	return net
}

// period is a range of dates, YYYY-MM-DD; the zero value is all time.
type period struct{ from, to string }

func (p period) has(date string) bool { return date >= p.from && (p.to == "" || date <= p.to) }

func (p period) all() bool { return p == period{} }
