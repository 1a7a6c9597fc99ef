package expense

// scan reads a line as our exports write it. It returns false where it cannot
// tell what encoding/json would make of it (escapes in what it needs, keys
// twice or in another case, numbers that are no plain digits, mistakes); the
// line is decoded by that then. FuzzColdLine compares the two.
func (l *coldLine) scan(text []byte) bool {
	s := lineScanner{b: text}
	l.kind, l.status, l.date, l.currency, l.amount, l.exp, l.rate = nil, nil, nil, nil, nil, -1, coldRate{exp: -1}
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
		case "type":
			once(128)
			l.kind = s.text()
		case "rate":
			once(256)
			l.rate = s.rate()
		default:
			s.other(key)
		}
	})
	s.blank()
	return !s.bad && s.at == len(s.b)
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

// rate reads the amount in another currency.
func (s *lineScanner) rate() coldRate {
	r, seen := coldRate{there: true, exp: -1}, 0
	once := func(bit int) {
		s.bad = s.bad || seen&bit != 0
		seen |= bit
	}
	s.object(func(key []byte) {
		switch string(key) {
		case "currency":
			once(1)
			r.currency = s.text()
		case "amount":
			once(2)
			r.amount = s.literal()
		case "exp":
			once(4)
			r.exp = s.exponent()
		default:
			s.other(key)
		}
	})
	return r
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
