package channel

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"intercom/internal/jsontext"
)

// Errors of Send that callers test for.
var (
	ErrTooLarge = errors.New("message too large")
	ErrNotJSON  = errors.New("message is not JSON, or nested too deep")
	ErrRate     = errors.New("sending too fast")
	ErrLeft     = errors.New("channel was left")
)

// TooLargeError is ErrTooLarge with the sizes in bytes.
type TooLargeError struct{ Size, Limit int }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("message too large: %d > %d bytes", e.Size, e.Limit)
}

// Is makes errors.Is(err, ErrTooLarge) true.
func (e *TooLargeError) Is(target error) bool { return target == ErrTooLarge }

// RateError is ErrRate with the time that the message would have to wait.
type RateError struct{ Wait time.Duration }

func (e *RateError) Error() string {
	return fmt.Sprintf("sending too fast: the channel takes this message in %v, after the deadline; nothing was sent",
		e.Wait.Round(10*time.Millisecond))
}

// Is makes errors.Is(err, ErrRate) true.
func (e *RateError) Is(target error) bool { return target == ErrRate }

// What waits to be sent is bounded, and so is a packet of several messages: what is large needs no company.
const (
	maxQueued      = 4 << 20 // bytes
	maxQueuedMsgs  = 4096
	batchBytes     = 128 << 10
	packetOverhead = 192 // bytes of a packet beside its messages
	msgOverhead    = 5
)

// pending is a message on its way.
type pending struct {
	text []byte
	done chan struct{} // closed with the two below
	sent Sent
	err  error
}

func (p *pending) size() int { return len(p.text) + msgOverhead }

// Send is Submit and its wait.
func (c *Channel) Send(ctx context.Context, message json.RawMessage) (Sent, error) {
	wait, err := c.Submit(ctx, message)
	if err != nil {
		return Sent{}, err
	}
	return wait()
}

// Submit puts a message in line to be sent, and returns when it is there: messages that wait at the same time share a
// packet, its signature and its proof of work. wait returns the receipt, or the error of ctx; it must be called. What
// was not sent when ctx ended is not sent. Errors: ErrTooLarge (before any work), ErrNotJSON, ErrRate when the channel's
// limit would let it pass only after the deadline of ctx, ErrLeft, that of ctx.
func (c *Channel) Submit(ctx context.Context, message json.RawMessage) (wait func() (Sent, error), err error) {
	text, err := compact(message)
	if err != nil {
		return nil, err
	}
	if len(text) > c.o.Policy.MaxBytes {
		return nil, &TooLargeError{Size: len(text), Limit: c.o.Policy.MaxBytes}
	}
	p := &pending{text: text, done: make(chan struct{})}
	if err := c.enqueue(ctx, p); err != nil {
		return nil, err
	}
	return func() (Sent, error) {
		select {
		case <-p.done:
			return p.sent, p.err
		case <-ctx.Done():
		}
		c.withdraw(p, ctx.Err())
		select {
		case <-p.done:
			return p.sent, p.err
		default: // it is being sent
			return Sent{}, ctx.Err()
		}
	}, nil
}

// compact returns a message without blanks. What came without is not copied.
func compact(message json.RawMessage) ([]byte, error) {
	shape, ok := jsontext.Look(message)
	switch {
	case !ok, shape.Depth > MaxDepth:
		return nil, ErrNotJSON
	case !shape.Blanks:
		return message, nil
	}
	var text bytes.Buffer
	if err := json.Compact(&text, message); err != nil {
		return nil, ErrNotJSON
	}
	return text.Bytes(), nil
}

func (c *Channel) enqueue(ctx context.Context, p *pending) error {
	for {
		c.mu.Lock()
		switch {
		case c.closed:
			c.mu.Unlock()
			return ErrLeft
		case ctx.Err() != nil:
			c.mu.Unlock()
			return ctx.Err()
		}
		if at, ok := ctx.Deadline(); ok {
			if w := c.pace.wait(c.queued+p.size()+packetOverhead, c.o.Now()); w > time.Until(at) {
				c.mu.Unlock()
				return &RateError{w}
			}
		}
		if len(c.queue) < maxQueuedMsgs && (c.queued == 0 || c.queued+p.size() <= maxQueued) {
			break
		}
		c.mu.Unlock()
		select {
		case <-c.room:
		case <-c.done:
		case <-ctx.Done():
		}
	}
	c.queue = append(c.queue, p)
	c.queued += p.size()
	n, full := len(c.queue), c.queued >= batchBytes
	more := n < maxQueuedMsgs && c.queued < maxQueued
	c.mu.Unlock()
	if n == 1 || n%MaxMessages == 0 || full {
		notify(c.wake)
	}
	if more {
		notify(c.room) // for the next who waits
	}
	return nil
}

// withdraw settles a message that still waits.
func (c *Channel) withdraw(p *pending, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.Index(c.queue, p); i >= 0 {
		c.queue = slices.Delete(c.queue, i, i+1)
		c.queued -= p.size()
		p.err = fmt.Errorf("nothing was sent: %w", err)
		close(p.done)
		notify(c.room)
	}
}

func (c *Channel) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, p := range c.queue {
		p.err = ErrLeft
		close(p.done)
	}
	c.queue, c.queued = nil, 0
	close(c.done)
}
