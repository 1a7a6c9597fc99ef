package out

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// hostile reports whether r could control a terminal, hide or reorder text:
// controls, formats (bidirectional overrides, tags) and separators of lines.
// Joiners are left alone: scripts and emoji need them.
func hostile(r rune) bool {
	if r >= ' ' && r < 0x7f {
		return false
	}
	const zwnj, zwj = 0x200c, 0x200d
	return r != zwnj && r != zwj && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// Printable reports whether s can be shown on a terminal as it is.
func Printable(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, hostile) < 0
}

// Safe returns s in one line that controls no terminal: what could is escaped.
func Safe(s string) string { return safe(s, "") }

// safe returns s with hostile characters but those of keep, and bytes that are
// no UTF-8, as visible escapes. They do not say whether s had them as such.
func safe(s, keep string) string {
	bad := func(r rune) bool { return hostile(r) && !strings.ContainsRune(keep, r) }
	if utf8.ValidString(s) && strings.IndexFunc(s, bad) < 0 {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case !bad(r):
			b.WriteString(s[:n])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		s = s[n:]
	}
	return b.String()
}

// safeJSON escapes hostile characters of compact JSON, in which they can only
// stand in strings, without changing what it means.
func safeJSON(src []byte) []byte {
	clean := true
	for i := 0; i < len(src) && clean; i++ {
		clean = src[i] >= ' ' && src[i] < 0x7f
	}
	if clean {
		return src
	}
	b := make([]byte, 0, len(src)+16)
	for len(src) > 0 {
		r, n := utf8.DecodeRune(src)
		switch {
		case r == utf8.RuneError && n == 1:
			b = append(b, `\ufffd`...)
		case !hostile(r):
			b = append(b, src[:n]...)
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			b = fmt.Appendf(b, `\u%04x\u%04x`, hi, lo)
		default:
			b = fmt.Appendf(b, `\u%04x`, r)
		}
		src = src[n:]
	}
	return b
}
