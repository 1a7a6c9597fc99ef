package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"intercom/client/wire"
)

// FollowOpt changes Follow.
type FollowOpt func(*follower)

// OnLoss calls f with the reason when the connection is lost, and with nil when
// there is one again. Follow waits for it.
func OnLoss(f func(error)) FollowOpt { return func(o *follower) { o.told = f } }

// The pauses between two attempts to connect again.
const (
	firstPause = 100 * time.Millisecond
	lastPause  = 5 * time.Second
)

// follower is one range over Follow.
type follower struct {
	c      *Client
	filter wire.Filter
	told   func(error)
	pause  time.Duration
}

// Follow yields what happens from a place on, on a connection of its own. After
// a lost connection, also by a restart of the daemon, it goes on where it was:
// no event of a room is lost or yielded twice, and what else is lost is told by
// a push of the type lagged or reset. Whoever is slow makes the daemon wait. It
// ends after an error: that of ctx, that of the first connection, or one that
// trying again does not mend.
func (c *Client) Follow(ctx context.Context, f wire.Filter, opts ...FollowOpt) iter.Seq2[wire.Push, error] {
	return func(yield func(wire.Push, error) bool) {
		o := &follower{c: c, filter: f, told: func(error) {}, pause: firstPause}
		for _, opt := range opts {
			opt(o)
		}
		l, err := o.connect(ctx)
		for err == nil {
			more := true
			if more, err = o.yield(ctx, l, yield); !more {
				return
			}
			if ctx.Err() != nil {
				break
			}
			o.told(err)
			if l, err = o.again(ctx); err == nil {
				o.told(nil)
			}
		}
		yield(wire.Push{}, err)
	}
}

// connect asks a new connection to follow.
func (o *follower) connect(ctx context.Context) (*link, error) {
	l, err := o.c.dial(ctx, true)
	if err != nil {
		return nil, ctxError(ctx, err)
	}
	frame, err := json.Marshal(struct {
		Type     string `json:"type"`
		Protocol int    `json:"protocol"`
		wire.EventsReq
	}{wire.Events.Request, wire.Protocol.Max, wire.EventsReq{Since: o.filter.Since, Types: o.filter.Types, Channels: o.filter.Channels}})
	var reply wire.EventsReply
	if err != nil {
		err = fmt.Errorf("encode events: %w", err)
	} else {
		err = l.do(ctx, wire.Events.Spec, frame, &reply)
	}
	if err != nil {
		_ = l.close() // what is wrong is known
		return nil, err
	}
	if o.filter.Since == "" {
		o.filter.Since = reply.Cursor
	}
	return l, nil
}

// yield yields the pushes of a connection until it is lost; false: no more are
// wanted.
func (o *follower) yield(ctx context.Context, l *link, yield func(wire.Push, error) bool) (bool, error) {
	defer l.close() // it is lost already, or nobody wants more
	for {
		push, err := l.next(ctx)
		if err != nil {
			return true, err
		}
		if push.Cursor = cursorOf(push.Raw); push.Cursor == "" {
			continue // from before it followed
		}
		o.filter.Since, o.pause = push.Cursor, firstPause
		if !yield(push, nil) {
			return false, nil
		}
	}
}

// again connects again; the pauses double.
func (o *follower) again(ctx context.Context) (*link, error) {
	for {
		timer := time.NewTimer(o.pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		}
		o.pause = min(2*o.pause, lastPause)
		if l, err := o.connect(ctx); err == nil || ctx.Err() != nil || !passing(err) {
			return l, err
		}
	}
}

// passing reports whether trying again may mend an error.
func passing(err error) bool {
	for _, code := range []wire.Code{wire.Unavailable, wire.Starting, wire.Timeout, wire.DaemonNotRunning} {
		if errors.Is(err, &wire.Error{Code: code}) {
			return true
		}
	}
	return false
}

// cursorOf returns the cursor of a push, which is its last member, or nothing.
func cursorOf(frame []byte) string {
	const name = `,"cursor":"`
	i := bytes.LastIndex(frame, []byte(name))
	if i < 0 || !bytes.HasSuffix(frame, []byte(`"}`)) {
		return ""
	}
	text := frame[i+len(name) : len(frame)-2]
	if bytes.ContainsAny(text, `"\{}`) {
		return ""
	}
	return string(text)
}
