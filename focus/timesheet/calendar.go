package timesheet

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ics is a VEVENT (RFC 5545 3.6.1) from the first second of work to the last,
// or over the time that is planned.
func (r Row) ics() string {
	summary := oneLine(r.Goal)
	if summary == "" {
		summary = "Focus in " + oneLine(r.Room)
	}
	about := fmt.Sprintf("%s worked, %s", Length(r.Seconds), plural(r.Checkins, "check-in"))
	if r.Plan != "" {
		about = Length(r.Seconds) + " planned"
	}
	if r.Witnesses > 0 {
		about += ", witnessed by " + fmt.Sprint(r.Witnesses)
	}
	if s := strings.TrimSpace(r.Summary); s != "" {
		about += "\n" + s
	}
	lines := []string{
		"BEGIN:VEVENT", "UID:" + r.Session + "@intercom", "DTSTAMP:" + basic(r.Written),
		"DTSTART:" + basic(r.At.From), "DTEND:" + basic(r.At.To),
		"SUMMARY:" + escape(summary), "LOCATION:" + escape(oneLine(r.Room)), "DESCRIPTION:" + escape(about),
	}
	if len(r.Tags) > 0 {
		tags := make([]string, len(r.Tags))
		for i, t := range r.Tags {
			tags[i] = escape(oneLine(t))
		}
		lines = append(lines, "CATEGORIES:"+strings.Join(tags, ","))
	}
	if r.Plan != "" {
		lines = append(lines, "STATUS:"+r.Plan)
	}
	transparency := "OPAQUE"
	if r.Plan == Tentative || r.Plan == Cancelled { // the time is still free
		transparency = "TRANSPARENT"
	}
	lines = append(lines, "TRANSP:"+transparency, "END:VEVENT")
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(fold(l))
	}
	return b.String()
}

// Length says seconds as hours, minutes and seconds: 1h05m00s, 25m00s.
func Length(seconds int64) string {
	if seconds >= 3600 {
		return fmt.Sprintf("%dh%02dm%02ds", seconds/3600, seconds/60%60, seconds%60)
	}
	return fmt.Sprintf("%dm%02ds", seconds/60, seconds%60)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func oneLine(s string) string { return strings.Join(strings.Fields(strings.Map(visible, s)), " ") }

// escape writes a TEXT value (RFC 5545 3.3.11). Controls have no place in one.
func escape(s string) string {
	s = strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, strings.ReplaceAll(s, "\r\n", "\n"))
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(s)
}

// maxLine is how many octets a line has at most, without its end (RFC 5545 3.1).
const maxLine = 75

// fold ends a content line and breaks it where it is too long, never inside a
// character.
func fold(line string) string {
	var b strings.Builder
	room := maxLine
	for len(line) > room {
		n := room
		for n > 0 && !utf8.RuneStart(line[n]) {
			n--
		}
		b.WriteString(line[:n])
		b.WriteString("\r\n ")
		line, room = line[n:], maxLine-1 // the space counts
	}
	b.WriteString(line)
	b.WriteString("\r\n")
	return b.String()
}
