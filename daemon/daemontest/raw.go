//go:build unix

package daemontest

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// Raw is a connection to the bridge without a client's help: every frame as
// it comes, replies and pushes in their order.
type Raw struct {
	t    testing.TB
	conn *websocket.Conn
}

// Connect opens a connection to the daemon's Unix socket.
func (d *Daemon) Connect() *Raw {
	d.t.Helper()
	conn, _, err := connect(d.t.Context(), "unix", d.Profile.Socket(), nil)
	if err != nil {
		d.t.Fatalf("connect to %s: %v", d.Profile.Name, err)
	}
	return newRaw(d.t, conn)
}

// ConnectTCP opens a connection to the daemon's TCP address with further
// headers. Where the daemon refuses it, status is that of its HTTP answer.
func (d *Daemon) ConnectTCP(header http.Header) (r *Raw, status int) {
	d.t.Helper()
	conn, answer, err := connect(d.t.Context(), "tcp", d.Info().TCP, header)
	switch {
	case err == nil:
		return newRaw(d.t, conn), http.StatusSwitchingProtocols
	case answer != nil:
		return nil, answer.StatusCode
	}
	d.t.Fatalf("connect to %s: %v", d.Profile.Name, err)
	return nil, 0
}

func connect(ctx context.Context, network, address string, header http.Header) (*websocket.Conn, *http.Response, error) {
	var d net.Dialer
	w := websocket.Dialer{NetDialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return d.DialContext(ctx, network, address)
	}}
	host := address
	if network == "unix" {
		host = "localhost"
	}
	if h := header.Get("Host"); h != "" {
		host = h
	}
	return w.DialContext(ctx, "ws://"+host+"/", header)
}

func newRaw(t testing.TB, conn *websocket.Conn) *Raw {
	t.Cleanup(func() { conn.Close() })
	return &Raw{t: t, conn: conn}
}

// Conn returns what is below the frames, for tests that break them.
func (r *Raw) Conn() net.Conn { return r.conn.NetConn() }

// Send sends a frame.
func (r *Raw) Send(f Frame) {
	r.t.Helper()
	if err := r.conn.WriteJSON(f); err != nil {
		r.t.Fatal(err)
	}
}

// Next returns the next frame.
func (r *Raw) Next() Frame {
	r.t.Helper()
	f, err := r.TryNext(callWithin)
	if err != nil {
		r.t.Fatalf("no further frame: %v", err)
	}
	return f
}

// TryNext returns the next frame, or why none came within the time. After an
// error there are no more.
func (r *Raw) TryNext(within time.Duration) (Frame, error) {
	if err := r.conn.SetReadDeadline(time.Now().Add(within)); err != nil {
		return nil, err
	}
	var f Frame
	err := r.conn.ReadJSON(&f)
	return f, err
}

// Until returns the frames up to the first of a type, that included.
func (r *Raw) Until(kind string) []Frame {
	r.t.Helper()
	var all []Frame
	for {
		f := r.Next()
		all = append(all, f)
		if f["type"] == kind {
			return all
		}
		if len(all) > 10_000 {
			r.t.Fatalf("no %s in 10,000 frames", kind)
		}
	}
}
