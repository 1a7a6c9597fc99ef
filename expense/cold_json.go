package expense

import (
	"unicode/utf8"
)

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
