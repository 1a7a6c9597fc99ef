package focus_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"intercom/client/wire"
	"intercom/focus"
	"intercom/focus/timesheet"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
)

// week is a room with sessions of some days: goals and tags, a pause, somebody
// who comes late, and one session that still runs at now.
func week(t *testing.T) (r *apptest.Room, now time.Time) {
	t.Helper()
	r = newRoom()
	begin := func(days int, minutes string, goal string, tags ...string) focus.Session {
		at := noon.AddDate(0, 0, days)
		return do[focus.StartReply](t, r, alice, at, focus.StartReq{Minutes: focus.Minutes(minutes), Goal: goal, Tags: tags}).Session
	}
	begin(0, "25", "write", "book")
	s := begin(1, "50", "write", "book", "deep")
	forge(r, bob, noon.AddDate(0, 0, 1).Add(20*time.Minute), "focus.join", &focus.Join{Session: s.ID})
	forge(r, alice, noon.AddDate(0, 0, 1).Add(30*time.Minute), "focus.checkin", &focus.CheckIn{Session: s.ID, Text: "seen"})
	forge(r, bob, noon.AddDate(0, 0, 1).Add(40*time.Minute), "focus.checkin", &focus.CheckIn{Session: s.ID, Text: "too"})
	p := begin(8, "30", "read")
	forge(r, alice, noon.AddDate(0, 0, 8).Add(10*time.Minute), "focus.pause", &focus.Pause{Session: p.ID})
	forge(r, alice, noon.AddDate(0, 0, 8).Add(15*time.Minute), "focus.resume", &focus.Resume{Session: p.ID})
	begin(9, "60", "")
	return r, noon.AddDate(0, 0, 9).Add(10 * time.Minute)
}

func report(t *testing.T, r *apptest.Room, w apptest.Writer, now time.Time, in focus.ReportReq) string {
	t.Helper()
	got := do[focus.ReportReply](t, r, w, now, in)
	lines := []string{}
	for _, l := range append(got.Lines, got.Total) {
		lines = append(lines, fmt.Sprintf("%s %s %d/%d c%d p%d w%d", l.Name, l.Time, l.Counted, l.Sessions, l.Checkins, l.People, l.Witnessed))
	}
	return strings.NewReplacer(alice.Key.String(), "alice", bob.Key.String(), "bob").Replace(strings.Join(lines, "; "))
}

func TestReportsAddUp(t *testing.T) {
	r, now := week(t)
	for _, c := range []struct {
		in   focus.ReportReq
		want string
	}{
		{focus.ReportReq{}, "2026-03-02 25m00s 1/1 c0 p1 w0; 2026-03-03 50m00s 1/1 c1 p1 w3000; 2026-03-10 30m00s 1/1 c0 p1 w0;  1h45m00s 3/3 c1 p1 w3000"},
		{focus.ReportReq{By: "week"}, "2026-W10 1h15m00s 2/2 c1 p1 w3000; 2026-W11 30m00s 1/1 c0 p1 w0;  1h45m00s 3/3 c1 p1 w3000"},
		{focus.ReportReq{By: "month"}, "2026-03 1h45m00s 3/3 c1 p1 w3000;  1h45m00s 3/3 c1 p1 w3000"},
		{focus.ReportReq{By: "goal"}, "write 1h15m00s 2/2 c1 p1 w3000; read 30m00s 1/1 c0 p1 w0;  1h45m00s 3/3 c1 p1 w3000"},
		{focus.ReportReq{By: "tag"}, "book 1h15m00s 2/2 c1 p1 w3000; deep 50m00s 1/1 c1 p1 w3000;  30m00s 1/1 c0 p1 w0;  1h45m00s 3/3 c1 p1 w3000"},
		{focus.ReportReq{By: "room", As: "all"}, "test 2h15m00s 4/3 c2 p2 w4800;  2h15m00s 4/3 c2 p2 w4800"},
		{focus.ReportReq{By: "person"}, "alice 1h45m00s 3/3 c1 p1 w3000; bob 30m00s 1/1 c1 p1 w1800;  2h15m00s 4/3 c2 p2 w4800"},
		{focus.ReportReq{By: "person", As: bob.Key.String()[:8]}, "bob 30m00s 1/1 c1 p1 w1800;  30m00s 1/1 c1 p1 w1800"},
		{focus.ReportReq{Since: "2026-03-03", Until: "2026-03-09"}, "2026-03-03 50m00s 1/1 c1 p1 w3000;  50m00s 1/1 c1 p1 w3000"},
		{focus.ReportReq{Since: "yesterday"}, "2026-03-10 30m00s 1/1 c0 p1 w0;  30m00s 1/1 c0 p1 w0"},
		{focus.ReportReq{Since: "2w", Until: "8d"}, "2026-03-02 25m00s 1/1 c0 p1 w0; 2026-03-03 50m00s 1/1 c1 p1 w3000;  1h15m00s 2/2 c1 p1 w3000"},
		{focus.ReportReq{Since: "today"}, " 0m00s 0/0 c0 p0 w0"},
	} {
		if got := report(t, r, alice, now, c.in); got != c.want {
			t.Errorf("%+v:\n got %s\nwant %s", c.in, got, c.want)
		}
	}
	for _, in := range []focus.ReportReq{{By: "year"}, {Since: "1.3.2026"}, {Until: "x"}, {Since: "2026-03-02", Until: "2026-03-01"}} {
		refuse(t, r, alice, now, in, wire.InvalidRequest)
	}
	refuse(t, r, alice, now, focus.ReportReq{As: "ffffffff"}, wire.NotFound)
}

