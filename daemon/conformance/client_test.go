//go:build unix

package conformance_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"intercom/daemon/daemontest"
)

// client is a connection to a bridge over TCP, which shows all frames as they
// come.
type client struct {
	t      *testing.T
	name   string
	conn   *websocket.Conn
	frames chan received
}

// received is a frame of the server, or the end of the connection.
type received struct {
	data   []byte
	pong   bool
	closed int // code; 0: open
	err    error
}

func dial(t *testing.T, d *daemontest.Daemon, name string) *client {
	t.Helper()
	conn, _, err := websocket.DefaultDialer.DialContext(t.Context(), "ws://"+d.Info().TCP+"/any/path", nil)
	if err != nil {
		t.Fatalf("connect %s: %v", name, err)
	}
	c := &client{t: t, name: name, conn: conn, frames: make(chan received, 10_000)}
	conn.SetPongHandler(func(data string) error {
		c.frames <- received{data: []byte(data), pong: true}
		return nil
	})
	conn.SetCloseHandler(func(int, string) error { return nil })
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.read()
	}()
	t.Cleanup(func() {
		conn.Close()
		<-done
	})
	return c
}

// login returns a connection of the daemon's own user to its bridge.
func login(t *testing.T, d *daemontest.Daemon) *client {
	t.Helper()
	c := dial(t, d, d.Profile.Name)
	hello, err := c.message()
	if err != nil || hello.text("type") != "hello" {
		t.Fatalf("hello: %v %v", hello, err)
	}
	if got, err := c.ask(fmt.Sprintf(`{"type":"auth","token":%q}`, tokens[d.Profile.Name])); err != nil || got.text("type") != "auth_ok" {
		t.Fatalf("auth: %v %v", got, err)
	}
	return c
}

func (c *client) read() {
	for {
		kind, data, err := c.conn.ReadMessage()
		if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
			c.frames <- received{closed: closed.Code, err: err}
			return
		}
		if err == nil && kind != websocket.TextMessage {
			err = errors.New("frame is no text frame")
		}
		c.frames <- received{data: data, err: err}
		if err != nil {
			return
		}
	}
}

// The opcodes of frames (RFC 6455 5.2).
const (
	opContinue = 0x0
	opText     = 0x1
	opBinary   = 0x2
	opClose    = 0x8
	opPing     = 0x9
)

// send sends one message in so many fragments.
func (c *client) send(opcode byte, data []byte, fragments int) {
	c.t.Helper()
	for i := range fragments {
		part := data[i*len(data)/fragments : (i+1)*len(data)/fragments]
		head := opcode
		if i > 0 {
			head = opContinue
		}
		if i == fragments-1 {
			head |= 0x80 // FIN
		}
		if err := c.write(head, part); err != nil {
			c.t.Fatalf("send to %s: %v", c.name, err)
		}
	}
}

// write writes a frame, whose mask is zero so that it is to be read as it is.
func (c *client) write(head byte, data []byte) error {
	frame := []byte{head}
	switch n := len(data); {
	case n < 126:
		frame = append(frame, 0x80|byte(n))
	case n < 1<<16:
		frame = append(frame, 0x80|126, byte(n>>8), byte(n))
	default:
		frame = append(frame, 0x80|127, 0, 0, 0, 0, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	frame = append(frame, 0, 0, 0, 0)
	_, err := c.conn.NetConn().Write(append(frame, data...))
	return err
}

// next returns the next frame.
func (c *client) next() (received, error) {
	select {
	case r := <-c.frames:
		return r, nil
	case <-time.After(soon):
		return received{}, fmt.Errorf("nothing came to %s within %v", c.name, soon)
	}
}

// message returns the next frame, which must be JSON.
func (c *client) message() (*value, error) {
	r, err := c.next()
	if err = errors.Join(err, r.err); err != nil {
		return nil, err
	}
	return parse(r.data)
}

// close says farewell as the original's clients do, and returns the code that
// the server answers with.
func (c *client) close() (code int, err error) {
	c.send(opClose, nil, 1)
	for {
		r, err := c.next()
		if err != nil {
			return 0, err
		}
		if r.closed != 0 || r.err != nil {
			return r.closed, nil
		}
	}
}
