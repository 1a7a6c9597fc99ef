package daemon

import (
	"encoding/hex"

	"intercom/client/wire"
	"intercom/p2p"
)

// peerEvent tells clients, and the hub, that a peer came or went. The node waits for it.
func (d *Daemon) peerEvent(k p2p.Key, connected bool) {
	e := wire.PeerEvent{Event: "disconnected", Peer: hex.EncodeToString(k[:]), TS: d.o.Now().UnixMilli()}
	if connected {
		e.Event, e.Address = "connected", d.node.AddrOf(k)
	} else {
		d.hub.disconnected(k)
	}
	d.happened(wire.PushPeer, "", e)
}
