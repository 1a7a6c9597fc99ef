// Package clienttest is a daemon for the tests of clients: it answers the
// bridge of a profile as a test says, and is gone when the test ends.
package clienttest

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/gorilla/websocket"

	"intercom/client"
	"intercom/client/wire"
)

// Env returns an environment with folders of its own below the test's.
func Env(t testing.TB) func(string) string {
	home := t.TempDir()
	return func(name string) string {
		if name == "INTERCOM_HOME" {
			return home
		}
		return ""
	}
}

// Profile returns a profile with folders of its own below the test's.
func Profile(t testing.TB) client.Profile {
	p, err := client.FindProfile("test", Env(t))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Bridge is a daemon's side of the bridge.
type Bridge struct {
	Hello wire.Hello
	Token string // what auth must bring where Hello.RequiresAuth
	// Answer returns the frames that a request is answered with: a reply, or
	// pushes and a reply. Its id is put in front of the last one. An empty
	// frame behind it, or no frames: the connection is closed.
	Answer func(request map[string]json.RawMessage) []string
}

// Greeting is the hello of a daemon that this build understands.
func Greeting() wire.Hello {
	return wire.Hello{Type: "hello", Protocol: wire.Protocol, Version: "test"}
}

// ServeSocket serves the bridge on the profile's socket.
func (b Bridge) ServeSocket(t testing.TB, p client.Profile) {
	path := p.Socket()
	if err := client.PrivateDir(filepath.Dir(path)); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(filepath.Dir(path)) })
	b.serve(t, l)
}

// ServeTCP serves the bridge on a loopback port and returns host:port.
func (b Bridge) ServeTCP(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.serve(t, l)
	return l.Addr().String()
}

func (b Bridge) serve(t testing.TB, l net.Listener) {
	handler, stop := b.Handler()
	server := &http.Server{Handler: handler}
	var serving sync.WaitGroup
	serving.Go(func() { server.Serve(l) })
	t.Cleanup(func() {
		server.Close()
		stop()
		serving.Wait()
	})
}

// Handler returns the bridge for a server of the caller's. stop closes the
// connections and waits until they are done.
func (b Bridge) Handler() (h http.Handler, stop func()) {
	var all sync.WaitGroup
	var mu sync.Mutex
	conns := map[*websocket.Conn]bool{}
	h = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		all.Add(1)
		defer all.Done()
		mu.Lock()
		conns[conn] = true
		mu.Unlock()
		b.talk(conn)
		conn.Close()
	})
	return h, func() {
		mu.Lock()
		for conn := range conns {
			conn.Close()
		}
		mu.Unlock()
		all.Wait()
	}
}

func (b Bridge) talk(conn *websocket.Conn) {
	if conn.WriteJSON(b.Hello) != nil {
		return
	}
	for {
		var request map[string]json.RawMessage
		if conn.ReadJSON(&request) != nil {
			return
		}
		frames := b.answer(request)
		last := len(frames) == 0
		if n := len(frames); n > 0 && frames[n-1] == "" {
			frames, last = frames[:n-1], true
		}
		for i, frame := range frames {
			if id, ok := request["id"]; ok && i == len(frames)-1 {
				frame = `{"id":` + string(id) + `,` + frame[1:]
			}
			if conn.WriteMessage(websocket.TextMessage, []byte(frame)) != nil {
				return
			}
		}
		if last {
			return
		}
	}
}

func (b Bridge) answer(request map[string]json.RawMessage) []string {
	if string(request["type"]) == `"auth"` {
		var token string
		if json.Unmarshal(request["token"], &token) == nil && token == b.Token {
			return []string{`{"type":"auth_ok"}`}
		}
		return []string{`{"type":"error","error":"Unauthorized.","code":"unauthorized"}`}
	}
	return b.Answer(request)
}
