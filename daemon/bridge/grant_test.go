package bridge_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"

	"intercom/client/wire"
	"intercom/daemon/bridge"
)

// scoped are tokens whose text is their id.
type scoped struct {
	mu  sync.Mutex
	all map[string][]wire.Scope

	looks int
}

func (s *scoped) Find(hash [sha256.Size]byte) (bridge.Grant, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, scopes := range s.all {
		if sha256.Sum256([]byte(id)) == hash {
			return bridge.Grant{ID: id, Scopes: scopes}, true
		}
	}
	return bridge.Grant{}, false
}

func (s *scoped) Holding() func(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looks++
	now := maps.Clone(s.all)
	return func(id string) bool { return now[id] != nil }
}

func (s *scoped) remove(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, id)
}

// guarded serves a request for each scope, named as the scope, and one that
// names none.
func guarded(t *testing.T) (*rig, *scoped) {
	tokens := &scoped{all: map[string][]wire.Scope{
		"reader": {wire.ScopeRead}, "sender": {wire.ScopeSend}, "payer": {wire.ScopeFocus, wire.ScopeExpense}, "admin": {wire.ScopeAdmin},
	}}
	all := map[string]bridge.Route{}
	for _, s := range append(wire.Scopes(), "") {
		r := route("done", func(context.Context, bridge.Call) (any, error) { return nil, nil })
		r.Scope = s
		all["do_"+string(s)] = r
	}
	return start(t, routes(all), func(o *bridge.Options) { o.Scoped = tokens }), tokens
}

func (r *rig) with(t *testing.T, token string) *client {
	t.Helper()
	c := r.stranger(t)
	if got := c.ask(`{"type":"auth","token":"` + token + `"}`); got != `{"type":"auth_ok"}` {
		t.Fatalf("%s: %s", token, got)
	}
	return c
}

func TestATokenAllowsItsScopesAlone(t *testing.T) {
	r, _ := guarded(t)
	for name, allows := range map[string]string{
		"reader": "read", "sender": "read send", "payer": "read focus expense",
		"admin": "read send focus expense admin none", token: "read send focus expense admin none",
	} {
		byHeader, _ := r.dial(t, bridge.TCP, http.Header{"Authorization": {"Bearer " + name}})
		for _, c := range []*client{r.with(t, name), byHeader} {
			for _, s := range append(wire.Scopes(), "") {
				want := strings.Contains(allows, string(s)) && s != "" || strings.Contains(allows, "none")
				got := c.ask(`{"type":"do_` + string(s) + `"}`)
				if want && got != `{"type":"done"}` || !want && !strings.Contains(got, `"code":"forbidden"`) {
					t.Errorf("%s asks for %q: %s", name, s, got)
				}
			}
			if got := c.ask(`{"type":"subscribe","channel":"x"}`); !strings.Contains(got, `"subscribed"`) {
				t.Errorf("%s: %s", name, got)
			}
		}
	}
}

func TestWhatTheBridgeAnswersByItselfIsDeclaredToRead(t *testing.T) {
	declared := map[string]wire.Spec{}
	for _, d := range wire.Base() {
		declared[d.Request] = d.Spec
	}
	for _, own := range bridge.OwnRequests() {
		if declared[own.Request] != own || own.Scope != wire.ScopeRead {
			t.Errorf("%+v", own)
		}
	}
}

func TestConnectionsThatFollowShareALookAtTheTokens(t *testing.T) {
	tokens := &scoped{all: map[string][]wire.Scope{"reader": {wire.ScopeRead}}}
	s := stream(t, nil, func(o *bridge.Options) { o.Scoped = tokens })
	const sessions, events = 20, 50
	var all []*client
	for range sessions {
		c := s.with(t, "reader")
		c.ask(`{"type":"events"}`)
		all = append(all, c)
	}
	tokens.mu.Lock()
	before := tokens.looks
	tokens.mu.Unlock()
	for n := range events {
		s.event()
		for _, c := range all {
			if got := c.next(); !strings.Contains(got, fmt.Sprintf(`"n":%d`, n+1)) {
				t.Fatal(got)
			}
		}
	}
	tokens.mu.Lock()
	looks := tokens.looks - before
	tokens.mu.Unlock()
	if looks < events || looks > events*sessions/2 { // a look each second is not of the events
		t.Errorf("%d looks at %d events told to %d sessions", looks, events, sessions)
	}
	tokens.remove("reader")
	s.event()
	for _, c := range all {
		if _, got, err := c.ReadMessage(); err == nil {
			t.Errorf("after the removal: %s", got)
		}
	}
}

