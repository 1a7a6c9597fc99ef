package focus_test

import (
	"testing"
	"time"

	"intercom/focus"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
)

func TestStreaksAreRunsOfLocalDays(t *testing.T) {
	east := func(hours int) *time.Location { return time.FixedZone("", hours*3600) }
	day := func(d, h, m int, zone *time.Location) time.Time { return time.Date(2026, 3, d, h, m, 0, 0, zone) }
	utc, ny, tokyo := east(0), east(-5), east(9)
	for _, c := range []struct {
		name                   string
		starts                 []time.Time
		minutes                string
		now                    time.Time
		sessions, streak, best int
	}{
		{"nothing", nil, "25", day(2, 12, 0, utc), 0, 0, 0},
		{"one today", []time.Time{day(2, 9, 0, utc)}, "25", day(2, 12, 0, utc), 1, 1, 1},
		{"still running", []time.Time{day(2, 11, 50, utc)}, "25", day(2, 12, 0, utc), 0, 0, 0},
		{"yesterday keeps it", []time.Time{day(1, 9, 0, utc), day(2, 9, 0, utc)}, "25", day(3, 23, 0, utc), 2, 2, 2},
		{"the day before does not", []time.Time{day(1, 9, 0, utc), day(2, 9, 0, utc)}, "25", day(4, 0, 1, utc), 2, 0, 2},
		{"a gap starts again", []time.Time{day(1, 9, 0, utc), day(2, 9, 0, utc), day(5, 9, 0, utc)}, "25", day(5, 12, 0, utc), 3, 1, 2},
		{"short ones make no day", []time.Time{day(1, 9, 0, utc), day(2, 9, 0, utc)}, "9", day(2, 12, 0, utc), 2, 0, 0},
		{"ten minutes do", []time.Time{day(1, 9, 0, utc), day(2, 9, 0, utc)}, "10", day(2, 12, 0, utc), 2, 2, 2},
		{"the day is that of the end", []time.Time{day(1, 23, 50, utc), day(3, 9, 0, utc)}, "25", day(3, 12, 0, utc), 2, 2, 2},
		// 23:00 and 01:00 in New York are two days there, one in UTC.
		{"the day is where the peer is", []time.Time{day(1, 23, 0, ny), day(2, 1, 0, ny)}, "25", day(2, 12, 0, ny), 2, 2, 2},
		{"today is where the peer is", []time.Time{day(1, 20, 0, ny)}, "25", day(3, 3, 0, utc), 1, 1, 1},
		// Eastwards over the date line the second of March is skipped.
		{"a traveller's short day is bridged", []time.Time{day(1, 20, 0, ny), day(3, 8, 0, tokyo)}, "25", day(3, 12, 0, tokyo), 2, 2, 2},
		{"a gap of 36 hours is not", []time.Time{day(1, 8, 0, utc), day(3, 8, 0, utc)}, "25", day(3, 12, 0, utc), 2, 1, 1},
		{"days in a row may be far apart", []time.Time{day(1, 0, 10, utc), day(2, 23, 0, utc)}, "25", day(3, 12, 0, utc), 2, 2, 2},
		{"before 1970, west of UTC", []time.Time{time.Date(1969, 12, 31, 22, 0, 0, 0, ny), time.Date(1970, 1, 1, 12, 0, 0, 0, ny)}, "25", time.Date(1970, 1, 1, 14, 0, 0, 0, ny), 2, 2, 2},
	} {
		r := newRoom()
		for _, s := range c.starts {
			start(t, r, alice, s, c.minutes)
		}
		want := focus.Streak{Peer: alice.Key, Sessions: c.sessions, Streak: c.streak, Best: c.best}
		got := streaksOf(t, r, alice, c.now)
		got.Counted, got.Attendance = 0, 0 // TestWhatCountsForADay
		if got != want {
			t.Errorf("%s: %+v, want %+v", c.name, got, want)
		}
	}
}

