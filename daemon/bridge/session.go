package bridge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"intercom/client/wire"
	"intercom/daemon/bridge/compat"
)

// Session is one connection. A reader, a worker, a replier and a writer serve
// it: the reader answers control frames and sees a lost client while the worker
// is at a request; the replier waits for replies that come later; the writer
// sends pushes meanwhile. To wake a goroutine costs more than a small request,
// so who can do the next one's work at once does it: the reader answers what
// cannot wait for anything, and a reply that is alone is sent by who made it.
type Session struct {
	id        uint64
	transport Transport
	server    *Server
	conn      *websocket.Conn
	out       *outbox
	place     *place
	unproved  time.Time // until when it may stay so
	wrong     int       // tokens; the worker's
	slow      sync.Once // see deaf
	early     int       // frames before authentication; see countUnproved

	begun atomic.Int64 // requests whose replies are not in the outbox yet

	mu       sync.Mutex
	proved   bool
	grant    Grant  // where proved
	leaving  int    // close code; 0: stays
	why      string // with leaving
	interest interest
	feed     *feed // what it follows, or nil
}

type request struct {
	data   []byte
	fields map[string]json.RawMessage
	err    error // why there are none
	at     time.Time
	done   chan<- struct{} // closed once the reply is made
}

// own reports whether a request concerns the connection alone.
func (r request) own() bool {
	typ, _ := text(r.fields["type"])
	_, ok := ownRequests[typ]
	return ok
}

// reply is a request that has begun.
type reply struct {
	make  func() made // nil: nobody waits for it
	bytes int         // of the frame, where it is made already
	done  chan<- struct{}
}

const (
	maxBegun    = 1024    // requests that have begun and wait for their replies
	maxRow      = 1 << 20 // bytes of replies that wait for those before them
	maxStranger = 4 << 10 // bytes of a frame before authentication
	maxUnproved = 100     // frames before authentication, pings too
	maxAhead    = 8       // frames that are read before the worker takes them
	maxScratch  = 64 << 10
)

// run serves a connection and returns when it is over.
func (s *Server) run(ctx context.Context, conn *websocket.Conn, t Transport, p *place, granted *Grant) {
	defer conn.Close()
	c := &Session{
		id: s.lastID.Add(1), transport: t, server: s, conn: conn,
		interest: interest{filter: parseFilter(s.o.Filter)},
		out:      newOutbox(s.o.Limits.Queue), place: p, unproved: time.Now().Add(s.o.Limits.Unproved),
	}
	if granted != nil {
		c.proved, c.grant = true, *granted
	}
	// The writer answers the client's close frame, after the last reply.
	conn.SetCloseHandler(func(int, string) error { return nil })
	ping := conn.PingHandler()
	conn.SetPingHandler(func(data string) error { c.countUnproved(); return ping(data) })
	conn.SetPongHandler(func(string) error { c.countUnproved(); return nil })
	hello := s.o.Hello()
	hello.Type, hello.RequiresAuth = "hello", t == TCP
	frame, err := compat.Encode(hello)
	if err != nil {
		s.o.Log.Error("encode hello", "error", err)
		return
	}
	c.out.reply(frame)
	s.register(c)
	defer s.unregister(c)
	log := s.o.Log.With("session", c.id, "transport", string(t))
	log.Debug("client connected")
	c.serve(ctx)
	log.Debug("client gone")
}

func (s *Server) register(c *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[c] = struct{}{}
	if s.closed {
		c.leave(websocket.CloseGoingAway, "daemon stops")
	}
}

func (s *Server) unregister(c *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, c)
}

func (c *Session) serve(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	requests := make(chan request, maxAhead)
	replies := make(chan reply, maxBegun)
	var row atomic.Int64 // bytes of replies that are made and wait for those before them
	moved := make(chan struct{}, 1)
	var worker, replier, writer sync.WaitGroup
	worker.Go(func() {
		defer close(replies)
		for r := range requests {
			var begun reply
			if ctx.Err() == nil {
				begun = c.server.answer(ctx, c, r)
				c.countUnproved()
			}
			if begun.bytes > 0 && c.begun.Load() == 1 && c.following() == nil {
				c.finish(ctx, begun.make(), r.done)
				continue
			}
			begun.done = r.done
			row.Add(int64(begun.bytes))
			replies <- begun
			for row.Load() > maxRow && !c.out.ended() {
				select {
				case <-moved:
				case <-c.out.gone:
				}
			}
		}
	})
	replier.Go(func() {
		for r := range replies {
			var m made
			if r.make != nil {
				m = r.make()
			}
			c.finish(ctx, m, r.done)
			row.Add(-int64(r.bytes))
			notify(moved)
		}
	})
	code := make(chan int, 1)
	writer.Go(func() {
		defer c.leave(websocket.CloseAbnormalClosure, "") // ends the reader
		defer close(c.out.gone)
		c.write(code)
	})
	err := c.read(ctx, requests)
	close(requests)
	status, lost := c.status(err)
	if lost {
		cancel() // nobody waits for the answer
	}
	// What was asked before a farewell is still done, but not for ever.
	grace := time.AfterFunc(c.server.o.Limits.Grace, cancel)
	defer grace.Stop()
	worker.Wait()
	replier.Wait()
	c.unfollow()
	code <- status
	c.out.close()
	writer.Wait()
	if !lost && status != websocket.CloseNoStatusReceived {
		c.linger()
	}
}

