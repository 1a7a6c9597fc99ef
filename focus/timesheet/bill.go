package timesheet

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// Bill is what work costs, who did it and who owes it.
type Bill struct {
	Rate     Rate
	Currency string // 3 to 8 capital letters; empty: the room's usual one
	Payer    string // name of who did the work: he is owed it
	Split    []string
}

// Rate is a price of time.
type Rate struct {
	amount *big.Rat // of a second
}

// ErrRate reports a rate that cannot be read.
var ErrRate = errors.New("a rate is an amount above 0 for an hour or a minute, such as 80/h, 1.50/min or \"80 EUR/h\"")

const maxRate = 18 // digits

// ParseRate reads `80`, `80/h`, `1.50/min`, or `80 EUR/h` where it returns the
// currency too. The error is ErrRate.
func ParseRate(text string) (rate Rate, currency string, err error) {
	number, unit, given := strings.Cut(strings.TrimSpace(text), "/")
	seconds := map[string]int64{"h": 3600, "hour": 3600, "m": 60, "min": 60, "minute": 60}[strings.TrimSpace(unit)]
	if !given {
		seconds = 3600
	}
	fields := strings.Fields(number)
	if len(fields) == 2 {
		currency = fields[1]
	}
	if seconds == 0 || len(fields) < 1 || len(fields) > 2 || !isDecimal(fields[0]) {
		return rate, "", ErrRate
	}
	amount, ok := new(big.Rat).SetString(fields[0])
	if !ok || amount.Sign() <= 0 {
		return rate, "", ErrRate
	}
	return Rate{amount.Quo(amount, new(big.Rat).SetInt64(seconds))}, currency, nil
}

func isDecimal(s string) bool {
	whole, part, point := strings.Cut(s, ".")
	digits := strings.Trim(whole+part, "0123456789") == ""
	return digits && whole != "" && (!point || part != "") && len(whole)+len(part) <= maxRate
}

// Amount is the price of so many seconds with the decimals of the currency,
// rounded to its smallest unit, half of one up; empty where it is nothing.
func (r Rate) Amount(seconds int64, currency string) string {
	exp := decimals(currency)
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(exp)), nil)
	exact := new(big.Rat).Mul(r.amount, new(big.Rat).SetInt64(seconds))
	exact.Mul(exact, new(big.Rat).SetInt(unit))
	twice := new(big.Int).Add(new(big.Int).Lsh(exact.Num(), 1), exact.Denom())
	minor := twice.Div(twice, new(big.Int).Lsh(exact.Denom(), 1))
	if minor.Sign() == 0 {
		return ""
	}
	return new(big.Rat).SetFrac(minor, unit).FloatString(exp)
}

// decimals of a currency by ISO 4217; of any other code, 2.
func decimals(currency string) int {
	for exp, codes := range map[int]string{
		0: " BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ",
		3: " BHD IQD JOD KWD LYD OMR TND ", 4: " CLF UYW ",
	} {
		if currency != "" && strings.Contains(codes, " "+currency+" ") {
			return exp
		}
	}
	return 2
}

// line is an entry for `intercom expense add --from -`. Its key makes a second
// export of the session add nothing.
func (b Bill) line(r Row) string {
	amount := b.Rate.Amount(r.Seconds, b.Currency)
	if amount == "" {
		return ""
	}
	note := oneLine(r.Goal)
	if note == "" {
		note = "focus in " + oneLine(r.Room)
	}
	if long := []rune(note); len(long) > 200 {
		note = string(long[:200])
	}
	return object(struct {
		Payer    string   `json:"payer"`
		Amount   string   `json:"amount"`
		Currency string   `json:"currency,omitempty"`
		Date     string   `json:"date"`
		Split    []string `json:"split"`
		Note     string   `json:"note"`
		Category string   `json:"category"`
		Key      string   `json:"key"`
	}{
		b.Payer, amount, b.Currency, r.Date, b.Split, fmt.Sprintf("%s, %s", note, Length(r.Seconds)), "focus",
		"focus-" + r.Session[:min(16, len(r.Session))] + "-" + r.Person[:min(8, len(r.Person))],
	}) + "\n"
}
