package cli

import (
	"context"
	"encoding/json"
	"time"

	"intercom/client"
	"intercom/client/wire"
	"intercom/focus"
)

// look is how often what is followed is compared with the clock: a machine
// that slept, or whose clock was set, is noticed by then.
const look = 500 * time.Millisecond

// followFocus calls each with what goes on in a room, or in all where room is
// empty, at once and whenever it may have changed, and tick between, until one
// of them is done. It goes on when the daemon comes back.
func (sh *shell) followFocus(ctx context.Context, room string, each func(focus.StatusReply) (done bool, err error), tick func() (done bool, err error)) error {
	in := focus.StatusReq{}
	in.Room = room
	filter := wire.Filter{Types: []string{wire.PushFocus}}
	if room != "" {
		filter.Channels = []string{room}
	}
	// What comes between the first look and the first push is in the stream
	// behind here.
	follow := false
	here, err := ask(ctx, sh, wire.Events, wire.EventsReq{
		Since: sh.Now().UTC().Format(time.RFC3339), Types: filter.Types, Channels: filter.Channels, Follow: &follow,
	})
	if err != nil {
		return err
	}
	filter.Since = here.Cursor
	news, stop := sh.pushes(ctx, filter)
	defer stop()
	ticks := time.NewTicker(look)
	defer ticks.Stop()
	for {
		var reply focus.StatusReply
		err := sh.send(ctx, "focus_status", in, &reply)
		due := sh.Now().Add(time.Second)
		switch {
		case err == nil:
			if done, err := each(reply); done || err != nil {
				return err
			}
			if next := nextChange(reply); next.After(due) || next.IsZero() {
				due = next
			}
		case ctx.Err() != nil || !passing(err):
			return err
		}
		for again := false; !again; {
			select {
			case err := <-news:
				if err != nil {
					return err
				}
				again = true
			case <-ticks.C:
				if done, err := tick(); done || err != nil {
					return err
				}
				again = !due.IsZero() && !sh.Now().Before(due)
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

// nextChange returns when time alone will change one of the sessions first; the
// zero time where none runs.
func nextChange(reply focus.StatusReply) (next time.Time) {
	sooner := func(at time.Time) {
		if !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	for _, s := range reply.Rooms {
		sooner(s.ChangesAt())
		sooner(s.AwayUntil)
		for _, up := range s.Upcoming {
			sooner(up.Begins)
		}
	}
	return next
}

// pushes tells of pushes, and of a connection that is there again, with nil;
// several may be one. The last is the error that ends them. stop waits until
// none come. The daemon has answered before, so that it cannot be reached is no
// end, also where that is so from the first connection on.
func (sh *shell) pushes(ctx context.Context, f wire.Filter) (news <-chan error, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	out, done := make(chan error, 1), make(chan struct{})
	tell := func() {
		select {
		case out <- nil:
		default:
		}
	}
	go func() {
		defer close(done)
		c, err := sh.dial()
		for again := err == nil; again; {
			for _, err = range c.Follow(ctx, f, client.OnLoss(func(error) { tell() })) {
				if err != nil {
					break
				}
				tell()
			}
			if again = passing(err); again {
				select {
				case <-time.After(look):
				case <-ctx.Done():
					again = false
				}
			}
		}
		select {
		case out <- err:
		case <-ctx.Done():
		}
	}()
	return out, func() { cancel(); <-done }
}

// passing reports whether an error may be over soon.
func passing(err error) bool {
	switch wire.AsError(err).Code {
	case wire.Unavailable, wire.Starting, wire.Timeout, wire.DaemonNotRunning:
		return true
	}
	return false
}

// waitFocus waits until what a person does in the room, or in any where none
// is named, changes.
func waitFocus(ctx context.Context, r *request, bounded bool) error {
	room := ""
	if r.room.raw != nil {
		_ = json.Unmarshal(r.room.raw, &room) // a text, as it was read
	}
	if bounded {
		var cancel context.CancelFunc
		ctx, cancel = r.sh.within(ctx)
		defer cancel()
	}
	var before *string
	return r.sh.followFocus(ctx, room, func(reply focus.StatusReply) (bool, error) {
		s, found := mine(reply, room != "")
		now := stateOf(s, found) + s.ID.String()
		if before == nil {
			before = &now
		}
		return now != *before, nil
	}, func() (bool, error) { return false, nil })
}
