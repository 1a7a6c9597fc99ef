package timesheet_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	ical "github.com/arran4/golang-ical"

	"intercom/focus/timesheet"
	"intercom/internal/notrun"
)

// program runs one that may not be here.
func program(t *testing.T, env []string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(args[0]); err != nil {
		notrun.Skip(t, args[0])
	}
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Env = append(append(os.Environ(), "LC_ALL=C.UTF-8", "LEDGER_FILE=/dev/null"), env...)
	out, err := cmd.Output()
	if err != nil {
		said := ""
		if bad, ok := errors.AsType[*exec.ExitError](err); ok {
			said = string(bad.Stderr)
		}
		t.Fatalf("%v: %v\n%s%s", args, err, said, out)
	}
	return string(out)
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func seconds(rows []timesheet.Row) (n int64) {
	for _, r := range rows {
		n += r.Seconds
	}
	return n
}

// manyMinutes are 500 sessions of a minute.
func manyMinutes() (rows []timesheet.Row) {
	for i := range 500 {
		rows = append(rows, row(i%200, "m", nil, timesheet.Span{From: int64(i) * 3600, To: int64(i)*3600 + 60}))
	}
	return rows
}

func TestHledgerAndLedgerAgreeToTheSecond(t *testing.T) {
	for name, rows := range map[string][]timesheet.Row{"hostile": sheet(), "many": manyMinutes()} {
		for _, format := range []string{timesheet.Hledger, timesheet.Ledger} {
			path := file(t, "x.journal", write(options(t, format), rows))
			want := fmt.Sprintf("%ds", seconds(rows))
			if got := strings.TrimSpace(program(t, nil, "hledger", "-f", path, "balance", "--depth", "1", "--format", "%(total)", "--no-total")); got != want {
				t.Errorf("%s of %s in hledger: %s, want %s", format, name, got, want)
			}
			got := strings.TrimSpace(program(t, nil, "ledger", "--args-only", "-f", path, "balance", "--base", "--collapse", "--format", "%(display_total)\n", "--no-total"))
			if got, _, _ = strings.Cut(got, "\n"); got != want {
				t.Errorf("%s of %s in ledger: %s, want %s", format, name, got, want)
			}
		}
	}
}

func TestHledgerAndLedgerReadTheTimeclock(t *testing.T) {
	for name, rows := range map[string][]timesheet.Row{"hostile": sheet(), "many": manyMinutes()} {
		text := write(options(t, timesheet.Timeclock), rows)
		path := file(t, "x.timeclock", text)
		got := strings.TrimSpace(program(t, nil, "ledger", "--args-only", "-f", path, "balance", "--base", "--collapse", "--format", "%(display_total)\n", "--no-total"))
		if got, _, _ = strings.Cut(got, "\n"); got != fmt.Sprintf("%ds", seconds(rows)) {
			t.Errorf("%s: ledger has %s, want %ds", name, got, seconds(rows))
		}
		// hledger cuts pairs at midnight and rounds each piece to a hundredth of
		// an hour: our own sum of these is what it has, so it read every pair.
		hundredths := int64(0)
		for _, r := range rows {
			for _, s := range r.Stints {
				for s.From < s.To {
					to := min(s.To, (s.From/86400+1)*86400)
					hundredths += (2*(to-s.From)*100/3600 + 1) / 2
					s.From = to
				}
			}
		}
		got = strings.TrimSpace(program(t, nil, "hledger", "-f", "timeclock:"+path, "balance", "--depth", "1", "--format", "%(total)", "--no-total"))
		if want := fmt.Sprintf("%d.%02dh", hundredths/100, hundredths%100); got != want {
			t.Errorf("%s: hledger has %s, want %s", name, got, want)
		}
	}
}

func TestTimewarriorTakesItsDataFileFromUs(t *testing.T) {
	rows := sheet()
	text := write(options(t, timesheet.Timewarrior), rows)
	home := t.TempDir()
	if err := os.MkdirAll(filepath.Join(home, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "timewarrior.cfg"), nil, 0o600); err != nil {
		t.Fatal(err) // without it timew asks whether to begin
	}
	for line := range strings.Lines(text) { // as docs/focus.md says
		month := line[4:8] + "-" + line[8:10]
		f, err := os.OpenFile(filepath.Join(home, "data", month+".data"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(line); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	program(t, []string{"TIMEWARRIORDB=" + home}, "timew", "tags") // says that it makes a list of them
	type interval struct {
		Start, End string
		Tags       []string
	}
	var got, want []interval
	if err := json.Unmarshal([]byte(program(t, []string{"TIMEWARRIORDB=" + home}, "timew", "export")), &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(write(options(t, timesheet.TimewarriorJS), rows)), &want); err != nil {
		t.Fatal(err)
	}
	if len(got) != 8 || len(got) != len(want) {
		t.Fatalf("%d intervals of %d:\n%s", len(got), len(want), text)
	}
	for i, g := range got {
		slices.Sort(g.Tags)
		if g.Start != want[i].Start || g.End != want[i].End || !slices.Equal(g.Tags, want[i].Tags) {
			t.Errorf("timewarrior has %q, we %q", g, want[i])
		}
	}
	if total := program(t, []string{"TIMEWARRIORDB=" + home, "TZ=UTC"}, "timew", "summary", "2026-03-01", "-", "2026-03-02"); !strings.Contains(total, "0:26:01") {
		t.Errorf("the first of March: %s", total)
	}
}

func TestACalendarIsWhatAParserTakes(t *testing.T) {
	rows := append(sheet(), sheet()[0], sheet()[5], sheet()[2])
	statuses := []string{timesheet.Tentative, timesheet.Confirmed, timesheet.Cancelled}
	for i, s := range statuses {
		rows[7+i].Plan = s
	}
	text := write(options(t, timesheet.ICS), rows)
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("a line of %d octets: %q", len(line), line)
		}
	}
	c, err := ical.ParseCalendar(strings.NewReader(text))
	if err != nil || len(c.Events()) != len(rows) {
		t.Fatalf("%v, %d events", err, len(c.Events()))
	}
	for i, e := range c.Events() {
		begin, err1 := e.GetStartAt()
		end, err2 := e.GetEndAt()
		stamp, err3 := e.GetDtStampTime()
		if err := errors.Join(err1, err2, err3); err != nil {
			t.Fatal(err)
		}
		if begin.Unix() != rows[i].At.From || end.Unix() != rows[i].At.To || !stamp.Equal(time.Unix(rows[i].Written, 0)) || e.Id() != rows[i].Session+"@intercom" {
			t.Errorf("event %s from %s to %s", e.Id(), begin, end)
		}
	}
	texts := func(i int, p ical.ComponentProperty) string { return ical.FromText(c.Events()[i].GetProperty(p).Value) }
	if got := texts(0, ical.ComponentPropertySummary); got != "ship v2" {
		t.Errorf("summary %q", got)
	}
	if got, want := texts(2, ical.ComponentPropertyDescription), "24m59s worked, 2 check-ins, witnessed by 2\nit works;\nall of it, at last\nEND:VEVENT"; got != want {
		t.Errorf("description %q", got)
	}
	if got, want := texts(5, ical.ComponentPropertySummary), rows[5].Goal; got != want {
		t.Errorf("summary %q", got)
	}
	for i, want := range statuses {
		if got := texts(7+i, ical.ComponentPropertyStatus); got != want {
			t.Errorf("status %q, want %q", got, want)
		}
	}
	if got := texts(7, ical.ComponentPropertyDescription); got != "25m00s planned" {
		t.Errorf("description %q", got)
	}
}