func export(t *testing.T, r *apptest.Room, w apptest.Writer, now time.Time, in focus.ExportReq) string {
	t.Helper()
	return do[focus.ExportReply](t, r, w, now, in).Data
}

func TestAnExportHasTheOwnTimesInUTC(t *testing.T) {
	r, now := week(t)
	got := export(t, r, alice, now, focus.ExportReq{Format: "timeclock"})
	var lines []string
	for line := range strings.Lines(got) {
		if !strings.HasPrefix(line, ";") {
			head, _, _ := strings.Cut(strings.TrimSpace(line), "  id:")
			lines = append(lines, head)
		}
	}
	want := []string{
		"i 2026-03-02 12:00:00 focus:test:write", "o 2026-03-02 12:25:00",
		"i 2026-03-03 12:00:00 focus:test:write", "o 2026-03-03 12:50:00",
		"i 2026-03-10 12:00:00 focus:test:read", "o 2026-03-10 12:10:00", // the pause is none of it
		"i 2026-03-10 12:15:00 focus:test:read", "o 2026-03-10 12:35:00",
	}
	if !reflect.DeepEqual(lines, want) {
		t.Errorf("%s", got)
	}
	open := export(t, r, alice, now, focus.ExportReq{Format: "timeclock", Open: true, Since: "today"})
	if !strings.Contains(open, "i 2026-03-11 12:00:00 focus:test  id:") || !strings.Contains(open, "o 2026-03-11 12:10:00\n") {
		t.Errorf("with what still runs:\n%s", open)
	}
	refuse(t, r, alice, now, focus.ExportReq{Format: "timeclock", As: "all"}, wire.InvalidRequest)
	refuse(t, r, alice, now, focus.ExportReq{Format: "pdf"}, wire.InvalidRequest)
}

func TestTheLineOfABill(t *testing.T) {
	r, now := week(t)
	in := focus.ExportReq{Format: "expense", Rate: "80 EUR/h", Payer: "alice", Split: []string{"bob"}, Until: "2026-03-02"}
	session := do[focus.ExportReply](t, r, alice, now, focus.ExportReq{Format: "jsonl", Until: "2026-03-02"}).Data
	var row struct{ Session string }
	if err := json.Unmarshal([]byte(session), &row); err != nil {
		t.Fatal(err)
	}
	want := `{"payer":"alice","amount":"33.33","currency":"EUR","date":"2026-03-02","split":["bob"],"note":"write, 25m00s","category":"focus","key":"focus-` +
		row.Session[:16] + "-" + alice.Key.String()[:8] + "\"}\n"
	if got := export(t, r, alice, now, in); got != want {
		t.Errorf("got  %swant %s", got, want)
	}
	for _, change := range []func(*focus.ExportReq){
		func(q *focus.ExportReq) { q.Rate = "80/day" }, func(q *focus.ExportReq) { q.Currency = "USD" },
		func(q *focus.ExportReq) { q.Rate, q.Currency = "80", "euro" },
	} {
		bad := in
		change(&bad)
		refuse(t, r, alice, now, bad, wire.InvalidRequest)
	}
	for _, change := range []func(*focus.ExportReq){
		func(q *focus.ExportReq) { q.Rate = "" }, func(q *focus.ExportReq) { q.Payer = "" }, func(q *focus.ExportReq) { q.Split = nil },
	} {
		bad := in
		change(&bad)
		refuse(t, r, alice, now, bad, wire.MissingField)
	}
}

