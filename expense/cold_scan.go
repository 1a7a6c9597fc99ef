package expense

import "unicode/utf8"

// scan reads a line as our exports write it. It returns false where it cannot
// tell what encoding/json would make of it (escapes in what it needs, keys
// twice or in another case, numbers that are no plain digits, mistakes); the
// line is decoded by that then. FuzzColdLine compares the two.
func (l *coldLine) scan(text []byte) bool {
	s := lineScanner{b: text}
	l.status, l.date, l.currency, l.amount, l.exp = nil, nil, nil, nil, -1
	l.payers, l.shares = l.payers[:0], l.shares[:0]
	seen := 0
	once := func(bit int) { // a key twice is left to encoding/json
		s.bad = s.bad || seen&bit != 0
		seen |= bit
	}
	s.object(func(key []byte) {
		switch string(key) {
		case "status":
			once(1)
			l.status = s.text()
		case "date":
			once(2)
			l.date = s.text()
		case "currency":
			once(4)
			l.currency = s.text()
		case "amount":
			once(8)
			l.amount = s.literal()
		case "exp":
			once(16)
			l.exp = s.exponent()
		case "payers":
			once(32)
			l.payers = s.parts(l.payers)
		case "shares":
			once(64)
			l.shares = s.parts(l.shares)
		default:
			s.other(key)
		}
	})
	s.blank()
	return !s.bad && s.at == len(s.b)
}

// lineScanner goes through one JSON text. After something that it does not
// take, bad is set and the rest means nothing.
type lineScanner struct {
	b   []byte
	at  int
	bad bool
}

// next returns the byte at hand, 0 at the end or after what is bad.
func (s *lineScanner) next() byte {
	if s.bad || s.at >= len(s.b) {
		return 0
	}
	return s.b[s.at]
}

func (s *lineScanner) blank() {
	for s.at < len(s.b) && s.b[s.at] <= ' ' {
		switch s.b[s.at] {
		case ' ', '\n', '\r', '\t':
			s.at++
		default:
			return
		}
	}
}

// take goes past one byte, which must be c.
func (s *lineScanner) take(c byte) {
	if s.next() != c {
		s.bad = true
		return
	}
	s.at++
}

// list goes through what stands between open and close, separated by commas.
func (s *lineScanner) list(open, close byte, each func()) {
	s.blank()
	s.take(open)
	s.blank()
	if s.next() == close {
		s.at++
		return
	}
	for !s.bad {
		each()
		s.blank()
		if s.next() == close {
			s.at++
			return
		}
		s.take(',')
	}
}

func (s *lineScanner) object(value func(key []byte)) {
	s.list('{', '}', func() {
		key := s.text()
		s.blank()
		s.take(':')
		if !s.bad {
			value(key)
		}
	})
}

// plainText are the bytes of a string that mean themselves and are ASCII.
var plainText = func() (plain [256]bool) {
	for c := byte(' '); c < utf8.RuneSelf; c++ {
		plain[c] = c != '"' && c != '\\'
	}
	return plain
}()

// pastPlain returns the place of the next byte that is not plain, or the end.
func (s *lineScanner) pastPlain() int {
	at := s.at
	for b := s.b; at < len(b) && plainText[b[at]]; at++ {
	}
	return at
}

// text reads a string without escapes.
func (s *lineScanner) text() []byte {
	s.blank()
	s.take('"')
	if s.bad {
		return nil
	}
	from, wide := s.at, false
	for {
		s.at = s.pastPlain()
		switch c := s.next(); {
		case c == '"':
			text := s.b[from:s.at]
			s.at++
			s.bad = wide && !utf8.Valid(text)
			return text
		case c < utf8.RuneSelf: // an escape, a control character, the end
			s.bad = true
			return nil
		}
		wide = true
		s.at++
	}
}

// literal reads an amount: a string, or digits with or without a point. That
// it is an amount is looked at later, as for encoding/json.
func (s *lineScanner) literal() []byte {
	s.blank()
	if s.next() == '"' {
		text := s.text()
		s.bad = s.bad || checkPlain(text) != nil
		return text
	}
	return s.number()
}

// number reads a number without exponent.
func (s *lineScanner) number() []byte {
	s.blank()
	from := s.at
	for c := s.next(); c == '-' || c == '.' || isDigit(c); c = s.next() {
		s.at++
	}
	text := s.b[from:s.at]
	s.bad = s.bad || checkPlain(text) != nil
	return text
}

// exponent reads one digit.
func (s *lineScanner) exponent() int {
	text := s.number()
	if len(text) != 1 || text[0] > '0'+MaxExponent {
		s.bad = true
		return -1
	}
	return int(text[0] - '0')
}

func (s *lineScanner) parts(parts []coldPart) []coldPart {
	s.list('[', ']', func() {
		var p coldPart
		seen := 0
		s.object(func(key []byte) {
			switch string(key) {
			case "member":
				s.bad, seen = s.bad || seen&1 != 0, seen|1
				p.member = s.text()
			case "amount":
				s.bad, seen = s.bad || seen&2 != 0, seen|2
				p.amount = s.literal()
			default:
				s.other(key)
			}
		})
		parts = append(parts, p)
	})
	return parts
}

// other goes past the value of a key that is of no interest. encoding/json
// takes keys in any case, so only one in lower case is surely another.
func (s *lineScanner) other(key []byte) {
	for _, c := range key {
		if (c < 'a' || c > 'z') && !isDigit(c) {
			s.bad = s.bad || !s.harmless(key)
			break
		}
	}
	s.skip(0)
}

// harmless are keys of our own with capitals, which look like no key that is
// read.
func (s *lineScanner) harmless(key []byte) bool {
	switch string(key) {
	case "clockAhead", "sha256":
		return true
	}
	return false
}

const deepest = 8 // levels of a value that is skipped

func (s *lineScanner) skip(depth int) {
	s.blank()
	switch c := s.next(); {
	case depth > deepest:
		s.bad = true
	case c == '"':
		s.skipText()
	case c == '{':
		s.list('{', '}', func() {
			s.blank()
			s.skipText()
			s.blank()
			s.take(':')
			s.skip(depth + 1)
		})
	case c == '[':
		s.list('[', ']', func() { s.skip(depth + 1) })
	case c == 't':
		s.word("true")
	case c == 'f':
		s.word("false")
	case c == 'n':
		s.word("null")
	default:
		s.number()
	}
}

func (s *lineScanner) word(w string) {
	for i := range len(w) {
		s.take(w[i])
	}
}

// skipText goes past a string, with escapes.
func (s *lineScanner) skipText() {
	s.take('"')
	for !s.bad {
		s.at = s.pastPlain()
		switch c := s.next(); {
		case c == '"':
			s.at++
			return
		case c == '\\':
			s.at++
			s.escape()
		case c < ' ':
			s.bad = true
		default:
			s.at++
		}
	}
}

func (s *lineScanner) escape() {
	switch s.next() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.at++
	default: // \u is left to encoding/json
		s.bad = true
	}
}

// checkPlain is checkDecimal without the words of its errors.
func checkPlain(text []byte) error {
	digits := text
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	whole := len(digits)
	for i, c := range digits {
		switch {
		case c == '.' && whole == len(digits):
			whole = i
		case !isDigit(c):
			return ErrAmountSyntax
		}
	}
	if whole == 0 || whole == len(digits)-1 || whole > 1 && digits[0] == '0' || len(text) > maxLiteral {
		return ErrAmountSyntax
	}
	return nil
}
