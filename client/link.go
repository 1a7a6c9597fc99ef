package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"sync"

	"intercom/client/websocket"
	"intercom/client/wire"
)

// maxWaiting is how many bytes of pushes wait on a link that follows, which then
// reads no more.
const maxWaiting = 1 << 20

// link is one connection. One that does not follow takes replies alone.
type link struct {
	conn  *websocket.Conn
	hello wire.Hello
	done  chan struct{} // closed when the reader has ended

	mu      sync.Mutex
	last    uint64 // id of the latest request
	pending map[uint64]waiter
	pushes  []wire.Push
	size    int           // bytes of pushes
	pushed  chan struct{} // has a token when pushes came
	err     error         // why the reader ended

	// Of a link that follows: its reader waits while much is not read, so the
	// daemon does too, and no push is lost.
	room chan struct{} // has a token when pushes were read; nil: it does not follow
	stop chan struct{} // closed by close
}

// Answer is the reply to a request: its frame, or why there is none. A refusal
// has both.
type Answer struct {
	Frame json.RawMessage
	Err   error
}

// waiter is who waits for a reply.
type waiter struct {
	reply chan Answer     // takes one without waiting
	id    json.RawMessage // what the caller named the request; nil: nothing
}

func (w waiter) give(a Answer) {
	if w.id != nil && a.Frame != nil {
		a.Frame = merge([]byte(`{"id":`+string(w.id)+`}`), a.Frame)
	}
	w.reply <- a
}

func newLink(conn *websocket.Conn, hello wire.Hello, follows bool) *link {
	l := &link{
		conn: conn, hello: hello, done: make(chan struct{}), stop: make(chan struct{}),
		pending: map[uint64]waiter{}, pushed: make(chan struct{}, 1),
	}
	if follows {
		l.room = make(chan struct{}, 1)
	}
	go l.read()
	return l
}

// close says goodbye and waits for the reader. It is called once.
func (l *link) close() error {
	close(l.stop)
	err := l.conn.Close()
	<-l.done
	return err
}

func (l *link) failed() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// call sends a request without id and returns its reply, under the id that the
// caller has for it.
func (l *link) call(ctx context.Context, request []byte, name json.RawMessage) (json.RawMessage, error) {
	id, reply, err := l.begin(ctx, request, name)
	if err != nil {
		return nil, err
	}
	select {
	case a := <-reply:
		return a.Frame, a.Err
	case <-ctx.Done():
		l.drop(id)
		return nil, ctxError(ctx, ctx.Err())
	}
}

// begin sends a request; its answer comes, unless it is dropped before.
func (l *link) begin(ctx context.Context, request []byte, name json.RawMessage) (id uint64, reply chan Answer, err error) {
	reply = make(chan Answer, 1)
	l.mu.Lock()
	if l.err != nil {
		defer l.mu.Unlock()
		return 0, nil, l.err
	}
	l.last++
	id = l.last
	l.pending[id] = waiter{reply, name}
	l.mu.Unlock()
	frame := merge(strconv.AppendUint([]byte(`{"id":`), id, 10), nil)
	frame = merge(append(frame, '}'), request)
	if len(frame) > wire.MaxRequest {
		l.drop(id)
		return 0, nil, wire.Errorf(wire.TooLarge, "the request has %d bytes, at most %d are taken", len(frame), wire.MaxRequest)
	}
	if err := l.conn.Write(ctx, frame); err != nil {
		l.drop(id)
		if ctx.Err() == nil {
			<-l.done // so that the next call dials
		}
		return 0, nil, ctxError(ctx, lost(err))
	}
	return id, reply, nil
}

// drop forgets who waits for a reply and tells whether it was still to come.
func (l *link) drop(id uint64) (w waiter, waits bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w, waits = l.pending[id]
	delete(l.pending, id)
	return w, waits
}

func (l *link) read() {
	defer close(l.done)
	for {
		frame, err := l.conn.Read()
		if err != nil {
			l.end(lost(err))
			return
		}
		l.take(frame)
		l.pause()
	}
}

// pause waits, on a link that follows, until little is to be read. While a
// reply is to come it does not.
func (l *link) pause() {
	for l.room != nil && l.waiting() > maxWaiting {
		select {
		case <-l.room:
		case <-l.stop:
			return
		}
	}
}

func (l *link) waiting() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.pending) > 0 {
		return 0
	}
	return l.size
}

// take gives a frame to whom it belongs. A reply has its request's id as its
// first key, a push has none.
func (l *link) take(frame []byte) {
	id, rest, ok := cutID(frame)
	l.mu.Lock()
	defer l.mu.Unlock()
	if ok {
		if w, waits := l.pending[id]; waits {
			delete(l.pending, id)
			w.give(newAnswer(rest))
		}
		return
	}
	if l.room == nil {
		return
	}
	l.size += len(frame)
	l.pushes = append(l.pushes, wire.Push{Type: typeOf(frame), Raw: frame})
	select {
	case l.pushed <- struct{}{}:
	default:
	}
}

func newAnswer(frame []byte) Answer {
	if typeOf(frame) != "error" {
		return Answer{Frame: frame}
	}
	refused := &wire.Error{}
	if err := json.Unmarshal(frame, refused); err != nil || refused.Code == "" {
		refused.Code = wire.Internal
	}
	if refused.Error() == "" {
		refused.Reason = "the daemon refused without a reason"
	}
	return Answer{frame, refused}
}

func (l *link) end(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = err
	for id, w := range l.pending {
		delete(l.pending, id)
		w.give(Answer{Err: err})
	}
}

// next returns the oldest push.
func (l *link) next(ctx context.Context) (wire.Push, error) {
	for {
		l.mu.Lock()
		var push wire.Push
		found := len(l.pushes) > 0
		if found {
			push = l.pushes[0]
			l.pushes[0] = wire.Push{}
			l.pushes = l.pushes[1:]
			l.size -= len(push.Raw)
			select {
			case l.room <- struct{}{}:
			default:
			}
		}
		err := l.err
		l.mu.Unlock()
		switch {
		case found:
			return push, nil
		case err != nil:
			return push, err
		}
		select {
		case <-l.pushed:
		case <-l.done:
		case <-ctx.Done():
			return push, ctx.Err()
		}
	}
}

// cutID splits a leading id from a reply, whose bytes it changes.
func cutID(frame []byte) (id uint64, rest []byte, ok bool) {
	const head = `{"id":`
	comma := bytes.IndexByte(frame, ',')
	if comma < len(head) || !bytes.HasPrefix(frame, []byte(head)) {
		return 0, nil, false
	}
	id, err := strconv.ParseUint(string(frame[len(head):comma]), 10, 64)
	if err != nil {
		return 0, nil, false
	}
	frame[comma] = '{'
	return id, frame[comma:], true
}

// lost returns err as what a caller may act on: the daemon may have done what
// it was asked.
func lost(err error) error {
	if _, ok := errors.AsType[*wire.Error](err); ok {
		return err
	}
	if closed, ok := errors.AsType[*websocket.CloseError](err); ok && closed.Text != "" {
		return wire.Errorf(wire.Unavailable, "the daemon closed the connection: %s", closed.Text)
	}
	return wire.Errorf(wire.Unavailable, "the connection to the daemon was lost").
		WithHint("repeat it with the same --key")
}
