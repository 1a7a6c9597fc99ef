package cli

import (
	"strconv"
	"time"

	"intercom/client/wire"
)

// maxSpan keeps the ends of spans within what a clock can hold.
const maxSpan = 100 * 365 * 24 * time.Hour

// parseSpan reads a length of time up to maxSpan: a Go duration, or whole days
// or weeks, like 30d or 2w.
func parseSpan(text string) (time.Duration, error) {
	wrong := wire.Errorf(wire.InvalidRequest, "%q is no time up to 36500d, like 90m, 12h or 30d", text)
	if text == "" {
		return 0, wrong
	}
	if unit, ok := map[byte]time.Duration{'d': 24 * time.Hour, 'w': 7 * 24 * time.Hour}[text[len(text)-1]]; ok {
		n, err := strconv.ParseUint(text[:len(text)-1], 10, 64)
		if err != nil || n > uint64(maxSpan/unit) {
			return 0, wrong
		}
		return time.Duration(n) * unit, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > maxSpan {
		return 0, wrong
	}
	return d, nil
}

// parseLife reads how long something holds, from a second on. Empty is 0, for
// ever.
func parseLife(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := parseSpan(text)
	if err != nil || d < time.Second {
		return 0, wire.Errorf(wire.InvalidRequest, "%q is no time from 1s to 36500d", text)
	}
	return d, nil
}
