package bridge

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// admit decides on a request over TCP: the HTTP status that refuses it, or 0.
// A page from elsewhere fails by its Origin and, after DNS rebinding, by its
// Host. The grant is what the token of the Authorization header allows, nil
// without one.
func (s *Server) admit(r *http.Request) (g *Grant, status int) {
	if !s.hostAllowed(r.Host) || !s.originsAllowed(r.Header["Origin"]) {
		return nil, http.StatusForbidden
	}
	token, ok := bearer(r.Header.Get("Authorization"))
	if !ok {
		return nil, 0
	}
	granted, ok := s.grant(token)
	if !ok {
		s.sit(s.wrongToken(r.RemoteAddr), connOf(r).evicted)
		return nil, http.StatusUnauthorized
	}
	return &granted, 0
}

func (s *Server) hostAllowed(hostport string) bool {
	name := hostname(hostport)
	return isLoopback(name) || slices.ContainsFunc(s.o.Hosts, func(h string) bool { return strings.EqualFold(h, name) })
}

func (s *Server) originsAllowed(origins []string) bool {
	for _, o := range origins {
		allowed := slices.ContainsFunc(s.o.Origins, func(a string) bool { return strings.EqualFold(a, o) })
		if allowed {
			continue
		}
		u, err := url.Parse(o)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || !isLoopback(hostname(u.Host)) {
			return false
		}
	}
	return true
}

// hostname returns the host of host, host:port or [host]:port.
func hostname(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return strings.TrimSuffix(strings.TrimPrefix(hostport, "["), "]")
}

// isLoopback accepts localhost beside literals: browsers resolve it
// themselves, so no one can rebind it.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

func bearer(header string) (token string, ok bool) {
	scheme, token, ok := strings.Cut(header, " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "Bearer")
}
