package expense

import (
	"cmp"
	"math/big"
	"slices"
	"strings"

	"intercom/client/wire"
)

const (
	maxRates     = 100_000
	maxRatesText = 1 << 20 // bytes
)

// rates are what one unit of a currency is in another, by pair.
type rates map[[2]string][]datedRate

type datedRate struct {
	date string // YYYY-MM-DD; empty: of all days before the first dated one
	rate *big.Rat
	text string // as it was written
}

// parseRates reads a text of rates. A line is `from,to,rate[,date]`, or a
// market price of hledger and ledger, `P date from rate to` (or `to rate`, and
// perhaps a time after the date). Blank lines, lines that begin with `#` or `;`
// and a header `from,to,rate` are left out. Rates are plain decimal numbers
// above zero. Errors name the line.
func parseRates(text string) (rates, error) {
	if len(text) > maxRatesText {
		return nil, wire.Errorf(wire.TooLarge, "the rates have %d bytes, at most %d", len(text), maxRatesText)
	}
	all, number := rates{}, 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(strings.TrimPrefix(line, "\uFEFF"))
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		fields, price := priceFields(line)
		if !price {
			if fields = strings.Split(line, ","); number == 1 && strings.EqualFold(strings.TrimSpace(fields[0]), "from") {
				continue
			}
		}
		if err := all.add(fields); err != nil {
			return nil, wire.Errorf(wire.InvalidRequest, "rates, line %d: %s", number, wire.AsError(err).Reason).
				WithHint("a line is from,to,rate[,date] such as USD,EUR,0.92,2026-03-01, or P 2026-03-01 USD 0.92 EUR")
		}
		if number > maxRates {
			return nil, wire.Errorf(wire.TooLarge, "more than %d lines of rates", maxRates)
		}
	}
	for _, of := range all {
		slices.SortStableFunc(of, func(a, b datedRate) int { return cmp.Compare(a.date, b.date) })
	}
	return all, nil
}

// priceFields reads a P line as from, to, rate, date.
func priceFields(line string) (fields []string, ok bool) {
	line, _, _ = strings.Cut(line, ";")
	f := strings.Fields(line)
	if len(f) == 0 || f[0] != "P" {
		return nil, false
	}
	if len(f) > 2 && strings.Contains(f[2], ":") {
		f = slices.Delete(f, 2, 3) // the time of the day
	}
	if len(f) != 5 {
		return nil, true
	}
	from, rate, to := f[2], f[3], f[4]
	if checkPlain([]byte(rate)) != nil {
		rate, to = to, rate
	}
	unquote := func(s string) string { return strings.Trim(s, `"`) }
	return []string{unquote(from), unquote(to), rate, strings.NewReplacer("/", "-", ".", "-").Replace(f[1])}, true
}

func (all rates) add(fields []string) error {
	if len(fields) < 3 || len(fields) > 4 {
		return wire.Errorf(wire.InvalidRequest, "it is not from, to, rate and perhaps a date")
	}
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	from, to, text := fields[0], fields[1], fields[2]
	for _, code := range []string{from, to} {
		if err := CheckCurrency(code); err != nil {
			return wire.Errorf(wire.InvalidRequest, "%v", err)
		}
	}
	if from == to {
		return wire.Errorf(wire.InvalidRequest, "a rate from %s to itself", from)
	}
	if err := checkDecimal(text); err != nil {
		return refuseAmount(err)
	}
	d := datedRate{text: text, rate: new(big.Rat)}
	if _, ok := d.rate.SetString(text); !ok || d.rate.Sign() <= 0 {
		return wire.Errorf(wire.InvalidRequest, "rate %s is not above zero", text)
	}
	if len(fields) == 4 && fields[3] != "" {
		if d.date = fields[3]; checkDate(d.date) != nil {
			return wire.Errorf(wire.InvalidRequest, "date %.16q is not YYYY-MM-DD", d.date)
		}
	}
	pair := [2]string{from, to}
	all[pair] = append(all[pair], d)
	return nil
}

// UsedRate is a rate by which balances were converted.
type UsedRate struct {
	From     string `json:"from"`
	To       string `json:"to"`
	Rate     string `json:"rate" jsonschema:"what one unit of from is in to, as it was given"`
	Inverse  bool   `json:"inverse,omitempty" jsonschema:"the rate was given from to to from: it divides"`
	Date     string `json:"date,omitempty" jsonschema:"day of the rate"`
	multiply *big.Rat
}

// find returns the latest rate of a pair up to a day, or its inverse where that
// is later; the last of one day in the text. Rates are not chained.
func (all rates) find(from, to, day string) (UsedRate, bool) {
	upTo := func(a, b string) (datedRate, bool) {
		of := all[[2]string{a, b}]
		n, _ := slices.BinarySearchFunc(of, day, func(d datedRate, day string) int {
			if d.date <= day {
				return -1
			}
			return 1
		})
		if n == 0 {
			return datedRate{}, false
		}
		return of[n-1], true
	}
	direct, ok := upTo(from, to)
	inverse, other := upTo(to, from)
	switch {
	case ok && (!other || direct.date >= inverse.date):
		return UsedRate{From: from, To: to, Rate: direct.text, Date: direct.date, multiply: direct.rate}, true
	case other:
		return UsedRate{From: from, To: to, Rate: inverse.text, Inverse: true, Date: inverse.date, multiply: new(big.Rat).Inv(inverse.rate)}, true
	}
	return UsedRate{}, false
}
