package bridge

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// admit decides on a request over TCP: the HTTP status that refuses it, or 0.
// A page from elsewhere fails by its Origin and, after DNS rebinding, by its
// Host. proved tells that the Authorization header had the right token.
func (s *Server) admit(r *http.Request) (proved bool, status int) {
	if !s.hostAllowed(r.Host) || !s.originsAllowed(r.Header["Origin"]) {
		return false, http.StatusForbidden
	}
	token, ok := bearer(r.Header.Get("Authorization"))
	if !ok {
		return false, 0
	}
	if !s.tokenValid(token) {
		s.wrong.Add(1)
		return false, http.StatusUnauthorized
	}
	return true, 0
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

// tokenValid compares in constant time; hashing hides the length too.
func (s *Server) tokenValid(token string) bool {
	want := s.o.Token()
	a, b := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && want != ""
}
