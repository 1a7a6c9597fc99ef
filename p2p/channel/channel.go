// Package channel carries the ephemeral messages of open channels in signed packets.
//
// It guarantees that a message that is delivered was signed by the author it names, for this channel, within the last
// two minutes, and comes once; that every packet, also an own one, passes the same ordered list of checks, and each one
// that does not is counted under the name of the check; that what is sent faster than the channel allows waits, and is
// never lost for it; that packets which did not come are told as gaps. What comes from peers is bounded before it is
// read and never panics. Nothing is stored.
package channel

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"sync"
	"time"
)

// Key is an ed25519 public key (RFC 8032): an author or a neighbour.
type Key = [32]byte

// Policy holds the limits of a channel. Members with other limits refuse each other's packets.
type Policy struct {
	WorkBits  int // proof of work, in leading zero bits; 0: none is asked for
	MaxBytes  int // of a message, as JSON; 0: MaxPayload
	RateBytes int // bytes a second from one neighbour, and from one author; 0: no limit
	Burst     int // bytes at once
}

// OpenPolicy is that of every open channel.
var OpenPolicy = Policy{WorkBits: 12, MaxBytes: MaxPayload, RateBytes: 64_000, Burst: 1_250_000}

// Options configures a channel. All but Policy, Pace, Blocked, TTL and Gap are required.
type Options struct {
	Name      string             // as shown in messages
	ID        [32]byte           // of the channel
	Key       ed25519.PrivateKey // the author of what is sent here
	Boot      [16]byte           // random, new for each Channel: seq counts from 0 within it
	Policy    Policy             // the zero value has no limits but sizes and ages
	Pace      *Pace              // of an earlier Channel with this ID, or nil
	Publisher Publisher
	Deliver   func(Message) // called once for each message, in order, own ones too; must not block, nor call the channel
	Gap       func(Gap)     // called once for each gap, by Run; must not block
	Blocked   func(Key) bool
	TTL       int // shown with messages; nothing counts it down
	Now       func() time.Time
}

// Channel is one joined channel. Its methods may be called from any goroutine; Send works while Run runs.
type Channel struct {
	o    Options
	self Key
	pace *Pace
	wake chan struct{} // for Run: something is to be done
	done chan struct{} // closed when Run ends
	seq  uint64        // of the next packet; Run's
	kept outbox        // Run's
	room chan struct{} // for who waits to put a message into the queue

	mu      sync.Mutex
	state   *State
	counts  map[string]uint64
	track   *tracker
	queue   []*pending // messages that wait to be sent, oldest first
	queued  int        // bytes of them
	flush   bool       // somebody appeared
	closed  bool
	last    Times
	deliver sync.Mutex // taken while mu is held: deliveries keep the order of acceptance
}

// Times tell when something last happened; zero: never.
type Times struct{ Sent, Received, Gap time.Time }

// New makes a channel; it does nothing until Run or Judge is called.
func New(o Options) (*Channel, error) {
	if len(o.Key) != ed25519.PrivateKeySize || o.Publisher == nil || o.Deliver == nil || o.Now == nil {
		return nil, errors.New("channel: key, publisher, deliver and clock are required")
	}
	if o.Policy.MaxBytes <= 0 || o.Policy.MaxBytes > MaxPayload {
		o.Policy.MaxBytes = MaxPayload
	}
	if o.Pace == nil {
		o.Pace = NewPace(o.Policy)
	}
	self := Key(o.Key.Public().(ed25519.PublicKey))
	return &Channel{
		o:      o,
		self:   self,
		pace:   o.Pace,
		wake:   make(chan struct{}, 1),
		room:   make(chan struct{}, 1),
		done:   make(chan struct{}),
		state:  newState(self, o),
		track:  newTracker(),
		counts: make(map[string]uint64),
	}, nil
}

// Pace returns what has been sent lately, for a Channel that takes this one's place.
func (c *Channel) Pace() *Pace { return c.pace }

