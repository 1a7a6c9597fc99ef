package focus_test

import (
	"strings"
	"testing"
	"time"

	"intercom/client/wire"
	"intercom/focus"
	"intercom/internal/app/apptest"
)

// zone loads a zone of the machine's table.
func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Skipf("NOT RUN: %v", err)
	}
	return loc
}

func TestAStartBeginsWhenItIsSaid(t *testing.T) {
	berlin := zone(t, "Europe/Berlin") // one hour ahead of noon's UTC
	now := noon.Add(7*time.Minute + 20*time.Second).In(berlin)
	for _, c := range []struct {
		in    focus.StartReq
		begin string // UTC; empty: refused
	}{
		{focus.StartReq{}, "12:07:20"},
		{focus.StartReq{Ago: "10"}, "11:57:20"},
		{focus.StartReq{Ago: `"1h30m"`}, "10:37:20"},
		{focus.StartReq{Ago: `"12h"`}, "00:07:20"},
		{focus.StartReq{Ago: `"12h1m"`}, ""},
		{focus.StartReq{At: "13:00"}, "12:00:00"},
		{focus.StartReq{At: "13:10"}, "12:10:00"},
		{focus.StartReq{At: "today 09:30"}, "08:30:00"},
		{focus.StartReq{At: "14:00"}, "13:00:00"},
		{focus.StartReq{At: "2026-03-02 12:30"}, "11:30:00"},
		{focus.StartReq{At: "2026-03-02T12:30"}, "11:30:00"},
		{focus.StartReq{At: "2026-03-02T12:30:00Z"}, "12:30:00"},
		{focus.StartReq{At: "2026-03-02T12:30:00+05:30"}, "07:00:00"},
		{focus.StartReq{At: "tomorrow 09:00"}, ""},
		{focus.StartReq{At: "9"}, ""},
		{focus.StartReq{At: "24:00"}, ""},
		{focus.StartReq{At: "someday 09:00"}, ""},
		{focus.StartReq{Align: ":00,:30"}, "12:30:00"},
		{focus.StartReq{Align: ":00|:30"}, "12:30:00"},
		{focus.StartReq{Align: ":00"}, "13:00:00"},
		{focus.StartReq{Align: ":07"}, "12:07:00"},
		{focus.StartReq{Align: ":10"}, "12:10:00"},
		{focus.StartReq{Align: "00"}, ""},
		{focus.StartReq{Align: ":60"}, ""},
		{focus.StartReq{Align: ","}, ""},
		{focus.StartReq{Ago: "5", At: "13:00"}, ""},
	} {
		r := newRoom()
		if c.begin == "" {
			refuse(t, r, alice, now, c.in, wire.InvalidRequest)
			continue
		}
		got := do[focus.StartReply](t, r, alice, now, c.in)
		if at := got.StartedAt.Format(time.TimeOnly); at != c.begin || !got.StartedAt.Truncate(24*time.Hour).Equal(noon.Truncate(24*time.Hour)) {
			t.Errorf("%+v begins at %s, want %s", c.in, got.StartedAt, c.begin)
		}
		// What is more than five minutes ahead is scheduled, and its host is in.
		if ahead := got.StartedAt.Sub(now); got.Scheduled != (ahead > 5*time.Minute) || !has(got.Session, alice) || (ahead > 2*time.Minute) == (got.Note() == "") {
			t.Errorf("%+v: scheduled %v, note %q", c.in, got.Scheduled, got.Note())
		}
	}
}

func TestAStartAheadDoesNotOverlap(t *testing.T) {
	r := newRoom()
	start(t, r, alice, noon, "25")
	refuse(t, r, alice, after(1), focus.StartReq{At: "12:20"}, wire.AlreadyActive)
	if got := do[focus.StartReply](t, r, alice, after(1), focus.StartReq{At: "12:25"}); !got.Scheduled {
		t.Errorf("%+v", got)
	}
}