func TestTheZoneIsThatOfTheMembersOwnEvent(t *testing.T) {
	r := newRoom()
	tokyo := time.FixedZone("", 9*3600)
	for d := range 2 { // 15:10 and 14:40 UTC: two days in UTC, one... in Tokyo from 15:00 on
		begin := noon.AddDate(0, 0, d).Add(170*time.Minute - time.Duration(d)*30*time.Minute)
		start(t, r, alice, begin, "20")
		checkIn(t, r, bob, begin.Add(time.Minute).In(tokyo), "t")
	}
	now := noon.AddDate(0, 0, 1).Add(5 * time.Hour)
	if got := streaksOf(t, r, alice, now); got.Best != 2 {
		t.Errorf("alice in UTC: %+v", got)
	}
	// In Tokyo the ends are 00:10 of the third and 23:40 of the third.
	if got := streaksOf(t, r, bob, now); got.Best != 1 || got.Sessions != 2 {
		t.Errorf("bob in Tokyo: %+v", got)
	}
}

func TestTheZoneIsThatOfTheLatestOwnEvent(t *testing.T) {
	r := newRoom()
	tokyo := time.FixedZone("", 9*3600)
	for d := range 2 { // the same ends as above
		begin := noon.AddDate(0, 0, d).Add(170*time.Minute - time.Duration(d)*30*time.Minute)
		start(t, r, alice, begin, "20")
		checkIn(t, r, alice, begin.Add(time.Minute).In(tokyo), "landed")
	}
	if got := streaksOf(t, r, alice, noon.AddDate(0, 0, 1).Add(5*time.Hour)); got.Best != 1 {
		t.Errorf("%+v", got)
	}
}

func TestStreaksAreOverAllRooms(t *testing.T) {
	one, two := apptest.Named(focus.App(), "one"), apptest.Named(focus.App(), "two")
	start(t, one, alice, noon, "25")
	start(t, two, alice, noon.AddDate(0, 0, 1), "25")
	var readers []app.RoomReader
	now := noon.AddDate(0, 0, 1).Add(time.Hour)
	for _, r := range []*apptest.Room{one, two} {
		readers = append(readers, app.RoomReader{Room: r.Call(alice, now).Room, Reader: r})
	}
	for _, q := range focus.App().Requests {
		if q.Request != "focus_streaks" {
			continue
		}
		reply, err := q.ReadRooms(readers, focus.StreaksReq{}, one.Call(bob, now))
		want := focus.Streak{Peer: alice.Key, Sessions: 2, Streak: 2, Best: 2, Counted: 2, Attendance: 100}
		if err != nil || len(reply.(focus.StreaksReply).Streaks) != 1 || reply.(focus.StreaksReply).Streaks[0] != want {
			t.Errorf("%+v, %v", reply, err)
		}
	}
}

func TestStatsOfARoom(t *testing.T) {
	r := newRoom()
	for i := range 30 {
		begin := noon.Add(time.Duration(i) * time.Hour)
		start(t, r, alice, begin, "30")
		if i >= 25 {
			checkIn(t, r, bob, begin.Add(10*time.Minute), "t")
			checkIn(t, r, bob, begin.Add(11*time.Minute), "t")
		}
	}
	got := do[focus.StatsReply](t, r, carol, noon.Add(100*time.Hour), focus.StatsReq{}).Rooms[0]
	if got.Sessions != 30 || got.Minutes != 900 || got.Checkins != 10 || len(got.People) != 2 {
		t.Fatalf("stats = %+v", got)
	}
	want := []focus.PersonStats{
		{Peer: alice.Key, Sessions: 30, Minutes: 900, Attendance: 100, Seconds: 54000, Counted: 30},
		{Peer: bob.Key, Sessions: 5, Minutes: 100, Checkins: 10, Attendance: 25, Seconds: 6000},
	}
	for i, p := range got.People {
		if p != want[i] {
			t.Errorf("%+v, want %+v", p, want[i])
		}
	}
}

func TestAttendanceIsOfTheLatestSessionsHoweverRecorded(t *testing.T) {
	r := newRoom()
	for i := range 21 { // written backwards: the first to be written is the last to end
		begin := noon.Add(-time.Duration(i) * 10 * time.Minute)
		s := forge(r, alice, noon, "focus.start", &focus.Start{Seconds: 60, Begin: begin.UnixMilli()})
		if i == 0 {
			forge(r, bob, noon, "focus.join", &focus.Join{Session: s.ID})
		}
	}
	for _, p := range do[focus.StatsReply](t, r, carol, noon.Add(time.Hour), focus.StatsReq{}).Rooms[0].People {
		if p.Peer == bob.Key && p.Attendance != 5 {
			t.Errorf("attendance = %d%%", p.Attendance)
		}
	}
}
