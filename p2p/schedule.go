package p2p

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"
)

const (
	retryFirst    = time.Second
	retryMax      = 10 * time.Minute
	localFirst    = 250 * time.Millisecond
	localMax      = 10 * time.Second
	steadyAfter   = time.Minute            // a connection that lived so long clears the back-off
	newcomerGrace = 250 * time.Millisecond // who comes later dials first, so that both do not dial at once
	dialsAtOnce   = 8
	dialsPerSec   = 20
	maxFound      = 256 // peers that are dialed because the local network, or the book, knows of them
	enoughPeers   = 32  // with so many connected, those of the address book alone are left in peace
)

var errNoRoom = errors.New("too many peers of the local network")

// source says how an address came to be known. What comes first is dialed first.
type source uint8

const (
	byUser   source = iota // settings and requests
	byFolder               // the runtime folder
	byMDNS
	byBook // it worked before
	numSources
)

var sourceNames = [numSources]string{byUser: "explicit", byFolder: "local", byMDNS: "mdns", byBook: "book"} // the book names its own

func (s source) String() string { return sourceNames[s] }

// schedule decides whom to dial when. It is pure: the caller gives the time and dials.
type schedule struct {
	rand    func() float64 // in [0, 1)
	targets map[peer.ID]*target
	tokens  float64 // dials that may begin now
	filled  time.Time
}

type target struct {
	id       peer.ID
	addrs    [numSources][]multiaddr.Multiaddr
	known    [numSources]bool // what knows of it, with or without addresses
	explicit bool             // to be kept connected
	local    string           // what the runtime folder says of it; empty: not in there
	resting  bool             // the user sent it away: it is not dialed
	tries    int              // dials that failed and connections that did not last, since the last good one
	at       time.Time
	up       time.Time // since when it is connected; zero: it is not
	dialing  bool
}

// source is the best that knows of the peer.
func (t *target) source() source {
	for s := range numSources {
		if t.known[s] {
			return s
		}
	}
	return numSources
}

// info lists every address once, the best source first.
func (t *target) info() peer.AddrInfo {
	info := peer.AddrInfo{ID: t.id}
	for _, addrs := range t.addrs {
		for _, a := range addrs {
			if !slices.ContainsFunc(info.Addrs, a.Equal) {
				info.Addrs = append(info.Addrs, a)
			}
		}
	}
	return info
}

func newSchedule(rand func() float64) *schedule {
	return &schedule{rand: rand, targets: make(map[peer.ID]*target), tokens: dialsPerSec}
}

// target returns the peer's, which is made if there is none.
func (s *schedule) target(id peer.ID, up bool, now time.Time) *target {
	t := s.targets[id]
	if t == nil {
		t = &target{id: id, at: now}
		if up {
			t.up = now
		}
		s.targets[id] = t
	}
	return t
}

func (s *schedule) addExplicit(info peer.AddrInfo, up bool, now time.Time) {
	t := s.target(info.ID, up, now)
	t.explicit, t.resting, t.known[byUser] = true, false, true
	for _, a := range info.Addrs {
		if !slices.ContainsFunc(t.addrs[byUser], a.Equal) {
			t.addrs[byUser] = append(t.addrs[byUser], a)
		}
	}
	t.tries, t.at = 0, now
}

// setLocal takes what the runtime folder holds. Who is gone from there is forgotten; who is new or changed is dialed
// after grace.
func (s *schedule) setLocal(found map[peer.ID]localPeer, isUp func(peer.ID) bool, now time.Time, grace time.Duration) {
	for id, t := range s.targets {
		if _, ok := found[id]; !ok && t.local != "" {
			t.local = ""
			s.lose(t, byFolder)
		}
	}
	for id, p := range found {
		t := s.target(id, isUp(id), now)
		if t.local == p.stamp {
			continue
		}
		t.local, t.tries, t.at, t.resting = p.stamp, 0, now.Add(grace), false
		t.known[byFolder], t.addrs[byFolder] = true, p.addrs
	}
}

// lose takes away what a source knew; a peer that no source knows is forgotten.
func (s *schedule) lose(t *target, from source) {
	t.known[from], t.addrs[from] = false, nil
	if t.source() == numSources {
		delete(s.targets, t.id)
	}
}

// setFound takes the addresses of a peer of the local network. It reports whether they are new; errNoRoom: too many peers
// are known. Anybody in the network can tell false addresses: they come beside those known, and put off no dial.
func (s *schedule) setFound(info peer.AddrInfo, up bool, now time.Time, grace time.Duration) (fresh bool, err error) {
	if !s.room(info.ID, byMDNS) {
		return false, errNoRoom
	}
	soon := now.Add(grace)
	t := s.targets[info.ID]
	if t == nil {
		t = s.target(info.ID, up, now)
		t.at = soon
	}
	all, fresh := told(t.addrs[byMDNS], info.Addrs)
	if t.known[byMDNS] && !fresh {
		return false, nil
	}
	t.known[byMDNS], t.addrs[byMDNS] = true, all
	t.tries, t.at = 0, earlier(t.at, soon)
	return true, nil
}

