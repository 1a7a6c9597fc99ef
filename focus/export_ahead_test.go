package focus_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	ical "github.com/arran4/golang-ical"

	"intercom/focus"
	"intercom/internal/app/apptest"
)

// calendar returns what a parser reads from somebody's calendar: a line for
// each event.
func calendar(t *testing.T, r *apptest.Room, w apptest.Writer, now time.Time, in focus.ExportReq) string {
	t.Helper()
	in.Format = "ics"
	c, err := ical.ParseCalendar(strings.NewReader(export(t, r, w, now, in)))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, e := range c.Events() {
		text := func(p ical.ComponentProperty) string {
			if got := e.GetProperty(p); got != nil {
				return got.Value
			}
			return "-"
		}
		begin, err1 := e.GetStartAt()
		end, err2 := e.GetEndAt()
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		lines = append(lines, fmt.Sprint(begin.UTC().Format("2 15:04"), end.UTC().Format("-15:04 "), text(ical.ComponentPropertySummary), " ",
			text(ical.ComponentPropertyStatus), " ", text(ical.ComponentPropertyTransp)))
	}
	return strings.Join(lines, "; ")
}

func TestACalendarHasWhatIsScheduled(t *testing.T) {
	r := newRoom()
	do[focus.StartReply](t, r, alice, noon, focus.StartReq{Minutes: "25", Goal: "done"})
	ahead := do[focus.ScheduleReply](t, r, alice, after(30), focus.ScheduleReq{At: "15:00", Minutes: "50", Goal: "plan", Every: "day", Until: "2026-03-04"}).Sessions
	if len(ahead) != 3 {
		t.Fatalf("%+v", ahead)
	}
	const done = "2 12:00-12:25 done - OPAQUE; "
	both := func(when time.Time, in focus.ExportReq, wantAlice, wantBob string) {
		t.Helper()
		if got := calendar(t, r, alice, when, in); got != wantAlice {
			t.Errorf("alice's at %s:\n got %s\nwant %s", when, got, wantAlice)
		}
		if got := calendar(t, r, bob, when, in); got != wantBob {
			t.Errorf("bob's at %s:\n got %s\nwant %s", when, got, wantBob)
		}
	}
	sure := "2 15:00-15:50 plan CONFIRMED OPAQUE; 3 15:00-15:50 plan CONFIRMED OPAQUE; 4 15:00-15:50 plan CONFIRMED OPAQUE"
	both(after(31), focus.ExportReq{}, done+sure, strings.NewReplacer("CONFIRMED", "TENTATIVE", "OPAQUE", "TRANSPARENT").Replace(sure))

	// Bob takes a place in the first, and the second is called off.
	join(t, r, bob, after(40))
	before := export(t, r, alice, after(41), focus.ExportReq{Format: "ics"})
	do[focus.ScheduleReply](t, r, alice, after(50), focus.ScheduleReq{Cancel: ahead[1].ID.String()})
	off := "; 3 15:00-15:50 plan CANCELLED TRANSPARENT; "
	both(after(51), focus.ExportReq{}, done+"2 15:00-15:50 plan CONFIRMED OPAQUE"+off+"4 15:00-15:50 plan CONFIRMED OPAQUE",
		"2 15:00-15:50 plan CONFIRMED OPAQUE"+off+"4 15:00-15:50 plan TENTATIVE TRANSPARENT")
	both(after(51), focus.ExportReq{Since: "2026-03-04"}, "4 15:00-15:50 plan CONFIRMED OPAQUE", "4 15:00-15:50 plan TENTATIVE TRANSPARENT")
	both(after(51), focus.ExportReq{Until: "today"}, done+"2 15:00-15:50 plan CONFIRMED OPAQUE", "2 15:00-15:50 plan CONFIRMED OPAQUE")

	// The same event is written with a later stamp, so a calendar takes it over.
	uid := "UID:" + ahead[1].ID.String()
	if now := export(t, r, alice, after(51), focus.ExportReq{Format: "ics"}); stamp(before, uid) >= stamp(now, uid) {
		t.Errorf("stamped %s before and %s after", stamp(before, uid), stamp(now, uid))
	}

	// What begins is planned no more, and what was called off is in no calendar
	// after its time.
	both(after(181), focus.ExportReq{Until: "today"}, strings.TrimSuffix(done, "; "), "")
	both(after(2000), focus.ExportReq{Until: "2026-03-03"}, done+"2 15:00-15:50 plan - OPAQUE", "2 15:00-15:50 plan - OPAQUE")

	// All else has what was worked.
	if got := export(t, r, alice, after(51), focus.ExportReq{Format: "csv"}); strings.Count(got, "\n") != 2 || strings.Contains(got, "plan") {
		t.Errorf("%s", got)
	}
}

// stamp returns the DTSTAMP of an event of a calendar.
func stamp(text, uid string) string {
	_, text, _ = strings.Cut(strings.ReplaceAll(text, "\r\n ", ""), uid)
	_, text, _ = strings.Cut(text, "DTSTAMP:")
	line, _, _ := strings.Cut(text, "\r\n")
	return line
}
