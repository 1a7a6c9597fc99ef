// Package timesheet writes times as the files that other programs read. A
// document may be written in pieces: a head, rows in order, a tail. All
// formats have the same whole seconds, so what programs make of them adds up
// to the same.
package timesheet

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The formats.
const (
	Timeclock     = "timeclock"   // of ledger and hledger: i and o lines
	Hledger       = "hledger"     // a journal with exact seconds
	Ledger        = "ledger"      // the same, with metadata that ledger reads too
	Timewarrior   = "timewarrior" // lines of its data files
	TimewarriorJS = "timewarrior-json"
	ICS           = "ics" // RFC 5545
	CSV           = "csv" // RFC 4180
	JSON          = "json"
	JSONL         = "jsonl"
	Expense       = "expense" // JSON lines for `intercom expense add --from -`
)

// Formats returns all formats.
func Formats() []string {
	return []string{CSV, JSON, JSONL, ICS, Timeclock, Hledger, Ledger, Timewarrior, TimewarriorJS, Expense}
}

// ByStint reports whether a format has a row for each stretch of work instead
// of each session.
func ByStint(format string) bool {
	return format == Timeclock || format == Timewarrior || format == TimewarriorJS
}

// ForMany reports whether a format may hold the times of several people.
func ForMany(format string) bool { return format == CSV || format == JSON || format == JSONL }

// Span is a time in seconds since 1970.
type Span struct{ From, To int64 }

// MarshalJSON writes the two times in UTC.
func (s Span) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, `["%s","%s"]`, utc(s.From), utc(s.To)), nil
}

// Row is somebody's part in a session, or a stretch of it.
type Row struct {
	Session   string   `json:"session"`
	Room      string   `json:"room"`
	Goal      string   `json:"goal"`
	Tags      []string `json:"tags"`
	Person    string   `json:"person"` // key in hexadecimal digits
	Date      string   `json:"date"`   // of the end, where the person was: YYYY-MM-DD
	Begin     string   `json:"begin"`  // of At, in UTC
	End       string   `json:"end"`
	Seconds   int64    `json:"seconds"` // worked, without pauses
	Stints    []Span   `json:"stints"`
	Checkins  int      `json:"checkins"`
	Counted   bool     `json:"counted"`
	Witnesses int      `json:"witnesses"`
	Open      bool     `json:"open"` // the session still runs
	Summary   string   `json:"summary,omitempty"`

	At      Span  `json:"-"` // from the first second of work to the last
	Written int64 `json:"-"` // when it was last changed, in seconds since 1970

	// Plan is set for a session that has not begun, of which only a calendar
	// tells; Seconds are its planned length then.
	Plan string `json:"-"`
}

// The statuses of what is planned (RFC 5545 3.8.1.11).
const (
	Tentative = "TENTATIVE"
	Confirmed = "CONFIRMED"
	Cancelled = "CANCELLED"
)

// Options say how to write.
type Options struct {
	Format string
	Person string // whose times they are, where they are of one
	Raw    bool   // csv: do not guard cells that a spreadsheet would run
	Bill   Bill   // of Expense
}

// Head returns what stands before the rows.
func (o Options) Head() string {
	one := "times of " + short(o.Person)
	switch o.Format {
	case CSV:
		return record(columns)
	case JSON, TimewarriorJS:
		return "["
	case ICS:
		return fold("BEGIN:VCALENDAR") + fold("VERSION:2.0") + fold("PRODID:-//Intercom//FocusRoom//EN") + fold("CALSCALE:GREGORIAN")
	case Timeclock:
		return "; FocusRoom, " + one + "\n; in UTC, since a local time would be an hour wrong where clocks change\n" +
			"; hledger rounds each of these to 0.01 h; its exact figures are those of --format hledger\n"
	case Hledger, Ledger:
		return "; FocusRoom, " + one + "\n; exact seconds; days are those of the end of a session where that person was\n\n"
	}
	return ""
}

// Row returns a row; first: it is the first one of the document.
func (o Options) Row(r Row, first bool) string {
	r.Begin, r.End = utc(r.At.From), utc(r.At.To)
	if r.Tags == nil {
		r.Tags = []string{}
	}
	if r.Stints == nil {
		r.Stints = []Span{}
	}
	switch o.Format {
	case CSV:
		return o.csv(r)
	case JSON:
		return between(first) + "  " + object(r)
	case JSONL:
		return object(r) + "\n"
	case ICS:
		return r.ics()
	case Timeclock:
		return "i " + clock(r.At.From) + " " + r.account() + "  id:" + short(r.Session) + "\no " + clock(r.At.To) + "\n"
	case Hledger:
		return fmt.Sprintf("%s %s  ; id:%s%s\n    (%s)    %ds\n\n", r.Date, r.title(), short(r.Session), r.labels(), r.account(), r.Seconds)
	case Ledger:
		return fmt.Sprintf("%s %s\n    ; id: %s%s\n    (%s)    %ds\n\n", r.Date, r.title(), short(r.Session), r.tagLine(), r.account(), r.Seconds)
	case Timewarrior:
		return r.inc()
	case TimewarriorJS:
		return between(first) + r.timewarrior()
	case Expense:
		return o.Bill.line(r)
	}
	return ""
}

// Tail returns what stands behind the rows; empty: there were none.
func (o Options) Tail(empty bool) string {
	switch o.Format {
	case JSON, TimewarriorJS:
		if empty {
			return "]\n"
		}
		return "\n]\n"
	case ICS:
		return fold("END:VCALENDAR")
	}
	return ""
}

func between(first bool) string {
	if first {
		return "\n"
	}
	return ",\n"
}

func object(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // texts and numbers have a JSON form
	return strings.TrimSuffix(b.String(), "\n")
}

var columns = []string{
	"session", "room", "goal", "tags", "person", "date", "begin", "end", "seconds", "checkins", "counted", "witnesses", "open", "summary",
}

func (o Options) csv(r Row) string {
	guard := func(s string) string {
		if !o.Raw && s != "" && strings.IndexByte("=+-@\t\r", s[0]) >= 0 {
			return "'" + s
		}
		return s
	}
	return record([]string{
		r.Session, guard(r.Room), guard(r.Goal), guard(strings.Join(r.Tags, " ")), r.Person, r.Date, r.Begin, r.End,
		strconv.FormatInt(r.Seconds, 10), strconv.Itoa(r.Checkins), strconv.FormatBool(r.Counted), strconv.Itoa(r.Witnesses),
		strconv.FormatBool(r.Open), guard(r.Summary),
	})
}

// record is a line of RFC 4180.
func record(cells []string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(cells) // to memory
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n") + "\r\n"
}

func short(hex string) string { return hex[:min(12, len(hex))] }

func utc(seconds int64) string   { return time.Unix(seconds, 0).UTC().Format(time.RFC3339) }
func clock(seconds int64) string { return time.Unix(seconds, 0).UTC().Format(time.DateTime) }
func basic(seconds int64) string { return time.Unix(seconds, 0).UTC().Format("20060102T150405Z") }
