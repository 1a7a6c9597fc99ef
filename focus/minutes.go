package focus

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"intercom/client/wire"
)

const maxMinutes = 24 * 60

// Minutes is a length as a client wrote it: a JSON number, a text of digits,
// or a text such as `1h30m`. It keeps the JSON literal, so that what is no
// whole number of minutes is refused and never rounded. Empty is absent.
type Minutes string

// UnmarshalJSON implements json.Unmarshaler. It keeps any value but null.
func (m *Minutes) UnmarshalJSON(b []byte) error {
	if s := string(b); s != "null" {
		*m = Minutes(s)
	}
	return nil
}

// MarshalJSON implements json.Marshaler.
func (m Minutes) MarshalJSON() ([]byte, error) {
	if m == "" {
		return []byte("null"), nil
	}
	return []byte(m), nil
}

// Parse returns the minutes, 1 to 1440; absent is what stands for none given.
func (m Minutes) Parse(absent int64) (int64, error) { return m.parse("minutes", absent) }

func (m Minutes) parse(field string, absent int64) (int64, error) {
	if m == "" {
		return absent, nil
	}
	bad := wire.Errorf(wire.InvalidRequest, "%s: %s is not a whole number of minutes from 1 to %d", field, shorten(string(m)), maxMinutes).
		WithHint(`use a number such as 25, or a length such as "25m" or "1h30m"`)
	text, quoted := string(m), strings.HasPrefix(string(m), `"`)
	if quoted && json.Unmarshal([]byte(m), &text) != nil {
		return 0, bad
	}
	n := int64(-1)
	if !quoted || digits(text) {
		n = number(text)
	} else if text != "" {
		n = length(text)
	}
	if n < 1 || n > maxMinutes {
		return 0, bad
	}
	return n, nil
}

// length reads hours and minutes, `1h30m`; -1 if s is nothing of the kind.
func length(s string) int64 {
	hours, minutes := int64(0), int64(0)
	if h, rest, ok := strings.Cut(s, "h"); ok {
		hours, s = number(h), rest
	}
	if s != "" {
		m, ok := strings.CutSuffix(s, "m")
		if minutes = number(m); !ok {
			return -1
		}
	}
	if hours < 0 || minutes < 0 {
		return -1
	}
	return 60*hours + minutes
}

// number reads digits, few enough that sums of them stay in range; -1 if s is
// anything else.
func number(s string) int64 {
	if !digits(s) || len(s) > 9 {
		return -1
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

func digits(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool { return c < '0' || c > '9' })
}

func shorten(s string) string {
	if len(s) > 40 {
		return fmt.Sprintf("%q...", s[:40])
	}
	return s
}
