package client

import (
	"context"
	"encoding/json"
)

// Pipe sends many requests over one connection without waiting for replies.
// When that is lost everything on it fails, and nothing goes over another: who
// cares about order asks for a new Pipe and decides what to send again.
type Pipe struct{ l *link }

// Pipe connects if need be.
func (c *Client) Pipe(ctx context.Context) (*Pipe, error) {
	l, err := c.connected(ctx)
	if err != nil {
		return nil, err
	}
	return &Pipe{l}, nil
}

// Begin sends a request frame as Raw does. Requests begin in the daemon in the
// order of the calls. The channel yields one Answer, at the latest when ctx
// ends, which it must: that frees what belongs to the request.
func (p *Pipe) Begin(ctx context.Context, frame json.RawMessage) (<-chan Answer, error) {
	request, name, err := cutRequest(ctx, frame)
	if err != nil {
		return nil, err
	}
	id, reply, err := p.l.begin(ctx, request, name)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() {
		if w, waits := p.l.drop(id); waits {
			w.give(Answer{Err: ctxError(ctx, ctx.Err())})
		}
	})
	return reply, nil
}
