package p2p

import (
	"fmt"
	"testing"

	"github.com/libp2p/go-libp2p/core/network"
)

// TestOneAddressGetsItsShareOfConnections asks the resource manager, as every
// connection that comes in does: tests have no address but this machine's,
// which is not limited.
func TestOneAddressGetsItsShareOfConnections(t *testing.T) {
	for name, c := range map[string]struct {
		from, other string // with a place for a number
		most        int
	}{
		"IPv4":         {"/ip4/198.51.100.1/tcp/%d", "/ip4/198.51.100.2/tcp/%d", connsPerIP},
		"IPv6 /64":     {"/ip6/2001:db8:1:1::%x/tcp/1", "/ip6/2001:db8:2:1::%x/tcp/1", connsPerIP},
		"this machine": {"/ip4/127.0.0.1/tcp/%d", "/ip4/127.0.0.2/tcp/%d", connsPerIP + 10},
	} {
		t.Run(name, func(t *testing.T) {
			counts := &counters{}
			rm, _, err := newResources(counts)
			if err != nil {
				t.Fatal(err)
			}
			defer rm.Close()
			open := func(pattern string, n int) error {
				scope, err := rm.OpenConnection(network.DirInbound, true, ma(t, fmt.Sprintf(pattern, n+1)))
				if err == nil {
					t.Cleanup(scope.Done)
				}
				return err
			}
			const tries = connsPerIP + 10
			got := 0
			for n := range tries {
				if open(c.from, n) == nil {
					got++
				}
			}
			if refused := counts[blockedConnsIn].Load(); got != c.most || refused != uint64(tries-c.most) {
				t.Errorf("%d of %d connections, want %d; %d counted as refused", got, tries, c.most, refused)
			}
			if err := open(c.other, 0); err != nil {
				t.Errorf("another address: %v", err)
			}
		})
	}
}
