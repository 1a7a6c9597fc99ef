package bridge

// place is what a session holds of the server's limits.
type place struct {
	server   *Server
	stranger bool // under the server's mu
}

// reserve takes a place for a session, which release gives back; nil: there is
// none. Strangers have few, so that they leave room for who is proved.
func (s *Server) reserve(proved bool) *place {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.slots >= s.o.Limits.Sessions || (!proved && s.strangers >= s.o.Limits.Strangers) {
		return nil
	}
	s.slots++
	if !proved {
		s.strangers++
	}
	s.open.Add(1)
	return &place{server: s, stranger: !proved}
}

// prove leaves the place for strangers to the next one.
func (p *place) prove() {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	if p.stranger {
		p.stranger = false
		p.server.strangers--
	}
}

func (p *place) release() {
	p.prove()
	p.server.mu.Lock()
	p.server.slots--
	p.server.mu.Unlock()
	p.server.open.Done()
}
