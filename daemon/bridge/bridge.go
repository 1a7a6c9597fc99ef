// Package bridge is the local WebSocket API server (the SC-Bridge): it accepts
// connections on a Unix socket and on loopback TCP, authenticates them,
// dispatches their requests by declaration and pushes events to them.
//
// It guarantees: nobody gets an answer but Unauthorized before it has proved
// who it is; a frame is refused before it is read when it is too large;
// requests of one connection are answered in their order, those of different
// connections never wait for each other, and pushes wait for no request; a
// push made before a reply arrives before it; a living connection never
// misses a push, since a client that does not read loses its connection, or
// follows the stream of events at its own pace; who has not authenticated gets few places, little time and small frames, so it
// keeps nobody else out.
package bridge

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"intercom/client/wire"
	"intercom/internal/latency"
)

// Call is an authenticated request.
type Call struct {
	Type    string
	Fields  map[string]json.RawMessage // exact-case keys of the frame; the last of duplicates
	Key     string                     // idempotency key, or empty
	DryRun  bool
	AsOf    string        // the state that a write is meant for, or empty
	Max     []wire.Amount // the most that one write may move, by currency; nil: any amount
	Session *Session
}

// Later is a reply that takes a while although the request has begun. The next
// requests of the connection begin meanwhile; their replies wait for it. It
// returns when the ctx of the request ends.
type Later func() (reply any, err error)

// Route is what answers one type of request. The reply marshals to a JSON
// object, or is a Later that returns such a one; an error that is no
// *wire.Error is reported as internal. Handle runs once at a time for one
// connection and ends when ctx does.
type Route struct {
	wire.Spec
	Handle func(ctx context.Context, c Call) (reply any, err error)
}

// Options say what a Server answers and whom. Hello, Token, Log and Now are
// needed.
type Options struct {
	Hello  func() wire.Hello // Type and RequiresAuth are filled in
	Routes map[string]Route  // by type of request; those of this package win
	Token  func() string     // the owner's token; nothing matches an empty one
	Scoped Tokens            // nil: there are none

	// Pages answer HTTP requests that are not for WebSocket, by path; one whose
	// path ends in a slash also answers below it. Hosts and origins that may
	// not connect do not see them either.
	Pages map[string]Page

	// Hosts and Origins are accepted over TCP beside loopback literals,
	// localhost and origins there: names without port, and whole origins
	// such as "https://example.org".
	Hosts, Origins []string

	// Filter is that of a session until it sets another. Filters look at the
	// frames of FilterChannels alone; none: at all.
	Filter         string
	FilterChannels []string

	// Original returns the original protocol's fields of a reply, which then
	// come first; the reply's own follow except names already present. A
	// request that has a field "protocol" gets the reply's own alone.
	Original func(request string, reply any) any
	// ErrorText returns the original's text of an error; empty: the error's
	// own Text, else its Reason.
	ErrorText func(request string, e *wire.Error) string

	// Cursor returns the place in the stream of events behind what has happened
	// so far, empty where there is none yet; nil: there is none. Replies to
	// writes carry it.
	Cursor func() string

	Log    *slog.Logger
	Now    func() time.Time
	Limits Limits
}

// Limits bound what one client and all of them may cost. Zero fields stand
// for the values named here.
type Limits struct {
	Sessions  int           // at once: 256; more get HTTP 503
	Strangers int           // of these, over TCP and not authenticated: an eighth
	Scoped    int           // of these, with scoped tokens: half
	Queue     int           // bytes of pushes that wait for one client: 8 MiB
	Handshake time.Duration // from connection to upgrade: 10 s
	Unproved  time.Duration // from upgrade to authentication: 60 s
	Write     time.Duration // of one frame: 10 s
	Follow    time.Duration // of one frame to a client that follows the stream: 5 min
	Frame     time.Duration // from the head of a frame to its end: 60 s
	Guess     time.Duration // between answers to wrong tokens of one source, after the first ten: 1 s
	Grace     time.Duration // for requests that run when the server closes: 5 s
}