func TestAPushLooksAtTheTokensOnceForAllSessions(t *testing.T) {
	r, tokens := guarded(t)
	const sessions, pushes = 20, 50
	var all []*client
	for range sessions {
		all = append(all, r.with(t, "reader"))
	}
	tokens.mu.Lock()
	before := tokens.looks
	tokens.mu.Unlock()
	for range pushes {
		r.Push("", nil, []byte(`{"type":"news"}`))
	}
	tokens.mu.Lock()
	looks := tokens.looks - before
	tokens.mu.Unlock()
	if looks < pushes || looks > pushes*sessions/2 { // a look each second is not of the pushes
		t.Errorf("%d looks at %d pushes to %d sessions", looks, pushes, sessions)
	}
	for _, c := range all {
		for range pushes {
			if got := c.next(); got != `{"type":"news"}` {
				t.Fatal(got)
			}
		}
	}
}

func TestARefusalNamesTheScope(t *testing.T) {
	r, _ := guarded(t)
	const want = `{"id":3,"type":"error","error":"Unauthorized.","code":"forbidden",` +
		`"reason":"do_expense needs the scope expense; this token has send","hint":"intercom token add --scope expense"}`
	if got := r.with(t, "sender").ask(`{"id":3,"type":"do_expense"}`); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if n := r.Stats().Forbidden; n != 1 {
		t.Errorf("%d counted", n)
	}
}

func TestAuthTellsOurClientsTheirScopes(t *testing.T) {
	r, _ := guarded(t)
	c := r.stranger(t)
	for _, tt := range []struct{ in, want string }{
		{`{"type":"auth","token":"payer","protocol":1}`, `{"type":"auth_ok","scopes":["focus","expense"]}`},
		{`{"type":"auth","token":"right-token","protocol":1}`, `{"type":"auth_ok","scopes":["admin"]}`},
		{`{"type":"auth","token":"payer"}`, `{"type":"auth_ok"}`},
	} {
		if got := c.ask(tt.in); got != tt.want {
			t.Errorf("%s: %s", tt.in, got)
		}
	}
}

func TestTheLatestTokenCounts(t *testing.T) {
	r, _ := guarded(t)
	c := r.with(t, token)
	if got := c.ask(`{"type":"do_admin"}`); got != `{"type":"done"}` {
		t.Error(got)
	}
	c.ask(`{"type":"auth","token":"reader"}`)
	if got := c.ask(`{"type":"do_admin"}`); !strings.Contains(got, "forbidden") {
		t.Errorf("after a lesser token: %s", got)
	}
	c.ask(`{"type":"auth","token":"wrong"}`)
	if got := c.ask(`{"type":"do_read"}`); got != `{"type":"done"}` {
		t.Errorf("after a wrong token: %s", got)
	}
}

func TestTheOwnerOfTheSocketStaysTheOwner(t *testing.T) {
	r, tokens := guarded(t)
	c := r.local(t)
	c.ask(`{"type":"auth","token":"reader"}`)
	tokens.remove("reader")
	if got := c.ask(`{"type":"do_admin"}`); got != `{"type":"done"}` {
		t.Error(got)
	}
}

func TestARemovedTokenEndsItsOpenConnections(t *testing.T) {
	r, tokens := guarded(t)
	asking, silent, other := r.with(t, "reader"), r.with(t, "reader"), r.with(t, "sender")
	tokens.remove("reader")
	r.Push("", nil, []byte(`{"type":"news"}`))
	if got := other.next(); got != `{"type":"news"}` {
		t.Errorf("the other: %s", got)
	}
	for name, c := range map[string]*client{"asking": asking, "silent": silent} {
		if name == "asking" {
			c.send(`{"type":"do_read"}`) // which may be too late for an answer
		}
		for {
			_, data, err := c.ReadMessage()
			if websocket.IsCloseError(err, websocket.ClosePolicyViolation) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if !strings.Contains(string(data), "Unauthorized.") {
				t.Errorf("%s: %s", name, data)
			}
		}
	}
}

func TestARequestAfterTheRemovalOfItsTokenIsRefused(t *testing.T) {
	r, tokens := guarded(t)
	c := r.with(t, "reader")
	tokens.remove("reader")
	if got := c.ask(`{"id":1,"type":"do_read"}`); !strings.Contains(got, `"code":"unauthorized"`) {
		t.Error(got)
	}
	if got := c.closed(); got != websocket.ClosePolicyViolation {
		t.Errorf("close code %d", got)
	}
}

func TestASilentConnectionEndsWithItsToken(t *testing.T) {
	r, tokens := guarded(t)
	c := r.with(t, "reader")
	tokens.remove("reader")
	if got := c.closed(); got != websocket.ClosePolicyViolation {
		t.Errorf("close code %d", got)
	}
}
