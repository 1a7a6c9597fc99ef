// Package jsontext looks through JSON texts (RFC 8259) several times faster than encoding/json, which reads byte by byte
// through a state machine. It says the same of every text, and never panics.
package jsontext

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// maxDepth is how deep arrays and objects may be nested, as in encoding/json.
const maxDepth = 10_000

// Valid reports whether b is one JSON value in UTF-8, with blanks around it or not.
func Valid(b []byte) bool {
	_, ok := Look(b)
	return ok
}

// Shape is what a look at a text tells of it.
type Shape struct {
	Depth  int  // of the deepest array or object; 0: there is none
	Blanks bool // there are some outside of its strings
}

// Look is Valid and returns the shape of what is.
func Look(b []byte) (Shape, bool) {
	if !utf8.Valid(b) {
		return Shape{}, false
	}
	p := parser{b: b}
	ok := p.document()
	return p.shape, ok
}

// StringEnd returns where the string that begins at i ends, behind its quote. The text must be valid.
func StringEnd(b []byte, i int) int {
	for i++; ; {
		i = special(b, i)
		if i >= len(b) || b[i] == '"' {
			return min(i+1, len(b))
		}
		i += 2 // a backslash and what it is for
	}
}

// special returns the place of the first quote, backslash or control character from i on, or the length of b.
func special(b []byte, i int) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(b); i += 8 {
		v := binary.LittleEndian.Uint64(b[i:])
		quote, slash := v^(ones*'"'), v^(ones*'\\')
		// The lowest mark of each sum is right, and only that one is looked at.
		marks := (v - ones*0x20) &^ v & high
		marks |= (quote - ones) &^ quote & high
		marks |= (slash - ones) &^ slash & high
		if marks != 0 {
			return i + bits.TrailingZeros64(marks)/8
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c < 0x20 || c == '"' || c == '\\' {
			return i
		}
	}
	return i
}

// parser reads a text from i on. Its methods are false where the text is not valid.
type parser struct {
	b     []byte
	i     int
	stack []byte // what is open: '[' or '{'
	shape Shape
}

func (p *parser) blanks() {
	from := p.i
	for p.i < len(p.b) && (p.b[p.i] == ' ' || p.b[p.i] == '\n' || p.b[p.i] == '\t' || p.b[p.i] == '\r') {
		p.i++
	}
	if p.i > from {
		p.shape.Blanks = true
	}
}

func (p *parser) document() bool {
	for {
		opened, ok := p.value()
		if !ok {
			return false
		}
		if opened {
			continue
		}
		// A value has ended: what it is in goes on, or ends too.
		for {
			p.blanks()
			if len(p.stack) == 0 {
				return p.i == len(p.b)
			}
			if p.i == len(p.b) {
				return false
			}
			in, c := p.stack[len(p.stack)-1], p.b[p.i]
			p.i++
			if c == ',' {
				if in == '{' && !p.key() {
					return false
				}
				break
			}
			if c != in+2 { // ']' and '}' are two after what they end
				return false
			}
			p.stack = p.stack[:len(p.stack)-1]
		}
	}
}

// value reads a value, or the beginning of one that is not empty.
func (p *parser) value() (opened, ok bool) {
	p.blanks()
	if p.i == len(p.b) {
		return false, false
	}
	switch c := p.b[p.i]; c {
	case '"':
		return false, p.string()
	case '{', '[':
		if len(p.stack) == maxDepth {
			return false, false
		}
		p.shape.Depth = max(p.shape.Depth, len(p.stack)+1)
		p.i++
		p.blanks()
		if p.i < len(p.b) && p.b[p.i] == c+2 {
			p.i++
			return false, true
		}
		p.stack = append(p.stack, c)
		return true, c == '[' || p.key()
	case 't':
		return false, p.word("true")
	case 'f':
		return false, p.word("false")
	case 'n':
		return false, p.word("null")
	}
	return false, p.number()
}

// key reads a key and the colon.
func (p *parser) key() bool {
	p.blanks()
	if p.i == len(p.b) || p.b[p.i] != '"' || !p.string() {
		return false
	}
	p.blanks()
	if p.i == len(p.b) || p.b[p.i] != ':' {
		return false
	}
	p.i++
	return true
}

func (p *parser) string() bool {
	for p.i++; ; {
		p.i = special(p.b, p.i)
		if p.i == len(p.b) || p.b[p.i] < 0x20 {
			return false
		}
		if p.b[p.i] == '"' {
			p.i++
			return true
		}
		if p.i++; p.i == len(p.b) {
			return false
		}
		switch p.b[p.i] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			p.i++
		case 'u':
			if p.i+5 > len(p.b) {
				return false
			}
			for _, c := range p.b[p.i+1 : p.i+5] {
				if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F') {
					return false
				}
			}
			p.i += 5
		default:
			return false
		}
	}
}

func (p *parser) word(w string) bool {
	if len(p.b)-p.i < len(w) || string(p.b[p.i:p.i+len(w)]) != w {
		return false
	}
	p.i += len(w)
	return true
}

func (p *parser) number() bool {
	if p.b[p.i] == '-' {
		p.i++
	}
	if p.i < len(p.b) && p.b[p.i] == '0' {
		p.i++
	} else if !p.digits() {
		return false
	}
	if p.i < len(p.b) && p.b[p.i] == '.' {
		if p.i++; !p.digits() {
			return false
		}
	}
	if p.i < len(p.b) && (p.b[p.i] == 'e' || p.b[p.i] == 'E') {
		p.i++
		if p.i < len(p.b) && (p.b[p.i] == '+' || p.b[p.i] == '-') {
			p.i++
		}
		return p.digits()
	}
	return true
}

// digits reads at least one.
func (p *parser) digits() bool {
	from := p.i
	for p.i < len(p.b) && '0' <= p.b[p.i] && p.b[p.i] <= '9' {
		p.i++
	}
	return p.i > from
}
