package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"intercom/client"
	"intercom/client/wire"
)

// flight is a request whose answer was not printed yet.
type flight struct {
	line       int
	frame      json.RawMessage
	repeatable bool // sent twice it is done once
	sent       int  // times
	pipe       *client.Pipe
	reply      <-chan client.Answer
	cancel     context.CancelFunc
}

// maxSends bounds how often a request is sent: one that ends the daemon would
// do it again.
const maxSends = 5

// again tells whether the request is to be sent again after the answer a.
func (f *flight) again(a client.Answer) bool { return lost(a) && f.repeatable && f.sent < maxSends }

// keep makes a the answer that is waiting.
func (f *flight) keep(a client.Answer) {
	reply := make(chan client.Answer, 1)
	reply <- a
	f.reply = reply
}

// send puts a line into flight; what is wrong with it is its answer.
func (b *batch) send(ctx context.Context, l line) {
	f := &flight{line: l.number, cancel: func() {}}
	b.flight = append(b.flight, f)
	err := l.err
	if err == nil {
		f.frame, f.repeatable, err = b.prepare(l)
	}
	if err != nil {
		f.keep(client.Answer{Err: err})
		return
	}
	b.begin(ctx, f)
}

func (b *batch) begin(ctx context.Context, f *flight) {
	within, cancel := b.sh.within(ctx)
	f.cancel, f.pipe, f.sent = cancel, b.pipe, f.sent+1
	reply, err := b.pipe.Begin(within, f.frame)
	if err != nil {
		f.keep(client.Answer{Err: err})
		return
	}
	f.reply = reply
}

// prepare adds the key and the dry run to a request, unless it is known to
// change nothing, and tells whether it may be sent twice.
func (b *batch) prepare(l line) (frame json.RawMessage, repeatable bool, err error) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(l.text, &fields) != nil || fields == nil {
		return nil, false, wire.Errorf(wire.InvalidJSON, "a line is one JSON object, like {\"type\":\"ping\"}")
	}
	if b.reads(fields["type"]) {
		return l.text, true, nil
	}
	_, keyed := fields["key"]
	if !keyed && b.prefix != "" {
		if fields["key"], err = json.Marshal(fmt.Sprintf("%s-%d", b.prefix, l.number)); err != nil {
			return nil, false, err
		}
		keyed = true
	}
	if b.dryRun {
		fields["dryRun"] = json.RawMessage("true")
	}
	frame, err = json.Marshal(fields)
	return frame, keyed || b.dryRun, err
}

// reads tells whether requests of a type are known to change nothing.
func (b *batch) reads(typ json.RawMessage) bool {
	var name string
	if json.Unmarshal(typ, &name) != nil {
		return false
	}
	for _, d := range b.requests {
		if d.Request == name {
			return !d.Write
		}
	}
	return false
}

// resume connects again and sends again what was lost with the connection and
// may be repeated, in order. The rest keeps its answers.
func (b *batch) resume(ctx context.Context) error {
	b.printer.Note("the connection was lost; dialling again")
	if err := b.reconnect(ctx); err != nil {
		return err
	}
	for _, f := range b.flight {
		a := <-f.reply // each has one since the connection ended
		if f.again(a) {
			f.cancel()
			b.begin(ctx, f)
			continue
		}
		f.keep(a)
	}
	return nil
}

// lost tells whether the connection ended before the answer came: then nobody
// said anything.
func lost(a client.Answer) bool {
	return a.Frame == nil && errors.Is(a.Err, &wire.Error{Code: wire.Unavailable})
}
