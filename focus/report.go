package focus

import (
	"cmp"
	"slices"
	"sort"

	"intercom/client/wire"
	"intercom/focus/timesheet"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// What a report adds up by.
const (
	ByDay    = "day"
	ByWeek   = "week"
	ByMonth  = "month"
	ByGoal   = "goal"
	ByTag    = "tag"
	ByPerson = "person"
	ByRoom   = "room"
)

// ReportReq asks for times, added up.
type ReportReq struct {
	app.InNamed
	By    string `json:"by,omitempty" enum:"day,week,month,goal,tag,person,room" jsonschema:"day, week, month, goal, tag, person or room; day if absent"`
	As    string `json:"as,omitempty" complete:"participants" jsonschema:"whose times: me, a key or its beginning, or all; me if absent, all by person"`
	Since string `json:"since,omitempty" jsonschema:"first day, of the end of a session where the person was: 2026-03-01, today, yesterday, 7d, 2w, 3m"`
	Until string `json:"until,omitempty" jsonschema:"last day"`
}

// ReportReply has a line for each day, goal and so on.
type ReportReply struct {
	By    string `json:"by"`
	Lines []Line `json:"lines" jsonschema:"days, weeks and months in order, all else by time; a session with two tags is in both lines"`
	Total Line   `json:"total" jsonschema:"of all sessions, each once"`
}

// Line adds up times. Seconds are those that exports have.
type Line struct {
	Name      string `json:"name" jsonschema:"a day, a week such as 2026-W10, a month, a goal, a tag, a key or a room; empty: without goal or tag"`
	Sessions  int    `json:"sessions"`
	Counted   int    `json:"counted" jsonschema:"sessions that make a day of a streak, of each who took part"`
	Seconds   int64  `json:"seconds" jsonschema:"of work, of each who took part, without pauses and breaks"`
	Time      string `json:"time" jsonschema:"the same as hours, minutes and seconds"`
	Checkins  int    `json:"checkins"`
	People    int    `json:"people"`
	Witnessed int64  `json:"witnessedSeconds" jsonschema:"the part of seconds in sessions in which another saw the person, by their signatures"`
}

// Table implements wire.Tabular.
func (r ReportReply) Table() wire.Table {
	t := wire.Table{Columns: wire.Columns("name", ">time", ">sessions", ">counted", ">checkins", ">people", ">witnessed"), Rows: [][]any{}}
	for _, l := range r.Lines {
		t.Rows = append(t.Rows, l.row())
	}
	return t
}

func (l Line) row() []any {
	return []any{l.Name, l.Time, l.Sessions, l.Counted, l.Checkins, l.People, timesheet.Length(l.Witnessed)}
}

// List implements wire.Listed.
func (ReportReply) List() string { return "lines" }

// Note implements wire.Noted.
func (r ReportReply) Note() string {
	if len(r.Lines) == 0 {
		return noteIfNoneEnded(0)
	}
	return "in all " + r.Total.Time
}

var reportDef = wire.Def[ReportReq, ReportReply]{Spec: wire.Spec{
	Request: "focus_report", Reply: "focus_report", Scope: wire.ScopeRead,
	Summary: "Add up times by day, week, month, goal, tag, person or room", Command: "focus report", Rooms: true,
}}

func readReport(rooms []app.RoomReader, in ReportReq, c app.Call) (out ReportReply, err error) {
	if out.By = in.By; out.By == "" {
		out.By = ByDay
	}
	if !slices.Contains([]string{ByDay, ByWeek, ByMonth, ByGoal, ByTag, ByPerson, ByRoom}, out.By) {
		return out, wire.Errorf(wire.InvalidRequest, "by: %.40q is not day, week, month, goal, tag, person or room", in.By).
			WithHint("intercom focus report --by week")
	}
	if in.As == "" {
		if in.As = asMe; out.By == ByPerson {
			in.As = asAll
		}
	}
	ch, err := choose(rooms, in.As, in.Since, in.Until, c)
	if err != nil {
		return out, err
	}
	sums, total := map[string]*sum{}, newSum("")
	for _, p := range parts(rooms, ch, c.Now.UnixMilli()) {
		seen := p.seen()
		total.add(p, seen)
		for _, name := range p.names(out.By) {
			if sums[name] == nil {
				sums[name] = newSum(name)
			}
			sums[name].add(p, seen)
		}
	}
	out.Lines, out.Total = []Line{}, total.line()
	for _, s := range sums {
		out.Lines = append(out.Lines, s.line())
	}
	byTime := out.By != ByDay && out.By != ByWeek && out.By != ByMonth
	sort.Slice(out.Lines, func(i, j int) bool {
		a, b := out.Lines[i], out.Lines[j]
		if byTime && a.Seconds != b.Seconds {
			return a.Seconds > b.Seconds
		}
		return cmp.Compare(a.Name, b.Name) < 0
	})
	return out, nil
}

// names are the lines in which a part is added up.
func (p part) names(by string) []string {
	switch by {
	case ByPerson:
		return []string{p.m.key.String()}
	case ByRoom:
		return []string{p.room.Name}
	case ByDay, ByWeek, ByMonth:
		return []string{label(by, p.day)}
	}
	_, b, ok := startOf(p.room, p.id)
	switch {
	case !ok:
		return []string{""}
	case by == ByGoal:
		return []string{b.Goal}
	}
	tags := slices.Clone(b.Tags)
	slices.Sort(tags)
	if tags = slices.Compact(tags); len(tags) == 0 {
		return []string{""}
	}
	return tags
}

// sum adds up parts.
type sum struct {
	Line
	sessions map[event.ID]bool
	people   map[event.Key]bool
}

func newSum(name string) *sum {
	return &sum{Line{Name: name}, map[event.ID]bool{}, map[event.Key]bool{}}
}

func (s *sum) add(p part, seen int) {
	s.sessions[p.id], s.people[p.m.key] = true, true
	s.Seconds += p.seconds
	s.Checkins += p.m.checkins
	if p.countsFor(p.m) {
		s.Counted++
	}
	if seen > 0 {
		s.Witnessed += p.seconds
	}
}

func (s *sum) line() Line {
	s.Sessions, s.People, s.Time = len(s.sessions), len(s.people), timesheet.Length(s.Seconds)
	return s.Line
}
