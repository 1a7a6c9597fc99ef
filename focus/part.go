package focus

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// part is what somebody did in a session that has ended, or still runs.
type part struct {
	*session
	m       *member
	room    app.RoomReader
	day     int64  // of its end, where he was
	stints  []span // when he worked, in seconds since 1970
	seconds int64
	open    bool
}

// choice is whose parts of which days are asked for.
type choice struct {
	who          event.Key // zero: everybody
	since, until int64     // days, both included
	open         bool      // sessions that still run too, up to now
	from         int64     // ms; only sessions that began since; 0: all
}

const (
	asMe  = "me"
	asAll = "all"
)

// choose reads who and when. A person is the asking peer, all, or a key or the
// beginning of one that took part in the rooms.
func choose(rooms []app.RoomReader, as, since, until string, c app.Call) (ch choice, err error) {
	if ch.since, err = dayBound(since, "since", c.Now); err != nil {
		return ch, err
	}
	ch.until = never
	if until != "" {
		if ch.until, err = dayBound(until, "until", c.Now); err != nil {
			return ch, err
		}
	}
	if ch.until < ch.since {
		return ch, wire.Errorf(wire.InvalidRequest, "until is before since").WithHint("--since 2026-03-01 --until 2026-03-31")
	}
	switch as = strings.ToLower(strings.TrimSpace(as)); as {
	case asMe:
		ch.who = c.Author
	case asAll:
	default:
		ch.who, err = person(rooms, as)
	}
	return ch, err
}

// person returns the key that a text is or that it begins.
func person(rooms []app.RoomReader, text string) (found event.Key, err error) {
	if key, err := event.ParseKey(text); err == nil {
		return key, nil
	}
	who := "me, all, or the beginning of a key as focus stats shows it"
	keys := map[event.Key]bool{}
	for _, room := range rooms {
		for _, s := range loadAll(room).sessions {
			for _, m := range s.members {
				if text != "" && strings.HasPrefix(m.key.String(), text) {
					keys[m.key], found = true, m.key
				}
			}
		}
	}
	switch len(keys) {
	case 0:
		return found, wire.Errorf(wire.NotFound, "nobody whose key begins with %.64q took part", text).WithHint(who)
	case 1:
		return found, nil
	}
	return event.Key{}, wire.Errorf(wire.Ambiguous, "%d people have keys that begin with %.64q", len(keys), text).WithHint(who)
}

// dayBound reads a day: a date, today, yesterday, or so many days, weeks or
// months back such as 7d, 2w and 3m; empty is the first of all days.
func dayBound(text, field string, now time.Time) (int64, error) {
	if text == "" {
		return -never / dayMS, nil
	}
	day := now
	n := number(text[:len(text)-1])
	switch unit := text[len(text)-1]; {
	case text == "today":
	case text == "yesterday":
		day = now.AddDate(0, 0, -1)
	case n >= 0 && n < 10000 && unit == 'd':
		day = now.AddDate(0, 0, -int(n))
	case n >= 0 && n < 10000 && unit == 'w':
		day = now.AddDate(0, 0, -7*int(n))
	case n >= 0 && n < 10000 && unit == 'm':
		day = now.AddDate(0, -int(n), 0)
	default:
		var err error
		if day, err = time.Parse(time.DateOnly, text); err != nil {
			return 0, wire.Errorf(wire.InvalidRequest, "%s: %.64q is no day", field, text).
				WithHint("a date such as 2026-03-01, today, yesterday, or 7d, 2w or 3m ago")
		}
	}
	y, m, d := day.Date()
	return floorDiv(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).UnixMilli(), dayMS), nil
}

// held is a session that took place in a room.
type held struct {
	*session
	room app.RoomReader
}

// history returns the sessions that are over, and where they are asked for those that run, in
// the order in which they end. Who named no start of his days in one has the
// one that he named last before.
func history(rooms []app.RoomReader, now int64, ch choice) (all []held) {
	for _, room := range rooms {
		l := (*log)(nil)
		if ch.from > 0 {
			l = load(room, ch.from, now)
		} else {
			l = loadAll(room)
		}
		for _, s := range l.sessions {
			if s.begin >= ch.from && s.took(now) || ch.open && s.begin <= now && now < s.end && len(s.members) > 0 {
				all = append(all, held{s, room})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b held) int { return cmp.Or(cmp.Compare(a.end, b.end), a.id.Compare(b.id)) })
	last := map[event.Key]int64{}
	for _, h := range all {
		for _, m := range h.members {
			if m.dayStart == anyDayStart {
				m.dayStart = last[m.key]
			}
			last[m.key] = m.dayStart
		}
	}
	return all
}

// parts returns the parts that were asked for, in order of their first second.
func parts(rooms []app.RoomReader, ch choice, now int64) (all []part) {
	for _, h := range history(rooms, now, ch) {
		for _, m := range h.members {
			p := part{session: h.session, m: m, room: h.room, open: now < h.end, day: m.local(min(h.end, now)).date()}
			if ch.who != (event.Key{}) && m.key != ch.who || p.day < ch.since || p.day > ch.until {
				continue
			}
			p.stints, p.seconds = h.stints(m, now)
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b part) int {
		return cmp.Or(cmp.Compare(a.from(), b.from()), a.id.Compare(b.id), slices.Compare(a.m.key[:], b.m.key[:]))
	})
	return all
}

// stints returns when a member worked, up to now, in whole seconds: what he
// was there for while the clock ran for work, and no more than he says
// himself. Beginnings and ends are taken at the second in which they are, so
// times that follow each other leave no gap and none counts twice.
func (s *session) stints(m *member, now int64) (out []span, seconds int64) {
	for _, p := range overlap(m.stays, until(s.work(), now)) {
		p.from, p.to = p.from/1000, p.to/1000
		if m.done != nil {
			p.to = min(p.to, p.from+m.done.Seconds-seconds)
		}
		if p.from >= p.to {
			continue
		}
		seconds += p.to - p.from
		if n := len(out); n > 0 && out[n-1].to == p.from {
			out[n-1].to = p.to
		} else {
			out = append(out, span{from: p.from, to: p.to})
		}
	}
	return out, seconds
}

// overlap returns what two lists of spans have in common, each in order.
func overlap(a, b []span) (out []span) {
	for len(a) > 0 && len(b) > 0 {
		if from, to := max(a[0].from, b[0].from), min(a[0].to, b[0].to); from < to {
			out = append(out, span{from: from, to: to})
		}
		if a[0].to < b[0].to {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return out
}

// from is the first second of work; where there is none, when he came.
func (p part) from() int64 {
	if len(p.stints) > 0 {
		return p.stints[0].from
	}
	return p.m.since / 1000
}

// to is the last second of work.
func (p part) to() int64 {
	if n := len(p.stints); n > 0 {
		return p.stints[n-1].to
	}
	return p.from()
}

// seen counts the others who prove that he was there.
func (p part) seen() int {
	if len(p.members) < 2 {
		return 0
	}
	return p.witnesses(p.room, p.m.key)
}
