// Package channel carries the ephemeral messages of open channels in signed packets.
//
// It guarantees that a message that is delivered was signed by the author it names, for this channel, within the last
// two minutes, and comes once; that every packet, also an own one, passes the same ordered list of checks, and each one
// that does not is counted under the name of the check. What comes from peers is bounded before it is read and never
// panics. Nothing is stored.
package channel

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
	"unicode/utf8"
)

// Key is an ed25519 public key (RFC 8032): an author or a neighbour.
type Key = [32]byte

// Errors of Send that callers test for.
var (
	ErrTooLarge = errors.New("message too large")
	ErrNotJSON  = errors.New("message is not JSON")
	ErrRate     = errors.New("sending too fast")
)

// TooLargeError is ErrTooLarge with the sizes in bytes.
type TooLargeError struct{ Size, Limit int }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("message too large: %d > %d bytes", e.Size, e.Limit)
}

// Is makes errors.Is(err, ErrTooLarge) true.
func (e *TooLargeError) Is(target error) bool { return target == ErrTooLarge }

// Publisher sends a packet to everybody who listens to the channel and says how many those are.
type Publisher interface {
	Publish(ctx context.Context, data []byte) (peers int, err error)
}

// Policy holds the limits of a channel. Members with other limits refuse each other's packets.
type Policy struct {
	WorkBits  int // proof of work, in leading zero bits; 0: none is asked for
	RateBytes int // bytes a second from one neighbour, and from one author; 0: no limit
	Burst     int // bytes at once
}

// OpenPolicy is that of every open channel.
var OpenPolicy = Policy{WorkBits: 12, RateBytes: 64_000, Burst: 1_250_000}

// Options configures a channel. All but Policy and Blocked are required.
type Options struct {
	Name      string             // as shown in messages
	ID        [32]byte           // of the channel
	Key       ed25519.PrivateKey // the author of what is sent here
	Boot      [16]byte           // random, new at each start: seq counts from 0 within it
	Policy    Policy             // the zero value has no limits but sizes and ages
	Publisher Publisher
	Deliver   func(Message) // called once for each message of others, in order; must not block
	Blocked   func(Key) bool
	Now       func() time.Time
}

// Channel is one joined channel. Its methods may be called from any goroutine, Judge by one at a time.
type Channel struct {
	o    Options
	self Key

	sending chan struct{} // holds one token: packets leave in the order of seq
	seq     uint64        // of the next packet; owned by the holder of the token

	mu     sync.Mutex
	state  *State
	counts map[string]uint64
}

// New makes a channel; it does nothing until Send or Judge is called.
func New(o Options) (*Channel, error) {
	if len(o.Key) != ed25519.PrivateKeySize || o.Publisher == nil || o.Deliver == nil || o.Now == nil {
		return nil, errors.New("channel: key, publisher, deliver and clock are required")
	}
	self := Key(o.Key.Public().(ed25519.PublicKey))
	return &Channel{
		o:       o,
		self:    self,
		sending: make(chan struct{}, 1),
		state:   newState(self, o),
		counts:  make(map[string]uint64),
	}, nil
}

// Sent is the receipt for a message.
type Sent struct {
	ID    string // the same that every receiver sees
	Peers int    // connected members it went to
	TS    int64  // ms
}

// Send signs a message and publishes it. It does the proof of work, about half a millisecond for 12 bits, unless ctx
// ends. Errors: ErrTooLarge (before any work), ErrNotJSON, ErrRate, those of ctx and of the publisher.
func (c *Channel) Send(ctx context.Context, message json.RawMessage) (Sent, error) {
	var text bytes.Buffer
	if !utf8.Valid(message) || json.Compact(&text, message) != nil {
		return Sent{}, ErrNotJSON
	}
	if text.Len() > MaxPayload {
		return Sent{}, &TooLargeError{Size: text.Len(), Limit: MaxPayload}
	}
	select {
	case c.sending <- struct{}{}:
		defer func() { <-c.sending }()
	case <-ctx.Done():
		return Sent{}, ctx.Err()
	}
	p := &Packet{Channel: c.o.ID, Boot: c.o.Boot, Seq: c.seq, TS: uint64(c.o.Now().UnixMilli()), Msgs: [][]byte{text.Bytes()}}
	if err := p.Seal(ctx, c.o.Key, c.o.Policy.WorkBits); err != nil {
		return Sent{}, fmt.Errorf("seal packet: %w", err)
	}
	wire := p.Encode()
	if v, check := c.judge(p, Hop{From: c.self, Own: true}); v != Accept {
		if check == "hopBucket" || check == "authorBucket" {
			return Sent{}, ErrRate
		}
		return Sent{}, fmt.Errorf("own packet refused: %s", check)
	}
	c.seq++
	peers, err := c.o.Publisher.Publish(ctx, wire)
	if err != nil {
		return Sent{}, fmt.Errorf("publish packet: %w", err)
	}
	c.count("sent")
	return Sent{ID: p.MessageID(0), Peers: peers, TS: int64(p.TS)}, nil
}

// Judge decides about the bytes of a packet from a neighbour and delivers its messages when it is accepted. It keeps no
// part of data.
func (c *Channel) Judge(from Key, data []byte) Verdict {
	p, err := Decode(data)
	if err != nil {
		c.count("decode")
		return Reject
	}
	v, _ := c.judge(p, Hop{From: from})
	if v != Accept {
		return v
	}
	for i, m := range p.Msgs {
		msg := Message{
			Channel: c.o.Name,
			ID:      p.MessageID(i),
			From:    hex.EncodeToString(p.Author[:]),
			TS:      int64(p.TS),
			Sig:     hex.EncodeToString(p.Sig[:]),
			TTL:     startTTL,
			Message: bytes.Clone(m),
		}
		if from != p.Author {
			msg.RelayedBy = hex.EncodeToString(from[:])
		}
		c.o.Deliver(msg)
	}
	return Accept
}

// judge runs the checks and takes note of what passed.
func (c *Channel) judge(p *Packet, hop Hop) (Verdict, string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state.now = c.o.Now()
	for _, check := range checks {
		if v := check.Do(c.state, p, hop); v != Accept {
			c.counts[check.Name]++
			return v, check.Name
		}
	}
	c.state.accept(p)
	c.counts["accepted"]++
	return Accept, ""
}

func (c *Channel) count(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[name]++
}

// Stats are counters since New: "accepted", "sent", "decode" for what is no packet, and each check by name for what
// it refused.
func (c *Channel) Stats() map[string]uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[string]uint64{"accepted": 0, "sent": 0, "decode": 0}
	for _, check := range checks {
		out[check.Name] = 0
	}
	for name, n := range c.counts {
		out[name] = n
	}
	return out
}
