package expense

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"

	"intercom/client/wire"
)

// MaxLine is the longest line of exported entries that is read, in bytes: an
// entry with every field at its limit is shorter.
const MaxLine = 4 << 20

// Cold sums exported entries (`expense export --format jsonl`, one JSON object
// a line) without a daemon. It reads them as a stream: its memory grows with
// the members, not with the entries. Entries that do not count by their status
// are left out. The zero value is ready.
type Cold struct {
	report report // zero: all entries, each in its currency

	line  coldLine
	units []coldUnit
	last  int // the unit of the line before
	lines int64
	count int64

	converted int64 // lines by the rates in them
}

// coldLine is what a line says of balances. The fast scanner fills it with
// parts of the line; encoding/json fills the same from whatever it accepts.
type coldLine struct {
	kind, status, date, currency, amount []byte
	exp                                  int // -1: not given
	payers, shares                       []coldPart
	rate                                 coldRate
}

type coldPart struct{ member, amount []byte }

type coldUnit struct {
	Unit
	code    []byte
	total   tallyRow
	places  map[string]int // member -> place in sums
	sums    []coldSum
	members []string
}

type coldSum struct {
	sum  Sum
	seen int64 // number of the last line that named the member among its payers or shares
}

// Read adds the lines of r. An error names the line, and nothing of the sums is
// to be used then.
func (c *Cold) Read(r io.Reader) error {
	in := bufio.NewReaderSize(r, 1<<18)
	var long []byte
	for {
		text, err := in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			if long = append(long, text...); len(long) > MaxLine {
				return c.refuse(errLongLine)
			}
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read entries: %w", err)
		}
		if len(long) > 0 {
			long = append(long, text...)
			if text = long; len(text) > MaxLine {
				return c.refuse(errLongLine)
			}
		}
		if problem := c.take(text); problem != nil {
			return c.refuse(problem)
		}
		if err != nil {
			return nil
		}
		c.lines++
		long = long[:0]
	}
}

func (c *Cold) refuse(problem error) error {
	return wire.Errorf(wire.InvalidRequest, "line %d: %s", c.lines+1, strings.TrimPrefix(problem.Error(), "json: ")).
		WithHint("intercom expense export --what entries --format jsonl writes such lines")
}

func (c *Cold) take(text []byte) error {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil
	}
	if !c.line.scan(text) {
		if err := c.line.decode(text); err != nil {
			return err
		}
	}
	return c.add(&c.line)
}

// decode is the slow way, for lines that are not as we write them.
func (l *coldLine) decode(text []byte) error {
	var e struct {
		Type     string
		Status   string
		Date     string
		Currency string
		Amount   Literal
		Exp      *int
		Payers   []coldMember
		Shares   []coldMember
		Rate     *struct {
			Amount   Literal
			Currency string
			Exp      *int
		}
	}
	if err := json.Unmarshal(text, &e); err != nil {
		if bad, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return fmt.Errorf("%s is a %s, which it cannot be", bad.Field, bad.Value)
		}
		return err
	}
	l.kind, l.status, l.date, l.currency, l.amount = []byte(e.Type), []byte(e.Status), []byte(e.Date), []byte(e.Currency), []byte(e.Amount)
	var err error
	if l.exp, err = coldExp(e.Exp); err != nil {
		return err
	}
	if l.rate = (coldRate{exp: -1}); e.Rate != nil {
		l.rate = coldRate{there: true, currency: []byte(e.Rate.Currency), amount: []byte(e.Rate.Amount)}
		if l.rate.exp, err = coldExp(e.Rate.Exp); err != nil {
			return err
		}
	}
	l.payers, l.shares = l.payers[:0], l.shares[:0]
	for _, p := range e.Payers {
		l.payers = append(l.payers, coldPart{[]byte(p.Member), []byte(p.Amount)})
	}
	for _, p := range e.Shares {
		l.shares = append(l.shares, coldPart{[]byte(p.Member), []byte(p.Amount)})
	}
	return nil
}

// coldExp returns the decimals of a line, -1 if they are not given.
func coldExp(n *int) (int, error) {
	switch {
	case n == nil:
		return -1, nil
	case *n < 0 || *n > MaxExponent:
		return 0, fmt.Errorf("exp is %d, not 0 to %d", *n, MaxExponent)
	}
	return *n, nil
}

var errLongLine = fmt.Errorf("longer than %d bytes", MaxLine)

type coldMember struct {
	Member string
	Amount Literal
}

var errNoParts = errors.New("payers and shares are missing: this is no exported entry")

