package exchange

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	maxAmount  = 1<<53 - 1
	noCurrency = "XXX"
)

// decimals is how a file writes numbers.
type decimals struct {
	comma bool // `7,2`
	// proven: some number shows that the comma separates decimals. Without it
	// `1,500` may be fifteen hundred.
	proven bool
}

// style tells how the numbers of a file are written, and refuses a mixture.
func (p *parser) style(numbers func(yield func(line int, s string) bool)) decimals {
	var d decimals
	point, comma := 0, 0
	var withPoint, withComma string
	numbers(func(line int, s string) bool {
		if strings.Contains(s, ".") && point == 0 {
			point, withPoint = line, s
		}
		if head, tail, ok := strings.Cut(s, ","); ok {
			if comma == 0 {
				comma, withComma = line, s
			}
			d.proven = d.proven || len(tail) != 3 || strings.Trim(head, "-0") == ""
		}
		return true
	})
	d.comma = comma > 0
	if point > 0 && comma > 0 {
		p.refuse(comma, "decimals are written in two ways: %.40q here, %.40q in line %d", withComma, withPoint, point)
	}
	return d
}

// parse reads a decimal number with at most exp decimals, zeros behind them
// left out. Nothing is rounded.
func (d decimals) parse(s string, exp int) (int64, error) {
	if d.comma {
		whole, fraction, found := strings.Cut(s, ",")
		if found && exp >= 3 && !d.proven {
			return 0, fmt.Errorf("%q may be decimals or thousands", s)
		}
		if s = whole; found {
			s += "." + fraction
		}
	}
	return parseDecimal(s, exp)
}

func parseDecimal(s string, exp int) (int64, error) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, fraction, point := strings.Cut(digits, ".")
	if whole == "" || len(s) > 64 || point && fraction == "" || !allDigits(whole) || !allDigits(fraction) {
		return 0, fmt.Errorf("%.40q is not a plain number such as 12.50", s)
	}
	if kept := strings.TrimRight(fraction, "0"); len(fraction) > exp {
		if len(kept) > exp {
			return 0, fmt.Errorf("%s has %d decimals, not up to %d", s, len(kept), exp)
		}
		fraction = fraction[:exp]
	}
	var v int64
	for _, c := range whole + fraction + strings.Repeat("0", exp-len(fraction)) {
		if v = v*10 + int64(c-'0'); v > maxAmount {
			return 0, fmt.Errorf("%s is too large", s)
		}
	}
	if negative {
		v = -v
	}
	return v, nil
}

func allDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// format writes minor units with exactly exp decimals.
func format(v int64, exp int) string {
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	s := strconv.FormatInt(v, 10)
	if exp == 0 {
		return sign + s
	}
	if len(s) <= exp {
		s = strings.Repeat("0", exp+1-len(s)) + s
	}
	return sign + s[:len(s)-exp] + "." + s[len(s)-exp:]
}

// date reads YYYY-MM-DD, also with a time behind it.
func date(s string) (string, error) {
	day := s
	if len(s) > 10 && (s[10] == 'T' || s[10] == ' ') {
		day = s[:10]
	}
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return "", fmt.Errorf("date %.40q is not YYYY-MM-DD", s)
	}
	return day, nil
}

// currency returns the code of a row.
func (p *parser) currency(s string) (string, error) {
	code := strings.ToUpper(strings.TrimSpace(s))
	if code == "" {
		if code = strings.ToUpper(p.Currency); code == "" {
			return noCurrency, nil
		}
	}
	if code == "€" {
		return "EUR", nil
	}
	if isCode(code) {
		return code, nil
	}
	if alone := strings.ToUpper(p.Currency); isCode(alone) && !strings.ContainsAny(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		return alone, nil // a sign such as $, which belongs to many
	}
	return "", fmt.Errorf("currency %.16q is no code such as EUR", s)
}

func isCode(s string) bool {
	return len(s) >= 3 && len(s) <= 8 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}
