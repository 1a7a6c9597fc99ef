package timesheet_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"intercom/focus/timesheet"
)

var update = flag.Bool("update", false, "write the golden files anew")

func at(text string) int64 {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t.Unix()
}

const person = "9f3a5c0000000000000000000000000000000000000000000000000000000001"

// row is somebody's part in a session of one or more stretches.
func row(n int, goal string, tags []string, stints ...timesheet.Span) timesheet.Row {
	r := timesheet.Row{
		Session: fmt.Sprintf("%04x%060x", n, n), Room: "ship-room",
		Goal: goal, Tags: tags, Person: person, Stints: stints, Checkins: n, Counted: n%2 == 0, Witnesses: n % 3,
		At: timesheet.Span{From: stints[0].From, To: stints[len(stints)-1].To},
	}
	for _, s := range stints {
		r.Seconds += s.To - s.From
	}
	r.Written = r.At.To
	r.Date = time.Unix(r.At.To, 0).UTC().Format(time.DateOnly)
	return r
}

func stint(from string, seconds int64) timesheet.Span {
	return timesheet.Span{From: at(from), To: at(from) + seconds}
}

// sheet are rows that try every format: what is hostile in one of them, a
// session with a pause, others over the change of clocks and over midnight.
func sheet() []timesheet.Row {
	rows := []timesheet.Row{
		row(0, "ship v2", []string{"release"}, stint("2026-03-01T09:00:00Z", 1500)),
		row(1, "", nil, stint("2026-03-01T10:00:00Z", 61)),
		row(2, "ship v2", []string{"release", "deep work"}, stint("2026-03-08T06:30:00Z", 1200), stint("2026-03-08T07:00:07Z", 299)),
		row(3, "=cmd|' /C calc'!A0", []string{"+1", "@x"}, stint("2026-03-08T23:50:00Z", 1201)),
		row(4, "a:b;c  d, \"e\" \\ (f) * ! |\r\n\tg\u202eh", []string{"x,y", "z:w", "\"", "#"}, stint("2026-03-09T00:00:00Z", 1)),
		row(5, "渡辺 zoë "+strings.Repeat("ü", 100), []string{"naïve"}, stint("2026-04-30T23:59:59Z", 3601)),
		row(6, "# - 20260301T100000Z", []string{"-", ";"}, stint("2026-05-01T10:00:00Z", 5999)),
	}
	rows[2].Summary = "it works;\nall of it, at last\r\nEND:VEVENT"
	rows[6].Open = true
	return rows
}

// write writes rows, or each of their stretches where the format has those.
func write(o timesheet.Options, rows []timesheet.Row) string {
	var b strings.Builder
	b.WriteString(o.Head())
	first := true
	for _, r := range rows {
		spans := []timesheet.Span{r.At}
		if timesheet.ByStint(o.Format) {
			spans = r.Stints
		}
		for _, s := range spans {
			r.At = s
			b.WriteString(o.Row(r, first))
			first = false
		}
	}
	b.WriteString(o.Tail(first))
	return b.String()
}

func options(t *testing.T, format string) timesheet.Options {
	t.Helper()
	rate, currency, err := timesheet.ParseRate("80 EUR/h")
	if err != nil {
		t.Fatal(err)
	}
	return timesheet.Options{Format: format, Person: person, Bill: timesheet.Bill{Rate: rate, Currency: currency, Payer: "alice", Split: []string{"bob"}}}
}

func TestFormatsAreThoseOfTheGoldenFiles(t *testing.T) {
	for _, format := range timesheet.Formats() {
		got := write(options(t, format), sheet())
		path := filepath.Join("testdata", "sheet."+format)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || got != string(want) {
			t.Errorf("%s: %v\n%s", format, err, got)
		}
	}
}

func TestNoRowsAreADocumentToo(t *testing.T) {
	for format, want := range map[string]string{
		timesheet.JSON: "[]\n", timesheet.TimewarriorJS: "[]\n", timesheet.JSONL: "", timesheet.Timewarrior: "", timesheet.Expense: "",
		timesheet.CSV: "session,room,goal,tags,person,date,begin,end,seconds,checkins,counted,witnesses,open,summary\r\n",
		timesheet.ICS: "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Intercom//FocusRoom//EN\r\nCALSCALE:GREGORIAN\r\nEND:VCALENDAR\r\n",
	} {
		if got := write(options(t, format), nil); got != want {
			t.Errorf("%s: %q", format, got)
		}
	}
}

func TestRatesAreExact(t *testing.T) {
	for _, c := range []struct {
		rate     string
		seconds  int64
		currency string
		want     string
	}{
		{"80", 3600, "", "80.00"}, {"80/h", 1500, "EUR", "33.33"}, {"80/h", 1800, "JPY", "40"}, {"80 EUR/h", 1, "EUR", "0.02"},
		{"1.50/min", 61, "EUR", "1.53"}, // 1.525
		{"36/h", 1, "EUR", "0.01"},      // 0.01
		{"18/h", 1, "EUR", "0.01"},      // 0.005, a half
		{"17.99/h", 1, "EUR", ""},       // less
		{"0.1/h", 3 * 3600, "EUR", "0.30"},
		{"100/h", 1234, "KWD", "34.278"}, {"999999999999999999/h", 7200, "EUR", "1999999999999999998.00"},
	} {
		rate, _, err := timesheet.ParseRate(c.rate)
		if got := rate.Amount(c.seconds, c.currency); err != nil || got != c.want {
			t.Errorf("%s for %d s in %q: %q, %v; want %q", c.rate, c.seconds, c.currency, got, err, c.want)
		}
	}
	for _, bad := range []string{"", "0", "-1", "1,50/h", "80/day", "80/", "1e3", "0x10", "1/2/h", ".5", "5.", "EUR 80", "80 EUR x/h", "1234567890123456789"} {
		if _, _, err := timesheet.ParseRate(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestCellsThatASpreadsheetWouldRunAreGuarded(t *testing.T) {
	o := options(t, timesheet.CSV)
	if got := write(o, sheet()[3:4]); !strings.Contains(got, ",'=cmd") || !strings.Contains(got, ",'+1 @x,") {
		t.Errorf("%s", got)
	}
	if o.Raw = true; !strings.Contains(write(o, sheet()[3:4]), ",=cmd") {
		t.Error("raw cells are guarded")
	}
}