// TestExportsAndReportsHaveTheSameSeconds: whatever happens in sessions, the
// pages of an export are the whole, and its stretches, its rows, reports and
// stats add up to the same seconds, which lie within the sessions and do not
// overlap within one.
func TestExportsAndReportsHaveTheSameSeconds(t *testing.T) {
	apptest.Check(t, func(t *rapid.T) {
		r := newRoom()
		at := noon
		for range rapid.IntRange(1, 5).Draw(t, "sessions") {
			at = at.Add(time.Duration(rapid.IntRange(0, 100_000_000).Draw(t, "gap")) * time.Millisecond)
			s := forge(r, alice, at, "focus.start", &focus.Start{Goal: "g", Seconds: rapid.Int64Range(1, 7200).Draw(t, "seconds"), Begin: at.UnixMilli()})
			for range rapid.IntRange(0, 6).Draw(t, "acts") {
				w := rapid.SampledFrom([]apptest.Writer{alice, bob}).Draw(t, "who")
				when := at.Add(time.Duration(rapid.IntRange(0, 7_200_000).Draw(t, "ms")) * time.Millisecond)
				switch rapid.IntRange(0, 6).Draw(t, "what") {
				case 0:
					forge(r, w, when, "focus.join", &focus.Join{Session: s.ID})
				case 1:
					forge(r, w, when, "focus.leave", &focus.Leave{Session: s.ID})
				case 2:
					forge(r, w, when, "focus.pause", &focus.Pause{Session: s.ID})
				case 3:
					forge(r, w, when, "focus.resume", &focus.Resume{Session: s.ID})
				case 4:
					forge(r, w, when, "focus.checkin", &focus.CheckIn{Session: s.ID, Text: "t"})
				case 5:
					forge(r, w, when, "focus.break", &focus.Break{Session: s.ID, Seconds: 60})
				case 6:
					forge(r, w, when, "focus.done", &focus.Done{Session: s.ID, Present: rapid.Int64Range(0, 7200).Draw(t, "present")})
				}
			}
		}
		now := at.Add(25 * time.Hour)
		rooms := []app.RoomReader{{Room: r.Call(alice, now).Room, Reader: r}}
		read := func(in any) any {
			for _, q := range focus.App().Requests {
				if q.In == reflect.TypeOf(in) {
					reply, err := q.ReadRooms(rooms, in, r.Call(alice, now))
					if err != nil {
						t.Fatal(err)
					}
					return reply
				}
			}
			panic("no request")
		}
		seconds := map[string]int64{}
		for line := range strings.Lines(read(focus.ExportReq{Format: "jsonl", As: "all"}).(focus.ExportReply).Data) {
			var row struct {
				Person     string
				Begin, End time.Time
				Seconds    int64
				Stints     [][2]time.Time
			}
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				t.Fatal(err)
			}
			sum, last := int64(0), row.Begin
			for _, s := range row.Stints {
				if s[0].Before(last) || !s[1].After(s[0]) || s[1].After(row.End) {
					t.Fatalf("stretches %v of %s to %s", row.Stints, row.Begin, row.End)
				}
				sum, last = sum+int64(s[1].Sub(s[0])/time.Second), s[1]
			}
			if sum != row.Seconds {
				t.Fatalf("%d s in stretches, %d in the row", sum, row.Seconds)
			}
			seconds[row.Person] += sum
		}
		for _, l := range read(focus.ReportReq{By: focus.ByPerson}).(focus.ReportReply).Lines {
			if l.Seconds != seconds[l.Name] {
				t.Fatalf("%d s in the report, %d in the export", l.Seconds, seconds[l.Name])
			}
		}
		for _, p := range read(focus.StatsReq{}).(focus.StatsReply).Rooms[0].People {
			if p.Seconds != seconds[p.Peer.String()] {
				t.Fatalf("%d s in the stats, %d in the export", p.Seconds, seconds[p.Peer.String()])
			}
		}
		format := rapid.SampledFrom(timesheet.Formats()).Draw(t, "format")
		in := focus.ExportReq{Format: format, Rate: "80", Payer: "a", Split: []string{"b"}}
		whole, pieces := read(in).(focus.ExportReply).Data, ""
		in.Limit = rapid.IntRange(1, 3).Draw(t, "limit")
		for {
			piece := read(in).(focus.ExportReply)
			pieces += piece.Data
			if in.After = piece.Next.Next; in.After == "" {
				break
			}
		}
		if pieces != whole {
			t.Fatalf("in pieces:\n%s\nas a whole:\n%s", pieces, whole)
		}
	})
}
