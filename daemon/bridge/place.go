package bridge

import "time"

// place is what a session holds of the server's limits.
type place struct {
	server *Server
	of     holder    // under the server's mu
	until  time.Time // not given back before; the session's
}

// holder is what is known of who has a place.
type holder int

const (
	stranger holder = iota // not authenticated
	limited                // with a scoped token
	full                   // the owner
	holders
)

func (g *Grant) holder() holder {
	switch {
	case g == nil:
		return stranger
	case g.ID != "":
		return limited
	}
	return full
}

// reserve takes a place, which release gives back; nil: there is none.
// Strangers have few, and who has a scoped token not all, so that they leave
// room for the owner.
func (s *Server) reserve(g *Grant) *place {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := g.holder()
	if s.closed || s.slots >= s.o.Limits.Sessions || s.held[k] >= s.most(k) {
		return nil
	}
	s.slots++
	s.held[k]++
	s.open.Add(1)
	return &place{server: s, of: k}
}

func (s *Server) most(k holder) int {
	switch k {
	case stranger:
		return s.o.Limits.Strangers
	case limited:
		return s.o.Limits.Scoped
	}
	return s.o.Limits.Sessions
}

// become leaves the place to the next one of its kind; false: there are
// already as many of the new kind as may be.
func (p *place) become(g *Grant) bool {
	s := p.server
	s.mu.Lock()
	defer s.mu.Unlock()
	k := g.holder()
	if k != p.of && s.held[k] >= s.most(k) {
		return false
	}
	s.held[p.of]--
	s.held[k]++
	p.of = k
	return true
}

func (p *place) release() {
	p.server.sit(time.Until(p.until), nil)
	p.server.mu.Lock()
	p.server.slots--
	p.server.held[p.of]--
	p.server.mu.Unlock()
	p.server.open.Done()
}
