package expense

import (
	"cmp"
	"math/big"
	"slices"
	"sort"
	"strings"
	"time"

	"intercom/client/wire"
	"intercom/internal/app"
)

// Conversion says how balances of several currencies became one.
type Conversion struct {
	Unit
	Rates   []UsedRate `json:"rates" jsonschema:"rates that were used"`
	Entries int64      `json:"entries,omitempty" jsonschema:"entries that were converted by the amount stored in them"`
	Day     string     `json:"day" jsonschema:"day up to which rates were looked for"`
}

// report is what balances are asked for beside those of the fold.
type report struct {
	at         string // entries up to this day; empty: all
	day        string // of the rates
	to         Unit   // zero: no conversion
	rates      rates
	entryRates bool
}

func (in BalanceReq) report(now time.Time) (rep report, err error) {
	period, err := periodOf("", in.At)
	if err != nil {
		return rep, wire.Errorf(wire.InvalidRequest, "at: %.40q is not a day as YYYY-MM-DD", in.At)
	}
	rep = report{at: period.to, day: period.to, entryRates: in.EntryRates}
	if rep.day == "" {
		rep.day = now.Format(time.DateOnly)
	}
	if in.In == "" {
		if in.Rates != "" || in.EntryRates {
			return rep, wire.Errorf(wire.MissingField, "rates are given, but not the currency to show").WithHint("--in EUR")
		}
		return rep, nil
	}
	if rep.to, err = unitOf(in.In); err != nil {
		return rep, err
	}
	rep.rates, err = parseRates(in.Rates)
	return rep, err
}

func (rep report) plain() bool { return rep.at == "" && rep.to == Unit{} }

// make reads the entries where the sums of the fold do not do, and converts.
func (rep report) make(r app.Reader, s *Sheet) error {
	converted := int64(0)
	if rep.at != "" || rep.entryRates {
		a := accounts{sums: map[Unit]map[string]Sum{}, totals: map[Unit]tallyRow{}, pairs: pairs{}}
		eachFlow(r, func(_ place, fl flow) {
			if rep.at != "" && fl.Date > rep.at {
				return
			}
			if rep.entryRates && fl.Rate != nil && fl.Rate.Currency == rep.to.Currency && fl.Rate.Exp == rep.to.Exp {
				fl.Add = fl.inRate()
				converted++
			}
			a.add(fl)
		})
		s.Entries, s.Carried, s.Balances, s.Totals = a.entries, 0, a.balances(), a.sheetTotals()
	}
	if rep.to == (Unit{}) {
		return nil
	}
	return rep.convert(s, converted)
}

func (a accounts) sheetTotals() []Total {
	all := []Total{}
	for u, t := range a.totals {
		all = append(all, Total{Money: moneyOf(t.Sum, u.Exp), Unit: u, Entries: t.Count, sum: t.Sum})
	}
	slices.SortFunc(all, func(a, b Total) int { return a.Unit.compare(b.Unit) })
	return all
}

// inRate returns an entry as what its rate says that it was booked as: payers
// and shares in the same proportion, so that each list adds up to that.
func (b *Add) inRate() Add {
	out := *b
	out.Amount, out.Currency, out.Exp = b.Rate.Amount, b.Rate.Currency, b.Rate.Exp
	out.Payers, out.Shares = scaled(b.Payers, b.Amount, b.Rate.Amount), scaled(b.Shares, b.Amount, b.Rate.Amount)
	return out
}

// scaled divides to as parts divide amount: each has the floor of its exact
// part, and the units left over go one each to the largest remainders, the
// first in the list among equals.
func scaled(parts []Part, amount, to int64) []Part {
	exact := make([]*big.Rat, len(parts))
	for i, p := range parts {
		exact[i] = new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(p.Amount), big.NewInt(to)), big.NewInt(amount))
	}
	out := make([]Part, len(parts))
	for i, n := range rounded(exact) {
		out[i] = Part{Name: parts[i].Name, Amount: n.Int64()}
	}
	return out
}

// rounded returns integers that add up to what exact adds up to, which must be
// an integer, each less than one from exact: the floors, and one more for the
// largest remainders, the first among equals.
func rounded(exact []*big.Rat) []*big.Int {
	out, rest, order := make([]*big.Int, len(exact)), make([]*big.Rat, len(exact)), make([]int, len(exact))
	left := new(big.Rat)
	for i, x := range exact {
		out[i] = new(big.Int).Div(x.Num(), x.Denom()) // Euclidean: the floor, for a denominator above zero
		rest[i] = new(big.Rat).Sub(x, new(big.Rat).SetInt(out[i]))
		left.Add(left, rest[i])
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return rest[order[a]].Cmp(rest[order[b]]) > 0 })
	for _, i := range order[:int(left.Num().Int64())] {
		out[i].Add(out[i], big.NewInt(1))
	}
	return out
}

