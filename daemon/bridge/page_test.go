package bridge_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"intercom/client/wire"
	"intercom/daemon/bridge"
)

// says returns a page that answers every request with a text.
func says(text string, open bool) bridge.Page {
	return bridge.Page{Open: open, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) })}
}

// get asks for a page over a transport and returns the status and the body.
func (r *rig) get(t *testing.T, over bridge.Transport, method, path, auth string) (int, string) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	if over == bridge.Unix {
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", r.socket)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+r.tcp+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if auth != "" {
		req.Header.Set("Authorization", auth)
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestPagesOfTheOwnerNeedTheTokenOrTheSocket(t *testing.T) {
	r := start(t, func(o *bridge.Options) {
		o.Pages = map[string]bridge.Page{"/open": says("hello", true), "/own": says("figures", false), "/below/": says("deep", false)}
	})
	for _, tt := range []struct {
		over             bridge.Transport
		path, auth, body string
		want             int
	}{
		{bridge.TCP, "/open", "", "hello", 200},
		{bridge.TCP, "/own", "", "", 401},
		{bridge.TCP, "/own", "Bearer wrong", "", 401},
		{bridge.TCP, "/own", "Bearer right-token", "figures", 200},
		{bridge.TCP, "/own/", "Bearer right-token", "", 426},
		{bridge.TCP, "/below/x/y", "", "", 401},
		{bridge.TCP, "/below/x/y", "Bearer right-token", "deep", 200},
		{bridge.TCP, "/below", "Bearer right-token", "deep", 426},
		{bridge.TCP, "/other", "", "", 426},
		{bridge.Unix, "/own", "", "figures", 200},
		{bridge.Unix, "/below/", "", "deep", 200},
	} {
		status, body := r.get(t, tt.over, "GET", tt.path, tt.auth)
		if status != tt.want || status == 200 && body != tt.body {
			t.Errorf("%s %s with %q: %d %q, want %d", tt.over, tt.path, tt.auth, status, body, tt.want)
		}
		if status != 200 && (strings.Contains(body, "figures") || strings.Contains(body, "deep")) {
			t.Errorf("%s shows %q", tt.path, body)
		}
	}
	if status, _ := r.get(t, bridge.Unix, "POST", "/own", ""); status != http.StatusMethodNotAllowed {
		t.Errorf("post: %d", status)
	}
}

func TestAPageThatPanicsCostsItsOwnRequest(t *testing.T) {
	r := start(t, func(o *bridge.Options) {
		bad := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("no") })
		o.Pages = map[string]bridge.Page{"/bad": {Handler: bad}, "/own": says("figures", false)}
	})
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", r.socket)
	}}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), "GET", "http://localhost/bad", nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := transport.RoundTrip(req); err == nil {
		resp.Body.Close()
		t.Errorf("status %d", resp.StatusCode)
	}
	if status, body := r.get(t, bridge.Unix, "GET", "/own", ""); status != 200 || body != "figures" {
		t.Errorf("afterwards: %d %q", status, body)
	}
}

func TestALongPageEndsWithTheServer(t *testing.T) {
	begun := make(chan struct{})
	r := start(t, func(o *bridge.Options) {
		o.Pages = map[string]bridge.Page{"/long": {Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(begun)
			<-r.Context().Done()
		})}}
	})
	conn, err := net.Dial("unix", r.socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n")
	<-begun
	r.Close() // waits for it
}

func TestRequestsAreTimedByType(t *testing.T) {
	r := start(t, routes(map[string]bridge.Route{
		"x": route("x", func(context.Context, bridge.Call) (any, error) { return struct{}{}, nil }),
		"later": route("later", func(context.Context, bridge.Call) (any, error) {
			return bridge.Later(func() (any, error) { return struct{}{}, nil }), nil
		}),
		"bad": route("bad", func(context.Context, bridge.Call) (any, error) { return nil, wire.Errorf(wire.NotFound, "no") }),
	}))
	c := r.local(t)
	for _, typ := range []string{"x", "x", "later", "bad", "ping", "nonsense", "more nonsense"} {
		frame, err := json.Marshal(map[string]string{"type": typ})
		if err != nil {
			t.Fatal(err)
		}
		c.ask(string(frame))
	}
	took := r.Took()
	for name, want := range map[string]uint64{"x": 2, "later": 1, "bad": 1, "ping": 1, "unknown": 2} {
		if took[name].Count != want {
			t.Errorf("%s: %d, want %d", name, took[name].Count, want)
		}
	}
}

func TestAPageNeedsItsScope(t *testing.T) {
	tokens := &scoped{all: map[string][]wire.Scope{"reader": {wire.ScopeRead}, "admin": {wire.ScopeAdmin}}}
	r := start(t, func(o *bridge.Options) {
		figures := says("figures", false)
		figures.Scope = wire.ScopeRead
		o.Scoped, o.Pages = tokens, map[string]bridge.Page{"/figures": figures, "/own": says("own", false), "/open": says("open", true)}
	})
	for _, tt := range []struct {
		token, path string
		want        int
	}{
		{"reader", "/figures", 200}, {"reader", "/own", 403}, {"reader", "/open", 200},
		{"admin", "/figures", 200}, {"admin", "/own", 200}, {token, "/own", 200},
	} {
		if status, body := r.get(t, bridge.TCP, "GET", tt.path, "Bearer "+tt.token); status != tt.want {
			t.Errorf("%s for %s: %d %q, want %d", tt.path, tt.token, status, body, tt.want)
		}
	}
}
