package bridge

import (
	"bufio"
	"net"
	"net/http"
	"sync"
)

// corkBytes is how much of small frames is written at once.
const corkBytes = 64 << 10

// corked is a connection that gathers what is written between cork and uncork,
// so that many small frames cost one call of the system.
type corked struct {
	net.Conn
	idle *sync.Pool // of buffers, for all connections: an idle client holds none

	mu  sync.Mutex
	buf *[]byte // corkBytes between cork and uncork, else nil
}

// Write writes p, or keeps it up to corkBytes. An error may be that of earlier
// bytes.
func (c *corked) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.buf == nil {
		return c.Conn.Write(p)
	}
	if len(*c.buf)+len(p) > corkBytes {
		if err := c.flush(); err != nil {
			return 0, err
		}
		if len(p) > corkBytes/2 {
			return c.Conn.Write(p)
		}
	}
	*c.buf = append(*c.buf, p...)
	return len(p), nil
}

func (c *corked) flush() error {
	if len(*c.buf) == 0 {
		return nil
	}
	_, err := c.Conn.Write(*c.buf)
	*c.buf = (*c.buf)[:0]
	return err
}

func (c *corked) cork() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.buf, _ = c.idle.Get().(*[]byte); c.buf == nil {
		b := make([]byte, 0, corkBytes)
		c.buf = &b
	}
}

func (c *corked) uncork() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.buf == nil {
		return nil
	}
	err := c.flush()
	c.idle.Put(c.buf)
	c.buf = nil
	return err
}

// CloseWrite ends the writing side, where the connection has two.
func (c *corked) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// corking makes the connection of an upgrade a corked one.
type corking struct {
	http.ResponseWriter
	idle *sync.Pool
}

func (w corking) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	return &corked{Conn: conn, idle: w.idle}, rw, nil
}
