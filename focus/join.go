package focus

import (
	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// JoinReq takes part in the session that runs, else in the next: one that is
// scheduled for the next 24 hours, or whichever starts in that time.
type JoinReq struct {
	app.InNamed
	DayStart
}

// JoinReply is the session that the caller takes part in, or the room where
// he waits for one.
type JoinReply struct{ Session }

// Note implements wire.Noted.
func (j JoinReply) Note() string {
	if Runs(j.Status) {
		return ""
	}
	if j.Scheduled {
		return "you take part in the session that begins by itself at " + day(j.StartedAt)
	}
	return "no session is running: you take part in the next one that starts here within 24 hours"
}

var joinDef = wire.Def[JoinReq, JoinReply]{Spec: wire.Spec{
	Request: "focus_join", Reply: "focus_joined", Scope: wire.ScopeFocus,
	Summary: "Take part in a room's session, or in its next one", Command: "focus join", Write: true,
}}

// decideJoin writes also where the caller is in already: it tells the others
// that he is there, as in the original.
func decideJoin(r app.Reader, in JoinReq, c app.Call) ([]app.Draft, error) {
	now := c.Now.UnixMilli()
	dayStart, err := in.DayStart.minutes()
	if err != nil {
		return nil, err
	}
	join := &Join{DayStart: dayStart}
	l := present(r, now)
	if s := l.shown(c.Author, now); s != nil {
		join.Session = s.id
	} else if ahead := l.upcoming(now); len(ahead) > 0 {
		join.Session = ahead[0].id
	}
	return []app.Draft{{Type: typeJoin, Body: join}}, nil
}

func replyJoin(r app.Reader, _ JoinReq, events []*event.Signed, c app.Call) (JoinReply, error) {
	return JoinReply{showAfter(r, events, c)}, nil
}

// showAfter returns the session that the events are about, else the room.
func showAfter(r app.Reader, events []*event.Signed, c app.Call) Session {
	if len(events) > 0 {
		if id, ok := SessionOf(r, events[0]); ok {
			return showSession(r, id, c)
		}
	}
	return show(r, c)
}
