package channel

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Publisher sends a packet to everybody who listens to the channel and says how many those are. It may wait for them.
type Publisher interface {
	Publish(ctx context.Context, data []byte) (peers int, err error)
}

// Sent is the receipt for a message.
type Sent struct {
	ID     string // the same that every receiver sees
	Peers  int    // connected members it went to
	Queued bool   // kept for the first one to appear
	TS     int64  // ms
}

// gather is how soon a packet follows another while messages come faster than one by one: fewer and larger packets cost
// everybody less. A message that is alone never waits.
const gather = 500 * time.Microsecond

// MemberAppeared makes Run send what was kept.
func (c *Channel) MemberAppeared() {
	c.mu.Lock()
	c.flush = true
	c.mu.Unlock()
	notify(c.wake)
}

// Run sends what is submitted and tells gaps until ctx ends; what waits then fails with ErrLeft. It is called once.
func (c *Channel) Run(ctx context.Context) {
	defer c.end()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	var sent, looked time.Time // the last packet, the last call of due: not by the channel's clock, which may be set
	for ctx.Err() == nil {
		batch, next := c.next(sent)
		if batch != nil {
			c.send(ctx, batch)
			if sent = time.Now(); sent.Sub(looked) > reorder/8 { // also while there is always more to send
				looked = sent
				c.due(ctx)
			}
			continue
		}
		looked = time.Now()
		next = earlier(next, c.due(ctx))
		var due <-chan time.Time
		if !next.IsZero() {
			timer.Reset(next.Sub(c.o.Now()))
			due = timer.C
		}
		select {
		case <-c.wake:
		case <-due:
		case <-ctx.Done():
		}
	}
}

// next takes the messages of the next packet, or says when there will be some; zero: when more is submitted.
func (c *Channel) next(last time.Time) (batch []*pending, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(c.queue)
	if n == 0 || c.flush {
		return nil, time.Time{} // what was kept goes first
	}
	now := c.o.Now()
	size := packetOverhead + c.queue[0].size()
	if w := c.pace.wait(size, now); w > 0 {
		return nil, now.Add(w)
	}
	if n > 1 && n < MaxMessages && c.queued < batchBytes {
		if d := gather - time.Since(last); d > 0 {
			return nil, now.Add(d)
		}
	}
	most := MaxMessages
	if left := MaxKept - c.kept.msgs; left > 0 {
		most = left // so that it can be kept too
	}
	take := 1
	for take < min(n, most) {
		size += c.queue[take].size()
		if size > batchBytes || c.pace.wait(size, now) > 0 {
			break
		}
		take++
	}
	batch = slices.Clone(c.queue[:take])
	clear(c.queue[:take])
	if c.queue = c.queue[take:]; len(c.queue) == 0 {
		c.queue = nil
	}
	for _, p := range batch {
		c.queued -= p.size()
	}
	notify(c.room)
	return batch, time.Time{}
}

// send makes a packet of messages, publishes it and settles them.
func (c *Channel) send(ctx context.Context, batch []*pending) {
	p := &Packet{Channel: c.o.ID, Boot: c.o.Boot, Seq: c.seq, TS: uint64(c.o.Now().UnixMilli())}
	for _, m := range batch {
		p.Msgs = append(p.Msgs, m.text)
	}
	sent, err := c.publish(ctx, p)
	if err != nil && ctx.Err() != nil {
		err = ErrLeft
	}
	for i, m := range batch {
		if m.err = err; err == nil {
			m.sent = sent
			m.sent.ID = p.MessageID(i)
		}
		close(m.done)
	}
}

func (c *Channel) publish(ctx context.Context, p *Packet) (Sent, error) {
	if err := p.seal(ctx, c.o.Key, c.o.Policy.WorkBits); err != nil {
		return Sent{}, fmt.Errorf("seal packet: %w", err)
	}
	wire := p.Encode()
	if v, check := c.judge(p, Hop{From: c.self, Own: true}); v != Accept {
		return Sent{}, fmt.Errorf("own packet refused: %s", check)
	}
	c.seq++
	now := c.o.Now()
	c.pace.take(p.size, now)
	peers, err := c.o.Publisher.Publish(ctx, wire)
	if err != nil {
		return Sent{}, fmt.Errorf("publish packet: %w", err)
	}
	sent := Sent{Peers: peers, TS: int64(p.TS)}
	sent.Queued = peers == 0 && c.kept.add(wire, len(p.Msgs), now)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last.Sent = now
	c.counts["sent"] += uint64(len(p.Msgs))
	if sent.Queued {
		c.counts["kept"] += uint64(len(p.Msgs))
	}
	return sent, nil
}

// due does what time or a new member brings, and says when there is more; zero: nothing is expected.
func (c *Channel) due(ctx context.Context) time.Time {
	now := c.o.Now()
	expired, next := c.kept.expire(now)
	c.count("expired", uint64(expired))
	c.mu.Lock()
	flush := c.flush
	c.mu.Unlock()
	for flush && len(c.kept.packets) > 0 {
		if peers, err := c.o.Publisher.Publish(ctx, c.kept.packets[0].wire); err != nil || peers == 0 {
			break // nobody is there after all
		}
		c.kept.pop()
		next = time.Time{}
	}
	c.mu.Lock()
	if flush {
		c.flush = false
	}
	if flush && len(c.queue) > 0 {
		notify(c.wake)
	}
	gaps, told := c.track.overdue(now)
	for _, g := range gaps {
		c.counts["gaps"]++
		c.counts["missing"] += g.Last - g.First + 1
		c.last.Gap = now
	}
	c.mu.Unlock()
	if c.o.Gap != nil {
		for _, g := range gaps {
			c.o.Gap(g)
		}
	}
	return earlier(next, told)
}

// earlier is the earlier of two times; zero is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
