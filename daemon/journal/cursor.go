package journal

import (
	"fmt"
	"strconv"
	"strings"
)

// Cursor is a place in the stream: everything before it has been delivered.
// Its text is `r:<r>` behind an entry of the rooms' journal, which holds over
// restarts, and `m:<boot>:<m>:<r>` behind one that is kept in memory.
type Cursor struct {
	Boot string // empty: the place is behind entry R of the journal
	M    uint64 // entries in memory before it, since the daemon's start
	R    uint64 // entries of the journal before it
	NoR  bool   // R was left out, which is allowed behind `m:`
}

// maxCursor bounds the text of a cursor in bytes.
const maxCursor = 100

// ParseCursor reads a cursor.
func ParseCursor(s string) (Cursor, error) {
	bad := fmt.Errorf("%.40q is not a cursor", s)
	if len(s) > maxCursor {
		return Cursor{}, bad
	}
	kind, rest, _ := strings.Cut(s, ":")
	var c Cursor
	var ok bool
	switch kind {
	case "r":
		if c.R, ok = number(rest); !ok {
			return Cursor{}, bad
		}
		return c, nil
	case "m":
		parts := strings.Split(rest, ":")
		if len(parts) < 2 || len(parts) > 3 || parts[0] == "" {
			return Cursor{}, bad
		}
		if c.Boot = parts[0]; strings.ContainsFunc(c.Boot, func(r rune) bool { return !strings.ContainsRune("0123456789abcdef", r) }) {
			return Cursor{}, bad
		}
		if c.M, ok = number(parts[1]); !ok {
			return Cursor{}, bad
		}
		if c.NoR = len(parts) == 2; c.NoR {
			return c, nil
		}
		if c.R, ok = number(parts[2]); !ok {
			return Cursor{}, bad
		}
		return c, nil
	}
	return Cursor{}, bad
}

// number reads digits without a sign or leading zeros, so that a cursor has
// one text.
func number(s string) (uint64, bool) {
	if s == "" || s[0] == '+' || len(s) > 1 && s[0] == '0' {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 10, 63)
	return n, err == nil
}

// String returns the text of the cursor.
func (c Cursor) String() string {
	switch {
	case c.Boot == "":
		return "r:" + strconv.FormatUint(c.R, 10)
	case c.NoR:
		return fmt.Sprintf("m:%s:%d", c.Boot, c.M)
	}
	return fmt.Sprintf("m:%s:%d:%d", c.Boot, c.M, c.R)
}
