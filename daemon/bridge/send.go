package bridge

import (
	"errors"
	"io"
	"net"
	"time"

	"github.com/gorilla/websocket"
)

// deaf counts a client that does not read.
func (c *Session) deaf() { c.slow.Do(func() { c.server.slow.Add(1) }) }

// write sends what the outbox holds and, once it is closed, the close frame
// with the code that then is ready.
func (c *Session) write(code <-chan int) {
	for range c.out.wake {
		frames, closed, err := c.out.take()
		if err == nil && frames != nil {
			err = c.writeFrames(frames)
			c.out.wrote(err)
		}
		if err != nil {
			var timeout net.Error
			if errors.As(err, &timeout) && timeout.Timeout() {
				c.deaf()
			}
			return
		}
		if !closed {
			continue
		}
		if status := <-code; status != 0 {
			c.mu.Lock()
			frame := websocket.FormatCloseMessage(status, c.why)
			c.mu.Unlock()
			c.conn.WriteControl(websocket.CloseMessage, frame, time.Now().Add(c.patience()))
		}
		return
	}
}

// send sends a reply at once where nothing waits before it, else it queues it.
func (c *Session) send(frame []byte) {
	f := outgoing{frame, replied}
	if c.out.alone(f) {
		c.out.wrote(c.writeFrames([]outgoing{f}))
		return
	}
	c.out.reply(frame)
}

// writeFrames writes frames, small ones together.
func (c *Session) writeFrames(frames []outgoing) error {
	conn := c.conn.NetConn().(*corked)
	if len(frames) > 1 {
		conn.cork()
	}
	for _, f := range frames {
		c.conn.SetWriteDeadline(time.Now().Add(c.patience()))
		if err := c.conn.WriteMessage(websocket.TextMessage, f.data); err != nil {
			return err
		}
		c.out.sent(f)
	}
	return conn.uncork()
}

// patience is how long the client may take for a frame. One that follows costs
// nothing meanwhile.
func (c *Session) patience() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.feed != nil && c.leaving == 0 {
		return c.server.o.Limits.Follow
	}
	return c.server.o.Limits.Write
}

const (
	lingerTime  = 250 * time.Millisecond
	lingerBytes = 4 << 20
)

// linger tells the client that nothing follows the close frame and drops what
// it still sends, so that the system does not answer that with a reset which
// overtakes the frame.
func (c *Session) linger() {
	conn := c.conn.NetConn()
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
	conn.SetReadDeadline(time.Now().Add(lingerTime))
	n := int64(lingerBytes)
	if !c.authenticated() {
		n = maxUnproved * maxStranger // no more work for who pumps
	}
	io.CopyN(io.Discard, conn, n)
}
