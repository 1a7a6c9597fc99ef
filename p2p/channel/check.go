package channel

import "time"

// Verdict is what becomes of a packet. The zero value is Ignore.
type Verdict int

// The verdicts.
const (
	Ignore Verdict = iota // drop it, blame nobody
	Accept                // deliver and forward it
	Reject                // drop it; whoever sent it could have known better
)

// Hop is the way a packet came.
type Hop struct {
	From Key  // the neighbour
	Own  bool // made here
}

// Check is one reason to drop a packet. Do changes nothing but the buckets in the state.
type Check struct {
	Name string
	Do   func(*State, *Packet, Hop) Verdict
}

// Packets older than maxAge or further ahead than maxAhead of the clock here are ignored: a wrong clock is no malice.
const (
	maxAge   = 120 * time.Second
	maxAhead = 30 * time.Second
)

// checks are the only way to drop a packet, in the order of their cost. What can be forged is checked before the
// signature and noted after it: see accept.
var checks = []Check{
	{"size", func(_ *State, p *Packet, _ Hop) Verdict {
		return need(p.size <= MaxWire && p.Payload() <= MaxPayload, Reject)
	}},
	{"channelMatch", func(s *State, p *Packet, _ Hop) Verdict {
		return need(p.Channel == s.channel, Reject)
	}},
	{"age", func(s *State, p *Packet, _ Hop) Verdict {
		age := s.now.Sub(time.UnixMilli(int64(p.TS)))
		return need(age <= maxAge && age >= -maxAhead, Ignore)
	}},
	{"seen", func(s *State, p *Packet, hop Hop) Verdict {
		echo := p.Author == s.self && !hop.Own // from before a restart, maybe
		return need(!echo && !s.seen.has(p.id), Ignore)
	}},
	{"pow", func(s *State, p *Packet, _ Hop) Verdict {
		return need(Worked(p.work, p.Nonce, s.policy.WorkBits), Reject)
	}},
	{"hopBucket", func(s *State, p *Packet, hop Hop) Verdict {
		return need(s.hops.take(hop.From, p.size, s.now), Ignore)
	}},
	{"authorBucket", func(s *State, p *Packet, _ Hop) Verdict {
		return need(s.authors.holds(p.Author, p.size, s.now), Ignore)
	}},
	{"blocked", func(s *State, p *Packet, _ Hop) Verdict {
		return need(s.blocked == nil || !s.blocked(p.Author), Ignore)
	}},
	{"signature", func(_ *State, p *Packet, hop Hop) Verdict {
		return need(hop.Own || p.Verify(), Reject)
	}},
	{"json", func(_ *State, p *Packet, hop Hop) Verdict {
		return need(hop.Own || p.holdsJSON(), Reject)
	}},
}

func need(ok bool, otherwise Verdict) Verdict {
	if ok {
		return Accept
	}
	return otherwise
}

// State is what the checks know. It has no clock of its own: now is set before each packet.
type State struct {
	self    Key
	channel [32]byte
	policy  Policy
	blocked func(Key) bool
	now     time.Time

	seen    *seen
	hops    *buckets
	authors *buckets
}

func newState(self Key, o Options) *State {
	return &State{
		self: self, channel: o.ID, policy: o.Policy, blocked: o.Blocked,
		seen:    newSeen(),
		hops:    newBuckets(o.Policy),
		authors: newBuckets(o.Policy),
	}
}

// accept notes a packet that passed every check. Only now, since before the signature anybody can name any author: a
// forged packet must neither use up what the author may send nor make the true one look seen.
func (s *State) accept(p *Packet) {
	s.seen.add(p.id, s.now)
	s.authors.take(p.Author, p.size, s.now)
}
