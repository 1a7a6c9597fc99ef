package client

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// checkAddr reports what cannot be a multiaddress of a peer, without knowing
// every protocol: it begins with an IP address or a name, and more follows.
// The daemon reads the rest.
func checkAddr(text string) error {
	parts := strings.Split(text, "/")
	if len(parts) >= 5 && parts[0] == "" && !slices.Contains(parts[1:], "") {
		ip, err := netip.ParseAddr(parts[2])
		switch parts[1] {
		case "ip4":
			if err == nil && ip.Is4() {
				return nil
			}
		case "ip6":
			if err == nil && ip.Is6() {
				return nil
			}
		case "dns", "dns4", "dns6", "dnsaddr", "ip6zone":
			return nil
		}
	}
	return fmt.Errorf("%q is not a multiaddress like /ip4/127.0.0.1/tcp/4001", text)
}

// minPeerID is below the shortest form of a peer's id, 46 characters of base58.
const minPeerID = 40

// checkPeer is checkAddr for an address that names its peer.
func checkPeer(text string) error {
	if err := checkAddr(text); err != nil {
		return err
	}
	at := strings.LastIndex(text, "/p2p/")
	id := text[max(at, 0):]
	odd := func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9')
	}
	if id = strings.TrimPrefix(id, "/p2p/"); at < 0 || len(id) < minPeerID || strings.ContainsFunc(id, odd) {
		return fmt.Errorf("%q does not end in /p2p/ID", text)
	}
	return nil
}