// convert turns all balances into one currency. What a member has in all is
// exact before it is rounded, by the rule of rounded in order of members, so
// that the balances still add up to zero; Residue is what rounding took.
func (rep report) convert(s *Sheet, entries int64) error {
	c := Conversion{Unit: rep.to, Rates: []UsedRate{}, Entries: entries, Day: rep.day}
	factors := map[Unit]*big.Rat{}
	factor := func(u Unit) (*big.Rat, error) {
		if f := factors[u]; f != nil {
			return f, nil
		}
		f := scale(rep.to.Exp - u.Exp)
		if u.Currency != rep.to.Currency {
			used, ok := rep.rates.find(u.Currency, rep.to.Currency, rep.day)
			if !ok {
				return nil, wire.Errorf(wire.NotFound, "there is no rate from %s to %s up to %s", u.Currency, rep.to.Currency, rep.day).
					WithHint("add a line to the rates: " + u.Currency + "," + rep.to.Currency + ",RATE")
			}
			if !slices.ContainsFunc(c.Rates, func(r UsedRate) bool { return r.From == used.From }) {
				c.Rates = append(c.Rates, used)
			}
			f.Mul(f, used.multiply)
		}
		factors[u] = f
		return f, nil
	}
	exact := map[string]*big.Rat{}
	for _, b := range s.Balances {
		f, err := factor(b.Unit)
		if err != nil {
			return err
		}
		if exact[b.Member] == nil {
			exact[b.Member] = new(big.Rat)
		}
		exact[b.Member].Add(exact[b.Member], new(big.Rat).Mul(ratOf(b.sum), f))
	}
	total, count := new(big.Rat), int64(0)
	for _, t := range s.Totals {
		f, err := factor(t.Unit)
		if err != nil {
			return err
		}
		total.Add(total, new(big.Rat).Mul(ratOf(t.sum), f))
		count += t.Entries
	}
	var names []string
	for name := range exact {
		names = append(names, name)
	}
	slices.Sort(names)
	list := make([]*big.Rat, len(names))
	for i, name := range names {
		list[i] = exact[name]
	}
	s.Balances = []MemberBalance{}
	for i, n := range rounded(list) {
		sum, err := sumOfBig(n)
		if err != nil {
			return err
		}
		b := MemberBalance{Member: names[i], Money: moneyOf(sum, rep.to.Exp), Unit: rep.to, sum: sum}
		if rest := new(big.Rat).Sub(list[i], new(big.Rat).SetInt(n)); rest.Sign() != 0 {
			b.Residue = rest.RatString()
		}
		s.Balances = append(s.Balances, b)
	}
	s.Totals = []Total{}
	if count > 0 {
		half := new(big.Rat).Add(total, big.NewRat(1, 2))
		sum, err := sumOfBig(new(big.Int).Div(half.Num(), half.Denom()))
		if err != nil {
			return err
		}
		s.Totals = append(s.Totals, Total{Money: moneyOf(sum, rep.to.Exp), Unit: rep.to, Entries: count, sum: sum})
	}
	slices.SortFunc(c.Rates, func(a, b UsedRate) int { return cmp.Compare(a.From, b.From) })
	s.In = &c
	return nil
}

// scale is ten to the power of n.
func scale(n int) *big.Rat {
	p := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(n, -n))), nil))
	if n < 0 {
		p.Inv(p)
	}
	return p
}

func ratOf(s Sum) *big.Rat {
	n, _ := new(big.Int).SetString(s.Format(0), 10)
	return new(big.Rat).SetInt(n)
}

func sumOfBig(n *big.Int) (Sum, error) {
	if n.BitLen() > 120 {
		return Sum{}, wire.Errorf(wire.InvalidAmount, "a converted balance is out of range")
	}
	magnitude := new(big.Int).Abs(n)
	low := new(big.Int).And(magnitude, new(big.Int).SetUint64(^uint64(0)))
	s := Sum{hi: int64(new(big.Int).Rsh(magnitude, 64).Uint64()), lo: low.Uint64()}
	if n.Sign() < 0 {
		s = s.Neg()
	}
	return s, nil
}

// note says by which rates balances were converted.
func (c *Conversion) note() string {
	var parts []string
	for _, r := range c.Rates {
		text := "1 " + r.From + " = " + r.Rate + " " + r.To
		if r.Inverse {
			text = "1 " + r.To + " = " + r.Rate + " " + r.From
		}
		if r.Date != "" {
			text += " (" + r.Date + ")"
		}
		parts = append(parts, text)
	}
	if c.Entries > 0 {
		parts = append(parts, plural(c.Entries, "entry", "entries")+" by the amount stored in them")
	}
	if len(parts) == 0 {
		return ""
	}
	return "in " + c.Currency + ": " + strings.Join(parts, ", ")
}