func TestTimesOfDayWhenClocksAreSet(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	spring := time.Date(2026, 3, 29, 1, 0, 0, 0, berlin) // clocks go from 2 to 3
	r := newRoom()
	refuse(t, r, alice, spring, focus.StartReq{At: "02:30"}, wire.InvalidRequest)
	if got := do[focus.StartReply](t, r, alice, spring, focus.StartReq{At: "03:00"}); !got.StartedAt.Equal(spring.Add(time.Hour)) {
		t.Errorf("03:00 is %s", got.StartedAt)
	}
	autumn := time.Date(2026, 10, 25, 1, 0, 0, 0, berlin) // clocks go from 3 to 2
	if got := do[focus.StartReply](t, newRoom(), alice, autumn, focus.StartReq{At: "02:30"}); !got.StartedAt.Equal(autumn.Add(90 * time.Minute)) {
		t.Errorf("of two times of that name not the first: %s", got.StartedAt)
	}
	if got := do[focus.StartReply](t, newRoom(), alice, autumn, focus.StartReq{At: "03:00"}); !got.StartedAt.Equal(autumn.Add(3 * time.Hour)) {
		t.Errorf("03:00 is %s", got.StartedAt)
	}
}

// An end is a time, not a counter: it stays where the machine sleeps, its clock
// is set, or its owner travels.
func TestASessionEndsWhenItEndsWhateverTheClockDoes(t *testing.T) {
	berlin, tokyo := zone(t, "Europe/Berlin"), zone(t, "Asia/Tokyo")
	over := time.Date(2026, 10, 25, 2, 50, 0, 0, berlin).Add(-time.Hour) // 02:50 summer time
	r := newRoom()
	s := start(t, r, alice, over, "30") // the clock is set back within it
	if !s.EndsAt.Equal(over.Add(30 * time.Minute)) {
		t.Errorf("ends at %s", s.EndsAt)
	}
	pause(t, r, alice, over.Add(5*time.Minute))
	// The machine sleeps for ten minutes and wakes in another zone.
	woken := over.Add(15 * time.Minute).In(tokyo)
	if got := status(t, r, alice, woken); got.Status != focus.Paused || got.RemainingSeconds != 25*60 {
		t.Errorf("woken: %+v", got)
	}
	if got := resume(t, r, alice, woken); !got.EndsAt.Equal(over.Add(40 * time.Minute)) {
		t.Errorf("resumed: ends at %s", got.EndsAt)
	}
	// It sleeps over the end; nothing needs to have run for it.
	if got := status(t, r, alice, over.Add(9*time.Hour)); got.Status != focus.Ended || !got.EndedAt.Equal(over.Add(40*time.Minute)) {
		t.Errorf("after the night: %+v", got)
	}
	// Its clock is set back into the session: what is derived runs again, and no
	// act changes.
	if got := status(t, r, alice, over.Add(20*time.Minute)); got.Status != focus.Active || !got.EndsAt.Equal(over.Add(40*time.Minute)) {
		t.Errorf("set back: %+v", got)
	}
}

func TestASeriesKeepsItsTimeOfDay(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	now := time.Date(2026, 3, 26, 18, 0, 0, 0, berlin) // a Thursday; clocks are set ahead on Sunday
	r := newRoom()
	got := do[focus.ScheduleReply](t, r, alice, now, focus.ScheduleReq{At: "09:00", Minutes: "50", Goal: "plan", Every: "weekday", Until: "2026-03-31"})
	var begins []string
	for _, u := range got.Sessions {
		begins = append(begins, u.Begins.Format("2 15:04"))
	}
	if want := "27 08:00, 30 07:00, 31 07:00"; strings.Join(begins, ", ") != want {
		t.Errorf("begins %v, want %s", begins, want)
	}
	if got.Join != "intercom focus join test" || !strings.Contains(got.Note(), got.Join) {
		t.Errorf("join line %q, note %q", got.Join, got.Note())
	}
	// Everybody sees it; who joins within a day takes part, without being there.
	list := do[focus.ScheduleReply](t, r, bob, now, focus.ScheduleReq{})
	if len(list.Sessions) != 3 || list.Sessions[0].Joined || list.Sessions[0].Booked != 1 {
		t.Errorf("listed: %+v", list)
	}
	joined := join(t, r, bob, now)
	if !joined.Joined || joined.ID != list.Sessions[0].ID || joined.Status != focus.Idle {
		t.Errorf("joined: %+v", joined)
	}
	if p := do[focus.ScheduleReply](t, r, bob, now, focus.ScheduleReq{}).Sessions; !p[0].Joined || p[0].Booked != 2 || p[1].Booked != 0 {
		t.Errorf("booked: %+v", p)
	}
	first := got.Sessions[0]
	if s := status(t, r, carol, first.Begins); s.Status != focus.Active || s.ID != first.ID || !has(s, alice) || !has(s, bob) {
		t.Errorf("begun: %+v", s)
	}
	// To one nobody came: it is none in the totals.
	room := do[focus.StatsReply](t, r, bob, first.Begins.AddDate(0, 0, 8), focus.StatsReq{}).Rooms[0]
	if room.Sessions != 1 || room.Minutes != 50 {
		t.Errorf("stats: %+v", room)
	}
}

