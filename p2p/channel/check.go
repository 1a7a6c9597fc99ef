package channel

import "time"

// Verdict is what becomes of a packet. The zero value is Ignore.
type Verdict int

// The verdicts.
const (
	Ignore Verdict = iota // drop it, blame nobody
	Accept                // forward it
	Reject                // drop it; whoever sent it could have known better
)

// Way is how a packet came from its hop.
type Way int

// The ways.
const (
	Gossip Way = iota
	Direct     // over a link
)

// Hop is where a packet came from.
type Hop struct {
	From Key // the neighbour
	Way  Way
	Own  bool // made here
}

// Check is one reason to drop a packet. Do changes nothing but the buckets in the state.
type Check struct {
	Name string
	Do   func(*State, *Packet, Hop) Verdict
	slow bool // looks at nothing that changes: is done without the lock
}

// Packets older than maxAge or further ahead than maxAhead of the clock here are ignored: a wrong clock is no malice.
const (
	maxAge   = 120 * time.Second
	maxAhead = 30 * time.Second
)

// checks are the only way to drop a packet, in the order of their cost. What can be forged is checked before the
// signature and noted after it: see accept.
var checks = []Check{
	{Name: "size", Do: func(s *State, p *Packet, _ Hop) Verdict {
		return need(p.size <= MaxWire && p.Payload() <= MaxPayload && p.largest() <= s.policy.MaxBytes, Reject)
	}},
	{Name: "channelMatch", Do: func(s *State, p *Packet, _ Hop) Verdict {
		return need(p.Channel == s.channel, Reject)
	}},
	{Name: "age", Do: func(s *State, p *Packet, _ Hop) Verdict {
		age := s.now.Sub(time.UnixMilli(int64(p.TS)))
		return need(age <= maxAge && age >= -maxAhead, Ignore)
	}},
	{Name: "seen", Do: func(s *State, p *Packet, hop Hop) Verdict {
		echo := p.Author == s.self && !hop.Own // from before a restart, maybe
		return need(!echo && !s.seen.has(p.id), Ignore)
	}},
	{Name: "pow", Do: func(s *State, p *Packet, _ Hop) Verdict {
		return need(Worked(p.work, p.Nonce, s.policy.WorkBits), Reject)
	}},
	{Name: "hopBucket", Do: func(s *State, p *Packet, hop Hop) Verdict {
		if hop.From == p.Author {
			return need(s.hops.take(hop.From, p.size, s.now), Ignore)
		}
		return need(s.relays.take(hop.From, p.size, s.now), Ignore)
	}},
	{Name: "authorBucket", Do: func(s *State, p *Packet, _ Hop) Verdict {
		return need(s.authors.holds(p.Author, p.size, s.now), Ignore)
	}},
	{Name: "blocked", Do: func(s *State, p *Packet, _ Hop) Verdict {
		return need(s.blocked == nil || !s.blocked(p.Author), Ignore)
	}},
	{Name: "signature", slow: true, Do: func(_ *State, p *Packet, hop Hop) Verdict {
		return need(hop.Own || p.Verify(), Reject)
	}},
	{Name: "json", slow: true, Do: func(_ *State, p *Packet, hop Hop) Verdict {
		return need(hop.Own || p.holdsJSON(), Reject)
	}},
}

const seenCheck = 3 // the place of "seen" in checks

func need(ok bool, otherwise Verdict) Verdict {
	if ok {
		return Accept
	}
	return otherwise
}

// A neighbour may pass on what several authors write at their limits: so many times what one may write. What it sends
// and is ignored, too old, seen or too much, is no offence until it comes to more than several times the limit: a
// daemon that is started again and again does not know what it sent before.
const (
	relayShare    = 16
	patienceRate  = 2
	patienceBurst = 4
)

// State is what the checks know. It has no clock of its own: now is set before each packet.
type State struct {
	self    Key
	channel [32]byte
	policy  Policy
	blocked func(Key) bool
	now     time.Time

	seen     *seen
	hops     *buckets // by neighbour: its own packets
	relays   *buckets // by neighbour: those of others
	authors  *buckets // by author
	patience *buckets // by neighbour: what was ignored
}

func newState(self Key, o Options) *State {
	times := func(rate, burst int) *buckets {
		return newBuckets(Policy{RateBytes: rate * o.Policy.RateBytes, Burst: burst * o.Policy.Burst})
	}
	return &State{
		self: self, channel: o.ID, policy: o.Policy, blocked: o.Blocked,
		seen:     newSeen(),
		hops:     times(1, 1),
		relays:   times(relayShare, relayShare),
		authors:  times(1, 1),
		patience: times(patienceRate, patienceBurst),
	}
}

// tolerates is false when a neighbour has sent too much that is ignored.
func (s *State) tolerates(hop Hop, author Key, size int) bool {
	innocent := hop.Way == Gossip && hop.From != author // it passes on what it may take for good
	return hop.Own || innocent || s.patience.take(hop.From, size, s.now)
}

// accept notes a packet that passed every check. Only now, since before the signature anybody can name any author: a
// forged packet must neither use up what the author may send nor make the true one look seen.
func (s *State) accept(p *Packet, hop Hop) {
	s.seen.add(p.id, hop.Way == Gossip, s.now)
	s.authors.take(p.Author, p.size, s.now)
}
