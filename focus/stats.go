package focus

import (
	"bytes"
	"cmp"
	"slices"
	"sort"
	"strings"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

const (
	recent      = 20  // sessions that attendance looks at
	mostRefused = 100 // that a reply lists
)

// StatsReq asks for the totals of a room, or of all of them.
type StatsReq struct {
	app.InNamed
	Goal string `json:"goal,omitempty" jsonschema:"what you want to do each day: 90m, 1h30m or 4 sessions"`
}

// StatsReply has the totals of each room.
type StatsReply struct {
	Rooms []RoomStats `json:"rooms"`
	Today *Today      `json:"today,omitempty" jsonschema:"how far the asking peer is with his goal, in these rooms"`
}

// RoomStats are the totals of a room's ended sessions.
type RoomStats struct {
	Room         string        `json:"room"`
	Sessions     int           `json:"sessions"`
	Minutes      int64         `json:"minutes" jsonschema:"that the sessions lasted"`
	Checkins     int           `json:"checkins"`
	People       []PersonStats `json:"people"`
	Refused      []Refused     `json:"refused,omitempty" jsonschema:"events that do not count, the first 100"`
	RefusedCount int           `json:"refusedCount"`
}

// PersonStats are one peer's totals in a room.
type PersonStats struct {
	Peer       event.Key `json:"peer"`
	Sessions   int       `json:"sessions"`
	Minutes    int64     `json:"minutes" jsonschema:"while there, without pauses and breaks"`
	Checkins   int       `json:"checkins"`
	Attendance int       `json:"attendance" jsonschema:"percent of the room's last 20 sessions that the peer took part in, counted or not; that of focus streaks is of the peer's own sessions"`
	Seconds    int64     `json:"seconds" jsonschema:"the same as minutes to the second, as exports have it"`
	Counted    int       `json:"counted" jsonschema:"sessions that make a day of a streak"`
	Witnessed  int       `json:"witnessed" jsonschema:"sessions in which another saw the peer, by their signatures"`
}

// Refused is an event that does not count.
type Refused struct {
	Event  event.ID  `json:"event"`
	Who    event.Key `json:"who"`
	Type   string    `json:"type"`
	Reason string    `json:"reason"`
}

// List implements wire.Listed.
func (StatsReply) List() string { return "rooms" }

// Table implements wire.Tabular: one row for each peer of each room.
func (s StatsReply) Table() wire.Table {
	t := wire.Table{
		Columns: wire.Columns("room", "peer", ">sessions", ">minutes", ">checkins", ">took_part", ">counted", ">witnessed"), Rows: [][]any{},
	}
	for _, r := range s.Rooms {
		for _, p := range r.People {
			t.Rows = append(t.Rows, []any{r.Room, p.Peer, p.Sessions, p.Minutes, p.Checkins, p.Attendance, p.Counted, p.Witnessed})
		}
	}
	return t
}

// Note implements wire.Noted.
func (s StatsReply) Note() string {
	sessions := 0
	for _, r := range s.Rooms {
		sessions += r.Sessions
	}
	return strings.Trim(noteIfNoneEnded(sessions)+"\n"+goalNote(s.Today), "\n")
}

var statsDef = wire.Def[StatsReq, StatsReply]{Spec: wire.Spec{
	Request: "focus_stats", Reply: "focus_stats", Scope: wire.ScopeRead,
	Summary: "Totals of rooms and of who took part", Command: "focus stats", Rooms: true,
}}

func readStats(rooms []app.RoomReader, in StatsReq, c app.Call) (out StatsReply, err error) {
	if out.Today, err = today(rooms, in.Goal, c); err != nil {
		return out, err
	}
	out.Rooms = make([]RoomStats, 0, len(rooms))
	for _, room := range rooms {
		out.Rooms = append(out.Rooms, stats(room, c.Now.UnixMilli()))
	}
	return out, nil
}

func stats(room app.RoomReader, now int64) RoomStats {
	ended := slices.DeleteFunc(loadAll(room).sessions, func(s *session) bool { return !s.took(now) })
	slices.SortFunc(ended, func(a, b *session) int { return cmp.Or(cmp.Compare(a.end, b.end), a.compare(b.place)) })
	out := RoomStats{Room: room.Name, Sessions: len(ended), People: []PersonStats{}}
	attended := min(recent, len(ended))
	people := map[event.Key]*PersonStats{}
	length := map[event.Key]int64{}
	total := int64(0)
	for i, s := range ended {
		total += s.end - s.begin
		out.Checkins += s.checkins
		for _, m := range s.members {
			p := people[m.key]
			if p == nil {
				p = &PersonStats{Peer: m.key}
				people[m.key] = p
			}
			p.Sessions++
			_, seconds := s.stints(m, now)
			if p.Seconds += seconds; s.countsFor(m) {
				p.Counted++
			}
			if len(s.members) > 1 && s.witnesses(room, m.key) > 0 {
				p.Witnessed++
			}
			length[m.key] += s.spent(m)
			if i >= len(ended)-attended {
				p.Attendance++ // a count until all are seen
			}
		}
		for _, f := range s.facts {
			if f.Kind == factCheckIn && !f.late {
				people[f.Author].Checkins++
			}
		}
	}
	out.Minutes = total / minuteMS
	for key, p := range people {
		p.Minutes, p.Attendance = length[key]/minuteMS, p.Attendance*100/attended
		out.People = append(out.People, *p)
	}
	sort.Slice(out.People, func(i, j int) bool {
		a, b := out.People[i], out.People[j]
		return cmp.Or(cmp.Compare(b.Minutes, a.Minutes), bytes.Compare(a.Peer[:], b.Peer[:])) < 0
	})
	out.Refused, out.RefusedCount = refused(room)
	return out
}

// refused lists the events that do not count, in order of (lamport, id).
func refused(r app.Reader) (list []Refused, count int) {
	r.Scan(refusedRows, func(key string, decode func(any)) bool {
		if count++; len(list) == mostRefused {
			return true
		}
		id := parsePlace(key).id
		var row refusedRow
		decode(&row)
		if e, ok := r.Event(id); ok {
			list = append(list, Refused{Event: id, Who: e.Author, Type: e.Type, Reason: row.Reason.String()})
		}
		return true
	})
	return list, count
}
