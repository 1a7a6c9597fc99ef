package focus

import (
	"slices"
	"strings"
	"time"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// show returns the room as the caller sees it.
func show(r app.Reader, c app.Call) Session {
	now := c.Now.UnixMilli()
	l := present(r, now)
	if s := l.shown(c.Author, now); s != nil {
		return s.seenBy(r, c)
	}
	out := Session{Status: Idle, Room: c.Room.Name, Participants: []event.Key{}, Checkins: []Said{}}
	since := now - dayMS
	if s := last(r, now); s != nil {
		out, since = s.seenBy(r, c), max(since, s.end)
	}
	latest := out.addNotes(r, since, now+skew)
	for _, w := range l.pending(now) {
		latest = max(latest, w.ts)
		if !slices.Contains(out.Waiting, w.Author) {
			out.Waiting = append(out.Waiting, w.Author)
		}
	}
	if latest > 0 && event.Instant(latest).After(out.LastEventAt) {
		out.LastEventAt = event.Instant(latest)
	}
	out.Joined = out.Joined || slices.Contains(out.Waiting, c.Author)
	if out.Status == Idle {
		out.Participants = append(out.Participants, out.Waiting...)
	}
	return out
}

// showSession returns one session as the caller sees it, the room if the
// session does not count.
func showSession(r app.Reader, id event.ID, c app.Call) Session {
	if s := around(r, id); s != nil {
		return s.seenBy(r, c)
	}
	return show(r, c)
}

func (s *session) seenBy(r app.Reader, c app.Call) Session {
	out := s.snapshot(r, c.Now.UnixMilli())
	out.Room = c.Room.Name
	out.Joined = s.member(c.Author) != nil
	return out
}

// addNotes shows the check-ins without session of a span of time and returns
// the time of the latest.
func (out *Session) addNotes(r app.Reader, low, high int64) (latest int64) {
	type note struct {
		at
		place
		noteRow
	}
	var notes []note
	window(r, noteRows, low, high, func(a at, decode func(any)) {
		n := note{at: a}
		decode(&n.noteRow)
		n.place = place{lamport: n.Lamport, id: a.id}
		notes = append(notes, n)
		latest = max(latest, a.ms)
	})
	slices.SortFunc(notes, func(a, b note) int { return a.compare(b.place) })
	for _, n := range notes {
		out.Notes = append(out.Notes, said(r, n.at.id, n.Author, n.ms, false))
	}
	return latest
}

// cut trims a text and cuts it at the limit of the bodies, as the author's
// side does; receivers refuse longer ones.
func cut(s string) string {
	s = strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD"))
	n := 0
	for i := range s {
		if n == MaxText {
			return s[:i]
		}
		n++
	}
	return s
}

// left says how long a session still runs.
func (s *session) left(now int64) string {
	return (time.Duration(s.end-max(now, s.begin)) * time.Millisecond).Round(time.Second).String()
}
