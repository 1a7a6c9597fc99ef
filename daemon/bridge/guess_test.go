package bridge_test

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"intercom/client/wire"
	"intercom/daemon/bridge"
)

const pace = 100 * time.Millisecond

func slowed(o *bridge.Options) { o.Limits.Guess = pace }

// TestGuessesOverManyConnectionsAreSlowed lets many clients guess as fast as
// they can, some of which do not wait for the answer.
func TestGuessesOverManyConnectionsAreSlowed(t *testing.T) {
	r := start(t, slowed)
	const clients = 20
	began := time.Now()
	end := began.Add(30 * pace)
	var guesses atomic.Int64
	var all sync.WaitGroup
	d, url := r.dialer(bridge.TCP)
	for n := range clients {
		all.Go(func() {
			for time.Now().Before(end) {
				var header http.Header
				if n%4 == 0 {
					header = http.Header{"Authorization": {"Bearer guess"}}
				}
				conn, resp, err := d.Dial(url, header)
				if err != nil {
					if resp != nil && resp.StatusCode == http.StatusUnauthorized {
						guesses.Add(1)
					}
					continue
				}
				conn.ReadMessage()
				for range 5 {
					conn.WriteMessage(1, []byte(`{"type":"auth","token":"guess"}`))
					if n%4 == 1 {
						break // and away
					}
					if _, _, err := conn.ReadMessage(); err != nil {
						break
					}
					guesses.Add(1)
				}
				conn.Close()
			}
		})
	}
	for range 5 { // meanwhile the owner comes and goes
		at := time.Now()
		c, _ := r.dial(t, bridge.TCP, http.Header{"Authorization": {"Bearer " + token}})
		if got := c.ask(`{"type":"ping"}`); !strings.Contains(got, "pong") {
			t.Error(got)
		}
		c.ask(`{"type":"auth","token":"right-token"}`)
		c.Close()
		t.Logf("the owner took %v", time.Since(at))
	}
	all.Wait()
	// Ten at once, one a pace, and those that wait at the end.
	took := time.Since(began)
	if n := r.Stats().WrongTokens; n > 10+uint64(took/pace)+2*clients {
		t.Errorf("%d guesses in %v", n, took)
	}
	t.Logf("%d guesses, %d of them answered, in %v", r.Stats().WrongTokens, guesses.Load(), took)
}

func TestARightTokenIsNeverLate(t *testing.T) {
	r := start(t, func(o *bridge.Options) { o.Limits.Guess = time.Minute })
	for range 2 {
		c := r.stranger(t)
		for range 5 {
			c.ask(`{"type":"auth","token":"guess"}`)
		}
	}
	c := r.stranger(t)
	if got := c.ask(`{"type":"auth","token":"right-token"}`); got != `{"type":"auth_ok"}` {
		t.Error(got)
	}
	c.ask(`{"type":"ping"}`)
}

func TestALateAnswerDelaysNoEnd(t *testing.T) {
	r := start(t, func(o *bridge.Options) { o.Limits.Guess = time.Minute })
	for range 3 {
		c := r.stranger(t)
		for range 4 {
			c.send(`{"type":"auth","token":"guess"}`)
		}
	}
	eventually(t, "the first late ones", func() bool { return r.Stats().WrongTokens > 10 })
	closed := make(chan struct{})
	go func() { r.Close(); close(closed) }()
	within(t, closed)
}

func TestGuessersAreToldApart(t *testing.T) {
	for _, c := range []struct{ a, b, same string }{
		{"127.0.0.1:1", "127.9.9.9:2", "yes"},
		{"127.0.0.1:1", "[::1]:2", "yes"},
		{"[::ffff:127.0.0.1]:1", "127.0.0.1:2", "yes"},
		{"192.0.2.1:1", "192.0.2.1:2", "yes"},
		{"192.0.2.1:1", "192.0.2.2:1", "no"},
		{"192.0.2.1:1", "127.0.0.1:1", "no"},
		{"[2001:db8::1]:1", "[2001:db8::2]:1", "yes"},
		{"[2001:db8::1]:1", "[2001:db8:0:1::1]:1", "no"},
		{"[fe80::1%eth0]:1", "[fe80::1%eth1]:1", "yes"},
	} {
		if got := bridge.SourceOf(c.a) == bridge.SourceOf(c.b); got != (c.same == "yes") {
			t.Errorf("%s and %s are the same: %t", c.a, c.b, got)
		}
	}
}

func TestASourceRecovers(t *testing.T) {
	wrong := bridge.Guesses(time.Second)
	now := time.Unix(1000, 0)
	for n := range 10 {
		if wait := wrong("192.0.2.1:1", now); wait != 0 {
			t.Fatalf("guess %d waits %v", n, wait)
		}
	}
	for n := range 40 {
		if wait := wrong("192.0.2.1:1", now); wait != min(time.Duration(n+1)*time.Second, 30*time.Second) {
			t.Errorf("guess %d behind the free ones waits %v", n, wait)
		}
	}
	if wait := wrong("192.0.2.2:1", now); wait != 0 {
		t.Errorf("another source waits %v", wait)
	}
	if wait := wrong("192.0.2.1:1", now.Add(time.Minute)); wait != 0 {
		t.Errorf("a minute later it waits %v", wait)
	}
	for n := range 3000 { // more sources than are told apart
		wrong(fmtAddr(n), now)
	}
	if wait := wrong("203.0.113.1:1", now); wait == 0 {
		t.Error("sources without number are not slowed together")
	}
}

func TestScopedTokensLeaveRoomForTheOwner(t *testing.T) {
	tokens := &scoped{all: map[string][]wire.Scope{"reader": {wire.ScopeRead}}}
	r := start(t, func(o *bridge.Options) { o.Limits.Sessions, o.Limits.Scoped, o.Scoped = 4, 2, tokens })
	header := http.Header{"Authorization": {"Bearer reader"}}
	first := r.with(t, "reader")
	r.dial(t, bridge.TCP, header)
	d, url := r.dialer(bridge.TCP)
	if _, resp, err := d.Dial(url, header); err == nil || resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("third connection by header: %v", err)
	}
	c := r.stranger(t)
	if got := c.ask(`{"type":"auth","token":"reader"}`); !strings.Contains(got, `"code":"unavailable"`) {
		t.Errorf("third connection: %s", got)
	}
	if got := c.ask(`{"type":"ping"}`); !strings.Contains(got, "Unauthorized.") {
		t.Errorf("it may ask: %s", got)
	}
	if got := c.ask(`{"type":"auth","token":"right-token"}`); got != `{"type":"auth_ok"}` {
		t.Errorf("the owner: %s", got)
	}
	first.ask(`{"type":"auth","token":"right-token"}`) // which frees its place
	if r.with(t, "reader"); r.Stats().Authenticated != 4 {
		t.Errorf("%+v", r.Stats())
	}
}
