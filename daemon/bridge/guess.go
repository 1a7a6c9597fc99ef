package bridge

import (
	"net/netip"
	"sync"
	"time"
)

const (
	freeGuesses = 10   // wrong tokens of a source that are answered at once
	mostLate    = 30   // paces
	maxSources  = 1024 // that are told apart
)

// guesses slows down who shows wrong tokens, over all connections of a source:
// behind the first few, the answers to them come one in every pace, at most
// mostLate paces late. A right token never waits, so nobody is locked out by a guesser
// beside him. The zero value needs a pace.
type guesses struct {
	pace time.Duration

	mu   sync.Mutex
	busy map[netip.Prefix]time.Time // until when a source's guesses last, one a pace
}

// wrong notes a guess and returns how long its answer must wait.
func (g *guesses) wrong(from netip.Prefix, now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.busy == nil {
		g.busy = map[netip.Prefix]time.Time{}
	}
	if _, known := g.busy[from]; !known && len(g.busy) >= maxSources {
		for source, until := range g.busy {
			if until.Before(now) {
				delete(g.busy, source)
			}
		}
		if len(g.busy) >= maxSources {
			from = netip.Prefix{} // all further ones are one
		}
	}
	free := freeGuesses * g.pace
	until := g.busy[from]
	if until.Before(now) {
		until = now
	}
	until = until.Add(g.pace)
	if last := now.Add(free + mostLate*g.pace); until.After(last) {
		until = last
	}
	g.busy[from] = until
	return max(0, until.Sub(now)-free)
}

// sourceOf returns where a client is: this machine as a whole, an IPv4
// address, or the /64 that one IPv6 customer has.
func sourceOf(remote string) netip.Prefix {
	at, err := netip.ParseAddrPort(remote)
	addr := at.Addr().Unmap()
	bits := 32
	switch {
	case err != nil, addr.IsLoopback():
		return netip.PrefixFrom(netip.IPv6Loopback(), 128)
	case addr.Is6():
		bits = 64
	}
	prefix, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return netip.PrefixFrom(netip.IPv6Loopback(), 128)
	}
	return prefix
}

// wrongToken counts one and returns how long its answer must wait.
func (s *Server) wrongToken(remote string) time.Duration {
	s.wrong.Add(1)
	return s.guesses.wrong(sourceOf(remote), time.Now())
}

// sit waits, whether or not the client is still there: who goes away and comes
// again is no faster. It ends when the server closes, or with evicted: then
// nobody gets the answer.
func (s *Server) sit(wait time.Duration, evicted <-chan struct{}) {
	if wait <= 0 {
		return
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.open.Add(1)
	s.mu.Unlock()
	defer s.open.Done()
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
	case <-evicted:
	case <-s.closing:
	}
}
