package focus

import (
	"strings"
	"time"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// StatusReq asks what goes on in a room, or in all of them.
type StatusReq struct {
	app.InNamed
	Goal string `json:"goal,omitempty" cli:"-" jsonschema:"what you want to do each day: 90m, 1h30m or 4 sessions"`
	wire.Page
}

// StatusReply has one session for each room.
type StatusReply struct {
	Rooms []Session `json:"rooms"`
	Today *Today    `json:"today,omitempty" jsonschema:"how far the asking peer is with his goal, in these rooms"`
	Named bool      `json:"-"` // the request named its room, which may be unknown
	wire.Next
}

// Table implements wire.Tabular.
func (s StatusReply) Table() wire.Table {
	t := wire.Table{Columns: sessionColumns, Rows: make([][]any, 0, len(s.Rooms))}
	for _, room := range s.Rooms {
		t.Rows = append(t.Rows, room.row())
	}
	return t
}

// Note implements wire.Noted.
func (s StatusReply) Note() string {
	notes := []string{}
	for _, room := range s.Rooms {
		if !room.Replicated {
			notes = append(notes, room.Room+" is not replicated here, so this may not be all of it: intercom channel join "+room.Room)
		}
		if !Runs(room.Status) && len(room.Upcoming) > 0 {
			notes = append(notes, "in "+room.Room+" a session begins by itself at "+day(room.Upcoming[0].Begins)+": intercom focus join "+room.Room)
		}
	}
	if len(s.Rooms) == 0 {
		return noteIfNone(0)
	}
	if s.Today != nil {
		notes = append(notes, goalNote(s.Today))
	}
	if more := s.More(); more != "" {
		notes = append(notes, more)
	}
	return strings.Join(notes, "\n")
}

// noteIfNone is what to say beside an empty list.
func noteIfNone(n int) string {
	if n == 0 {
		return "no sessions yet; next: intercom focus start ROOM"
	}
	return ""
}

// noteIfNoneEnded is what to say beside totals of no sessions: one may run.
func noteIfNoneEnded(n int) string {
	if n == 0 {
		return "no session has ended yet; next: intercom focus status"
	}
	return ""
}

var statusDef = wire.Def[StatusReq, StatusReply]{Spec: wire.Spec{
	Request: "focus_status", Reply: "focus_status", Scope: wire.ScopeRead,
	Summary: "What goes on in a room, or in all rooms", Command: "focus status", Rooms: true,
}}

func readStatus(rooms []app.RoomReader, in StatusReq, c app.Call) (StatusReply, error) {
	goal, err := today(rooms, in.Goal, c)
	if err != nil {
		return StatusReply{}, err
	}
	rooms, next, err := wire.Cut(in.Page, rooms, roomName)
	if err != nil {
		return StatusReply{}, err
	}
	return StatusReply{Today: goal, Rooms: showEach(rooms, c), Named: in.Room != "", Next: next}, nil
}

// roomName is the key of a page of rooms, which come in its order.
func roomName(room app.RoomReader) string { return room.Name }

func showEach(rooms []app.RoomReader, c app.Call) []Session {
	out := make([]Session, 0, len(rooms))
	for _, room := range rooms {
		c.Room = room.Room
		out = append(out, show(room, c))
	}
	return out
}

// RoomsReq lists the rooms with sessions.
type RoomsReq struct{ wire.Page }

// InRoom implements app.InRoom: all rooms.
func (RoomsReq) InRoom() string { return "" }

// RoomsReply has a line for each room.
type RoomsReply struct {
	Rooms []RoomLine `json:"rooms"`
	wire.Next
}

// RoomLine is what a list of rooms says of one.
type RoomLine struct {
	Room         string    `json:"room"`
	ID           event.ID  `json:"session,omitzero" jsonschema:"its id"`
	Status       string    `json:"status" jsonschema:"idle, active or ended"`
	Participants int       `json:"participants"`
	Goal         string    `json:"goal"`
	EndsAt       time.Time `json:"endsAt,omitzero" jsonschema:"planned end, with extensions"`
	Joined       bool      `json:"joined" jsonschema:"whether the asking peer takes part"`
}

// Table implements wire.Tabular.
func (r RoomsReply) Table() wire.Table {
	t := wire.Table{Columns: wire.Columns("room", "status", ">participants", "goal", "ends_at", "joined"), Rows: [][]any{}}
	for _, l := range r.Rooms {
		row := []any{l.Room, l.Status, l.Participants, l.Goal, nil, l.Joined}
		if !l.EndsAt.IsZero() {
			row[4] = l.EndsAt
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// Note implements wire.Noted.
func (r RoomsReply) Note() string { return noteIfNone(len(r.Rooms)) + r.More() }

var roomsDef = wire.Def[RoomsReq, RoomsReply]{Spec: wire.Spec{
	Request: "focus_rooms", Reply: "focus_rooms", Scope: wire.ScopeRead,
	Summary: "List the rooms and what goes on in them", Command: "focus rooms", Rooms: true,
}}

func readRooms(rooms []app.RoomReader, in RoomsReq, c app.Call) (RoomsReply, error) {
	rooms, next, err := wire.Cut(in.Page, rooms, roomName)
	if err != nil {
		return RoomsReply{}, err
	}
	out := RoomsReply{Rooms: []RoomLine{}, Next: next}
	for _, room := range rooms {
		c.Room = room.Room
		out.Rooms = append(out.Rooms, line(room, c))
	}
	return out, nil
}
