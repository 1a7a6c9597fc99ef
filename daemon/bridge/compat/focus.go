package compat

import (
	"slices"
	"time"

	"intercom/focus"
	"intercom/ledger/event"
)

// shownCheckins is how many of the last check-ins the original shows.
const shownCheckins = 10

// focusRoom is a room of the focus app.
type focusRoom struct {
	Room         string         `json:"room"`
	Host         *event.Key     `json:"host"`
	Goal         string         `json:"goal"`
	StartedAt    *int64         `json:"startedAt"`
	EndsAt       *int64         `json:"endsAt"`
	LastEventAt  *int64         `json:"lastEventAt"`
	Status       string         `json:"status"`
	EndedAt      *int64         `json:"endedAt"`
	EndedReason  *string        `json:"endedReason"`
	Participants []event.Key    `json:"participants"`
	Checkins     []focusCheckin `json:"checkins"`
	Stats        *focusStats    `json:"stats"`
}

type focusCheckin struct {
	Who    event.Key `json:"who"`
	At     int64     `json:"at"`
	Status string    `json:"status"`
}

type focusStats struct {
	PlannedDurationMs int64 `json:"plannedDurationMs"`
	ActualDurationMs  int64 `json:"actualDurationMs"`
	ParticipantCount  int   `json:"participantCount"`
	CheckinCount      int   `json:"checkinCount"`
}

type focusLine struct {
	Room         string `json:"room"`
	Status       string `json:"status"`
	Participants int    `json:"participants"`
	Goal         string `json:"goal"`
	EndsAt       *int64 `json:"endsAt"`
}

type focusStreak struct {
	Peer     event.Key `json:"peer"`
	Sessions int       `json:"sessions"`
}

type roomReply struct {
	Room any `json:"room"` // focusRoom, []focusRoom or nil
}

type endReply struct {
	Room  focusRoom   `json:"room"`
	Stats *focusStats `json:"stats"`
}

// focusReply returns the original's fields of a reply of the focus app, nil
// where it has no such reply.
func (s Shapes) focusReply(reply any) any {
	switch r := reply.(type) {
	case focus.StartReply:
		return roomReply{s.roomOf(r.Session)}
	case focus.JoinReply:
		return roomReply{s.roomOf(r.Session)}
	case focus.CheckInReply:
		return roomReply{s.roomOf(r.Session)}
	case focus.ExtendReply:
		return roomReply{s.roomOf(r.Session)}
	case focus.EndReply:
		return endReply{Room: s.roomOf(r.Session), Stats: statsOf(r.Stats)}
	case focus.StatusReply:
		return s.statusReply(r)
	case focus.RoomsReply:
		lines := make([]focusLine, 0, len(r.Rooms))
		for _, l := range r.Rooms {
			lines = append(lines, focusLine{
				Room: l.Room, Status: statusOf(l.Status), Participants: l.Participants, Goal: l.Goal, EndsAt: milli(l.EndsAt),
			})
		}
		return struct {
			Rooms []focusLine `json:"rooms"`
		}{lines}
	case focus.StreaksReply:
		streaks := make([]focusStreak, 0, len(r.Streaks))
		for _, k := range r.Streaks {
			streaks = append(streaks, focusStreak{Peer: k.Peer, Sessions: k.Sessions})
		}
		slices.SortStableFunc(streaks, func(a, b focusStreak) int { return s.order(a.Peer, b.Peer) })
		return struct {
			Streaks []focusStreak `json:"streaks"`
		}{streaks}
	}
	return nil
}

// statusReply is a list where no room was named, else the room, null where
// nothing is known of it.
func (s Shapes) statusReply(r focus.StatusReply) roomReply {
	if !r.Named {
		rooms := make([]focusRoom, 0, len(r.Rooms))
		for _, session := range r.Rooms {
			rooms = append(rooms, s.roomOf(session))
		}
		return roomReply{rooms}
	}
	if len(r.Rooms) == 0 || r.Rooms[0].LastEventAt.IsZero() {
		return roomReply{}
	}
	return roomReply{s.roomOf(r.Rooms[0])}
}

// roomOf shows a session as the original's room, which has one list of
// check-ins and one of participants: those who wait for the next session are
// among them while none runs. What came too late is left out.
func (s Shapes) roomOf(of focus.Session) focusRoom {
	r := focusRoom{
		Room: of.Room, Goal: of.Goal, Status: statusOf(of.Status),
		StartedAt: milli(of.StartedAt), EndsAt: milli(of.EndsAt), LastEventAt: milli(of.LastEventAt), EndedAt: milli(of.EndedAt),
		Participants: append([]event.Key{}, of.Participants...), Checkins: []focusCheckin{}, Stats: statsOf(of.Stats),
	}
	if of.Host != (event.Key{}) {
		r.Host = &of.Host
	}
	if of.EndedReason != "" {
		r.EndedReason = &of.EndedReason
	}
	for _, k := range of.Waiting {
		if !slices.Contains(r.Participants, k) {
			r.Participants = append(r.Participants, k)
		}
	}
	slices.SortStableFunc(r.Participants, s.order)
	for _, c := range slices.Concat(of.Checkins, of.Notes) {
		if !c.Late {
			r.Checkins = append(r.Checkins, focusCheckin{Who: c.Who, At: c.At.UnixMilli(), Status: c.Text})
		}
	}
	r.Checkins = r.Checkins[max(0, len(r.Checkins)-shownCheckins):]
	return r
}

// statusOf is a state that the original knows: for it a session that pauses is
// active.
func statusOf(status string) string {
	if focus.Runs(status) {
		return focus.Active
	}
	return status
}

// order puts the peer's own key before all others: the original has keys in
// the order in which they came to it.
func (s Shapes) order(a, b event.Key) int {
	switch {
	case a == b:
		return 0
	case a == s.Self:
		return -1
	case b == s.Self:
		return 1
	}
	return 0
}

func statsOf(t *focus.Totals) *focusStats {
	if t == nil {
		return nil
	}
	return &focusStats{
		PlannedDurationMs: t.PlannedDurationMs, ActualDurationMs: t.ActualDurationMs,
		ParticipantCount: t.ParticipantCount, CheckinCount: t.CheckinCount,
	}
}

// milli is a time in ms since 1970, nil where there is none.
func milli(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	ms := t.UnixMilli()
	return &ms
}
