package focus

import (
	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// LeaveReq ends taking part in the session that runs, in one that is
// scheduled, or the wait for the next.
type LeaveReq struct{ app.InNamed }

// LeaveReply is the session that the caller has left, or the room where he
// waited.
type LeaveReply struct{ Session }

// Note implements wire.Noted.
func (l LeaveReply) Note() string {
	if !Runs(l.Status) {
		return ""
	}
	return "the session goes on without you; what you did in it counts. Back: intercom focus join " + l.Room
}

var leaveDef = wire.Def[LeaveReq, LeaveReply]{Spec: wire.Spec{
	Request: "focus_leave", Reply: "focus_left", Scope: wire.ScopeFocus,
	Summary: "Take part no longer, or wait no longer for the next session", Command: "focus leave", Write: true,
}}

func decideLeave(r app.Reader, _ LeaveReq, c app.Call) ([]app.Draft, error) {
	now := c.Now.UnixMilli()
	l := present(r, now)
	if s := l.best(now, func(s *session) bool { return s.has(c.Author) }); s != nil && s.has(c.Author) {
		return []app.Draft{{Type: typeLeave, Body: &Leave{Session: s.id}}}, nil
	}
	for _, s := range l.upcoming(now) {
		if s.has(c.Author) {
			return []app.Draft{{Type: typeLeave, Body: &Leave{Session: s.id}}}, nil
		}
	}
	for _, w := range l.pending(now) {
		if w.Author == c.Author {
			return []app.Draft{{Type: typeLeave, Body: &Leave{}}}, nil
		}
	}
	return nil, wire.Errorf(wire.NotActive, "you take part in no session of %s and wait for none", c.Room.Name).
		WithHint("intercom focus status " + c.Room.Name)
}

func replyLeave(r app.Reader, _ LeaveReq, events []*event.Signed, c app.Call) (LeaveReply, error) {
	return LeaveReply{showAfter(r, events, c)}, nil
}
