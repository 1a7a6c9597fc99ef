package expense

import (
	"errors"
	"slices"
	"strings"

	"intercom/client/wire"
)

// terms are an amount and how it is to be divided. All numbers are as they are
// given: above zero also of an income.
type terms struct {
	unit   Unit
	amount int64
	income bool
	payers []Part
	split  Split
}

// divide writes the amount, the payers, the split and the shares that follow
// from it into a body.
func (t terms) divide(b *Add, seed Seed) error {
	sign := t.sign()
	b.Amount, b.Currency, b.Exp = sign*t.amount, t.unit.Currency, t.unit.Exp
	b.Payers, b.Split = signed(t.payers, sign), t.split
	if t.split.Kind == SplitExact {
		b.Split.Of = signed(t.split.Of, sign)
		b.Shares = b.Split.Of
		return t.exact()
	}
	weights := make([]Weight, len(t.split.Of))
	for i, p := range t.split.Of {
		weights[i] = Weight{Name: p.Name, N: p.Amount}
	}
	shares, err := Shares(b.Amount, weights, seed)
	if err != nil {
		return wire.Errorf(wire.InvalidRequest, "split: %s", err)
	}
	b.Shares = make([]Part, len(shares))
	for i, s := range shares {
		b.Shares[i] = Part{Name: s.Name, Amount: s.Amount}
	}
	return nil
}

// sign is -1 of an income, else 1.
func (t terms) sign() int64 {
	if t.income {
		return -1
	}
	return 1
}

func signed(parts []Part, sign int64) []Part {
	out := slices.Clone(parts)
	for i := range out {
		out[i].Amount *= sign
	}
	return out
}

// exact reports by how much exact shares miss the amount.
func (t terms) exact() error {
	sum := sumOf(t.split.Of)
	if d := difference(sum, SumOf(t.amount), decimals(t.unit.Exp)); d != "" {
		return wire.Errorf(wire.InvalidRequest, "shares sum to %s, expense is %s: %s",
			sum.Format(t.unit.Exp), FormatAmount(t.amount, t.unit.Exp), d).
			WithHint("give shares that sum to " + FormatAmount(t.amount, t.unit.Exp) + ", or divide in their proportion: --by shares")
	}
	return nil
}

// charge puts names that the split lacks in front of it.
func (t *terms) charge(payers []Part) {
	var front []Part
	for _, p := range payers {
		if !slices.ContainsFunc(t.split.Of, func(o Part) bool { return o.Name == p.Name }) {
			front = append(front, Part{Name: p.Name, Amount: 1})
		}
	}
	t.split.Of = append(front, t.split.Of...)
}

// payersOf reads who paid: a name, or names with amounts that add up.
func payersOf(text string, amount int64, exp int) ([]Part, error) {
	list := strings.Split(text, ",")
	if len(list) == 1 {
		if name, number := numbered(text); number == "" {
			if name, err := Name(name); err != nil {
				return nil, wire.Errorf(wire.InvalidRequest, "payer: %s", err)
			} else {
				return []Part{{Name: name, Amount: amount}}, nil
			}
		}
	}
	payers, err := partsOf("payer", list, func(name, number string) (int64, error) {
		if number == "" {
			return 0, wire.Errorf(wire.InvalidRequest, "payer: it is not said what %s paid", name).WithHint("--payer alice=20,bob=10")
		}
		return Amount(quoted(number)).Parse(exp)
	})
	if err != nil {
		return nil, err
	}
	return payers, paid(payers, amount, exp)
}

// paid reports by how much what the payers paid misses the amount.
func paid(payers []Part, amount int64, exp int) error {
	sum := sumOf(payers)
	if d := difference(sum, SumOf(amount), decimals(exp)); d != "" {
		return wire.Errorf(wire.InvalidRequest, "payers sum to %s, expense is %s: %s", sum.Format(exp), FormatAmount(amount, exp), d).
			WithHint("say what each paid so that it sums to " + FormatAmount(amount, exp) + ", or name one payer alone: --payer NAME")
	}
	return nil
}

// splitOf reads a split. Of one by shares, members without a number have those
// of the room's usual split, else 1.
func splitOf(by string, list []string, exp int, usual Split) (Split, error) {
	s := Split{Kind: strings.TrimSpace(by)}
	if s.Kind == "" {
		s.Kind = SplitEqual
	}
	// Parts of a share, 1.5 to 2, are stored as whole numbers, 3 to 4.
	shareExp := 0
	if s.Kind == SplitShares && slices.ContainsFunc(list, func(text string) bool {
		_, n := numbered(text)
		return strings.Contains(n, ".")
	}) {
		shareExp = shareDecimals
	}
	number := map[string]func(name, n string) (int64, error){
		SplitEqual: func(name, n string) (int64, error) {
			if n != "" {
				return 0, wire.Errorf(wire.InvalidRequest, "split: %s=%s: it is not said what the number is", name, n).
					WithHint("--by exact, percent or shares")
			}
			return 1, nil
		},
		SplitExact: func(name, n string) (int64, error) {
			if n == "" {
				return 0, wire.Errorf(wire.InvalidRequest, "split: the share of %s is missing", name).WithHint("--split alice=20,bob=10 --by exact")
			}
			return Amount(quoted(n)).signed(exp)
		},
		SplitPercent: func(name, n string) (int64, error) {
			if n == "" {
				return 0, wire.Errorf(wire.InvalidRequest, "split: the percentage of %s is missing", name).WithHint("--split alice=60,bob=40 --by percent")
			}
			return factor(name, strings.TrimSuffix(n, "%"), percentExp)
		},
		SplitShares: func(name, n string) (int64, error) {
			if n == "" {
				w := usual.weight(name)
				if w > MaxAmount/tenTo(shareExp) {
					return 0, wire.Errorf(wire.InvalidRequest, "split: %d shares of %s are too many beside parts of one", w, name)
				}
				return w * tenTo(shareExp), nil
			}
			return factor(name, n, shareExp)
		},
	}[s.Kind]
	if number == nil {
		return s, wire.Errorf(wire.InvalidRequest, "splitBy: %.40q is not equal, exact, percent or shares", by)
	}
	of, err := partsOf("split", list, number)
	if s.Of = of; err != nil {
		return s, err
	}
	if s.Kind == SplitPercent {
		err = hundred(of)
	}
	if shareExp > 0 {
		reduce(of)
	}
	return s, err
}