func (l Limits) orDefault() Limits {
	or := func(d *time.Duration, def time.Duration) {
		if *d == 0 {
			*d = def
		}
	}
	if l.Sessions == 0 {
		l.Sessions = 256
	}
	if l.Strangers == 0 {
		l.Strangers = max(1, l.Sessions/8)
	}
	if l.Scoped == 0 {
		l.Scoped = max(1, l.Sessions/2)
	}
	if l.Queue == 0 {
		l.Queue = 8 << 20
	}
	or(&l.Handshake, 10*time.Second)
	or(&l.Unproved, time.Minute)
	or(&l.Write, 10*time.Second)
	or(&l.Follow, 5*time.Minute)
	or(&l.Frame, time.Minute)
	or(&l.Guess, time.Second)
	or(&l.Grace, 5*time.Second)
	return l
}

// Stats count since New, but for the first two.
type Stats struct {
	Sessions      int    `json:"sessions"`      // open now
	Authenticated int    `json:"authenticated"` // of these
	Accepted      uint64 `json:"accepted"`      // connections upgraded
	Refused       uint64 `json:"refused"`       // connections refused: full, user, host, origin, token
	Requests      uint64 `json:"requests"`      // frames answered
	Failed        uint64 `json:"failed"`        // of these, with an error
	Forbidden     uint64 `json:"forbidden"`     // of these, beyond the scope of a token
	WrongTokens   uint64 `json:"wrongTokens"`
	Pushed        uint64 `json:"pushed"`  // frames queued, once per client
	TooSlow       uint64 `json:"tooSlow"` // connections closed because the client did not read
}

// Server is the bridge. New makes one; it serves once.
type Server struct {
	o       Options
	up      websocket.Upgrader
	closing chan struct{}
	serving sync.WaitGroup // Serve
	open    sync.WaitGroup // sessions, from reserve to release

	mu        sync.RWMutex
	closed    bool
	listeners []listener
	slots     int          // sessions open or in their handshake
	held      [holders]int // of these, by who has them
	sessions  map[*Session]struct{}

	corks sync.Pool // see corked

	took map[string]*latency.Histogram // by type of request; see count

	guesses guesses
	looked  looked

	lastID, accepted, refused, requests, failed, forbidden, wrong, pushed, slow atomic.Uint64
}

type listener struct {
	net.Listener
	transport Transport
}

// New returns a Server without listeners.
func New(o Options) *Server {
	o.Limits = o.Limits.orDefault()
	return &Server{
		o: o,
		up: websocket.Upgrader{
			HandshakeTimeout: o.Limits.Handshake,
			ReadBufferSize:   16 << 10,                                 // many small frames a call of the system
			CheckOrigin:      func(*http.Request) bool { return true }, // admit has checked it
		},
		closing:  make(chan struct{}),
		guesses:  guesses{pace: o.Limits.Guess},
		took:     newTook(o.Routes),
		sessions: make(map[*Session]struct{}),
	}
}

// Push sends a frame to every authenticated session that does not follow the
// stream of events and whose filter and subscription let it pass: channel is the channel that it belongs to, text
// what the filter looks at. An empty channel stands for none: the frame passes
// everywhere. Push never waits; text and frame must not be changed afterwards.
func (s *Server) Push(channel string, text, frame []byte) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	lower := sync.OnceValue(func() string { return strings.ToLower(string(text)) })
	holds := s.look()
	for c := range s.sessions {
		if !c.wants(channel, lower) || c.lapsed(holds) {
			continue
		}
		if c.out.push(frame) {
			s.pushed.Add(1)
		} else if c.leave(websocket.CloseTryAgainLater, "client does not read") {
			c.deaf()
			c.out.abort()
		}
	}
}

// Audience says who is there for what belongs to a channel: whether a session
// follows the stream of events, and whether one gets what Push brings, unless
// its filter keeps it out. A session that comes later reads the stream itself.
func (s *Server) Audience(channel string) (follows, listens bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for c := range s.sessions {
		f, l := c.audience(channel)
		follows, listens = follows || f, listens || l
	}
	return follows, listens
}

// Stats returns the counters.
func (s *Server) Stats() Stats {
	s.mu.RLock()
	defer s.mu.RUnlock()
	st := Stats{
		Sessions: len(s.sessions), Accepted: s.accepted.Load(), Refused: s.refused.Load(),
		Requests: s.requests.Load(), Failed: s.failed.Load(), WrongTokens: s.wrong.Load(), Forbidden: s.forbidden.Load(),
		Pushed: s.pushed.Load(), TooSlow: s.slow.Load(),
	}
	for c := range s.sessions {
		if c.authenticated() {
			st.Authenticated++
		}
	}
	return st
}
