package bridge

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"intercom/client/wire"
	"intercom/daemon/bridge/compat"
)

// Grant is what a client may do: everything, or what a scoped token allows.
type Grant struct {
	ID     string        // of the scoped token; empty: the owner, who may do everything
	Scopes []wire.Scope  // of a scoped token
	Max    []wire.Amount // the most that one write may move, by currency; nil: any amount
}

// owner is who came over the Unix socket or has the owner's token.
var owner = Grant{Scopes: []wire.Scope{wire.ScopeAdmin}}

// Tokens are the scoped tokens in force. Its methods are asked at every
// request and push and must not wait.
type Tokens interface {
	// Find returns what the token with a SHA-256 allows. It takes as long for
	// every hash.
	Find(hash [sha256.Size]byte) (Grant, bool)
	// Holding looks which tokens were neither removed nor have expired, and
	// returns what reports it of their ids.
	Holding() func(id string) bool
}

// grant returns what a token allows. Every token is compared, in constant
// time; hashing hides their lengths too.
func (s *Server) grant(token string) (g Grant, ok bool) {
	hash := sha256.Sum256([]byte(token))
	if s.o.Scoped != nil {
		g, ok = s.o.Scoped.Find(hash)
	}
	want := s.o.Token()
	wanted := sha256.Sum256([]byte(want))
	if subtle.ConstantTimeCompare(hash[:], wanted[:]) == 1 && want != "" {
		return owner, true
	}
	return g, ok && g.ID != ""
}

// recheck is how often sessions that ask nothing are looked at.
const recheck = time.Second

// endLapsed ends the sessions whose tokens hold no more.
func (s *Server) endLapsed() {
	s.mu.RLock()
	defer s.mu.RUnlock()
	holds := s.look()
	for c := range s.sessions {
		c.lapsed(holds)
	}
}

// look returns what reports whether the token of an id holds. It looks at the
// tokens once, when it is first asked: one look serves all that happened before.
func (s *Server) look() func(id string) bool {
	var holds func(id string) bool
	return func(id string) bool {
		if holds == nil {
			holds = s.o.Scoped.Holding()
		}
		return holds(id)
	}
}

// lapsed reports whether the session's token holds no more, and then ends it.
func (c *Session) lapsed(holds func(id string) bool) bool {
	c.mu.Lock()
	id := c.grant.ID
	c.mu.Unlock()
	if id == "" || holds(id) {
		return false
	}
	c.mu.Lock()
	same := c.grant.ID == id // it may have shown another one meanwhile
	if same {
		c.proved = false
	}
	c.mu.Unlock()
	if !same {
		return false
	}
	c.leave(websocket.ClosePolicyViolation, "the token has expired or was removed")
	return true
}

// allow returns the grant of a request that needs a scope, or what is wrong
// with it.
func (c *Session) allow(request string, need wire.Scope) (Grant, *wire.Error) {
	c.mu.Lock()
	g := c.grant
	c.mu.Unlock()
	if need.In(g.Scopes) {
		return g, nil
	}
	if need == "" {
		need = wire.ScopeAdmin
	}
	return g, refusal(wire.Forbidden, compat.Unauthorized,
		fmt.Sprintf("%s needs the scope %s; this token has %s", request, need, strings.Join(wire.ScopeNames(g.Scopes), ", "))).
		WithHint(fmt.Sprintf("intercom token add --scope %s", need))
}
