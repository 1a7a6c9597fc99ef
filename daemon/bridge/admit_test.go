package bridge_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"intercom/daemon/bridge"
)

func TestHTTPRequests(t *testing.T) {
	r := start(t, func(o *bridge.Options) {
		o.Hosts, o.Origins = []string{"desk.example"}, []string{"https://app.example"}
		o.Pages = map[string]bridge.Page{"/healthz": says("ok", true)}
	})
	tests := []struct {
		name, method, path, host string
		origins                  []string
		want                     int
	}{
		{name: "plain", want: 426},
		{name: "post", method: "POST", want: 426},
		{name: "health", path: "/healthz", want: 200},
		{name: "localhost", host: "localhost:49222", want: 426},
		{name: "loopback without port", host: "127.0.0.1", want: 426},
		{name: "other loopback", host: "127.9.9.9:1", want: 426},
		{name: "IPv6 loopback", host: "[::1]:49222", want: 426},
		{name: "IPv6 loopback without port", host: "[::1]", want: 426},
		{name: "configured host", host: "DESK.example:49222", want: 426},
		{name: "rebound name", host: "evil.example:49222", want: 403},
		{name: "rebound name, health", path: "/healthz", host: "evil.example", want: 403},
		{name: "name like loopback", host: "127.0.0.1.evil.example", want: 403},
		{name: "name below localhost", host: "localhost.evil.example", want: 403},
		{name: "unspecified address", host: "0.0.0.0:49222", want: 403},
		{name: "LAN address", host: "192.168.1.2:49222", want: 403},
		{name: "loopback origin", origins: []string{"http://localhost:3000"}, want: 426},
		{name: "loopback origin, https", origins: []string{"https://[::1]"}, want: 426},
		{name: "configured origin", origins: []string{"https://app.example"}, want: 426},
		{name: "configured origin, other scheme", origins: []string{"http://app.example"}, want: 403},
		{name: "foreign origin", origins: []string{"https://evil.example"}, want: 403},
		{name: "foreign origin that looks local", origins: []string{"http://localhost@evil.example"}, want: 403},
		{name: "opaque origin", origins: []string{"null"}, want: 403},
		{name: "empty origin", origins: []string{""}, want: 403},
		{name: "file origin", origins: []string{"file://localhost"}, want: 403},
		{name: "two origins", origins: []string{"http://localhost", "https://evil.example"}, want: 403},
	}
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), tt.method, "http://"+r.tcp+tt.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Host = tt.host
			if tt.origins != nil {
				req.Header["Origin"] = tt.origins
			}
			resp, err := transport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != tt.want {
				t.Errorf("status %d, want %d", resp.StatusCode, tt.want)
			}
		})
	}
}

func TestForeignPagesCannotConnect(t *testing.T) {
	r := start(t)
	d, url := r.dialer(bridge.TCP)
	for name, h := range map[string]http.Header{
		"origin":    {"Origin": {"https://evil.example"}},
		"rebinding": {"Host": {"evil.example"}},
		"with token": {
			"Origin": {"https://evil.example"}, "Authorization": {"Bearer " + token},
		},
	} {
		_, resp, err := d.DialContext(t.Context(), url, h)
		if err == nil || resp == nil || resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %v %+v", name, err, resp)
		}
	}
	if _, resp, err := d.DialContext(t.Context(), url, http.Header{"Origin": {"http://127.0.0.1:8080"}}); err != nil {
		t.Errorf("loopback page: %v %+v", err, resp)
	}
	eventually(t, "3 refused, 1 accepted", func() bool {
		st := r.Stats()
		return st.Refused == 3 && st.Accepted == 1
	})
}

func TestTooManyConnections(t *testing.T) {
	r := start(t, func(o *bridge.Options) { o.Limits.Sessions = 2 })
	first := r.local(t)
	r.stranger(t)
	d, url := r.dialer(bridge.Unix)
	if _, resp, err := d.DialContext(t.Context(), url, nil); err == nil || resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("third connection: %v %+v", err, resp)
	}
	first.Close()
	eventually(t, "the place is free again", func() bool { return r.Stats().Sessions == 1 })
	eventually(t, "a connection", func() bool {
		conn, _, err := d.DialContext(t.Context(), url, nil)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
}

func TestHugeHeaderIsRefused(t *testing.T) {
	r := start(t)
	d, url := r.dialer(bridge.TCP)
	_, resp, err := d.DialContext(t.Context(), url, http.Header{"X": {strings.Repeat("x", 64<<10)}})
	if err == nil || (resp != nil && resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge) {
		t.Errorf("%v %+v", err, resp)
	}
}

func TestUnfinishedHandshakesAreBounded(t *testing.T) {
	r := start(t, func(o *bridge.Options) { o.Limits.Sessions = 1 })
	var first net.Conn
	for range 3 { // twice as many as sessions, and one more
		conn, err := net.Dial("tcp", r.tcp)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if first == nil {
			first = conn
		}
	}
	first.SetReadDeadline(time.Now().Add(patience))
	if _, err := first.Read(make([]byte, 1)); !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the oldest connection: %v", err)
	}
}

func TestSlowHandshakeIsClosed(t *testing.T) {
	r := start(t, func(o *bridge.Options) { o.Limits.Handshake = 50 * time.Millisecond })
	conn, err := net.Dial("tcp", r.tcp)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"); err != nil {
		t.Fatal(err)
	}
	conn.SetReadDeadline(time.Now().Add(patience))
	if got, err := io.ReadAll(conn); err != nil || strings.Contains(string(got), "101") {
		t.Errorf("%q %v", got, err)
	}
}
