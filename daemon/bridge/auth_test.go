package bridge_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"intercom/daemon/bridge"
)

func TestNothingWithoutToken(t *testing.T) {
	r := start(t)
	c, hello := r.dial(t, bridge.TCP, nil)
	if !hello.RequiresAuth {
		t.Error("hello over TCP does not require authentication")
	}
	const no, no2 = `{"error":"Unauthorized.","type":"error"}`, `{"error":"Unauthorized.","id":2,"type":"error"}`
	for _, tt := range []struct{ in, want string }{
		{`{"type":"ping"}`, no},
		{`{"id":2,"type":"ping"}`, no2},
		{`{"id":2,"type":"nonsense"}`, no2},
		{`{"id":2,"type":{"toString":1}}`, no2},
		{`{}`, no},
		{`[]`, no},
		{`{"type":"auth","token":"wrong"}`, no},
		{`{"id":2,"type":"auth","token":"wrong"}`, no2},
		{`{"type":"auth"}`, no},
		{`{"type":"auth","Token":"right-token"}`, no},
		{`{"type":"auth","token":12345}`, no},
		{`{"type":"auth","token":null}`, no},
		{`{"type":"auth","token":""}`, no},
		{`{"type":"auth","token":["right-token"]}`, no},
		{`{`, `{"error":"Invalid JSON.","type":"error"}`},
		{`null`, `{"error":"Invalid message.","type":"error"}`},
		{`{"id":9,"type":"auth","token":"right-token"}`, `{"id":9,"type":"auth_ok"}`},
		{`{"type":"auth","token":"right-token"}`, `{"type":"auth_ok"}`},
		{`{"type":"auth","token":"wrong"}`, no},
		{`{"type":"ping"}`, `{"ts":1700000000123,"type":"pong"}`},
		{`{}`, `{"error":"Unknown type: undefined","type":"error"}`},
	} {
		if got := original(t, c.ask(tt.in)); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.in, got, tt.want)
		}
	}
	if st := r.Stats(); st.WrongTokens != 4 || st.Authenticated != 1 {
		t.Errorf("%+v", st)
	}
}

func TestFiveWrongTokensCloseTheConnection(t *testing.T) {
	c := start(t).stranger(t)
	for range 5 {
		if got := c.ask(`{"type":"auth","token":"guess"}`); !strings.Contains(got, "Unauthorized.") {
			t.Fatal(got)
		}
	}
	if got := c.closed(); got != websocket.ClosePolicyViolation {
		t.Errorf("close code %d", got)
	}
}

func TestEmptyTokenLetsNobodyIn(t *testing.T) {
	r := start(t, func(o *bridge.Options) { o.Token = func() string { return "" } })
	if got := r.stranger(t).ask(`{"type":"auth","token":""}`); !strings.Contains(got, "Unauthorized.") {
		t.Error(got)
	}
}

func TestTokenInHeader(t *testing.T) {
	r := start(t)
	c, _ := r.dial(t, bridge.TCP, http.Header{"Authorization": {"Bearer " + token}})
	if got := c.ask(`{"type":"ping"}`); !strings.Contains(got, "pong") {
		t.Error(got)
	}
	d, url := r.dialer(bridge.TCP)
	_, resp, err := d.Dial(url, http.Header{"Authorization": {"bearer wrong"}})
	if err == nil || resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("wrong token: %v %+v", err, resp)
	}
	c, _ = r.dial(t, bridge.TCP, http.Header{"Authorization": {"Basic YTpi"}})
	if got := c.ask(`{"type":"ping"}`); !strings.Contains(got, "Unauthorized.") {
		t.Errorf("other scheme: %s", got)
	}
}

func TestSilentStrangerIsClosed(t *testing.T) {
	r := start(t, func(o *bridge.Options) { o.Limits.Unproved = 50 * time.Millisecond })
	known := r.stranger(t)
	known.ask(`{"type":"auth","token":"right-token"}`)
	if got := r.stranger(t).closed(); got != websocket.ClosePolicyViolation {
		t.Errorf("close code %d", got)
	}
	if got := known.ask(`{"type":"ping"}`); !strings.Contains(got, "pong") {
		t.Errorf("authenticated client: %s", got)
	}
}

func TestStrangerGetsNoPushes(t *testing.T) {
	r := start(t)
	stranger, known := r.stranger(t), r.local(t)
	r.Push("c", []byte("x"), []byte(`{"type":"x"}`))
	if got := known.next(); got != `{"type":"x"}` {
		t.Error(got)
	}
	if got := stranger.ask(`{"type":"ping"}`); !strings.Contains(got, "Unauthorized.") {
		t.Errorf("first frame after a push: %s", got)
	}
}
