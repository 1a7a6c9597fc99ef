package bridge

import (
	"context"
	"encoding/json"
	"time"

	"github.com/gorilla/websocket"

	"intercom/client/wire"
	"intercom/daemon/bridge/compat"
)

// maxTokens is how many wrong tokens a connection may show.
const maxTokens = 5

// authenticate checks a token. A right one counts for good; too many wrong
// ones end the session, and the answer to one may be late: see guesses. What is
// no text is no guess.
func (s *Server) authenticate(ctx context.Context, c *Session, id json.RawMessage, fields map[string]json.RawMessage) []byte {
	token, given := text(fields["token"])
	granted, ok := Grant{}, false
	if given {
		granted, ok = s.grant(token)
	}
	if ok {
		rights, held := c.prove(granted)
		if !held {
			return s.fail(id, "", refusal(wire.Unavailable, compat.Unauthorized, "too many connections with scoped tokens").WithHint("try again, or end one"))
		}
		return s.authOK(id, fields, rights)
	}
	if given {
		c.guessed(ctx)
		if c.wrong++; c.wrong == maxTokens {
			defer c.leave(websocket.ClosePolicyViolation, "too many wrong tokens")
		}
	}
	return s.fail(id, "", refusal(wire.Unauthorized, compat.Unauthorized, "wrong token"))
}

// authOK tells clients of ours what they may do.
func (s *Server) authOK(id json.RawMessage, fields map[string]json.RawMessage, g Grant) []byte {
	var ours any
	if !foreign(fields) {
		ours = struct {
			Scopes []wire.Scope `json:"scopes"`
		}{g.Scopes}
	}
	return s.frame(id, "", "auth_ok", ours, nil, nil)
}

// foreign reports whether a client names no protocol: then it was written for
// the original.
func foreign(fields map[string]json.RawMessage) bool {
	raw := fields["protocol"]
	return raw == nil || string(raw) == "null"
}

func (c *Session) authenticated() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.proved
}

// prove gives the session the rights of a token and returns those that it then
// has; false: there is no place for it. The latest token counts, but who has
// come over the Unix socket is the owner whatever it shows.
func (c *Session) prove(g Grant) (Grant, bool) {
	if c.transport == Unix {
		return c.grant, true
	}
	if !c.place.become(&g) {
		return Grant{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.proved, c.grant = true, g
	if c.leaving == 0 {
		c.conn.NetConn().SetReadDeadline(time.Time{})
	}
	return g, true
}

// guessed counts a wrong token and holds up the answer to it. The owner, on the
// Unix socket, has nothing to guess.
func (c *Session) guessed(ctx context.Context) {
	if c.transport == Unix {
		c.server.wrong.Add(1)
		return
	}
	wait := c.server.wrongToken(c.conn.RemoteAddr().String())
	if wait <= 0 {
		return
	}
	c.place.until = time.Now().Add(wait)
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done(): // its place waits on
	case <-c.server.closing:
	}
}
