package bridge_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"intercom/client/wire"
	"intercom/daemon/bridge"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	token    = "right-token"
	patience = 60 * time.Second // what a busy machine may take for what needs no waiting
)

var started = time.UnixMilli(1_700_000_000_123)

type rig struct {
	*bridge.Server
	socket string
	tcp    string // host:port
	stop   context.CancelFunc
	done   chan error
}

// start serves on both transports until the test ends.
func start(t testing.TB, change ...func(*bridge.Options)) *rig {
	t.Helper()
	o := bridge.Options{
		Hello: func() wire.Hello {
			return wire.Hello{Peer: "aa", Address: "trac1", EntryChannel: "0000intercom", Protocol: wire.Protocol, Version: "1"}
		},
		Routes: map[string]bridge.Route{},
		Token:  func() string { return token },
		Log:    slog.New(slog.DiscardHandler),
		Now:    func() time.Time { return started },
		Limits: bridge.Limits{Grace: time.Second},
	}
	for _, f := range change {
		f(&o)
	}
	r := &rig{Server: bridge.New(o), socket: filepath.Join(t.TempDir(), "run", "bridge.sock"), done: make(chan error, 1)}
	if err := r.ListenUnix(r.socket); err != nil {
		t.Fatal(err)
	}
	addr, err := r.ListenTCP("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.tcp = addr.String()
	ctx, stop := context.WithCancel(t.Context())
	r.stop = stop
	go func() { r.done <- r.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		r.Close()
		if err := <-r.done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return r
}

func route(reply string, handle func(ctx context.Context, c bridge.Call) (any, error)) bridge.Route {
	return bridge.Route{Spec: wire.Spec{Reply: reply}, Handle: handle}
}

func routes(all map[string]bridge.Route) func(*bridge.Options) {
	return func(o *bridge.Options) { o.Routes = all }
}

type client struct {
	t testing.TB
	*websocket.Conn
}

func (r *rig) dialer(transport bridge.Transport) (*websocket.Dialer, string) {
	d := &websocket.Dialer{HandshakeTimeout: patience}
	if transport == bridge.Unix {
		d.NetDialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", r.socket)
		}
		return d, "ws://local/"
	}
	return d, "ws://" + r.tcp + "/any/path"
}

// dial connects and reads the hello.
func (r *rig) dial(t testing.TB, transport bridge.Transport, header http.Header) (*client, wire.Hello) {
	t.Helper()
	d, url := r.dialer(transport)
	conn, resp, err := d.DialContext(t.Context(), url, header)
	if err != nil {
		t.Fatalf("dial: %v (%+v)", err, resp)
	}
	t.Cleanup(func() { conn.Close() })
	c := &client{t, conn}
	var hello wire.Hello
	if err := json.Unmarshal([]byte(c.next()), &hello); err != nil {
		t.Fatal(err)
	}
	return c, hello
}

// local is an open connection over the Unix socket, proved one over TCP.
func (r *rig) local(t testing.TB) *client {
	t.Helper()
	c, _ := r.dial(t, bridge.Unix, nil)
	return c
}

func (r *rig) stranger(t testing.TB) *client {
	t.Helper()
	c, _ := r.dial(t, bridge.TCP, nil)
	return c
}

func (c *client) send(frame string) {
	c.t.Helper()
	c.SetWriteDeadline(time.Now().Add(patience))
	if err := c.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
		c.t.Fatalf("send: %v", err)
	}
}

func (c *client) next() string {
	c.t.Helper()
	c.SetReadDeadline(time.Now().Add(patience))
	kind, data, err := c.ReadMessage()
	if err != nil {
		c.t.Fatalf("receive: %v", err)
	}
	if kind != websocket.TextMessage {
		c.t.Fatalf("frame of kind %d", kind)
	}
	return string(data)
}

func (c *client) ask(frame string) string {
	c.t.Helper()
	c.send(frame)
	return c.next()
}

// closed reads until the server's close frame and returns its code.
func (c *client) closed() int {
	c.t.Helper()
	c.SetReadDeadline(time.Now().Add(patience))
	for {
		_, _, err := c.ReadMessage()
		var e *websocket.CloseError
		if errors.As(err, &e) {
			return e.Code
		}
		if err != nil {
			c.t.Fatalf("no close frame: %v", err)
		}
	}
}

// original cuts a frame down to what the original would have sent.
func original(t testing.TB, frame string) string {
	t.Helper()
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(frame), &all); err != nil {
		t.Fatalf("%s: %v", frame, err)
	}
	for _, ours := range []string{"code", "reason", "hint"} {
		delete(all, ours)
	}
	short, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(short)
}

// eventually waits for a condition that other goroutines bring about.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for !ok() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("never: %s", what)
		}
	}
}
