package focus

import (
	"slices"
	"time"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// Snapshot returns a session as it is at now; it is idle where its author's
// clock is ahead and it has not begun. The room's name, whether it is
// replicated and whether the reader takes part are left to the caller. It is
// false where id is no session that counts.
func Snapshot(r app.Reader, id event.ID, now time.Time) (Session, bool) {
	s := around(r, id)
	if s == nil {
		return Session{}, false
	}
	return s.snapshot(r, now.UnixMilli()), true
}

// SessionOf returns the session that an event of the app is about: its own id
// for a start, for a standing join the session that it counts for. It is
// false where there is none, so far or at all.
func SessionOf(r app.Reader, e *event.Signed) (event.ID, bool) {
	if _, ok := bodyOf(e); !ok {
		return event.ID{}, false
	}
	if e.Type == typeStart || e.Type == typeSchedule {
		return e.ID, true
	}
	var about struct { // every other body names its session alike
		Session event.ID `cbor:"session"`
	}
	if event.Unmarshal(e.Body, &about) != nil {
		return event.ID{}, false
	}
	if e.Type == typeJoin && about.Session.IsZero() {
		return standsFor(r, e)
	}
	return about.Session, !about.Session.IsZero()
}

func standsFor(r app.Reader, e *event.Signed) (event.ID, bool) {
	for _, s := range load(r, e.TS, e.TS).sessions {
		if slices.ContainsFunc(s.stands, func(w stand) bool { return w.id == e.ID }) {
			return s.id, true
		}
	}
	return event.ID{}, false
}

func (s *session) snapshot(r app.Reader, now int64) Session {
	out := Session{
		ID: s.id, Host: s.host, Status: s.status(now), Scheduled: s.Scheduled,
		StartedAt: event.Instant(s.begin), EndsAt: event.Instant(s.scheduled),
		Participants: []event.Key{}, ParticipantCount: len(s.members),
		Checkins: []Said{}, CheckinCount: s.checkins,
	}
	if _, b, ok := startOf(r, s.id); ok {
		out.Goal, out.Tags = b.Goal, b.Tags
	}
	for _, m := range s.members[:min(shownPeople, len(s.members))] {
		out.Participants = append(out.Participants, m.key)
	}
	for _, key := range s.hosts {
		if key != s.host && len(out.Cohosts) < shownPeople {
			out.Cohosts = append(out.Cohosts, key)
		}
	}
	lastEvent := s.TS
	if s.Scheduled {
		lastEvent = min(s.TS, now)
	}
	for i := range s.facts {
		if f := &s.facts[i]; !f.late && !f.moot {
			lastEvent = max(lastEvent, f.TS)
		}
	}
	out.addFacts(r, s.facts, now)
	for _, w := range s.stands {
		lastEvent = max(lastEvent, w.ts)
	}
	out.addCycle(s, now)
	for _, p := range s.pauses {
		out.PausedSeconds += max(0, min(p.to, now)-p.from) / 1000
	}
	switch {
	case Runs(out.Status):
		out.RemainingSeconds = (s.remaining(now) + 999) / 1000
		out.addPresent(s, now)
		out.PhaseSeconds = max(0, out.ChangesAt().UnixMilli()-now+999) / 1000
	case out.Status == Ended:
		lastEvent = max(lastEvent, s.end)
		out.close(r, s)
	}
	out.LastEventAt = event.Instant(lastEvent)
	return out
}

// addPresent shows who is there, and the pause or break if there is one.
func (out *Session) addPresent(s *session, now int64) {
	for _, m := range s.members {
		if !m.present(now) {
			continue
		}
		if out.PresentCount++; len(out.Present) < shownPeople {
			out.Present = append(out.Present, m.key)
		}
	}
	if p := s.paused(now); p != nil {
		out.PausedAt, out.PausedUntil = event.Instant(p.from), event.Instant(p.to)
	} else if ph, ok := s.phase(now); ok && ph.name != Work {
		out.PausedAt, out.PausedUntil = event.Instant(ph.from), event.Instant(ph.to)
	}
}

func (out *Session) addCycle(s *session, now int64) {
	if len(s.Cycle) == 0 {
		return
	}
	out.Cycle = &Cycle{WorkSeconds: s.Cycle[0], BreakSeconds: s.Cycle[1], LongBreakSeconds: s.Cycle[3], Rounds: int(s.Cycle[2])}
	if ph, ok := s.phase(max(now, s.begin)); ok && Runs(out.Status) {
		out.Cycle.Round, out.Cycle.Phase, out.Cycle.PhaseEndsAt = ph.round, ph.name, event.Instant(ph.to)
	}
}

// ChangesAt returns when time alone ends the break, pause or round of work that
// a session is in, else when it ends the session; the zero time where no
// session runs.
func (out *Session) ChangesAt() time.Time {
	switch {
	case !Runs(out.Status):
		return time.Time{}
	case !out.PausedUntil.IsZero():
		return out.PausedUntil
	case out.Cycle != nil:
		return out.Cycle.PhaseEndsAt
	}
	return out.EndsAt
}

// addFacts shows the latest facts, and reads the events of no others.
func (out *Session) addFacts(r app.Reader, facts []factOf, now int64) {
	checkins, late := 0, 0
	for _, f := range slices.Backward(facts) {
		if f.late {
			out.LateCount++
		}
		switch {
		case f.Kind != factCheckIn:
			if f.late && len(out.Late) < shownLate {
				out.Late = append(out.Late, LateAct{Who: f.Author, At: event.Instant(f.TS), What: f.Kind.String()})
			}
			continue
		case f.late:
			late++
		default:
			checkins++
		}
		if f.late && late <= shownLate || !f.late && checkins <= shownCheckins {
			c := said(r, f.id, f.Author, f.TS, now)
			c.Late = f.late
			out.Checkins = append(out.Checkins, c)
		}
	}
	slices.Reverse(out.Checkins)
	slices.Reverse(out.Late)
}

func (out *Session) close(r app.Reader, s *session) {
	out.EndedReason, out.EndedAt = Timer, event.Instant(s.end)
	if s.ender != nil {
		out.EndedReason = Manual
		var b End
		if e, ok := r.Event(s.ender.id); ok && event.DecodeBody(e.Body, &b) == nil {
			out.Summary = b.Summary
		}
	}
	out.Stats = &Totals{
		PlannedDurationMs: s.scheduled - s.begin, ActualDurationMs: s.end - s.begin,
		ParticipantCount: len(s.members), CheckinCount: s.checkins,
	}
	if worked := s.worked(); worked < s.end-s.begin {
		out.Stats.WorkedMs = worked
	}
}

// worked is how long the session's clock ran for work, in ms.
func (s *session) worked() int64 { return common(s.work(), []span{{from: s.begin, to: s.end}}) }

func (s *session) goal(r app.Reader) string {
	if _, b, ok := startOf(r, s.id); ok {
		return b.Goal
	}
	return ""
}

func said(r app.Reader, id event.ID, who event.Key, ts, now int64) Said {
	var b CheckIn
	if e, ok := r.Event(id); ok {
		_ = event.DecodeBody(e.Body, &b) // it was folded, so it decodes
	}
	return Said{Who: who, At: event.Instant(ts), Text: b.Text, ClockAhead: ts > now+clockAhead}
}
