package focus

import (
	"time"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

const defaultMinutes = 25

// StartReq starts a session; the caller becomes its host.
type StartReq struct {
	app.InNamed
	Minutes   Minutes  `json:"minutes,omitzero" short:"m" jsonschema:"planned length, 1 to 1440 minutes or a text such as 1h30m; 25 if absent"`
	Goal      string   `json:"goal,omitempty" short:"g" jsonschema:"what the session is for, cut at 240 characters"`
	Tags      []string `json:"tags,omitempty" flag:"tag" jsonschema:"words to find it by in reports, at most 16"`
	Ago       Minutes  `json:"ago,omitzero" jsonschema:"it began so many minutes ago, up to 12h"`
	At        string   `json:"at,omitempty" jsonschema:"when it begins or began: 09:00 here, up to 12 hours ago or ahead, or a date and time"`
	Align     string   `json:"align,omitempty" jsonschema:"begin at the next of these minutes of the hour: :00 or :00,:30"`
	Cycle     string   `json:"cycle,omitempty" jsonschema:"work, break and rounds: 25m/5m/4"`
	LongBreak Minutes  `json:"longBreak,omitzero" jsonschema:"of a cycle: how long the break after the last round is"`
	DayStart
}

// StartReply is the session that was started.
type StartReply struct{ Session }

// Note implements wire.Noted.
func (s StartReply) Note() string {
	if s.Status == Idle && !s.StartedAt.IsZero() {
		return "it begins by itself at " + day(s.StartedAt) + "; others take part by: intercom focus join " + s.Room
	}
	return ""
}

var startDef = wire.Def[StartReq, StartReply]{Spec: wire.Spec{
	Request: "focus_start", Reply: "focus_started", Scope: wire.ScopeFocus,
	Summary: "Start a session in a room and be its host", Command: "focus start", Write: true,
}}

func decideStart(r app.Reader, in StartReq, c app.Call) ([]app.Draft, error) {
	b, err := plan{in.Minutes, in.Goal, in.Tags, in.Cycle, in.LongBreak}.start()
	if err != nil {
		return nil, err
	}
	if b.DayStart, err = in.DayStart.minutes(); err != nil {
		return nil, err
	}
	begin, err := in.begin(c)
	if err != nil {
		return nil, err
	}
	now := c.Now.UnixMilli()
	b.Begin = begin.UnixMilli()
	at := max(now, b.Begin)
	if s := present(r, at).shown(c.Author, at); s != nil {
		return nil, wire.Errorf(wire.AlreadyActive, "room is already active: a session runs for another %s", s.left(at)).
			WithHint("intercom focus join " + c.Room.Name)
	}
	if b.Begin > now+beginAhead {
		return []app.Draft{{Type: typeSchedule, Body: &Schedule{Start: *b}}}, nil
	}
	return []app.Draft{{Type: typeStart, Body: b}}, nil
}

// begin returns when the session begins: now, unless the request says
// otherwise.
func (in StartReq) begin(c app.Call) (time.Time, error) {
	given := 0
	for _, text := range []string{string(in.Ago), in.At, in.Align} {
		if text != "" {
			given++
		}
	}
	if given > 1 {
		return time.Time{}, wire.Errorf(wire.InvalidRequest, "ago, at and align exclude each other").WithHint("one of --ago, --at and --align")
	}
	begin := c.Now
	var err error
	switch {
	case in.Ago != "":
		var minutes int64
		if minutes, err = in.Ago.parse("ago", 0); err == nil {
			begin = c.Now.Add(-time.Duration(minutes) * time.Minute)
		}
	case in.At != "":
		begin, err = Moment(in.At, c.Now, false)
	case in.Align != "":
		begin, err = aligned(in.Align, c.Now)
	}
	switch {
	case err != nil:
		return time.Time{}, err
	case c.Now.Sub(begin) > beginBack*time.Millisecond:
		return time.Time{}, wire.Errorf(wire.InvalidRequest, "it would have begun %s ago, and at most 12 hours are taken back", c.Now.Sub(begin).Round(time.Minute)).
			WithHint("start it now, or up to 12 hours ago: --ago 12h")
	case begin.Sub(c.Now) > beginBack*time.Millisecond:
		return time.Time{}, wire.Errorf(wire.InvalidRequest, "it would begin in %s, and a start is at most 12 hours ahead", begin.Sub(c.Now).Round(time.Minute)).
			WithHint(`intercom focus schedule ` + c.Room.Name + ` --at ` + begin.Format(time.RFC3339))
	}
	return begin, nil
}

func replyStart(r app.Reader, _ StartReq, events []*event.Signed, c app.Call) (StartReply, error) {
	return StartReply{showAfter(r, events, c)}, nil
}

// day shows a time of a day to a person where this program runs.
func day(t time.Time) string { return t.Local().Format("15:04 on Mon 2 Jan") }
