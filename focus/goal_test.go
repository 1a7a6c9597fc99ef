package focus_test

import (
	"testing"
	"time"

	"intercom/client/wire"
	"intercom/focus"
)

func TestADailyGoalIsOfTheOwnDay(t *testing.T) {
	r := newRoom()
	night := time.Date(2026, 3, 3, 1, 0, 0, 0, time.UTC)
	do[focus.StartReply](t, r, alice, noon, focus.StartReq{Minutes: "25", DayStart: focus.DayStart{DayStart: "04:00"}})
	do[focus.StartReply](t, r, alice, night, focus.StartReq{Minutes: "50", DayStart: focus.DayStart{DayStart: "04:00"}})
	start(t, r, bob, night.Add(2*time.Hour), "25")
	for _, c := range []struct {
		now  time.Time
		goal string
		want string
	}{
		{noon.Add(10 * time.Minute), "90m", "10/90 minutes"}, // what runs counts
		{noon.Add(10 * time.Minute), "4 sessions", "0/4 sessions"},
		{night.Add(time.Hour), "1h30m", "75/90 minutes"}, // 2:00 is of the day before
		{night.Add(time.Hour), "2 sessions", "2/2 sessions"},
		{night.Add(time.Hour), "1session", "2/1 sessions"},
		{night.Add(4 * time.Hour), "90", "0/90 minutes"}, // 5:00 is another day
	} {
		stats := do[focus.StatsReply](t, r, alice, c.now, focus.StatsReq{Goal: c.goal}).Today
		status := do[focus.StatusReply](t, r, alice, c.now, focus.StatusReq{Goal: c.goal}).Today
		if stats.String() != c.want || *stats != *status {
			t.Errorf("at %s: %s and %s, want %s", c.now, stats, status, c.want)
		}
	}
	for _, bad := range []string{"x", "0", "sessions", "-1 sessions", "1.5h", "1441"} {
		refuse(t, r, alice, noon, focus.StatsReq{Goal: bad}, wire.InvalidRequest)
	}
	refuse(t, r, alice, noon.Add(100*time.Hour), focus.StartReq{DayStart: focus.DayStart{DayStart: "4"}}, wire.InvalidRequest)
}
