// Package websocket is the client's side of RFC 6455 over a connection that is
// there already, without net/http and TLS: those are a third of the program of
// a client that never leaves its machine.
//
// Read returns whole text messages that are UTF-8 and within the limit, and
// answers what the protocol wants answered; a server that breaks the protocol
// is told so and left. Write sends a whole message or ends the connection.
// Memory follows the bytes that came, not the length that a frame claims.
package websocket

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// How long what the protocol wants said may wait for the network.
const (
	pongTime    = time.Second
	goodbyeTime = 50 * time.Millisecond
)

// past is a deadline that ends what waits.
var past = time.Unix(1, 0)

// Conn is a connection after its handshake. One goroutine may read while
// others write and close.
type Conn struct {
	conn   net.Conn
	r      *bufio.Reader
	limit  int
	failed error // what ended reading

	mu     sync.Mutex // of writing
	broken error      // what ended writing; a frame may be cut off
	buf    []byte     // of the frame that is written

	ping atomic.Pointer[[]byte] // the payload of one that is to be answered
}

// CloseError is the end that the server announced.
type CloseError struct {
	Code int    // RFC 6455 7.4; NoStatus where the server gave none
	Text string // at most 123 bytes, UTF-8
}

func (e *CloseError) Error() string {
	return fmt.Sprintf("websocket: closed with %d %q", e.Code, e.Text)
}

// Codes of a close that this package sends or makes up (RFC 6455 7.4.1).
const (
	Normal      = 1000
	BadProtocol = 1002
	BadData     = 1003 // not a text
	NoStatus    = 1005 // never sent
	BadText     = 1007 // not UTF-8
	TooBig      = 1009
)

// SetReadDeadline ends a Read that waits after t; zero is never. A Read that
// was ended so cannot be taken up again.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.conn.SetReadDeadline(t) }

// Write sends a text message, which must be UTF-8. The end of ctx ends it. An
// error while it is sent ends the connection, since the server would take what
// follows for the rest of the message.
func (c *Conn) Write(ctx context.Context, text []byte) error {
	c.mu.Lock()
	defer c.unlock()
	if c.broken != nil {
		return c.broken
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		c.conn.SetWriteDeadline(past)
		close(ended)
	})
	err := c.frame(opText, text)
	if !stop() {
		<-ended
		c.conn.SetWriteDeadline(time.Time{})
	}
	if err != nil {
		c.broken = err
		c.conn.Close()
	}
	return err
}

// Close says goodbye if that goes out at once, and ends the connection: a Read
// that waits returns.
func (c *Conn) Close() error {
	c.goodbye(Normal)
	if err := c.conn.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil // it was closed when reading or writing failed
}

// goodbye sends a close frame, unless one was sent or a writer is at work.
func (c *Conn) goodbye(code uint16) {
	if !c.mu.TryLock() {
		return
	}
	defer c.mu.Unlock()
	if c.broken != nil {
		return
	}
	c.conn.SetWriteDeadline(time.Now().Add(goodbyeTime))
	_ = c.frame(opClose, binary.BigEndian.AppendUint16(nil, code)) // it ends anyway
	c.broken = net.ErrClosed
}

// pong answers a ping, by the writer if one is at work: reading must not wait
// for a server that does not read. Of several pings the latest is answered
// (RFC 6455 5.5.3).
func (c *Conn) pong(payload []byte) {
	payload = append([]byte{}, payload...)
	c.ping.Store(&payload)
	if c.mu.TryLock() {
		c.unlock()
	}
}

// unlock answers a ping that came while mu was held, and releases mu.
func (c *Conn) unlock() {
	for {
		if payload := c.ping.Swap(nil); payload != nil && c.broken == nil {
			c.conn.SetWriteDeadline(time.Now().Add(pongTime))
			if c.broken = c.frame(opPong, *payload); c.broken != nil {
				c.conn.Close()
			}
			c.conn.SetWriteDeadline(time.Time{})
		}
		c.mu.Unlock()
		// One that came since found mu held and left it to us.
		if c.ping.Load() == nil || !c.mu.TryLock() {
			return
		}
	}
}
