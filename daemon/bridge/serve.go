package bridge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"
)

const maxHeader = 16 << 10 // bytes of an HTTP request's head

// Serve answers on all listeners until ctx ends or Close is called, then lets
// running requests finish within the grace time and waits for all sessions.
// The error is that of a listener that failed.
func (s *Server) Serve(ctx context.Context) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	listeners := s.listeners
	s.serving.Add(1)
	s.mu.Unlock()
	defer s.serving.Done()

	// Requests outlive ctx by the grace time.
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	g, ctx := errgroup.WithContext(ctx)
	servers := make([]*http.Server, len(listeners))
	for i, l := range listeners {
		servers[i] = s.httpServer(work, l.transport)
		g.Go(func() error {
			if err := servers[i].Serve(l); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
				return fmt.Errorf("serve %s: %w", l.Addr(), err)
			}
			return nil
		})
	}
	if s.o.Scoped != nil {
		g.Go(func() error { s.watchTokens(ctx); return nil })
	}
	g.Go(func() error {
		select {
		case <-ctx.Done():
		case <-s.closing:
		}
		for _, srv := range servers {
			srv.Close() // listeners and handshakes; sessions are hijacked
		}
		s.stop()
		grace := time.AfterFunc(s.o.Limits.Grace, cancel)
		defer grace.Stop()
		s.open.Wait()
		return nil
	})
	return g.Wait()
}

// watchTokens ends sessions whose tokens have lapsed, also of clients that ask
// nothing.
func (s *Server) watchTokens(ctx context.Context) {
	tick := time.NewTicker(recheck)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.endLapsed()
		case <-ctx.Done():
			return
		case <-s.closing:
			return
		}
	}
}

// Close ends Serve and waits for it and for all sessions.
func (s *Server) Close() {
	s.stop()
	s.serving.Wait()
	s.open.Wait()
}

// stop refuses new sessions and asks the open ones to leave.
func (s *Server) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		close(s.closing)
		for _, l := range s.listeners {
			l.Close() // again harmless
		}
	}
	for c := range s.sessions {
		c.leave(websocket.CloseGoingAway, "daemon stops")
	}
}

func (s *Server) httpServer(ctx context.Context, t Transport) *http.Server {
	return &http.Server{
		Handler:           http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serveHTTP(w, r, t) }),
		ReadHeaderTimeout: s.o.Limits.Handshake,
		ReadTimeout:       s.o.Limits.Handshake, // lifted by the upgrade
		IdleTimeout:       s.o.Limits.Handshake,
		MaxHeaderBytes:    maxHeader,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, c)
		},
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    slog.NewLogLogger(s.o.Log.Handler(), slog.LevelDebug),
	}
}

// connKey is the key of a request's connection in its context.
type connKey struct{}

func connOf(r *http.Request) *countedConn { return r.Context().Value(connKey{}).(*countedConn) }

func (s *Server) serveHTTP(w http.ResponseWriter, r *http.Request, t Transport) {
	granted := &owner
	if t == TCP {
		var status int
		if granted, status = s.admit(r); status != 0 {
			s.refused.Add(1)
			if status == http.StatusUnauthorized {
				w.Header().Set("WWW-Authenticate", "Bearer")
			}
			http.Error(w, http.StatusText(status), status)
			return
		}
	}
	if granted != nil {
		connOf(r).keep()
	}
	if !websocket.IsWebSocketUpgrade(r) {
		s.plain(w, r, granted)
		return
	}
	place := s.reserve(granted)
	if place == nil {
		s.refused.Add(1)
		http.Error(w, "too many connections", http.StatusServiceUnavailable)
		return
	}
	defer place.release()
	connOf(r).keep()
	conn, err := s.up.Upgrade(corking{w, &s.corks}, r, nil) // answers the client when it fails
	if err != nil {
		s.refused.Add(1)
		s.o.Log.Debug("bridge handshake failed", "error", err)
		return
	}
	s.accepted.Add(1)
	s.run(r.Context(), conn, t, place, granted)
}
