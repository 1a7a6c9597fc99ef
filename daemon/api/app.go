package api

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"intercom/client/wire"
	"intercom/daemon/bridge"
	"intercom/daemon/bridge/compat"
	"intercom/internal/app"
	"intercom/ledger"
	"intercom/ledger/event"
)

// handle answers a declared request of an app.
func (s *Services) handle(a *app.App, q app.Request) func(context.Context, bridge.Call) (any, error) {
	return func(ctx context.Context, c bridge.Call) (any, error) {
		ptr := reflect.New(q.In)
		if err := bridge.Decode(c.Fields, ptr.Interface()); err != nil {
			return nil, err
		}
		in := ptr.Elem().Interface()
		room := strings.TrimSpace(in.(app.InRoom).InRoom())
		if room == "" {
			room = compat.DefaultRoom(q.Request)
		}
		if room == "" && q.ReadRooms == nil {
			return nil, wire.Errorf(wire.NoChannel, "no room is named").
				WithHint("name one, or set one with `intercom channel use NAME`")
		}
		var reply any
		var err error
		switch {
		case q.Write != nil:
			reply, err = s.write(ctx, a, q, room, in, c)
		case q.Read != nil:
			reply, err = s.read(a, q, room, in)
		default:
			reply, err = s.readRooms(a, q, room, in)
		}
		if err != nil {
			return nil, fail(err)
		}
		return reply, nil
	}
}

func (s *Services) write(ctx context.Context, a *app.App, q app.Request, room string, in any, c bridge.Call) (any, error) {
	r, err := s.Ledger.Room(room)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(in)
	if err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	leave, err := r.Visit(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	var reply any
	done, err := r.Commit(ctx, ledger.Write{
		App: a, Key: c.Key, Body: append([]byte(q.Request+"\n"), body...), DryRun: c.DryRun,
		Decide: func(rows app.Reader, call app.Call) ([]app.Draft, error) {
			if err := asOf(c.AsOf, call); err != nil {
				return nil, err
			}
			drafts, err := q.Write(rows, in, call)
			if err == nil {
				err = within(a, rows, drafts, c.Max)
			}
			return drafts, err
		},
		Reply: func(rows app.Reader, events []*event.Signed, call app.Call) ([]byte, error) {
			if reply, err = q.Reply(rows, in, events, call); err != nil || c.Key == "" {
				return nil, err
			}
			return json.Marshal(reply)
		},
	})
	if err != nil {
		return nil, err
	}
	if done.Repeated {
		first := reflect.New(q.Out)
		if err := json.Unmarshal(done.Reply, first.Interface()); err != nil {
			return nil, fmt.Errorf("read first reply: %w", err)
		}
		return first.Elem().Interface(), nil
	}
	return reply, nil
}

// leastState is how many digits of a state's hash a client has to give.
const leastState = 8

// asOf refuses a write that is meant for another state of the room than the one
// that it would change. No other write comes between the two.
func asOf(meant string, c app.Call) error {
	if meant == "" {
		return nil
	}
	if len(meant) < leastState {
		return wire.Errorf(wire.InvalidRequest, "asOf: %q is not the hash of a state, or its first %d digits or more", meant, leastState).
			WithHint("intercom expense balance --jq .state")
	}
	if now := c.State().String(); !strings.HasPrefix(now, strings.ToLower(meant)) {
		return wire.Errorf(wire.Conflict, "%s has changed: its state is not %.16s any more but %.16s", c.Room.Name, meant, now).
			WithHint("read it again, then decide anew")
	}
	return nil
}

// within refuses what a client may not write whose token has a limit.
func within(a *app.App, rows app.Reader, drafts []app.Draft, most []wire.Amount) error {
	if len(most) == 0 || a.Within == nil {
		return nil
	}
	for _, d := range drafts {
		if err := a.Within(rows, d, most); err != nil {
			return err
		}
	}
	return nil
}

func (s *Services) read(a *app.App, q app.Request, room string, in any) (reply any, err error) {
	r, err := s.Ledger.Room(room)
	if err != nil {
		return nil, err
	}
	err = s.Ledger.View(func(snap *ledger.Snapshot) error {
		c := s.call(snap, r)
		c.State = func() event.ID { return snap.StateHash(r, a) }
		c.Recheck = func(from string) app.Rechecked { return snap.Recheck(r, from) }
		c.Events = snap.Info(r).Events
		c.Seen = func(key event.Key) time.Time { return s.Topics.Seen(r, key) }
		reply, err = q.Read(snap.Reader(r, a), in, c)
		return err
	})
	return reply, err
}

func (s *Services) readRooms(a *app.App, q app.Request, room string, in any) (reply any, err error) {
	var named *ledger.Room
	if room != "" {
		if named, err = s.Ledger.Room(room); err != nil {
			return nil, err
		}
	}
	err = s.Ledger.View(func(snap *ledger.Snapshot) error {
		rooms := []*ledger.Room{named}
		if named == nil {
			rooms = snap.Rooms(a)
		}
		readers := make([]app.RoomReader, len(rooms))
		for i, r := range rooms {
			readers[i] = app.RoomReader{Room: appRoom(snap, r), Reader: snap.Reader(r, a)}
		}
		reply, err = q.ReadRooms(readers, in, s.call(snap, named))
		return err
	})
	return reply, err
}

func appRoom(snap *ledger.Snapshot, r *ledger.Room) app.Room {
	return app.Room{Name: r.Name(), ID: r.ID(), Joined: snap.Joined(r), Owned: r.Class() == event.Owned}
}

// call returns what a read may know; r may be nil.
func (s *Services) call(snap *ledger.Snapshot, r *ledger.Room) app.Call {
	c := app.Call{Author: s.Ledger.Self(), Now: s.Now()}
	if r != nil {
		c.Room = appRoom(snap, r)
		snap.Present(r, &c)
	}
	return c
}