func TestBookingIsTakenBackByLeaving(t *testing.T) {
	r := newRoom()
	s := do[focus.ScheduleReply](t, r, alice, noon, focus.ScheduleReq{At: "15:00"}).Sessions[0]
	join(t, r, bob, after(10))
	leave(t, r, bob, after(20))
	got := snapshot(t, r, s.ID, after(200))
	if got.PresentCount != 1 || got.Present[0] != alice.Key {
		t.Errorf("begun: %+v", got)
	}
	refuse(t, r, bob, after(30), focus.LeaveReq{}, wire.NotActive)
}

func TestASessionIsCalledOff(t *testing.T) {
	r := newRoom()
	ahead := do[focus.ScheduleReply](t, r, alice, noon, focus.ScheduleReq{At: "15:00", Every: "day", Until: "2026-03-04"}).Sessions
	if len(ahead) != 3 {
		t.Fatalf("%+v", ahead)
	}
	id := ahead[1].ID.String()
	refuse(t, r, bob, after(1), focus.ScheduleReq{Cancel: id}, wire.NotHost)
	refuse(t, r, bob, after(1), focus.ScheduleReq{Cancel: "all"}, wire.NotFound)
	refuse(t, r, alice, after(1), focus.ScheduleReq{Cancel: "zz"}, wire.NotFound)
	refuse(t, r, alice, after(1), focus.ScheduleReq{Cancel: id, At: "15:00"}, wire.InvalidRequest)
	off := do[focus.ScheduleReply](t, r, alice, after(1), focus.ScheduleReq{Cancel: id[:16]})
	if !off.Off || len(off.Sessions) != 1 || off.Sessions[0].ID != ahead[1].ID {
		t.Errorf("called off: %+v", off)
	}
	if left := do[focus.ScheduleReply](t, r, bob, after(2), focus.ScheduleReq{}).Sessions; len(left) != 2 {
		t.Errorf("left: %+v", left)
	}
	if got := status(t, r, bob, ahead[1].Begins.Add(time.Minute)); got.Status != focus.Ended || got.ID != ahead[0].ID {
		t.Errorf("it is shown all the same: %+v", got)
	}
	if room := do[focus.StatsReply](t, r, bob, ahead[1].Begins.Add(time.Hour), focus.StatsReq{}).Rooms[0]; room.Sessions != 1 {
		t.Errorf("stats: %+v", room)
	}
	do[focus.ScheduleReply](t, r, alice, after(3), focus.ScheduleReq{Cancel: "all"})
	if left := do[focus.ScheduleReply](t, r, bob, after(4), focus.ScheduleReq{}); len(left.Sessions) != 0 || !strings.Contains(left.Note(), "nothing is scheduled") {
		t.Errorf("left: %+v", left)
	}
}

func TestASeriesIsBounded(t *testing.T) {
	for name, c := range map[string]struct {
		in   focus.ScheduleReq
		code wire.Code
	}{
		"no end":         {focus.ScheduleReq{At: "09:00", Every: "day"}, wire.InvalidRequest},
		"too many":       {focus.ScheduleReq{At: "09:00", Every: "day", Until: "2026-12-31"}, wire.InvalidRequest},
		"ends before":    {focus.ScheduleReq{At: "09:00", Every: "week", Until: "2026-03-01"}, wire.InvalidRequest},
		"too far":        {focus.ScheduleReq{At: "2027-03-10 09:00"}, wire.InvalidRequest},
		"over":           {focus.ScheduleReq{At: "2026-03-01 09:00"}, wire.InvalidRequest},
		"unknown":        {focus.ScheduleReq{At: "09:00", Every: "month", Until: "2026-04-01"}, wire.InvalidRequest},
		"until alone":    {focus.ScheduleReq{At: "09:00", Until: "2026-04-01"}, wire.InvalidRequest},
		"without a time": {focus.ScheduleReq{Goal: "plan"}, wire.MissingField},
	} {
		t.Run(name, func(t *testing.T) { refuse(t, newRoom(), alice, noon, c.in, c.code) })
	}
	all := do[focus.ScheduleReply](t, newRoom(), alice, noon, focus.ScheduleReq{At: "09:00", Every: "week", Until: "2026-12-31"})
	if n := len(all.Sessions); n != 44 || all.Sessions[n-1].Begins.Weekday() != time.Tuesday {
		t.Errorf("%d sessions, the last at %s", n, all.Sessions[n-1].Begins)
	}
}

