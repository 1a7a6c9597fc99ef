package out

import (
	"bytes"
	"strconv"
)

// Terminal is what is known of an output stream. The zero value is a file.
type Terminal struct {
	Tty    bool
	Width  int // columns; 0: no limit
	Height int // lines; 0: no limit
	Color  bool
}

// shorterThan tells whether text has more lines than fit above the prompt.
func (t Terminal) shorterThan(text []byte) bool {
	return t.Tty && t.Height > 0 && bytes.Count(text, []byte("\n")) >= t.Height
}

// Colors are the values of --color.
func Colors() []string { return []string{"auto", "always", "never"} }

// WithColor returns t as --color says; auto leaves it to the environment.
func (t Terminal) WithColor(when string) Terminal {
	if when != "auto" {
		t.Color = when == "always"
	}
	return t
}

// Redraws tells whether a stream can take back a line that it shows.
func Redraws(getenv func(string) string, tty bool) bool { return tty && getenv("TERM") != "dumb" }

const defaultWidth = 80 // columns of a terminal that does not tell

// DetectTerminal returns the facts of a stream: whether it is a terminal and
// how wide, corrected by the environment. INTERCOM_FORCE_TTY=COLUMNS makes any
// stream a terminal of that width. NO_COLOR (no-color.org) forbids colour,
// CLICOLOR_FORCE (bixense.com/clicolors) forces it, CLICOLOR=0 and TERM=dumb
// switch it off; in this order.
func DetectTerminal(getenv func(string) string, tty bool, width int) Terminal {
	t := Terminal{Tty: tty, Width: width}
	if n, err := strconv.Atoi(getenv("INTERCOM_FORCE_TTY")); err == nil && n > 0 {
		t.Tty, t.Width = true, n
	}
	switch {
	case !t.Tty:
		t.Width = 0
	case t.Width <= 0:
		t.Width = defaultWidth
	}
	force := getenv("CLICOLOR_FORCE")
	switch {
	case getenv("NO_COLOR") != "":
	case force != "" && force != "0":
		t.Color = true
	case getenv("CLICOLOR") == "0", getenv("TERM") == "dumb":
	default:
		t.Color = t.Tty
	}
	return t
}
