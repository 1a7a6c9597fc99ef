package timesheet

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// words are the tags by which timewarrior tells rows apart.
func (r Row) words() (tags []string) {
	for _, t := range append([]string{"focus", r.Room, r.Goal}, r.Tags...) {
		// Its reader takes a quotation mark or a backslash for one of its own.
		t = strings.NewReplacer(`"`, "'", `\`, "/").Replace(strings.Join(strings.Fields(strings.Map(visible, t)), " "))
		if t != "" && t != "#" && !slices.Contains(tags, t) { // a # ends the tags
			tags = append(tags, t)
		}
	}
	slices.Sort(tags)
	return tags
}

func visible(r rune) rune {
	if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError {
		return ' '
	}
	return r
}

// inc is a line of $TIMEWARRIORDB/data/YYYY-MM.data.
func (r Row) inc() string {
	line := "inc " + basic(r.At.From) + " - " + basic(r.At.To) + " #"
	for _, t := range r.words() {
		if word(t) != t {
			t = `"` + t + `"`
		}
		line += " " + t
	}
	return line + "\n"
}

func (r Row) timewarrior() string {
	return object(struct {
		Start string   `json:"start"`
		End   string   `json:"end"`
		Tags  []string `json:"tags"`
	}{basic(r.At.From), basic(r.At.To), r.words()})
}
