package bridge

import (
	"container/list"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"intercom/client/wire"
)

// Transport is how a session is connected.
type Transport string

// The transports. A Unix client is the daemon's own user and has full rights.
const (
	Unix Transport = "unix"
	TCP  Transport = "tcp"
)

// ErrSocketInUse reports that another daemon answers on the Unix socket.
var ErrSocketInUse = errors.New("bridge: socket in use")

// ListenTCP adds a TCP listener and returns its address. A *wire.Error with
// code PortBusy reports that another program has the port.
func (s *Server) ListenTCP(addr string) (net.Addr, error) {
	l, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, wire.Errorf(wire.PortBusy, "%s is in use by another program", addr).
			WithHint("choose another port with --sc-bridge-port")
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	return l.Addr(), s.add(l, TCP, nil)
}

// ListenUnix adds a Unix socket, which only processes of the same user may
// use: its folder is made or tightened to mode 0700, the socket has mode 0600
// and each peer's credentials are checked where the system tells them. The
// socket file of a dead daemon is replaced; ErrSocketInUse if one answers.
func (s *Server) ListenUnix(path string) error {
	if err := privateFolder(filepath.Dir(path)); err != nil {
		return fmt.Errorf("prepare socket folder: %w", err)
	}
	if err := removeStale(path); err != nil {
		return err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", path, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return fmt.Errorf("protect socket: %w", err)
	}
	return s.add(l, Unix, sameUser)
}

func (s *Server) add(l net.Listener, t Transport, check func(net.Conn) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		l.Close()
		return net.ErrClosed
	}
	guarded := &guardedListener{Listener: l, check: check, limit: 2 * s.o.Limits.Sessions, refused: &s.refused}
	s.listeners = append(s.listeners, listener{guarded, t})
	return nil
}

func privateFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return &fs.PathError{Op: "open", Path: dir, Err: syscall.ENOTDIR}
	}
	if info.Mode().Perm() == 0o700 {
		return nil
	}
	if info.Mode()&fs.ModeSticky != 0 { // as /tmp, which is everybody's
		return fmt.Errorf("%s is shared by all users", dir)
	}
	return os.Chmod(dir, 0o700) // fails where the folder is another user's
}

// removeStale removes a socket on which nobody answers, and nothing else.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at socket: %w", err)
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("%s is not a socket", path)
	}
	conn, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		conn.Close()
		return fmt.Errorf("%w: %s", ErrSocketInUse, path)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("%w: %s: %w", ErrSocketInUse, path, err)
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove stale socket: %w", err)
	}
	return nil
}

// guardedListener hands out only connections that pass its check, and at once
// no more than limit: also those that never finish a handshake cost memory.
// When all are taken, the oldest whose client is not known makes room, so that
// whoever opens many and says nothing keeps nobody out.
type guardedListener struct {
	net.Listener
	check   func(net.Conn) error // nil: none
	limit   int
	refused *atomic.Uint64

	mu   sync.Mutex
	open list.List // of *countedConn, the oldest first
}

func (l *guardedListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l.check != nil && l.check(conn) != nil || !l.room() {
			l.refused.Add(1)
			conn.Close()
			continue
		}
		c := &countedConn{Conn: conn, from: l, evicted: make(chan struct{})}
		l.mu.Lock()
		c.place = l.open.PushBack(c)
		l.mu.Unlock()
		return c, nil
	}
}

// room is false where there is room for no further connection. One goroutine
// accepts.
func (l *guardedListener) room() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for e := l.open.Front(); e != nil && l.open.Len() >= l.limit; e = e.Next() {
		if c := e.Value.(*countedConn); !c.kept {
			l.refused.Add(1)
			l.open.Remove(e)
			c.place = nil
			close(c.evicted)
			c.Conn.Close()
			break
		}
	}
	return l.open.Len() < l.limit
}

// countedConn is a connection that a guardedListener has handed out.
type countedConn struct {
	net.Conn
	from    *guardedListener
	evicted chan struct{} // closed when it had to make room

	place *list.Element // nil when closed; under from.mu, as kept
	kept  bool          // the client is known: it makes room for nobody
}

// keep is called for a client that is known or has a place of its own.
func (c *countedConn) keep() {
	c.from.mu.Lock()
	defer c.from.mu.Unlock()
	c.kept = true
}

func (c *countedConn) Close() error {
	c.from.mu.Lock()
	if c.place != nil {
		c.from.open.Remove(c.place)
		c.place = nil
	}
	c.from.mu.Unlock()
	return c.Conn.Close()
}

// CloseWrite sends the end of the stream and leaves reading open.
func (c *countedConn) CloseWrite() error {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok {
		return errors.ErrUnsupported
	}
	return half.CloseWrite()
}