// maxFoundAddrs are kept of a peer that the local network tells of: those that were told first, and of the later ones
// the latest, half of each. So who was there before stays, and who has moved is found.
const maxFoundAddrs = 2 * maxContactAddrs

// told adds addresses to those known; fresh: there was a new one.
func told(known, more []multiaddr.Multiaddr) (all []multiaddr.Multiaddr, fresh bool) {
	all = slices.Clone(known)
	for _, a := range more {
		if !slices.ContainsFunc(all, a.Equal) {
			all, fresh = append(all, a), true
		}
	}
	if over := len(all) - maxFoundAddrs; over > 0 {
		all = slices.Delete(all, maxFoundAddrs/2, maxFoundAddrs/2+over)
	}
	return all, fresh
}

// room keeps a network full of names, or a long book, from filling the memory: of those that only this source knows,
// the one that answered least makes room.
func (s *schedule) room(id peer.ID, from source) bool {
	if t := s.targets[id]; t != nil && t.known[from] {
		return true
	}
	n := 0
	var worst *target
	for _, t := range s.targets {
		if !t.known[from] {
			continue
		}
		n++
		if t.up.IsZero() && !t.dialing && !t.explicit && t.tries > 0 && (worst == nil || t.tries > worst.tries) {
			worst = t
		}
	}
	if n < maxFound {
		return true
	}
	if worst == nil {
		return false
	}
	s.lose(worst, from)
	return true
}

// remember takes the addresses of a peer from the address book.
func (s *schedule) remember(id peer.ID, addrs []multiaddr.Multiaddr, up bool, now time.Time) {
	if s.room(id, byBook) {
		t := s.target(id, up, now)
		t.known[byBook], t.addrs[byBook] = true, addrs
	}
}

// rest leaves a peer in peace until the user asks for it, or it is found anew.
func (s *schedule) rest(id peer.ID) {
	if t := s.targets[id]; t != nil {
		t.resting, t.explicit = true, false
		s.lose(t, byUser)
	}
}

// reset forgets every back-off: the network is another one.
func (s *schedule) reset(now time.Time) {
	for _, t := range s.targets {
		t.tries = 0
		if t.up.IsZero() && t.at.After(now) {
			t.at = now
		}
	}
}

func (s *schedule) connected(id peer.ID, now time.Time) {
	if t := s.targets[id]; t != nil && t.up.IsZero() {
		t.up, t.resting = now, false
	}
}

func (s *schedule) disconnected(id peer.ID, now time.Time) {
	t := s.targets[id]
	if t == nil || t.up.IsZero() {
		return
	}
	if now.Sub(t.up) >= steadyAfter {
		t.tries = 0
	}
	t.up = time.Time{}
	s.later(t, now)
}

// dialed ends what due began. Unless the peer is connected by now, the dial has failed.
func (s *schedule) dialed(id peer.ID, now time.Time) {
	t := s.targets[id]
	if t == nil {
		return
	}
	t.dialing = false
	if t.up.IsZero() {
		s.later(t, now)
	}
}

func (s *schedule) later(t *target, now time.Time) {
	first, most := retryFirst, retryMax
	if t.local != "" {
		first, most = localFirst, localMax
	}
	t.at = now.Add(backoff(t.tries, first, most, s.rand()))
	t.tries++
}

// backoff is first * 2^tries with half of it up or down by r in [0, 1), and never more than most.
func backoff(tries int, first, most time.Duration, r float64) time.Duration {
	d := most
	if tries < 30 {
		d = min(first<<tries, most)
	}
	return min(time.Duration((0.5+r)*float64(d)), most)
}

// due returns whom to dial now and when to ask again; zero: not before something changes. Explicit peers come first,
// whatever else there is to dial.
func (s *schedule) due(now time.Time) (dial []peer.AddrInfo, next time.Time) {
	busy, up := 0, 0
	var ready []*target
	for _, t := range s.targets {
		switch {
		case t.dialing:
			busy++
		case !t.up.IsZero():
			up++
		case t.resting:
		case t.at.After(now):
			next = earlier(next, t.at)
		default:
			ready = append(ready, t)
		}
	}
	slices.SortFunc(ready, func(a, b *target) int {
		return cmp.Or(cmp.Compare(a.source(), b.source()), a.at.Compare(b.at))
	})
	s.refill(now)
	for _, t := range ready {
		if busy == dialsAtOnce {
			break // asked again when a dial ends
		}
		if t.source() == byBook && !t.explicit && up+busy >= enoughPeers {
			continue // asked again when somebody goes
		}
		if s.tokens < 1 {
			return dial, earlier(next, now.Add(time.Second/dialsPerSec))
		}
		s.tokens--
		busy++
		t.dialing = true
		dial = append(dial, t.info())
	}
	return dial, next
}

func (s *schedule) refill(now time.Time) {
	if passed := now.Sub(s.filled); passed > 0 {
		s.tokens = min(s.tokens+passed.Seconds()*dialsPerSec, dialsPerSec)
		s.filled = now
	}
}

// earlier is the one that comes first; the zero time is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}
