package focus

import (
	"fmt"
	"strings"
	"time"

	"intercom/client/wire"
	"intercom/internal/app"
)

// Today is how far a peer is with what he wants to do each day.
type Today struct {
	Sessions int    `json:"sessions" jsonschema:"that ended today, where the asking peer is"`
	Seconds  int64  `json:"seconds" jsonschema:"of work today, of what still runs too"`
	Done     int64  `json:"done" jsonschema:"of the goal: sessions, or whole minutes"`
	Of       int64  `json:"of" jsonschema:"the goal"`
	Unit     string `json:"unit" jsonschema:"sessions or minutes"`
}

// String says it in short: 50/90 minutes, 2/4 sessions.
func (t Today) String() string {
	return fmt.Sprintf("%d/%d %s", t.Done, t.Of, t.Unit)
}

// goalNote is what a reply says of the goal.
func goalNote(t *Today) string {
	if t == nil {
		return ""
	}
	return "today " + t.String()
}

// today works out how far the asking peer is with a goal: a length such as
// 90m or 1h30m, or a number of sessions such as `4 sessions`. It is nil without
// a goal.
func today(rooms []app.RoomReader, goal string, c app.Call) (*Today, error) {
	if goal = strings.TrimSpace(goal); goal == "" {
		return nil, nil
	}
	t := &Today{Unit: "minutes"}
	if n, ok := strings.CutSuffix(strings.TrimSuffix(goal, "s"), "session"); ok {
		t.Unit, t.Of = "sessions", number(strings.TrimSpace(n))
	} else if t.Of = number(goal); t.Of < 0 {
		t.Of = length(goal)
	}
	if t.Of < 1 || t.Of > maxMinutes {
		return nil, wire.Errorf(wire.InvalidRequest, "goal: %.40q is no length and no number of sessions of a day", goal).
			WithHint(`a goal such as 90m, 1h30m or "4 sessions"`)
	}
	now := c.Now.UnixMilli()
	mine := parts(rooms, choice{who: c.Author, since: -never / dayMS, until: never, open: true, from: now - 2*dayMS}, now)
	_, offset := c.Now.Zone()
	here := local{ms: now, tz: offset / int(time.Minute/time.Second)}
	for _, p := range mine {
		here.dayStart = p.m.dayStart // of the last
	}
	for _, p := range mine {
		if p.day != here.date() {
			continue
		}
		t.Seconds += p.seconds
		if !p.open {
			t.Sessions++
		}
	}
	if t.Done = t.Seconds / 60; t.Unit == "sessions" {
		t.Done = int64(t.Sessions)
	}
	return t, nil
}

// DayStart is embedded by requests that say from when on their author's days
// start.
type DayStart struct {
	DayStart string `json:"dayStart,omitempty" jsonschema:"when your days start, for streaks and reports: 04:00; midnight if absent"`
}

// minutes returns it as minutes after midnight.
func (d DayStart) minutes() (int64, error) {
	if d.DayStart == "" {
		return 0, nil
	}
	t, err := time.Parse("15:04", d.DayStart)
	if err != nil {
		return 0, wire.Errorf(wire.InvalidRequest, "dayStart: %.40q is no time of day", d.DayStart).WithHint("--day-start 04:00")
	}
	return int64(t.Hour()*60 + t.Minute()), nil
}
