package app

import (
	"reflect"

	"intercom/client/wire"
	"intercom/ledger/event"
)

// Request is a declared request of an app: a write of one room, a read of one
// room, or a read of several. Exactly one of the three functions is set.
type Request struct {
	wire.Spec
	In, Out reflect.Type // of the request's fields and of the reply

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

// Write declares a request that decides on events. decide is pure; reply is
// made after its events were applied, or from none if it decided on none.
func Write[Req InRoom, Rep any](s wire.Spec,
	decide func(r Reader, in Req, c Call) ([]Draft, error),
	reply func(r Reader, in Req, events []*event.Signed, c Call) (Rep, error),
) Request {
	s.Write = true
	return Request{
		Spec: s, In: reflect.TypeFor[Req](), Out: reflect.TypeFor[Rep](),
		Write: func(r Reader, in any, c Call) ([]Draft, error) { return decide(r, in.(Req), c) },
		Reply: func(r Reader, in any, events []*event.Signed, c Call) (any, error) {
			return reply(r, in.(Req), events, c)
		},
	}
}

// Read declares a request that reads one room.
func Read[Req InRoom, Rep any](s wire.Spec, read func(r Reader, in Req, c Call) (Rep, error)) Request {
	return Request{
		Spec: s, In: reflect.TypeFor[Req](), Out: reflect.TypeFor[Rep](),
		Read: func(r Reader, in any, c Call) (any, error) { return read(r, in.(Req), c) },
	}
}

// ReadRooms declares a request that reads the room it names, or all rooms in
// which the app has rows, in order of their names.
func ReadRooms[Req InRoom, Rep any](s wire.Spec, read func(rooms []RoomReader, in Req, c Call) (Rep, error)) Request {
	return Request{
		Spec: s, In: reflect.TypeFor[Req](), Out: reflect.TypeFor[Rep](),
		ReadRooms: func(rooms []RoomReader, in any, c Call) (any, error) { return read(rooms, in.(Req), c) },
	}
}