func (c *Cold) add(l *coldLine) error {
	switch string(l.status) {
	case StatusPending, StatusDenied, StatusVoid, StatusReplaced, StatusConflict, StatusDuplicate, StatusStopped:
		return nil
	}
	if c.report.at != "" && string(l.date) > c.report.at {
		return nil
	}
	if len(l.payers) == 0 || len(l.shares) == 0 {
		return errNoParts
	}
	u, err := c.unit(l)
	if err != nil {
		return err
	}
	// Payments are no expenses, and what a close carried over was counted before.
	payment, opening := string(l.kind) == EntryPayment, string(l.kind) == EntryOpening
	if !opening {
		c.count++
	}
	if done, err := c.byRate(l, u.Unit, payment); done || err != nil {
		return err
	}
	paid, err := u.addParts(l.payers, 1, 2*c.lines+1)
	if err != nil {
		return fmt.Errorf("payers: %w", err)
	}
	shared, err := u.addParts(l.shares, -1, 2*c.lines+2)
	if err != nil {
		return fmt.Errorf("shares: %w", err)
	}
	if paid != shared {
		return fmt.Errorf("shares add up to %s, payers to %s", shared.Format(u.Exp), paid.Format(u.Exp))
	}
	if amount, err := parseMinor(l.amount, u.Exp); err != nil {
		return err
	} else if SumOf(amount) != paid {
		return fmt.Errorf("payers add up to %s, the amount is %s", paid.Format(u.Exp), FormatAmount(amount, u.Exp))
	}
	if !payment && !opening {
		u.total = tallyRow{Sum: u.total.Sum.Plus(paid), Count: u.total.Count + 1}
	}
	return nil
}

// unit finds what the amounts of a line are counted in; most lines have that of
// the line before.
func (c *Cold) unit(l *coldLine) (*coldUnit, error) {
	is := func(u *coldUnit) bool { return bytes.Equal(u.code, l.currency) && (l.exp < 0 || u.Exp == l.exp) }
	if c.last < len(c.units) && l.exp >= 0 && is(&c.units[c.last]) {
		return &c.units[c.last], nil
	}
	code := string(l.currency)
	if code == "" {
		code = DefaultCurrency
	}
	if err := CheckCurrency(code); err != nil {
		return nil, err
	}
	if l.exp < 0 {
		l.exp = Exponent(code)
	}
	c.last = slices.IndexFunc(c.units, func(u coldUnit) bool { return u.Currency == code && u.Exp == l.exp })
	if c.last < 0 {
		c.last = len(c.units)
		c.units = append(c.units, coldUnit{Unit: Unit{code, l.exp}, code: []byte(code), places: map[string]int{}})
	}
	return &c.units[c.last], nil
}

// addParts adds a list to the sums and returns what it comes to. mark is a
// number that no other list has.
func (u *coldUnit) addParts(parts []coldPart, sign int64, mark int64) (total Sum, err error) {
	for _, p := range parts {
		place, ok := u.places[string(p.member)]
		if !ok {
			name := string(p.member)
			if err := checkName(name); err != nil {
				return total, err
			}
			place = len(u.sums)
			u.places[name] = place
			u.members, u.sums = append(u.members, name), append(u.sums, coldSum{})
		}
		s := &u.sums[place]
		if s.seen == mark {
			return total, fmt.Errorf("%q is named twice", p.member)
		}
		s.seen = mark
		v, err := parseMinor(p.amount, u.Exp)
		if err != nil {
			return total, err
		}
		s.sum, total = s.sum.Add(sign*v), total.Add(v)
	}
	return total, nil
}

// parseMinor is ParseAmount, fast for what Format writes: digits, a point and
// exp digits.
func parseMinor(text []byte, exp int) (int64, error) {
	digits := text
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	n := len(digits)
	plain := n > 0 && n <= 15 && (exp == 0 || n > exp+1 && digits[n-exp-1] == '.')
	var v int64
	for i, c := range digits {
		if exp > 0 && i == n-exp-1 {
			continue
		}
		plain = plain && isDigit(c)
		v = v*10 + int64(c-'0')
	}
	if whole := n - exp - min(exp, 1); !plain || whole > 1 && digits[0] == '0' {
		return ParseAmount(string(text), exp)
	}
	if n < len(text) {
		v = -v
	}
	return v, nil
}

// Sheet returns the sums. name says what was read. An error says which rate is
// missing.
func (c *Cold) Sheet(name string) (Sheet, error) {
	s := Sheet{
		Channel: name, Joined: true, Entries: c.count, At: c.report.at,
		Totals: []Total{}, Balances: []MemberBalance{}, Transfers: []MemberPayment{},
	}
	sort.Slice(c.units, func(i, j int) bool { return c.units[i].Unit.compare(c.units[j].Unit) < 0 })
	c.last = 0
	for _, u := range c.units {
		if u.total.Count > 0 {
			s.Totals = append(s.Totals, Total{Money: moneyOf(u.total.Sum, u.Exp), Unit: u.Unit, Entries: u.total.Count, sum: u.total.Sum})
		}
		part := make([]MemberBalance, len(u.members))
		for i, name := range u.members {
			sum := u.sums[i].sum
			part[i] = MemberBalance{Member: name, Money: moneyOf(sum, u.Exp), Unit: u.Unit, sum: sum}
		}
		sort.Slice(part, func(i, j int) bool { return part[i].Member < part[j].Member })
		s.Balances = append(s.Balances, part...)
	}
	if c.report.to != (Unit{}) {
		if err := c.report.convert(&s, c.converted); err != nil {
			return Sheet{}, err
		}
	}
	for u, part := range byUnit(s.Balances) {
		for _, t := range Plan(openOf(part)) {
			s.Transfers = append(s.Transfers, MemberPayment{From: t.From, To: t.To, Money: moneyOf(t.Amount, u.Exp), Unit: u})
		}
	}
	return s, nil
}
