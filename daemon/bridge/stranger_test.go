package bridge_test

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"intercom/client/wire"
	"intercom/daemon/bridge"
)

func TestStrangersLeaveRoomForTheOwner(t *testing.T) {
	r := start(t, func(o *bridge.Options) { o.Limits.Sessions, o.Limits.Strangers = 5, 2 })
	first := r.stranger(t)
	r.stranger(t)
	d, url := r.dialer(bridge.TCP)
	if _, resp, err := d.DialContext(t.Context(), url, nil); err == nil || resp.StatusCode != http.StatusServiceUnavailable {
		t.Fatalf("third stranger: %v %+v", err, resp)
	}
	r.local(t)
	r.dial(t, bridge.TCP, http.Header{"Authorization": {"Bearer " + token}})
	if got := first.ask(`{"type":"auth","token":"right-token"}`); !strings.Contains(got, "auth_ok") {
		t.Fatal(got)
	}
	r.stranger(t) // in the place that first has left
	if st := r.Stats(); st.Sessions != 5 || st.Authenticated != 3 || st.Refused != 1 {
		t.Errorf("%+v", st)
	}
}

// TestWhoOpensManyConnectionsKeepsNobodyOut: they say nothing, half a request,
// or wrong tokens that are answered late.
func TestWhoOpensManyConnectionsKeepsNobodyOut(t *testing.T) {
	for name, says := range map[string]string{
		"nothing":        "",
		"half a request": "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n",
		"a wrong token":  "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer wrong\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, func(o *bridge.Options) { o.Limits.Sessions = 5 })
			first, _ := r.dial(t, bridge.TCP, http.Header{"Authorization": {"Bearer " + token}})
			for range 50 {
				conn, err := net.Dial("tcp", r.tcp)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { conn.Close() })
				conn.Write([]byte(says))
			}
			last, _ := r.dial(t, bridge.TCP, http.Header{"Authorization": {"Bearer " + token}})
			for _, c := range []*client{first, last} {
				if got := c.ask(`{"type":"ping","id":1}`); !strings.Contains(got, "pong") {
					t.Errorf("answer %s", got)
				}
			}
		})
	}
}

func TestPlacesOfStrangersComeBack(t *testing.T) {
	r := start(t, func(o *bridge.Options) { o.Limits.Strangers = 1 })
	for range 3 {
		c := r.stranger(t)
		c.ask(`{"type":"auth","token":"right-token"}`)
		c.Close()
	}
	for range 3 {
		d, url := r.dialer(bridge.TCP)
		eventually(t, "the place of the session before", func() bool {
			conn, _, err := d.DialContext(t.Context(), url, nil)
			if err == nil {
				conn.Close()
			}
			return err == nil
		})
		eventually(t, "an empty server", func() bool { return r.Stats().Sessions == 0 })
		eventually(t, "a place", func() bool {
			conn, _, err := d.DialContext(t.Context(), url, nil)
			if err == nil {
				conn.Close()
			}
			return err == nil
		})
		eventually(t, "a free place", func() bool {
			conn, _, err := d.DialContext(t.Context(), url, http.Header{"Authorization": {"Bearer " + token}})
			if err == nil {
				conn.Close()
			}
			return err == nil && r.Stats().Authenticated == r.Stats().Sessions
		})
	}
}

func TestFrameSizeLimitOfStrangers(t *testing.T) {
	r := start(t)
	frame := func(head string, n int) string { return head + strings.Repeat("x", n-len(head)-len(`"}`)) + `"}` }
	const ping = `{"type":"ping","x":"`
	c := r.stranger(t)
	if got := c.ask(frame(ping, 4096)); original(t, got) != `{"error":"Unauthorized.","type":"error"}` {
		t.Errorf("frame of the limit: %s", got)
	}
	c.send(frame(ping, 4097))
	if got := c.closed(); got != websocket.CloseMessageTooBig {
		t.Errorf("close code %d", got)
	}
	c = r.stranger(t)
	c.send(`{"type":"auth","token":"right-token"}`)
	c.send(frame(ping, wire.MaxRequest)) // without waiting for auth_ok
	if got := c.next(); !strings.Contains(got, "auth_ok") {
		t.Error(got)
	}
	if got := c.next(); !strings.Contains(got, "pong") {
		t.Errorf("large frame after auth: %.100s", got)
	}
}

func TestBusyStrangerIsClosedInTime(t *testing.T) {
	r := start(t, func(o *bridge.Options) { o.Limits.Unproved = 200 * time.Millisecond })
	c := r.stranger(t)
	go func() {
		tick := time.NewTicker(20 * time.Millisecond) // fewer than are too many
		defer tick.Stop()
		for range tick.C {
			if c.WriteMessage(websocket.TextMessage, []byte(`{"type":"ping"}`)) != nil {
				return
			}
		}
	}()
	if got := c.closed(); got != websocket.ClosePolicyViolation {
		t.Errorf("close code %d", got)
	}
	c.Close()
}

func TestStrangerThatAsksOnIsClosed(t *testing.T) {
	r := start(t)
	for name, send := range map[string]func(*client) error{
		"requests": func(c *client) error { return c.WriteMessage(websocket.TextMessage, []byte(`{"type":"ping"}`)) },
		"garbage":  func(c *client) error { return c.WriteMessage(websocket.TextMessage, []byte(`{`)) },
		"pings":    func(c *client) error { return c.WriteMessage(websocket.PingMessage, nil) },
		"pongs":    func(c *client) error { return c.WriteMessage(websocket.PongMessage, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			c, known := r.stranger(t), r.local(t)
			for range 100 {
				if err := send(c); err != nil {
					t.Fatal(err)
				}
				if err := send(known); err != nil {
					t.Fatal(err)
				}
			}
			if got := c.closed(); got != websocket.ClosePolicyViolation {
				t.Errorf("close code %d", got)
			}
			known.send(`{"type":"nonsense"}`)
			for !strings.Contains(known.next(), "nonsense") {
			}
		})
	}
}

func TestPumpingStrangersDelayNobody(t *testing.T) {
	r := start(t, func(o *bridge.Options) { o.Limits.Strangers = 100 })
	c := r.local(t)
	alone := replies(t, c)
	frame := []byte(`{"type":"ping","x":"` + strings.Repeat("x", 4000) + `"}`)
	strangers := make([]*client, 100)
	for i := range strangers {
		strangers[i] = r.stranger(t)
	}
	var pumps sync.WaitGroup
	for _, s := range strangers {
		pumps.Go(func() { // and never reads
			s.SetWriteDeadline(time.Now().Add(patience))
			for range 300 {
				if s.WriteMessage(websocket.TextMessage, frame) != nil {
					return // closed, as it should be
				}
			}
		})
	}
	// Not against the clock alone: that one measures how busy the machine is.
	if beside := replies(t, c); beside > time.Second && beside > 100*alone {
		t.Errorf("half of the replies took more than %v, before the strangers came %v", beside, alone)
	}
	pumps.Wait()
	eventually(t, "the strangers are gone", func() bool { return r.Stats().Sessions == 1 })
}

// replies returns how long half of a client's requests take at most.
func replies(t *testing.T, c *client) time.Duration {
	t.Helper()
	took := make([]time.Duration, 100)
	for i := range took {
		asked := time.Now()
		if got := c.ask(`{"type":"ping"}`); !strings.Contains(got, "pong") {
			t.Fatal(got)
		}
		took[i] = time.Since(asked)
	}
	slices.Sort(took)
	return took[50]
}
