package focus

import (
	"time"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// notice tells who takes part in a session that it has ended, by its time or
// by another, and that time has begun or ended a break.
func notice(r app.Reader, h app.Happened, self event.Key) (title, text string) {
	id, at, what := event.ID{}, h.Now, ""
	if h.Event == nil {
		t, ok := ParseTimer(h.Due.ID)
		if !ok {
			return "", ""
		}
		id, at = t.Session, t.At
		what = map[string]string{
			TimeBegin: "the session begins", TimeBreak: "time for a break", TimeWork: "the break is over", TimeLapse: "the pause is over",
			TimeEnd: "the session is over",
		}[t.What]
	} else if h.Event.Type == typeEnd && !h.Local && Counts(r, h.Event) {
		id, _ = SessionOf(r, h.Event)
		at, what = time.UnixMilli(max(h.Event.TS, h.Now.UnixMilli())), "the session has been ended"
	}
	s := around(r, id)
	if what == "" || s == nil || !s.has(self) {
		return "", ""
	}
	out := s.snapshot(r, at.UnixMilli())
	if ended := out.Status == Ended; h.Event == nil && ended != (what == "the session is over") || h.Event != nil && !ended {
		return "", "" // it went otherwise meanwhile
	}
	text = out.Goal
	if out.Summary != "" {
		text += ": " + out.Summary
	}
	if text == "" {
		text = h.Room
	}
	return h.Room + ": " + what, text
}
