package focus

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"sort"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

const (
	countedLength = 10 * 60 * 1000   // ms; shorter sessions make no day
	bridge        = 36 * 3600 * 1000 // ms; a traveller's day may be this long
	minuteMS      = int64(60 * 1000)
)

// StreaksReq asks for everybody's streaks, over all rooms. Who moves up between
// two pages is in neither; who moves down may be in both.
type StreaksReq struct{ wire.Page }

// InRoom implements app.InRoom: all rooms.
func (StreaksReq) InRoom() string { return "" }

// StreaksReply has a line for each peer, those with most sessions first.
type StreaksReply struct {
	Streaks []Streak `json:"streaks"`
	wire.Next
}

// Streak is how regularly a peer has taken part. A day is that of the
// session's end where the peer was, and needs a session of 10 minutes.
type Streak struct {
	Peer     event.Key `json:"peer"`
	Sessions int       `json:"sessions" jsonschema:"ended sessions taken part in, of any length"`
	Streak   int       `json:"streak" jsonschema:"days in a row up to today or yesterday"`
	Best     int       `json:"best" jsonschema:"most days in a row"`
}

// Table implements wire.Tabular.
func (s StreaksReply) Table() wire.Table {
	t := wire.Table{Columns: wire.Columns("peer", ">sessions", ">streak", ">best"), Rows: [][]any{}}
	for _, l := range s.Streaks {
		t.Rows = append(t.Rows, []any{l.Peer, l.Sessions, l.Streak, l.Best})
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
	all := streaks(rooms, c.Now.UnixMilli()).Streaks
	out.Streaks, out.Next, err = wire.Cut(in.Page, all, func(s Streak) string {
		return string(binary.BigEndian.AppendUint64(nil, ^uint64(s.Sessions))) + string(s.Peer[:])
	})
	return out, err
}

// streaks depends on the events and now alone, not on who asks: two peers
// with the same rooms give the same answer.
func streaks(rooms []app.RoomReader, now int64) StreaksReply {
	sessions, ends := map[event.Key]int{}, map[event.Key][]end{}
	for _, room := range rooms {
		for _, s := range loadAll(room).sessions {
			if !s.took(now) {
				continue
			}
			for _, m := range s.members {
				sessions[m.key]++
				if s.end-s.begin >= countedLength {
					ends[m.key] = append(ends[m.key], end{ms: s.end, tz: m.tz})
				}
			}
		}
	}
	out := StreaksReply{Streaks: []Streak{}}
	for peer, n := range sessions {
		current, best := runs(ends[peer], now)
		out.Streaks = append(out.Streaks, Streak{Peer: peer, Sessions: n, Streak: current, Best: best})
	}
	sort.Slice(out.Streaks, func(i, j int) bool {
		a, b := out.Streaks[i], out.Streaks[j]
		return cmp.Or(cmp.Compare(b.Sessions, a.Sessions), bytes.Compare(a.Peer[:], b.Peer[:])) < 0
	})
	return out
}

// end is when a counted session ended, and the peer's zone.
type end struct {
	ms int64
	tz int // minutes east of UTC
}

// date is the number of the local day.
func (e end) date(now int64) int64 {
	local := now + int64(e.tz)*minuteMS
	if local < 0 {
		return local/dayMS - 1
	}
	return local / dayMS
}

// runs returns the run of days that reaches today or yesterday, and the
// longest. Days are in a row if they follow each other or, for a traveller
// who skips one, if their sessions end less than 36 hours apart. Today is
// that of the peer's latest zone.
func runs(ends []end, now int64) (current, best int) {
	if len(ends) == 0 {
		return 0, 0
	}
	slices.SortFunc(ends, func(a, b end) int { return cmp.Or(cmp.Compare(a.ms, b.ms), cmp.Compare(a.tz, b.tz)) })
	type day struct{ date, first, last int64 }
	var days []day
	for _, e := range ends {
		date := e.date(e.ms)
		i, found := slices.BinarySearchFunc(days, date, func(d day, date int64) int { return cmp.Compare(d.date, date) })
		if found {
			days[i].last = e.ms
		} else {
			days = slices.Insert(days, i, day{date, e.ms, e.ms})
		}
	}
	run := 0
	for i, d := range days {
		if i > 0 && d.date != days[i-1].date+1 && d.first-days[i-1].last >= bridge {
			run = 0
		}
		run++
		best = max(best, run)
	}
	latest := ends[len(ends)-1]
	if days[len(days)-1].date >= latest.date(now)-1 {
		current = run
	}
	return current, best
}
