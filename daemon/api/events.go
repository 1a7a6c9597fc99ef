package api

import (
	"context"
	"encoding/json"
	"errors"

	"intercom/client/wire"
	"intercom/daemon/bridge"
	"intercom/daemon/journal"
)

const (
	defaultEvents = 1000    // frames of a reply
	maxEvents     = 8 << 20 // bytes of a reply, about
)

// events answers from the stream of what happens, or makes the session follow
// it.
func (s *Services) events(_ context.Context, c bridge.Call) (any, error) {
	var in wire.EventsReq
	if err := bridge.Decode(c.Fields, &in); err != nil {
		return nil, err
	}
	if err := checkEvents(in); err != nil {
		return nil, err
	}
	open := func() (*journal.Reader, error) {
		return s.Journal.Reader(in.Since, journal.Wants{Types: in.Types, Channels: in.Channels})
	}
	if in.Follow != nil && !*in.Follow {
		r, err := open()
		if err != nil {
			return nil, fail(err)
		}
		return readEvents(r, in.Limit)
	}
	f, err := c.Session.Follow(s.Journal, open)
	if err != nil {
		return nil, fail(err)
	}
	f.Reply = wire.EventsReply{Cursor: f.Cursor()}
	return f, nil
}

func checkEvents(in wire.EventsReq) error {
	if err := journal.Check(in.Since); err != nil {
		e, _ := errors.AsType[journal.SinceError](err)
		return wire.Errorf(wire.InvalidRequest, "%s", e.Error())
	}
	switch {
	case len(in.Types) > wire.MaxEventTypes:
		return wire.Errorf(wire.TooLarge, "more than %d types", wire.MaxEventTypes)
	case len(in.Channels) > wire.MaxEventChannels:
		return wire.Errorf(wire.TooLarge, "more than %d channels", wire.MaxEventChannels)
	case in.Limit < 0 || in.Limit > wire.MaxEventsLimit:
		return wire.Errorf(wire.InvalidRequest, "limit must be from 1 to %d", wire.MaxEventsLimit)
	case in.Limit > 0 && (in.Follow == nil || *in.Follow):
		return wire.Errorf(wire.InvalidRequest, "limit goes with follow false")
	}
	for _, names := range [][]string{in.Types, in.Channels} {
		for _, name := range names {
			if len(name) > wire.MaxEventName {
				return wire.Errorf(wire.TooLarge, "a name is longer than %d bytes", wire.MaxEventName)
			}
		}
	}
	return nil
}

// readEvents returns what there is up to the limit.
func readEvents(r *journal.Reader, limit int) (wire.EventsReply, error) {
	if limit == 0 {
		limit = defaultEvents
	}
	reply := wire.EventsReply{Events: []json.RawMessage{}}
	for size := maxEvents; r.More() && size > 0 && len(reply.Events) < limit; {
		frames, err := r.Read(size, limit-len(reply.Events))
		if err != nil {
			return wire.EventsReply{}, fail(err)
		}
		for _, f := range frames {
			reply.Events = append(reply.Events, f.JSON)
			size -= len(f.JSON)
		}
	}
	reply.Cursor, reply.More = r.Cursor(), r.More()
	return reply, nil
}
