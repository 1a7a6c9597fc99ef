package app

import (
	"intercom/client/wire"
	"intercom/ledger/event"
)

// Request is a declared request of an app: a write of one room, a read of one
// room, or a read of several. Exactly one of the three functions is set.
type Request struct {
	wire.Declared

	Write     func(r Reader, in any, c Call) ([]Draft, error)
	Reply     func(r Reader, in any, events []*event.Signed, c Call) (any, error) // after Write
	Read      func(r Reader, in any, c Call) (any, error)
	ReadRooms func(rooms []RoomReader, in any, c Call) (any, error)
}

// InRoom is a request that names its room; empty stands for all rooms where
// the request allows that.
type InRoom interface{ InRoom() string }

// Channel is embedded by requests that name their room `channel`.
type Channel struct {
	Channel string `json:"channel,omitempty" jsonschema:"name of the room; the current channel if absent"`
}

// InRoom returns the room's name.
func (c Channel) InRoom() string { return c.Channel }

// InNamed is embedded by requests that name their room `room`.
type InNamed struct {
	Room string `json:"room,omitempty" arg:"room" jsonschema:"name of the room; the current channel if absent"`
}

// InRoom returns the room's name.
func (r InNamed) InRoom() string { return r.Room }

// Write joins a declared request that decides on events to what it does. decide
// is pure; reply is made after its events were applied, or from none if it
// decided on none.
func Write[Req InRoom, Rep any](d wire.Def[Req, Rep],
	decide func(r Reader, in Req, c Call) ([]Draft, error),
	reply func(r Reader, in Req, events []*event.Signed, c Call) (Rep, error),
) Request {
	return Request{
		Declared: d.Declared(),
		Write:    func(r Reader, in any, c Call) ([]Draft, error) { return decide(r, in.(Req), c) },
		Reply: func(r Reader, in any, events []*event.Signed, c Call) (any, error) {
			return reply(r, in.(Req), events, c)
		},
	}
}

// Read joins a declared request to what it reads of one room.
func Read[Req InRoom, Rep any](d wire.Def[Req, Rep], read func(r Reader, in Req, c Call) (Rep, error)) Request {
	return Request{
		Declared: d.Declared(),
		Read:     func(r Reader, in any, c Call) (any, error) { return read(r, in.(Req), c) },
	}
}

// ReadRooms joins a declared request to what it reads of the room it names, or
// of all rooms in which the app has rows, in order of their names.
func ReadRooms[Req InRoom, Rep any](d wire.Def[Req, Rep], read func(rooms []RoomReader, in Req, c Call) (Rep, error)) Request {
	return Request{
		Declared:  d.Declared(),
		ReadRooms: func(rooms []RoomReader, in any, c Call) (any, error) { return read(rooms, in.(Req), c) },
	}
}