// Policy returns the limits in force.
func (c *Channel) Policy() Policy { return c.o.Policy }

// Judge decides about the bytes of a packet and delivers its messages when it is accepted. data must not be changed
// afterwards.
func (c *Channel) Judge(hop Hop, data []byte) Verdict {
	p, err := Decode(data)
	if err != nil {
		c.count("decode", 1)
		return Reject
	}
	if c.o.Policy.WorkBits > 0 {
		p.digestWork()
	}
	v, check := c.judge(p, hop)
	if check == "seen" && hop.Way == Gossip && c.firstByGossip(p) {
		return c.passOn(p)
	}
	return v
}

// judge runs the checks, takes note of what passed and delivers it.
func (c *Channel) judge(p *Packet, hop Hop) (Verdict, string) {
	c.mu.Lock()
	c.state.now = c.o.Now()
	for i := range checks {
		check := &checks[i]
		if check.slow {
			c.mu.Unlock() // it looks at the packet alone
		}
		v := check.Do(c.state, p, hop)
		if check.slow {
			c.mu.Lock()
			c.state.now = c.o.Now()
		}
		if v == Accept && check.slow && c.state.seen.has(p.id) { // came another way meanwhile
			check, v = &checks[seenCheck], Ignore
		}
		if v == Accept {
			continue
		}
		if v == Ignore && !c.state.tolerates(hop, p.Author, p.size) {
			c.counts["patience"]++
			v = Reject
		}
		c.counts[check.Name]++
		c.mu.Unlock()
		return v, check.Name
	}
	c.state.accept(p, hop)
	c.counts["accepted"]++
	if !hop.Own {
		c.last.Received = c.state.now
		c.counts["received"] += uint64(len(p.Msgs))
		if c.track.saw(p, c.state.now) {
			notify(c.wake)
		}
	}
	c.deliver.Lock()
	c.mu.Unlock()
	defer c.deliver.Unlock()
	c.hand(p, hop)
	return Accept, ""
}

// hand gives the messages of an accepted packet to the receiver.
func (c *Channel) hand(p *Packet, hop Hop) {
	msg := Message{
		Channel: c.o.Name,
		From:    hex.EncodeToString(p.Author[:]),
		TS:      int64(p.TS),
		Sig:     hex.EncodeToString(p.Sig[:]),
		TTL:     c.o.TTL,
		Own:     hop.Own,
	}
	if hop.From != p.Author {
		msg.RelayedBy = hex.EncodeToString(hop.From[:])
	}
	for i, m := range p.Msgs {
		msg.ID, msg.Message = p.MessageID(i), m
		c.o.Deliver(msg)
	}
}

// firstByGossip notes that a packet came by gossip and reports whether it had only come directly before.
func (c *Channel) firstByGossip(p *Packet) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return p.Author != c.self && c.state.seen.gossiped(p.id)
}

// passOn is for a packet that was delivered after it had come directly: gossip has to carry it on to members that
// nobody else reaches. The id does not cover the signature, so that is checked once more.
func (c *Channel) passOn(p *Packet) Verdict {
	if !p.Verify() {
		c.count("signature", 1)
		return Reject
	}
	return Accept
}

func (c *Channel) count(name string, n uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[name] += n
}

// Stats are counters since New: "accepted" packets and the messages that were "sent" and "received", "decode" for what
// is no packet, each check by name for what it refused, "patience" for what was too much of that, "gaps" and the packets
// "missing" in them, messages "kept" for the first member to appear, and those of them that "expired".
func (c *Channel) Stats() map[string]uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make(map[string]uint64, len(counters)+len(checks))
	for _, name := range counters {
		out[name] = 0
	}
	for _, check := range checks {
		out[check.Name] = 0
	}
	for name, n := range c.counts {
		out[name] = n
	}
	return out
}

var counters = []string{"accepted", "sent", "received", "decode", "patience", "gaps", "missing", "kept", "expired"}

// Last tells when something last happened.
func (c *Channel) Last() Times {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
