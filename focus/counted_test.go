package focus_test

import (
	"testing"
	"time"

	"intercom/focus"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

func TestWhatCountsForADay(t *testing.T) {
	about := func(s event.ID) *focus.Join { return &focus.Join{Session: s} }
	say := func(s event.ID) *focus.CheckIn { return &focus.CheckIn{Session: s, Text: "t"} }
	for _, c := range []struct {
		name    string
		minutes string
		acts    func(r *apptest.Room, s event.ID)
		want    bool
	}{
		{"from the begin", "25", func(r *apptest.Room, s event.ID) { forge(r, bob, after(0), "focus.join", about(s)) }, true},
		{"80 percent", "25", func(r *apptest.Room, s event.ID) { forge(r, bob, after(5), "focus.join", about(s)) }, true},
		{"less", "25", func(r *apptest.Room, s event.ID) { forge(r, bob, after(5.01), "focus.join", about(s)) }, false},
		{"less, but he said something in the last third", "30", func(r *apptest.Room, s event.ID) {
			forge(r, bob, after(20), "focus.checkin", say(s))
		}, true},
		{"before the last third", "30", func(r *apptest.Room, s event.ID) {
			forge(r, bob, after(19.99), "focus.checkin", say(s))
		}, false},
		{"he left", "25", func(r *apptest.Room, s event.ID) {
			forge(r, bob, after(0), "focus.join", about(s))
			forge(r, bob, after(19), "focus.leave", &focus.Leave{Session: s})
		}, false},
		{"he left late", "25", func(r *apptest.Room, s event.ID) {
			forge(r, bob, after(0), "focus.join", about(s))
			forge(r, bob, after(20), "focus.leave", &focus.Leave{Session: s})
		}, true},
		{"he was away", "25", func(r *apptest.Room, s event.ID) {
			forge(r, bob, after(0), "focus.join", about(s))
			forge(r, bob, after(3), "focus.pause", &focus.Pause{Session: s})
			forge(r, bob, after(9), "focus.resume", &focus.Resume{Session: s})
		}, false},
		{"his machine slept: he says that he was idle", "25", func(r *apptest.Room, s event.ID) {
			forge(r, bob, after(0), "focus.join", about(s))
			forge(r, bob, after(26), "focus.done", &focus.Done{Session: s, Present: 600, Idle: 900})
		}, false},
		{"he says that he was there", "25", func(r *apptest.Room, s event.ID) {
			forge(r, bob, after(0), "focus.join", about(s))
			forge(r, bob, after(26), "focus.done", &focus.Done{Session: s, Present: 1200})
		}, true},
		{"a session of 9 minutes", "9", func(r *apptest.Room, s event.ID) { forge(r, bob, after(0), "focus.join", about(s)) }, false},
		{"9 minutes, longer by a pause", "9", func(r *apptest.Room, s event.ID) {
			forge(r, bob, after(0), "focus.join", about(s))
			forge(r, alice, after(2), "focus.pause", &focus.Pause{Session: s})
			forge(r, alice, after(9), "focus.resume", &focus.Resume{Session: s})
		}, false},
		{"the pause of all is nobody's absence", "25", func(r *apptest.Room, s event.ID) {
			forge(r, bob, after(0), "focus.join", about(s))
			forge(r, alice, after(2), "focus.pause", &focus.Pause{Session: s})
			forge(r, alice, after(14), "focus.resume", &focus.Resume{Session: s})
		}, true},
	} {
		r := newRoom()
		s := start(t, r, alice, noon, c.minutes)
		c.acts(r, s.ID)
		got := streaksOf(t, r, bob, after(60))
		if got.Sessions != 1 || (got.Streak == 1) != c.want || (got.Counted == 1) != c.want || (got.Attendance == 100) != c.want {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestAttendanceIsOfTheLastTwenty(t *testing.T) {
	r := newRoom()
	for i := range 30 { // bob stays in the last 25 but for one of five
		begin := noon.Add(time.Duration(i) * time.Hour)
		s := start(t, r, alice, begin, "20")
		forge(r, bob, begin, "focus.join", &focus.Join{Session: s.ID})
		if i < 5 || i%5 == 0 {
			forge(r, bob, begin.Add(time.Minute), "focus.leave", &focus.Leave{Session: s.ID})
		}
	}
	got := streaksOf(t, r, bob, noon.Add(31*time.Hour))
	if got.Sessions != 30 || got.Counted != 20 || got.Attendance != 80 {
		t.Errorf("%+v", got)
	}
}

func TestTheDayStartIsThatOfTheOwnJoin(t *testing.T) {
	r := newRoom()
	for i, at := range []time.Duration{8 * time.Hour, 14 * time.Hour} { // 20:00, and 2:00 of the next day
		begin := noon.Add(at)
		s := start(t, r, alice, begin, "20")
		if i == 0 {
			forge(r, bob, begin, "focus.join", &focus.Join{Session: s.ID, DayStart: 240})
		} else {
			forge(r, bob, begin, "focus.checkin", &focus.CheckIn{Session: s.ID, Text: "he joined by this"})
		}
	}
	now := noon.Add(15 * time.Hour)
	for i, w := range []apptest.Writer{bob, alice} {
		if got := streaksOf(t, r, w, now); got.Counted != 2 || got.Best != i+1 || got.Streak != i+1 {
			t.Errorf("%+v, want %d", got, i+1)
		}
	}
	night := newRoom()
	forge(night, alice, noon.Add(8*time.Hour), "focus.start", &focus.Start{Seconds: 1200, Begin: noon.Add(8 * time.Hour).UnixMilli(), DayStart: 240})
	forge(night, alice, noon.Add(14*time.Hour), "focus.start", &focus.Start{Seconds: 1200, Begin: noon.Add(14 * time.Hour).UnixMilli(), DayStart: 240})
	if got := streaksOf(t, night, alice, now); got.Counted != 2 || got.Best != 1 {
		t.Errorf("the host: %+v", got)
	}
}