// finish sends the reply to a request, if there is one.
func (c *Session) finish(ctx context.Context, m made, done chan<- struct{}) {
	close(done)
	if m.frame != nil {
		c.reply(ctx, m)
	}
	c.begun.Add(-1)
}

// reply sends a reply behind everything that the session follows up to now.
func (c *Session) reply(ctx context.Context, m made) {
	f := c.following()
	if f != nil {
		place, cursor := f.source.Head()
		if m.write {
			m.frame = withCursor(m.frame, cursor)
		}
		c.caughtUp(ctx, f, place)
	} else if m.write && m.ours && c.server.o.Cursor != nil {
		m.frame = withCursor(m.frame, c.server.o.Cursor())
	}
	c.send(m.frame)
	if m.feed != nil {
		c.start(m.feed)
	}
}

// countUnproved ends a session that goes on and on without authentication.
// Until then its reader and its worker take turns.
func (c *Session) countUnproved() {
	if c.authenticated() {
		return
	}
	if c.early++; c.early == maxUnproved {
		c.leave(websocket.ClosePolicyViolation, "too many frames without authentication")
	}
}

// read hands the client's frames to the worker until one cannot be read. It
// answers those itself that nothing can hold up.
func (c *Session) read(ctx context.Context, requests chan<- request) error {
	var scratch bytes.Buffer
	for {
		if !c.awaitFrame() {
			return os.ErrDeadlineExceeded
		}
		_, frame, err := c.conn.NextReader()
		if err != nil {
			return err
		}
		c.frameBegins()
		scratch.Reset()
		_, err = scratch.ReadFrom(frame)
		if err != nil {
			return err
		}
		data := bytes.Clone(scratch.Bytes())
		if scratch.Cap() > maxScratch {
			scratch = bytes.Buffer{}
		}
		r := request{data: data, at: time.Now()}
		r.fields, r.err = parse(data)
		if c.begun.Load() == 0 && r.own() && c.authenticated() && c.following() == nil {
			c.reply(ctx, c.server.answer(ctx, c, r).make())
			continue
		}
		done := make(chan struct{})
		r.done = done
		c.begun.Add(1)
		select {
		case requests <- r:
		case <-c.out.gone:
			return net.ErrClosed
		}
		if !c.authenticated() {
			<-done // it may be auth, which lifts the limits of the next frame
		}
	}
}

// awaitFrame sets how long the next frame may take and how large it may be;
// false: the session leaves.
func (c *Session) awaitFrame() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leaving != 0 {
		return false
	}
	if c.proved {
		c.conn.SetReadLimit(wire.MaxRequest)
		c.conn.NetConn().SetReadDeadline(time.Time{})
		return true
	}
	c.conn.SetReadLimit(maxStranger)
	c.conn.NetConn().SetReadDeadline(c.unproved)
	return true
}

// frameBegins bounds how long the rest of a frame may take: until then it
// costs memory.
func (c *Session) frameBegins() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.proved && c.leaving == 0 {
		c.conn.NetConn().SetReadDeadline(time.Now().Add(c.server.o.Limits.Frame))
	}
}

// leave ends the session with a close code and reason, the first ones given;
// false: it was leaving already. What waits in the outbox still goes out.
func (c *Session) leave(code int, why string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leaving != 0 {
		return false
	}
	c.leaving, c.why = code, why
	c.conn.NetConn().SetReadDeadline(time.Now())
	c.conn.NetConn().SetWriteDeadline(time.Now().Add(c.server.o.Limits.Write))
	return true
}

// status returns the close code for the end of reading, and whether the
// client is lost: then there is nobody to send one to.
func (c *Session) status(err error) (code int, lost bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var closed *websocket.CloseError
	var timeout net.Error // os.ErrDeadlineExceeded does not survive the library
	switch {
	case c.leaving == websocket.CloseAbnormalClosure:
		return 0, true
	case c.leaving != 0:
		return c.leaving, false
	case errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure:
		return websocket.CloseNoStatusReceived, false
	case errors.Is(err, websocket.ErrReadLimit):
		c.why = "frame too large"
		return websocket.CloseMessageTooBig, false
	case errors.As(err, &timeout) && timeout.Timeout():
		if c.why = "not authenticated in time"; c.proved {
			c.why = "the frame took too long"
		}
		return websocket.ClosePolicyViolation, false
	}
	return 0, true
}
