package bridge

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"

	"intercom/client/wire"
)

// Page answers HTTP requests that are not for WebSocket, at one path. Its
// handler ends when the request's context does.
type Page struct {
	// Open pages are for all programs on this machine and must not tell what
	// is the owner's; elsewhere they need a token.
	Open  bool
	Scope wire.Scope // what the others need; empty: admin
	http.Handler
}

// page returns what is at a path: a page of that path, else of a path above
// that ends in a slash.
func (s *Server) page(path string) (Page, bool) {
	if p, ok := s.o.Pages[path]; ok {
		return p, true
	}
	for dir := path; strings.Contains(dir, "/"); {
		dir = dir[:strings.LastIndex(dir, "/")]
		if p, ok := s.o.Pages[dir+"/"]; ok {
			return p, true
		}
	}
	return Page{}, false
}

// plain answers an HTTP request that is not for WebSocket; g is what its token
// or its socket allows, nil for a stranger.
func (s *Server) plain(w http.ResponseWriter, r *http.Request, g *Grant) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	p, found := s.page(r.URL.Path)
	switch {
	case !found:
		w.Header().Set("Upgrade", "websocket")
		w.Header().Set("Connection", "Upgrade")
		http.Error(w, "this is a WebSocket server", http.StatusUpgradeRequired)
	case g == nil && !(p.Open && here(r)):
		s.refused.Add(1)
		w.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(w, http.StatusText(http.StatusUnauthorized), http.StatusUnauthorized)
	case !p.Open && !p.Scope.In(g.Scopes):
		s.refused.Add(1)
		http.Error(w, "the token does not allow it", http.StatusForbidden)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
	case p.Open:
		s.serve(p, w, r)
	default:
		place := s.reserve(g) // it may take long, and Close waits for it
		if place == nil {
			s.refused.Add(1)
			http.Error(w, "too many connections", http.StatusServiceUnavailable)
			return
		}
		defer place.release()
		s.serve(p, w, r)
	}
}

// serve runs a page. One that panics costs its own request.
func (s *Server) serve(p Page, w http.ResponseWriter, r *http.Request) {
	defer func() {
		if v := recover(); v != nil {
			s.o.Log.Error("page panicked", "path", r.URL.Path, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			panic(http.ErrAbortHandler)
		}
	}()
	p.ServeHTTP(w, r)
}

// here tells that a request over TCP comes from this machine.
func here(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}
