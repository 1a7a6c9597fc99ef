package focus

import (
	"time"

	"intercom/focus/timesheet"
	"intercom/internal/app"
)

// planned returns the sessions that are scheduled and have not begun, for a
// calendar, by the day of their end where the caller is. Those that were called
// off are among them until their time has come, so that a calendar that took
// them before strikes them out.
func planned(rooms []app.RoomReader, ch choice, now time.Time) (rows []exported) {
	ms := now.UnixMilli()
	for _, room := range rooms {
		for _, s := range load(room, ms, ms+horizon).sessions {
			if !s.Scheduled || s.begin <= ms || s.begin > ms+horizon {
				continue
			}
			end := s.end
			if end == s.begin { // called off
				end = s.scheduled
			}
			_, east := time.UnixMilli(end).In(now.Location()).Zone()
			p := part{session: s, m: &member{key: ch.who}, room: room, day: local{ms: end, tz: east / 60}.date(), seconds: (end - s.begin) / 1000}
			if p.day < ch.since || p.day > ch.until {
				continue
			}
			at := timesheet.Span{From: s.begin / 1000, To: end / 1000}
			rows = append(rows, exported{part: p, Span: at, key: p.rowKey(at, 0), plan: s.plan(p.m)})
		}
	}
	return rows
}

// plan is the status of a session ahead for somebody (RFC 5545 3.8.1.11). It
// is definite for who has a place in it or leads it: it begins by itself.
func (s *session) plan(m *member) string {
	switch {
	case s.end == s.begin:
		return timesheet.Cancelled
	case s.has(m.key), s.member(m.key) == nil && s.mayLead(m.key):
		return timesheet.Confirmed
	}
	return timesheet.Tentative
}

// ahead is the row of a session that has not begun.
func (e exported) ahead() timesheet.Row {
	row := timesheet.Row{
		Session: e.id.String(), Room: e.room.Name, Person: e.m.key.String(), Date: label(ByDay, e.day),
		Seconds: e.seconds, At: e.Span, Plan: e.plan, Written: e.TS / 1000,
	}
	for _, f := range e.facts {
		row.Written = max(row.Written, f.TS/1000)
	}
	for _, w := range e.stands {
		row.Written = max(row.Written, w.ts/1000)
	}
	if _, b, ok := startOf(e.room, e.id); ok {
		row.Goal, row.Tags = b.Goal, b.Tags
	}
	return row
}
