package exchange

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The years that beancount's lexer knows.
const beanFirst, beanLast = 1700, 2099

// beanStyle is beancount's syntax.
type beanStyle struct {
	*base
	parts  *names
	opened map[string]bool
}

func newBeanStyle(b *base) *beanStyle {
	return &beanStyle{
		base: b, opened: map[string]bool{},
		parts: newNames(beanPart, func(s string, n int) string { return s + "-" + strconv.Itoa(n) }),
	}
}

func (s *beanStyle) head() {
	s.print("; intercom expense export --format beancount   room=", plain(s.Room), "\noption \"title\" ", beanText(s.Room), "\n")
}

// beanPart makes a text a part of an account: letters, digits and dashes, a
// capital or a digit first.
func beanPart(s string) string {
	var b strings.Builder
	begins := true
	for _, r := range s {
		switch {
		case unicode.IsLetter(r) || r < unicode.MaxASCII && unicode.IsDigit(r):
			if begins {
				r = unicode.ToUpper(r)
			}
			b.WriteRune(r)
			begins = false
		default:
			if b.Len() > 0 && !begins {
				b.WriteByte('-')
			}
			begins = true
		}
	}
	part := strings.TrimRight(b.String(), "-")
	switch first, _ := utf8.DecodeRuneInString(part); {
	case part == "":
		return "M"
	case !unicode.IsUpper(first) && !unicode.IsDigit(first):
		return "M-" + part
	}
	return part
}

func (s *beanStyle) account(parts ...string) string {
	safe := make([]string, len(parts))
	for i, p := range parts[:len(parts)-1] {
		safe[i] = beanPart(p)
	}
	safe[len(parts)-1], _ = s.parts.name(parts[len(parts)-1])
	account := strings.Join(safe, ":")
	if parts[0] == "room" {
		account = "Assets:" + account
	}
	if !s.opened[account] {
		s.opened[account] = true
		s.print("\n", strconv.Itoa(beanFirst), "-01-01 open ", account, "\n")
	}
	return account
}

// unit returns the currency; beancount's own words are no currencies there.
func (s *beanStyle) unit(currency string, exp int) string {
	switch {
	case exp != s.Exponent(currency):
		return currency + "-E" + strconv.Itoa(exp)
	case currency == "TRUE" || currency == "FALSE" || currency == "NULL":
		return "C-" + currency
	}
	return currency
}

// day leaves a day for the balances, which are those of a morning.
func (s *beanStyle) day(date string) string {
	return min(clampYear(date, beanFirst, beanLast), strconv.Itoa(beanLast)+"-12-30")
}

func (s *beanStyle) transaction(r Record, title string, postings []posting) {
	day := s.day(r.Date)
	s.print("\n", day, " * ", beanText(title), " #", beanTag(s.Room), "\n")
	for _, t := range s.tags(r, day) {
		s.print("  ", t[0], ": ", beanText(t[1]), "\n")
	}
	for _, p := range postings {
		s.print("  ", p.account, "  ", format(p.amount, p.exp), " ", p.unit, "\n")
	}
}

// beanText writes a string.
func beanText(s string) string {
	s = strings.ReplaceAll(oneLine(s), `\`, `\\`)
	return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"`
}

// beanTag makes a text a tag.
func beanTag(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '_', r == '.':
			return r
		}
		return '-'
	}, s)
	if strings.Trim(s, "-") == "" {
		return "room"
	}
	return s
}

func (s *beanStyle) balances(day string, all []posting) {
	if t, err := time.Parse(time.DateOnly, day); err == nil {
		day = t.AddDate(0, 0, 1).Format(time.DateOnly)
	}
	s.print("\n")
	for _, p := range all {
		// Without a tolerance of its own, beancount would let the last digit be wrong.
		s.print(day, " balance ", p.account, "  ", format(p.amount, p.exp), " ~ 0 ", p.unit, "\n")
	}
}
