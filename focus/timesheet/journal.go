package timesheet

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// account is focus:ROOM:GOAL, in which nothing ends the name of an account.
func (r Row) account() string {
	name := "focus:" + plain(r.Room)
	if goal := plain(r.Goal); goal != "" {
		name += ":" + goal
	}
	return name
}

// title begins with a word, so that nothing in it is taken for a status, a
// code or a comment.
func (r Row) title() string {
	if goal := plain(r.Goal); goal != "" {
		return "focus " + goal
	}
	return "focus"
}

// labels are the tags as hledger reads them.
func (r Row) labels() string {
	if words := r.tagWords(); len(words) > 0 {
		return ", tags:" + strings.Join(words, " ")
	}
	return ""
}

func (r Row) tagWords() (words []string) {
	for _, t := range r.Tags {
		if t = word(t); t != "" {
			words = append(words, t)
		}
	}
	return words
}

// tagLine are the tags as ledger reads them.
func (r Row) tagLine() string {
	if words := r.tagWords(); len(words) > 0 {
		return "\n    ; :" + strings.Join(words, ":") + ":"
	}
	return ""
}

// plain returns s without what has a meaning in a journal: one line, single
// spaces, no colon, no comment.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == ':' || r == ';' || r == '|' || r == utf8.RuneError:
			return '-'
		case unicode.IsControl(r) || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r):
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// word returns s as a name without spaces and signs.
func word(s string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, s), "-")
}
