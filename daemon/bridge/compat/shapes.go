package compat

import (
	"intercom/ledger/event"
	"intercom/p2p/identity"
)

// Shapes makes the original's replies and pushes for one peer. The zero value
// is a peer of the main network that is nobody's host.
type Shapes struct {
	Self event.Key // the peer's own key
	HRP  string    // prefix of the network's addresses; empty: that of the main network
}

// address returns the Trac address of a key, and the key itself under a prefix
// that no address can have.
func (s Shapes) address(k event.Key) string {
	hrp := s.HRP
	if hrp == "" {
		hrp = identity.Mainnet.HRP
	}
	a, err := identity.EncodeAddress(hrp, k)
	if err != nil {
		return k.String()
	}
	return a
}
