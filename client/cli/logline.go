package cli

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"intercom/client"
)

// logFilter keeps the records of a log that are wanted. A line that begins no
// record, like those of a stack, belongs to the record before it.
type logFilter struct {
	since time.Time // zero: all
	level string    // least; empty: all

	at    time.Time // of the record before
	skips bool      // it was not wanted
}

// lastWords begin what a daemon says when it ends in another way than it was
// asked to. They are no records and have no time, but matter most.
var lastWords = []string{"intercomd: ", "panic: ", "fatal error: ", "SIGQUIT: "}

// wants reports whether a line is kept. The lines of a log are given in order.
func (f *logFilter) wants(line string) bool {
	at, level, ok := readRecord(line)
	if slices.ContainsFunc(lastWords, func(w string) bool { return strings.HasPrefix(line, w) }) {
		at, level, ok = f.at, "error", true
	}
	if ok {
		f.at = at
		f.skips = at.Before(f.since) || rank(level) < rank(f.level)
	}
	return !f.skips
}

// rank orders levels; unknown ones are least.
func rank(level string) int {
	s, _ := client.SettingOf("log-level")
	return slices.Index(s.Choices, level)
}

// readRecord reads time and level at the beginning of a record of slog, in
// either of its formats.
func readRecord(line string) (at time.Time, level string, ok bool) {
	if strings.HasPrefix(line, "{") {
		var r struct {
			Time  time.Time `json:"time"`
			Level string    `json:"level"`
		}
		err := json.Unmarshal([]byte(line), &r)
		return r.Time, strings.ToLower(r.Level), err == nil && r.Level != ""
	}
	rest, ok := strings.CutPrefix(line, "time=")
	if !ok {
		return at, "", false
	}
	stamp, rest, _ := strings.Cut(rest, " ")
	rest, ok = strings.CutPrefix(rest, "level=")
	level, _, _ = strings.Cut(rest, " ")
	at, err := time.Parse(time.RFC3339, stamp)
	return at, strings.ToLower(level), ok && err == nil
}
