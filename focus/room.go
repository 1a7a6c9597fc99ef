package focus

import (
	"slices"
	"sort"
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
		out := s.seenBy(r, c)
		out.addUpcoming(r, l, c)
		return out
	}
	out := Session{
		Status: Idle, Room: c.Room.Name, Replicated: c.Room.Joined, Participants: []event.Key{}, Checkins: []Said{},
	}
	since := now - dayMS
	if s := last(r, now); s != nil {
		out, since = s.seenBy(r, c), max(since, s.end)
	}
	latest := out.addNotes(r, since, now)
	waiting := l.pending(now)
	for _, w := range waiting {
		latest = max(latest, w.ts)
	}
	people := authors(waiting)
	out.Waiting = people[:min(shownPeople, len(people))]
	if latest > 0 && event.Instant(latest).After(out.LastEventAt) {
		out.LastEventAt = event.Instant(latest)
	}
	out.Joined = out.Joined || slices.Contains(people, c.Author)
	if out.Status == Idle {
		out.Participants = append(out.Participants, out.Waiting...)
		out.ParticipantCount += len(people)
	}
	out.addUpcoming(r, l, c)
	return out
}

// addUpcoming shows what is scheduled, the soonest first.
func (out *Session) addUpcoming(r app.Reader, l *log, c app.Call) {
	for _, s := range l.upcoming(c.Now.UnixMilli()) {
		if len(out.Upcoming) == shownUpcoming {
			return
		}
		out.Upcoming = append(out.Upcoming, s.ahead(r, c))
	}
}

func (s *session) ahead(r app.Reader, c app.Call) Upcoming {
	return Upcoming{
		ID: s.id, Host: s.host, Goal: s.goal(r), Begins: event.Instant(s.begin), EndsAt: event.Instant(s.scheduled),
		Joined: s.has(c.Author), Booked: len(s.members),
	}
}

// authors names those who wait, each once.
func authors(waiting []stand) (people []event.Key) {
	seen := map[event.Key]bool{}
	for _, w := range waiting {
		if !seen[w.Author] {
			seen[w.Author] = true
			people = append(people, w.Author)
		}
	}
	return people
}

// line is show for a list of rooms. It reads no texts but the goal.
func line(r app.Reader, c app.Call) RoomLine {
	now := c.Now.UnixMilli()
	l := present(r, now)
	s, people := l.shown(c.Author, now), []event.Key(nil)
	if s == nil {
		s, people = last(r, now), authors(l.pending(now))
	}
	out := RoomLine{Room: c.Room.Name, Status: Idle, Joined: slices.Contains(people, c.Author)}
	if s != nil {
		out.ID, out.Status, out.Participants = s.id, s.status(now), len(s.members)
		out.Goal, out.EndsAt = s.goal(r), event.Instant(s.scheduled)
		out.Joined = out.Joined || s.has(c.Author)
	}
	if out.Status == Idle {
		out.Participants += len(people)
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
	out.Room, out.Replicated = c.Room.Name, c.Room.Joined
	if m := s.member(c.Author); m != nil {
		out.Joined = m.in
		if out.Away = m.in && !m.present(c.Now.UnixMilli()) && Runs(out.Status); out.Away {
			out.AwayUntil = event.Instant(m.away.to)
		}
	}
	return out
}

// addNotes shows the latest check-ins without session since a time and
// returns the time of the last. It walks over no more than it counts.
func (out *Session) addNotes(r app.Reader, since, now int64) (latest int64) {
	type note struct {
		at
		place
		noteRow
	}
	var notes []note
	backward(r, noteRows, since, now+skew, func(a at, decode func(any)) bool {
		latest = max(latest, a.ms)
		if out.NotesCount == countedNotes {
			out.MoreNotes = true
			return false
		}
		if out.NotesCount++; len(notes) < shownNotes {
			n := note{at: a}
			decode(&n.noteRow)
			n.place = place{lamport: n.Lamport, id: a.id}
			notes = append(notes, n)
		}
		return true
	})
	sort.Slice(notes, func(i, j int) bool { return notes[i].compare(notes[j].place) < 0 })
	for _, n := range notes {
		out.Notes = append(out.Notes, said(r, n.at.id, n.Author, n.ms, now))
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
	return (time.Duration(s.remaining(now)) * time.Millisecond).Round(time.Second).String()
}
