package exchange

import (
	"fmt"
	"strconv"
	"strings"
)

// ledgerStyle is what hledger and ledger both read.
type ledgerStyle struct {
	*base
	accounts *names
	units    map[string]bool
}

func (l *ledgerStyle) head() {
	l.accounts = newNames(accountPart, func(s string, n int) string { return fmt.Sprintf("%s %d", s, n) })
	l.units = map[string]bool{}
	l.print("; intercom expense export --format ", l.format)
	if l.As != "" {
		l.print(" --as ", plain(l.As))
	}
	l.print("   room=", plain(l.Room), "\n")
}

// accountPart makes a text a part of an account: two spaces would end it, a
// colon part it, a semicolon begin a comment.
func accountPart(s string) string {
	s = strings.Join(strings.FieldsFunc(s, breaks), " ")
	s = strings.Map(func(r rune) rune {
		if r == ':' || r == ';' {
			return '_'
		}
		return r
	}, s)
	if s == "" {
		return "_"
	}
	return s
}

func (l *ledgerStyle) account(parts ...string) string {
	// The last part is somebody's text; those before it are ours or the room's.
	head := parts[:len(parts)-1]
	safe := make([]string, len(head))
	for i, h := range head {
		safe[i] = accountPart(h)
	}
	last, _ := l.accounts.name(parts[len(parts)-1])
	return strings.Join(safe, ":") + ":" + last
}

// unit returns the commodity, and declares it the first time. Amounts with
// other decimals than the currency's are another commodity.
func (l *ledgerStyle) unit(currency string, exp int) string {
	unit := currency
	if exp != l.Exponent(currency) {
		unit = `"` + currency + strconv.Itoa(exp) + `"`
	}
	if !l.units[unit] {
		l.units[unit] = true
		l.print("\ncommodity ", unit, " 1000.", strings.Repeat("0", exp), "\n")
	}
	return unit
}

// day: ledger knows the years from 1400, and no year after 9999 is a date here.
func (l *ledgerStyle) day(date string) string { return clampYear(date, 1400, 9999) }

func (l *ledgerStyle) transaction(r Record, title string, postings []posting) {
	day := l.day(r.Date)
	status := " "
	if r.Kind == Payment {
		status = " * "
	}
	l.print("\n", day, status, description(title))
	tags := l.tags(r, day)
	if l.format == Hledger {
		texts := make([]string, len(tags))
		for i, t := range tags {
			texts[i] = t[0] + ":" + t[1]
		}
		l.print("  ; ", strings.Join(texts, ", "), "\n")
	} else {
		l.print("\n")
		for _, t := range tags {
			l.print("    ; ", t[0], ": ", t[1], "\n")
		}
	}
	for _, p := range postings {
		l.print("    ", p.account, "    ", p.unit, " ", format(p.amount, p.exp), "\n")
	}
}

// description makes a text the title of a transaction: a semicolon would begin
// a comment, and a mark at its beginning would be taken as status or code.
func description(s string) string {
	s = strings.ReplaceAll(oneLine(s), ";", ",")
	if s == "" || strings.ContainsRune("*!(=", rune(s[0])) {
		s = strings.TrimSpace("- " + s)
	}
	return s
}

func (l *ledgerStyle) balances(day string, all []posting) {
	l.print("\n", day, " intercom balances  ; the file checks itself\n")
	for _, p := range all {
		l.print("    ", p.account, "    ", p.unit, " ", format(0, p.exp), " = ", p.unit, " ", format(p.amount, p.exp), "\n")
	}
}