// shareDecimals is how many decimals a number of shares may have.
const shareDecimals = 4

func tenTo(n int) int64 {
	v := int64(1)
	for range n {
		v *= 10
	}
	return v
}

// reduce divides numbers of shares by what they have in common.
func reduce(of []Part) {
	common := int64(0)
	for _, p := range of {
		for a := p.Amount; a != 0; {
			common, a = a, common%a
		}
	}
	for i := range of {
		of[i].Amount /= max(common, 1)
	}
}

// factor reads a percentage or a number of shares.
func factor(name, n string, exp int) (int64, error) {
	v, err := ParseAmount(n, exp)
	if e, ok := errors.AsType[*AmountError](err); ok {
		return 0, wire.Errorf(wire.InvalidRequest, "split: %s=%s: %s", name, e.Literal, cause(e.Kind)).
			WithHint(map[int]string{0: "such as 2, or 1.5", percentExp: "up to 4 decimals, such as 33.3333"}[exp])
	}
	if v < 0 {
		return 0, wire.Errorf(wire.InvalidRequest, "split: %s=%s is below 0", name, n)
	}
	return v, nil
}

// hundred reports by how much percentages miss 100.
func hundred(of []Part) error {
	sum := sumOf(of)
	if d := difference(sum, SumOf(1_000_000), percentText); d != "" {
		return wire.Errorf(wire.InvalidRequest, "percents sum to %s, not 100: %s", percentText(sum), d).
			WithHint("give percents that sum to 100, or divide in their proportion: --by shares")
	}
	return nil
}

// percentText writes a percentage without needless zeros.
func percentText(s Sum) string {
	return strings.TrimSuffix(strings.TrimRight(s.Format(percentExp), "0"), ".")
}

// weight returns a member's number of shares in a usual split, else 1.
func (s Split) weight(name string) int64 {
	if s.Kind == SplitShares {
		for _, p := range s.Of {
			if p.Name == name {
				return p.Amount
			}
		}
	}
	return 1
}

// partsOf reads names with numbers. A name that is there twice counts once; it
// must have the same number.
func partsOf(field string, list []string, number func(name, n string) (int64, error)) ([]Part, error) {
	var parts []Part
	places := map[string]int{}
	for _, text := range list {
		if strings.TrimSpace(text) == "" {
			continue
		}
		name, n := numbered(text)
		name, err := Name(name)
		if err != nil {
			return nil, wire.Errorf(wire.InvalidRequest, "%s: %s", field, err)
		}
		v, err := number(name, n)
		if err != nil {
			return nil, err
		}
		i, again := places[name]
		switch {
		case !again && len(parts) == MaxNames:
			return nil, wire.Errorf(wire.TooLarge, "%s: too many names, at most %d", field, MaxNames)
		case !again:
			places[name] = len(parts)
			parts = append(parts, Part{Name: name, Amount: v})
		case parts[i].Amount != v || n != "":
			return nil, wire.Errorf(wire.InvalidRequest, "%s: %s is named twice", field, name)
		}
	}
	return parts, nil
}

// numbered splits `alice=60` into name and number. A name may have an equals
// sign itself, if no number follows it.
func numbered(text string) (name, number string) {
	i := strings.LastIndexByte(text, '=')
	if i < 0 {
		return text, ""
	}
	number = strings.TrimSpace(text[i+1:])
	if strings.Trim(number, "0123456789.,-+%") != "" || !strings.ContainsAny(number, "0123456789") {
		return text, ""
	}
	return text[:i], number
}

func sumOf(parts []Part) (sum Sum) {
	for _, p := range parts {
		sum = sum.Add(p.Amount)
	}
	return sum
}

// difference says by how much a sum misses what it should be, empty if it does
// not.
func difference(sum, want Sum, format func(Sum) string) string {
	d := sum.Plus(want.Neg())
	switch d.Sign() {
	case 1:
		return format(d) + " over"
	case -1:
		return format(d.Neg()) + " short"
	}
	return ""
}

// decimals returns how amounts of a currency are written.
func decimals(exp int) func(Sum) string { return func(s Sum) string { return s.Format(exp) } }
