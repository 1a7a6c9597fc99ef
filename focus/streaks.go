package focus

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"sort"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// StreaksReq asks for everybody's streaks, over all rooms unless it names one. Who moves up between
// two pages is in neither; who moves down may be in both.
type StreaksReq struct {
	// The original ignores a room here, and so do we: only is none of its fields.
	Only     string `json:"only,omitempty" flag:"room" arg:"room" jsonschema:"name of the room whose sessions alone are looked at; those of all rooms if absent"`
	Weekdays string `json:"weekdays,omitempty" jsonschema:"days that a streak asks for: mon-fri or mon,wed,fri; every day if absent"`
	Freezes  string `json:"freezes,omitempty" jsonschema:"missed days that do not end a streak: 1/week or 3/month; none if absent"`
	wire.Page
}

// InRoom implements app.InRoom.
func (r StreaksReq) InRoom() string { return r.Only }

// StreaksReply has a line for each peer, those with most sessions first.
type StreaksReply struct {
	Streaks []Streak `json:"streaks"`
	wire.Next
}

// Streak is how regularly a peer has taken part. A day is that of the
// session's end where the peer was, and needs a session that counts: 10 minutes
// of work, of which he was there for 80 percent or said something in the last
// third.
type Streak struct {
	Peer       event.Key `json:"peer"`
	Sessions   int       `json:"sessions" jsonschema:"ended sessions taken part in, of any length"`
	Streak     int       `json:"streak" jsonschema:"days in a row up to today or yesterday"`
	Best       int       `json:"best" jsonschema:"most days in a row"`
	Counted    int       `json:"counted" jsonschema:"sessions that make a day: 10 minutes or more, present for 80 percent or with a check-in in the last third"`
	Attendance int       `json:"attendance" jsonschema:"percent of the peer's own last 20 sessions of 10 minutes or more that counted; that of focus stats is of the room's sessions"`
	Frozen     int       `json:"frozen,omitempty" jsonschema:"missed days of the streak that were frozen; they make it no longer"`
}

// Table implements wire.Tabular.
func (s StreaksReply) Table() wire.Table {
	t := wire.Table{Columns: wire.Columns("peer", ">sessions", ">streak", ">best", ">counted", ">attendance"), Rows: [][]any{}}
	for _, l := range s.Streaks {
		t.Rows = append(t.Rows, []any{l.Peer, l.Sessions, l.Streak, l.Best, l.Counted, l.Attendance})
	}
	return t
}

// Note implements wire.Noted.
func (s StreaksReply) Note() string { return noteIfNoneEnded(len(s.Streaks)) + s.More() }

var streaksDef = wire.Def[StreaksReq, StreaksReply]{Spec: wire.Spec{
	Request: "focus_streaks", Reply: "focus_streaks", Scope: wire.ScopeRead,
	Summary: "How many sessions and days in a row everybody has", Command: "focus streaks", Rooms: true,
}}

func readStreaks(rooms []app.RoomReader, in StreaksReq, c app.Call) (out StreaksReply, err error) {
	h, err := parseHabit(in.Weekdays, in.Freezes)
	if err != nil {
		return out, err
	}
	out.Streaks, out.Next, err = wire.Cut(in.Page, streaks(rooms, h, c.Now.UnixMilli()), func(s Streak) string {
		return string(binary.BigEndian.AppendUint64(nil, ^uint64(s.Sessions))) + string(s.Peer[:])
	})
	return out, err
}

// attended is a session that somebody took part in.
type attended struct {
	end     local
	counted bool
}

// streaks depends on the events, the habit and now alone, not on who asks: two
// peers with the same rooms give the same answer.
func streaks(rooms []app.RoomReader, h habit, now int64) []Streak {
	sessions, all := map[event.Key]int{}, map[event.Key][]attended{}
	for _, s := range history(rooms, now, choice{}) {
		for _, m := range s.members {
			sessions[m.key]++
			if s.long() {
				all[m.key] = append(all[m.key], attended{m.local(s.end), s.countsFor(m)})
			}
		}
	}
	out := []Streak{}
	for peer, n := range sessions {
		one := streakOf(all[peer], h, now)
		one.Peer, one.Sessions = peer, n
		out = append(out, one)
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i], out[j]
		return cmp.Or(cmp.Compare(b.Sessions, a.Sessions), bytes.Compare(a.Peer[:], b.Peer[:])) < 0
	})
	return out
}

// streakOf works out one peer's from his sessions of 10 minutes or more, in
// the order in which they ended.
func streakOf(all []attended, h habit, now int64) (out Streak) {
	var ends []local
	for _, a := range all {
		if a.counted {
			ends = append(ends, a.end)
		}
	}
	r := h.runs(ends, now)
	out.Streak, out.Best, out.Frozen, out.Counted = r.current, r.best, r.frozen, len(ends)
	if lately := all[max(0, len(all)-recent):]; len(lately) > 0 {
		for _, a := range lately {
			if a.counted {
				out.Attendance++
			}
		}
		out.Attendance = out.Attendance * 100 / len(lately)
	}
	return out
}

// local is where the member was at a time.
func (m *member) local(ms int64) local { return local{ms, m.tz, m.dayStart} }
