// Package client talks to a daemon over its bridge.
//
// The zero Client dials the daemon of the default profile at the first call
// and again after a lost connection. A call is answered, refused by the daemon
// with a code, or fails with a code that tells whether it may be repeated:
// every error is a *wire.Error or that of a context which was cancelled.
// Client and daemon find each other's files through Profile.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"intercom/client/wire"
)

// Client is a connection to a daemon. It may be used by many goroutines; their
// requests and the pushes share one connection. Close ends it.
type Client struct {
	Profile Profile // zero: what FindProfile returns for no name
	Address string  // host:port of a bridge; empty: the profile's own daemon
	Token   string  // for TCP; empty: that of the profile's token file

	mu   sync.Mutex
	link *link
}

// Opt changes a call.
type Opt func(*options)

type options struct {
	key    string
	dryRun bool
	asOf   string
}

// Key makes a write idempotent: the daemon answers a repeated key of a room
// with the first reply. At most 128 bytes; empty is none.
func Key(key string) Opt { return func(o *options) { o.key = key } }

// DryRun asks what a write would do. Nothing is written.
func DryRun(dry bool) Opt { return func(o *options) { o.dryRun = dry } }

// AsOf lets a write succeed only while the room is in the state whose hash
// begins with these hexadecimal digits, at least 8; else it is wire.Conflict.
// Empty: in any state.
func AsOf(state string) Opt { return func(o *options) { o.asOf = state } }

// Call sends a declared request and returns its reply. The deadline of ctx is
// the daemon's too. Errors have the daemon's code, or wire.DaemonNotRunning,
// wire.Timeout, wire.Unavailable, wire.Unauthorized, or wire.Incompatible: a
// daemon of another release does not know the request, or answers it otherwise.
func Call[Req, Rep any](ctx context.Context, c *Client, d wire.Def[Req, Rep], in Req, opts ...Opt) (Rep, error) {
	var rep Rep
	err := c.Do(ctx, d.Spec, in, &rep, opts...)
	return rep, err
}

// Do is Call for requests whose types are known only at run time: in marshals
// to a JSON object, and out points to what the reply is decoded into.
func (c *Client) Do(ctx context.Context, s wire.Spec, in, out any, opts ...Opt) error {
	fields, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("encode %s: %w", s.Request, err)
	}
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	head, err := json.Marshal(struct {
		Type       string `json:"type"`
		Key        string `json:"key,omitempty"`
		DryRun     bool   `json:"dryRun,omitempty"`
		AsOf       string `json:"asOf,omitempty"`
		DeadlineMs int64  `json:"deadlineMs,omitempty"`
		Protocol   int    `json:"protocol"` // without it the reply has the original's shape
	}{s.Request, o.key, o.dryRun, o.asOf, remaining(ctx), wire.Protocol.Max})
	if err != nil {
		return fmt.Errorf("encode %s: %w", s.Request, err)
	}
	l, err := c.connected(ctx)
	if err != nil {
		return err
	}
	return l.do(ctx, s, merge(head, fields), out)
}

// do sends the frame of a declared request and decodes its reply.
func (l *link) do(ctx context.Context, s wire.Spec, frame []byte, out any) error {
	reply, err := l.call(ctx, frame, nil)
	if refused, ok := errors.AsType[*wire.Error](err); ok && refused.Code == wire.UnknownType {
		return wire.Errorf(wire.Incompatible, "the daemon (version %s) has no request %s yet", l.hello.Version, s.Request).
			WithHint("intercom down && intercom up")
	}
	if err != nil {
		return err
	}
	if t := typeOf(reply); t != s.Reply {
		return wire.Errorf(wire.Incompatible, "the daemon answered %s with %q instead of %q", s.Request, t, s.Reply)
	}
	if err := json.Unmarshal(reply, out); err != nil {
		return wire.Errorf(wire.Incompatible, "the daemon's %s cannot be read: %v", s.Reply, err)
	}
	return nil
}

// Raw sends any request frame, a JSON object, and returns the reply frame. Its
// id, if the frame has one, comes back in the reply. An error reply is
// returned as the frame and as the error.
func (c *Client) Raw(ctx context.Context, frame json.RawMessage) (json.RawMessage, error) {
	request, id, err := cutRequest(ctx, frame)
	if err != nil {
		return nil, err
	}
	l, err := c.connected(ctx)
	if err != nil {
		return nil, err
	}
	return l.call(ctx, request, id)
}

// cutRequest takes the caller's id from a request frame and adds the deadline
// of ctx, where it has none.
func cutRequest(ctx context.Context, frame json.RawMessage) (request, id json.RawMessage, err error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(frame, &fields); err != nil || fields == nil {
		return nil, nil, wire.Errorf(wire.InvalidJSON, "a request is one JSON object, like {\"type\":\"ping\"}")
	}
	id = fields["id"]
	delete(fields, "id")
	if _, ok := fields["deadlineMs"]; !ok && remaining(ctx) > 0 {
		fields["deadlineMs"] = strconv.AppendInt(nil, remaining(ctx), 10)
	}
	if request, err = json.Marshal(fields); err != nil {
		return nil, nil, fmt.Errorf("encode request: %w", err)
	}
	return request, id, nil
}

// Hello connects if need be and returns what the daemon said first.
func (c *Client) Hello(ctx context.Context) (wire.Hello, error) {
	l, err := c.connected(ctx)
	if err != nil {
		return wire.Hello{}, err
	}
	return l.hello, nil
}

// Close ends the connection and waits until nothing of it runs. The next call
// connects again.
func (c *Client) Close() error {
	c.mu.Lock()
	l := c.link
	c.link = nil
	c.mu.Unlock()
	if l == nil {
		return nil
	}
	return l.close()
}

func (c *Client) connected(ctx context.Context) (*link, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.link != nil && c.link.failed() == nil {
		return c.link, nil
	}
	if c.link != nil {
		c.link.close() // lost already: nothing to tell
		c.link = nil
	}
	l, err := c.dial(ctx, false)
	if err != nil {
		return nil, ctxError(ctx, err)
	}
	c.link = l
	return l, nil
}

// remaining returns the milliseconds until ctx ends, 0 for never.
func remaining(ctx context.Context) int64 {
	at, ok := ctx.Deadline()
	if !ok {
		return 0
	}
	return max(1, time.Until(at).Milliseconds())
}

// ctxError returns what ctx ended with where it did, else err.
func ctxError(ctx context.Context, err error) error {
	switch {
	case ctx.Err() == nil:
		return err
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return wire.Errorf(wire.Timeout, "the daemon did not answer in time").
			WithHint("repeat it with the same --key, or with a longer --timeout")
	}
	return ctx.Err()
}

// merge puts the fields of two JSON objects into one, a's first.
func merge(a, b []byte) []byte {
	a, b = bytes.TrimSpace(a), bytes.TrimSpace(b)
	if len(b) <= 2 || string(b) == "null" {
		return a
	}
	if len(a) <= 2 {
		return b
	}
	joined := make([]byte, 0, len(a)+len(b))
	joined = append(append(joined, a[:len(a)-1]...), ',')
	return append(joined, b[1:]...)
}

// typeOf returns the type of a frame. That of a reply comes first, so that a
// large one is not read twice.
func typeOf(frame []byte) string {
	if text, ok := bytes.CutPrefix(frame, []byte(`{"type":"`)); ok {
		if end := bytes.IndexAny(text, "\"\\"); end >= 0 && text[end] == '"' {
			return string(text[:end])
		}
	}
	var head struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(frame, &head) != nil {
		return ""
	}
	return head.Type
}
