//go:build unix

package daemontest

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// Proxy is the one way between two daemons that do not find each other
// otherwise. It can be cut and healed.
type Proxy struct {
	// Addr is the multiaddress for --peers that leads to the target.
	Addr string

	listener net.Listener
	target   string
	serving  sync.WaitGroup

	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]bool
}

// NewProxy returns a way to the daemon, which is open.
func NewProxy(t testing.TB, to *Daemon) *Proxy {
	t.Helper()
	// /ip4/127.0.0.1/tcp/PORT/p2p/ID
	parts := strings.Split(to.Info().Listen[0], "/")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: l, target: net.JoinHostPort(parts[2], parts[4]), conns: map[net.Conn]bool{}}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	p.Addr = "/ip4/127.0.0.1/tcp/" + port + "/p2p/" + parts[6]
	p.serving.Go(p.serve)
	t.Cleanup(func() {
		l.Close()
		p.Cut()
		p.serving.Wait()
	})
	return p
}

// Cut ends all connections and refuses new ones.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = true
	for c := range p.conns {
		c.Close()
	}
}

// Heal lets new connections through.
func (p *Proxy) Heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = false
}

func (p *Proxy) serve() {
	for {
		in, err := p.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", p.target)
		if err != nil || !p.open(in, out) {
			in.Close()
			if err == nil {
				out.Close()
			}
			continue
		}
		p.serving.Go(func() { p.carry(in, out) })
		p.serving.Go(func() { p.carry(out, in) })
	}
}

// open notes a pair of connections; it refuses while the proxy is cut.
func (p *Proxy) open(pair ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut {
		return false
	}
	for _, c := range pair {
		p.conns[c] = true
	}
	return true
}

// carry copies one direction. Its end is that of both.
func (p *Proxy) carry(from, to net.Conn) {
	io.Copy(to, from) // ends with an error where the proxy is cut
	from.Close()
	to.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, from)
	delete(p.conns, to)
}
