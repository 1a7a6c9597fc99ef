package focus

import (
	"slices"
	"strings"
	"time"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// mostScheduled is how many sessions one request schedules, and how many a
// reply lists.
const mostScheduled = 100

// ScheduleReq schedules sessions, which begin by themselves, calls them off or
// lists them.
type ScheduleReq struct {
	app.InNamed
	At        string   `json:"at,omitempty" jsonschema:"when it begins: the next 09:00 here, tomorrow 09:00, mon 09:00 or a date and time; if absent, what is scheduled is listed"`
	Minutes   Minutes  `json:"minutes,omitzero" short:"m" jsonschema:"planned length, 1 to 1440 minutes or a text such as 1h30m; 25 if absent"`
	Goal      string   `json:"goal,omitempty" short:"g" jsonschema:"what the session is for, cut at 240 characters"`
	Tags      []string `json:"tags,omitempty" flag:"tag" jsonschema:"words to find it by in reports, at most 16"`
	Cycle     string   `json:"cycle,omitempty" jsonschema:"work, break and rounds: 25m/5m/4"`
	LongBreak Minutes  `json:"longBreak,omitzero" jsonschema:"of a cycle: how long the break after the last round is"`
	Every     string   `json:"every,omitempty" enum:"day,weekday,week" jsonschema:"again at that time of every day, weekday (Monday to Friday) or week: day, weekday or week"`
	Until     string   `json:"until,omitempty" jsonschema:"the last day of a series, YYYY-MM-DD"`
	DayStart
	Cancel string `json:"cancel,omitempty" complete:"sessions" jsonschema:"call off a session that has not begun: its id, or the beginning of it, or all of yours: all"`
}

// ScheduleReply is what was scheduled or called off, or all that is scheduled.
type ScheduleReply struct {
	Room     string     `json:"room"`
	Sessions []Upcoming `json:"sessions" jsonschema:"the soonest first, at most 100"`
	Join     string     `json:"join" jsonschema:"the command for the others to take part"`
	Off      bool       `json:"calledOff,omitempty" jsonschema:"these sessions were called off"`
}

// Table implements wire.Tabular.
func (s ScheduleReply) Table() wire.Table {
	t := wire.Table{Columns: wire.Columns("begins", "ends_at", "goal", "host", ">booked", "joined", "session"), Rows: [][]any{}}
	for _, u := range s.Sessions {
		t.Rows = append(t.Rows, []any{u.Begins, u.EndsAt, u.Goal, u.Host, u.Booked, u.Joined, u.ID})
	}
	return t
}

// Note implements wire.Noted.
func (s ScheduleReply) Note() string {
	switch {
	case len(s.Sessions) == 0:
		return "nothing is scheduled; next: intercom focus schedule " + s.Room + ` --at "tomorrow 09:00"`
	case s.Off:
		return "called off"
	}
	return "to take part, at most a day before it begins: " + s.Join
}

var scheduleDef = wire.Def[ScheduleReq, ScheduleReply]{Spec: wire.Spec{
	Request: "focus_schedule", Reply: "focus_scheduled", Scope: wire.ScopeFocus,
	Summary: "Schedule sessions that begin by themselves, list them or call them off", Command: "focus schedule", Write: true,
}}

func decideSchedule(r app.Reader, in ScheduleReq, c app.Call) ([]app.Draft, error) {
	switch {
	case in.Cancel != "" && in.At != "":
		return nil, wire.Errorf(wire.InvalidRequest, "at and cancel exclude each other").WithHint("one of --at and --cancel")
	case in.Cancel != "":
		return callOff(r, in.Cancel, c)
	case in.At == "" && (in.Every != "" || in.Until != "" || in.Goal != "" || in.Minutes != "" || in.Cycle != ""):
		return nil, wire.Errorf(wire.MissingField, "at is required: when the session begins").
			WithHint("intercom focus schedule " + c.Room.Name + ` --at "tomorrow 09:00"`)
	case in.At == "":
		return nil, nil
	}
	b, err := plan{in.Minutes, in.Goal, in.Tags, in.Cycle, in.LongBreak}.start()
	if err != nil {
		return nil, err
	}
	if b.DayStart, err = in.DayStart.minutes(); err != nil {
		return nil, err
	}
	first, err := Moment(in.At, c.Now, true)
	if err != nil {
		return nil, err
	}
	if !first.After(c.Now) {
		return nil, wire.Errorf(wire.InvalidRequest, "%s is over", first.Format("2006-01-02 15:04")).
			WithHint("intercom focus start " + c.Room.Name + " --at " + first.Format(time.RFC3339))
	}
	begins, err := series(first, in.Every, in.Until)
	if err != nil {
		return nil, err
	}
	if last := begins[len(begins)-1]; last.Sub(c.Now) > horizon*time.Millisecond {
		return nil, wire.Errorf(wire.InvalidRequest, "%s is more than 366 days ahead", last.Format(time.DateOnly)).WithHint("schedule it later")
	}
	var drafts []app.Draft
	for _, at := range begins {
		s := *b
		s.Begin = at.UnixMilli()
		drafts = append(drafts, app.Draft{Type: typeSchedule, Body: &Schedule{Start: s}})
	}
	return drafts, nil
}

// series returns the begins of a series: at the same time of day where its
// author is, whatever the clocks there do meanwhile.
func series(first time.Time, every, until string) ([]time.Time, error) {
	if every == "" {
		if until != "" {
			return nil, wire.Errorf(wire.InvalidRequest, "until ends a series, and every is absent").WithHint("--every day, weekday or week")
		}
		return []time.Time{first}, nil
	}
	step := map[string]int{"day": 1, "weekday": 1, "week": 7}[every]
	if step == 0 {
		return nil, wire.Errorf(wire.InvalidRequest, "every: %.64q is none of day, weekday and week", every).WithHint("--every weekday")
	}
	end, err := time.ParseInLocation(time.DateOnly, until, first.Location())
	if err != nil {
		return nil, wire.Errorf(wire.InvalidRequest, "until: %.64q is no date such as 2026-03-31", until).WithHint("the last day of the series: --until YYYY-MM-DD")
	}
	var all []time.Time
	year, month, day := first.Date()
	for n := 0; ; n += step {
		at := time.Date(year, month, day+n, first.Hour(), first.Minute(), first.Second(), 0, first.Location())
		switch {
		case at.Format(time.DateOnly) > end.Format(time.DateOnly) && len(all) > 0:
			return all, nil
		case at.Format(time.DateOnly) > end.Format(time.DateOnly):
			return nil, wire.Errorf(wire.InvalidRequest, "the series ends on %s, before it begins", until).WithHint("a later --until")
		case every == "weekday" && (at.Weekday() == time.Saturday || at.Weekday() == time.Sunday):
			continue
		case len(all) == mostScheduled:
			return nil, wire.Errorf(wire.InvalidRequest, "the series has more than %d sessions", mostScheduled).
				WithHint("--until " + all[len(all)-1].Format(time.DateOnly) + ", and the others later")
		}
		all = append(all, at)
	}
}

// callOff ends sessions that have not begun and that the caller leads.
func callOff(r app.Reader, which string, c app.Call) ([]app.Draft, error) {
	list := "intercom focus schedule " + c.Room.Name
	var drafts []app.Draft
	for _, s := range scheduled(r, c.Now.UnixMilli()) {
		hex := s.id.String()
		switch named := strings.HasPrefix(hex, strings.ToLower(which)); {
		case which != "all" && !named:
		case s.mayLead(c.Author):
			drafts = append(drafts, app.Draft{Type: typeEnd, Body: &End{Session: s.id}})
		case named:
			return nil, wire.Errorf(wire.NotHost, "only the host can call off %s, and that is %s", hex[:8], s.host).WithHint(list)
		}
	}
	switch {
	case len(drafts) == 0:
		return nil, wire.Errorf(wire.NotFound, "no session of yours is scheduled that %.64q names", which).WithHint(list)
	case len(drafts) > 1 && which != "all":
		return nil, wire.Errorf(wire.Ambiguous, "%.64q names %d sessions", which, len(drafts)).WithHint("more of the id, or --cancel all")
	}
	return drafts, nil
}

func replySchedule(r app.Reader, in ScheduleReq, events []*event.Signed, c app.Call) (ScheduleReply, error) {
	out := ScheduleReply{Room: c.Room.Name, Sessions: []Upcoming{}, Join: "intercom focus join " + c.Room.Name, Off: in.Cancel != ""}
	var sessions []*session
	for _, e := range events {
		id, ok := SessionOf(r, e)
		if s := around(r, id); ok && s != nil {
			sessions = append(sessions, s)
		}
	}
	if len(events) == 0 {
		sessions = scheduled(r, c.Now.UnixMilli())
	}
	for _, s := range sessions {
		out.Sessions = append(out.Sessions, s.ahead(r, c))
	}
	return out, nil
}

// scheduled returns the sessions that are scheduled and were not called off,
// the soonest first, at most mostScheduled of them.
func scheduled(r app.Reader, now int64) (out []*session) {
	var ahead []event.ID
	r.Scan(sessionRows, func(key string, decode func(any)) bool { // the latest first
		a := parseTime(key)
		if a.ms <= now {
			return false
		}
		if row := (startRow{}); a.ms <= now+horizon {
			if decode(&row); row.Scheduled {
				ahead = append(ahead, a.id)
			}
		}
		return true
	})
	for _, id := range slices.Backward(ahead) {
		if s := around(r, id); s != nil && s.end > s.begin {
			if out = append(out, s); len(out) == mostScheduled {
				break
			}
		}
	}
	return out
}