func TestAScheduleOfSomethingFarDoesNotCount(t *testing.T) {
	for minutes, ok := range map[float64]bool{-5: true, -5.1: false, 366 * 24 * 60: true, 366*24*60 + 1: false} {
		r := newRoom()
		e := forge(r, bob, noon, "focus.schedule", &focus.Schedule{Start: focus.Start{Seconds: 60, Begin: after(minutes).UnixMilli()}})
		if _, counts := focus.Snapshot(r, e.ID, noon); counts != ok || focus.Counts(r, e) != ok {
			t.Errorf("a begin %v minutes ahead counts: %v", minutes, counts)
		}
	}
}

func TestAFloodOfScheduledSessionsCostsAReadOfTodayNothing(t *testing.T) {
	cost := [2]int{}
	for i, n := range []int{50, 400} {
		r := newRoom()
		for k := range n {
			begin := noon.AddDate(0, 0, 5).Add(time.Duration(k) * time.Hour)
			forge(r, bob, noon, "focus.schedule", &focus.Schedule{Start: focus.Start{Seconds: 60, Begin: begin.UnixMilli()}})
		}
		start(t, r, alice, noon, "25")
		r.Visits()
		status(t, r, carol, after(1))
		r.App.Timers(r, after(1))
		cost[i] = r.Visits()
		if list := do[focus.ScheduleReply](t, r, carol, after(2), focus.ScheduleReq{}).Sessions; len(list) != min(n, 100) {
			t.Errorf("%d listed of %d", len(list), n)
		}
	}
	if cost[0] != cost[1] {
		t.Errorf("%d rows with few, %d with many", cost[0], cost[1])
	}
}

func TestPlansThatDoNotFitAreRefused(t *testing.T) {
	long := strings.Repeat("x", 65)
	for _, in := range []focus.StartReq{
		{Cycle: "25m"}, {Cycle: "25m/5m/0"}, {Cycle: "25m/5m/101"}, {Cycle: "25m/5m/4/1"}, {Cycle: "0/5/4"}, {Cycle: "a/b/c"}, {Cycle: "25m/5m/x"},
		{Cycle: "60m/30m/20"}, {LongBreak: "15"}, {Cycle: "25m/5m/4", LongBreak: `"x"`},
		{Tags: []string{long}}, {Tags: strings.Split("a b c d e f g h i j k l m n o p q", " ")},
	} {
		refuse(t, newRoom(), alice, noon, in, wire.InvalidRequest)
	}
	got := do[focus.StartReply](t, newRoom(), alice, noon, focus.StartReq{Cycle: "25/5", Tags: []string{" docs ", "+v2", "docs", ""}})
	if !got.EndsAt.Equal(after(4*25+3*5)) || strings.Join(got.Tags, ",") != "docs,v2" {
		t.Errorf("%+v", got)
	}
}

// FuzzTimes feeds any text to what reads times of people: no panic, and a
// start is never outside its bounds.
func FuzzTimes(f *testing.F) {
	for _, s := range []string{"09:00", "tomorrow 9:00", "mon 09:00", "2026-03-02T09:00", "2026-03-02T09:00:00Z", ":00,:30", "25m/5m/4"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, in := range []any{
			focus.StartReq{At: s}, focus.StartReq{Align: s}, focus.StartReq{Cycle: s}, focus.StartReq{Ago: focus.Minutes(s)},
			focus.ScheduleReq{At: s}, focus.ScheduleReq{At: "09:00", Every: "day", Until: s}, focus.ScheduleReq{Cancel: s},
		} {
			r := apptest.New(focus.App())
			_, events, err := r.Do(alice, noon, in)
			for _, e := range events {
				if err == nil && !focus.Counts(r, e) {
					t.Errorf("%+v wrote what does not count", in)
				}
			}
		}
	})
}

func TestAStatusSaysWhatBeginsNext(t *testing.T) {
	r := newRoom()
	do[focus.ScheduleReply](t, r, alice, noon, focus.ScheduleReq{At: "15:00"})
	note := func(minute float64) string {
		return do[focus.StatusReply](t, r, bob, after(minute), focus.StatusReq{}).Note()
	}
	if got := note(1); !strings.Contains(got, "begins by itself") || !strings.HasSuffix(got, "intercom focus join test") {
		t.Errorf("idle: %q", got)
	}
	if got := note(181); got != "" {
		t.Errorf("while it runs: %q", got)
	}
}
