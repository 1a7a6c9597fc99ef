package focus

import (
	"cmp"
	"time"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// PauseReq stops the session's clock, where the caller is its host or a
// co-host; another member pauses for himself.
type PauseReq struct{ app.InNamed }

// PauseReply is the session.
type PauseReply struct{ Session }

// Note implements wire.Noted.
func (p PauseReply) Note() string { return pauseNote(p.Session) }

// ResumeReq ends the pause or the break of the caller's session, or his own.
type ResumeReq struct{ app.InNamed }

// ResumeReply is the session with its new end.
type ResumeReply struct{ Session }

// BreakReq pauses like PauseReq, for as long as it says.
type BreakReq struct {
	app.InNamed
	Minutes Minutes `json:"minutes,omitzero" short:"m" jsonschema:"how long, 1 to 1440 minutes or a text such as 10m; if absent as in the session's cycle, else 5"`
	Long    bool    `json:"long,omitempty" jsonschema:"a long break: as in the session's cycle, else 15 minutes"`
}

// BreakReply is the session with its new end.
type BreakReply struct{ Session }

// Note implements wire.Noted.
func (b BreakReply) Note() string { return pauseNote(b.Session) }

// pauseNote says how a pause ends.
func pauseNote(s Session) string {
	switch {
	case s.Away:
		return "you pause until " + clock(s.AwayUntil) + "; the session goes on. Back: intercom focus resume " + s.Room
	case s.Status == Paused || s.Status == OnBreak:
		return "it goes on by itself at " + clock(s.PausedUntil) + ". Sooner: intercom focus resume " + s.Room
	}
	return ""
}

// clock shows a time to a person where this program runs.
func clock(t time.Time) string { return t.Local().Format("15:04:05") }

const longBreak = 15 * 60 // seconds

var (
	pauseDef = wire.Def[PauseReq, PauseReply]{Spec: wire.Spec{
		Request: "focus_pause", Reply: "focus_paused", Scope: wire.ScopeFocus,
		Summary: "Stop your session's clock, or pause for yourself in another's", Command: "focus pause", Write: true,
	}}
	resumeDef = wire.Def[ResumeReq, ResumeReply]{Spec: wire.Spec{
		Request: "focus_resume", Reply: "focus_resumed", Scope: wire.ScopeFocus,
		Summary: "Go on after a pause or a break", Command: "focus resume", Write: true,
	}}
	breakDef = wire.Def[BreakReq, BreakReply]{Spec: wire.Spec{
		Request: "focus_break", Reply: "focus_on_break", Scope: wire.ScopeFocus,
		Summary: "Take a break of some minutes, your session with you", Command: "focus break", Write: true,
	}}
)

func decidePause(r app.Reader, _ PauseReq, c app.Call) ([]app.Draft, error) {
	s, err := running(r, c, "pause")
	if err != nil {
		return nil, err
	}
	return []app.Draft{{Type: typePause, Body: &Pause{Session: s.id}}}, nil
}

func decideBreak(r app.Reader, in BreakReq, c app.Call) ([]app.Draft, error) {
	minutes, err := in.Minutes.Parse(0)
	if err != nil {
		return nil, err
	}
	s, err := running(r, c, "take a break from")
	if err != nil {
		return nil, err
	}
	usual, long := int64(DefaultBreak), int64(longBreak)
	if len(s.Cycle) > 0 {
		usual, long = s.Cycle[1], max(long, s.Cycle[3])
	}
	if in.Long {
		usual = long
	}
	return []app.Draft{{Type: typeBreak, Body: &Break{Session: s.id, Seconds: cmp.Or(minutes*60, usual)}}}, nil
}

func decideResume(r app.Reader, _ ResumeReq, c app.Call) ([]app.Draft, error) {
	now := c.Now.UnixMilli()
	s, err := own(r, c, "resume")
	if err != nil {
		return nil, err
	}
	if s.paused(now) != nil && !s.mayLead(c.Author) {
		return nil, wire.Errorf(wire.NotHost, "only the host can resume the session, and that is %s", s.host).
			WithHint("it goes on by itself at " + s.paused(now).until(c))
	}
	if m := s.member(c.Author); s.paused(now) == nil && (s.mayLead(c.Author) || m.present(now)) {
		return nil, wire.Errorf(wire.Conflict, "nothing is paused: the session runs for another %s", s.left(now)).
			WithHint("intercom focus status " + c.Room.Name)
	}
	return []app.Draft{{Type: typeResume, Body: &Resume{Session: s.id}}}, nil
}

// running returns the session that the caller can pause.
func running(r app.Reader, c app.Call, command string) (*session, error) {
	now := c.Now.UnixMilli()
	s, err := own(r, c, command)
	if err != nil {
		return nil, err
	}
	if p := s.paused(now); p != nil {
		return nil, wire.Errorf(wire.Conflict, "the session is paused already, until %s", p.until(c)).
			WithHint("intercom focus resume " + c.Room.Name)
	}
	if m := s.member(c.Author); !s.mayLead(c.Author) && !m.present(now) {
		return nil, wire.Errorf(wire.Conflict, "you pause already, until %s", m.away.until(c)).
			WithHint("intercom focus resume " + c.Room.Name)
	}
	return s, nil
}

// own returns the active session in which the caller has the rights of a host,
// else the one in which he takes part, or the error for the command that needs
// one.
func own(r app.Reader, c app.Call, command string) (*session, error) {
	now := c.Now.UnixMilli()
	l := present(r, now)
	for _, is := range []func(*session) bool{
		func(s *session) bool { return s.mayLead(c.Author) },
		func(s *session) bool { return s.has(c.Author) },
	} {
		if s := l.best(now, is); s != nil && is(s) {
			return s, nil
		}
	}
	if l.best(now, func(*session) bool { return false }) == nil {
		return nil, wire.Errorf(wire.NotActive, "room is not active: there is no session to %s", command).
			WithHint("intercom focus start " + c.Room.Name)
	}
	return nil, wire.Errorf(wire.NotActive, "you take part in no session of %s", c.Room.Name).
		WithHint("intercom focus join " + c.Room.Name)
}

// until says when a span ends, in the caller's zone.
func (p *span) until(c app.Call) string {
	return time.UnixMilli(p.to).In(c.Now.Location()).Format("15:04:05")
}

func replyPause(r app.Reader, _ PauseReq, events []*event.Signed, c app.Call) (PauseReply, error) {
	return PauseReply{showAfter(r, events, c)}, nil
}

func replyResume(r app.Reader, _ ResumeReq, events []*event.Signed, c app.Call) (ResumeReply, error) {
	return ResumeReply{showAfter(r, events, c)}, nil
}

func replyBreak(r app.Reader, _ BreakReq, events []*event.Signed, c app.Call) (BreakReply, error) {
	return BreakReply{showAfter(r, events, c)}, nil
}
