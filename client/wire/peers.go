package wire

import (
	"fmt"
	"time"
)

// The requests about peers. PEER is a peer's public key in hex, its peer id
// (12D3...), its Trac address, or the beginning of one of these that only one
// known peer has.
var (
	Peers = Def[PeersReq, PeersReply]{Spec{Request: "peers", Reply: "peers", Scope: ScopeRead,
		Summary: "List peers that are connected, kept or blocked", Command: "peers list"}}
	PeerConnect = Def[PeerConnectReq, PeerReply]{Spec{Request: "peer_connect", Reply: "peer_connected", Scope: ScopeAdmin,
		Summary: "Connect with the peer at an address", Command: "peers connect", Write: true}}
	PeerDisconnect = Def[PeerReq, PeerReply]{Spec{Request: "peer_disconnect", Reply: "peer_disconnected", Scope: ScopeAdmin,
		Summary: "Close the connections of a peer and dial it no more", Command: "peers disconnect", Write: true}}
	PeerBlock = Def[PeerBlockReq, PeerReply]{Spec{Request: "peer_block", Reply: "peer_blocked", Scope: ScopeAdmin,
		Summary: "Refuse a peer and its messages, also after restarts", Command: "peers block", Write: true}}
	PeerUnblock = Def[PeerReq, PeerReply]{Spec{Request: "peer_unblock", Reply: "peer_unblocked", Scope: ScopeAdmin,
		Summary: "End every block of a peer", Command: "peers unblock", Write: true}}
)

// peerRequests are the declarations of this file, in their order.
func peerRequests() []Declared {
	return []Declared{
		Peers.Declared(), PeerConnect.Declared(), PeerDisconnect.Declared(), PeerBlock.Declared(), PeerUnblock.Declared(),
	}
}

// The states of a peer.
const (
	PeerConnected = "connected"
	PeerAway      = "away" // dialed now and then
	PeerBlocked   = "blocked"
)

// PeersReq asks for peers.
type PeersReq struct {
	All bool `json:"all,omitempty" jsonschema:"also those that are away: found, or in the address book"`
}

// PeersReply answers peers: those connected first, then by key.
type PeersReply struct {
	Peers []PeerEntry `json:"peers"`
}

// PeerEntry is a peer that the daemon knows.
type PeerEntry struct {
	Peer      string     `json:"peer" jsonschema:"ed25519 public key, 64 hex digits"`
	ID        string     `json:"id" jsonschema:"peer id, as in multiaddresses"`
	TracAddr  string     `json:"tracAddress"`
	State     string     `json:"state" jsonschema:"connected, away or blocked"`
	Addresses []string   `json:"addresses" jsonschema:"multiaddresses of its connections; of one that is away, where it is looked for"`
	Transport string     `json:"transport,omitempty" jsonschema:"tcp or quic"`
	Direction string     `json:"direction,omitempty" jsonschema:"out: dialed from here, or in"`
	Since     *time.Time `json:"since,omitempty" jsonschema:"when it connected, or was last connected, UTC"`
	LatencyMs *float64   `json:"latencyMs,omitempty" jsonschema:"there and back, as last measured"`
	Source    string     `json:"source,omitempty" jsonschema:"how its address was first known: explicit, local, mdns or incoming"`
	Channels  []string   `json:"channels" jsonschema:"joined channels that it is in too"`
	Explicit  bool       `json:"explicit" jsonschema:"to be kept connected with"`
	Protected bool       `json:"protected" jsonschema:"stays connected when there are too many"`
	Blocked   bool       `json:"blocked"`
	ByUser    bool       `json:"byUser,omitempty" jsonschema:"blocked by the user, and not for what it did"`
	Until     *time.Time `json:"blockedUntil,omitempty" jsonschema:"end of the block, UTC; absent: for good"`
}

// Table returns a row for each peer.
func (r PeersReply) Table() Table {
	t := Table{Columns: Columns("peer", "state", "since", "direction", "transport", ">latency_ms", "source", ">channels", "address")}
	for _, p := range r.Peers {
		var address string
		if len(p.Addresses) > 0 {
			address = p.Addresses[0]
		}
		var since, latency any
		if p.Since != nil {
			since = *p.Since
		}
		if p.LatencyMs != nil {
			latency = fmt.Sprintf("%.1f", *p.LatencyMs)
		}
		t.Rows = append(t.Rows, []any{p.Peer, p.State, since, p.Direction, p.Transport, latency, p.Source, len(p.Channels), address})
	}
	return t
}

// Note tells the next step where there are none.
func (r PeersReply) Note() string {
	if len(r.Peers) == 0 {
		return "no peers; `intercom status` says who can reach this daemon"
	}
	return ""
}

// List implements Listed.
func (PeersReply) List() string { return "peers" }

// PeerConnectReq names an address.
type PeerConnectReq struct {
	Address string `json:"address" required:"true" jsonschema:"multiaddress that ends in /p2p/ID"`
	Save    bool   `json:"save,omitempty" jsonschema:"stay connected, also after restarts"`
}

// PeerReq names a peer.
type PeerReq struct {
	Peer string `json:"peer" required:"true" jsonschema:"public key, peer id, Trac address, or an unambiguous beginning of one"`
}

// PeerBlockReq names a peer to block.
type PeerBlockReq struct {
	Peer  string `json:"peer" required:"true" jsonschema:"public key, peer id, Trac address, or an unambiguous beginning of one"`
	ForMs int64  `json:"forMs,omitempty" jsonschema:"for how many milliseconds; absent or 0: for good"`
}

// PeerReply answers what is done with a peer.
type PeerReply struct {
	Peer    string     `json:"peer" jsonschema:"ed25519 public key, 64 hex digits"`
	Changed bool       `json:"changed" jsonschema:"false if it was so already"`
	Until   *time.Time `json:"blockedUntil,omitempty" jsonschema:"end of the block, UTC"`
}

// Table returns one row.
func (r PeerReply) Table() Table {
	t := Table{Columns: Columns("peer", "changed"), Rows: [][]any{{r.Peer, r.Changed}}}
	if r.Until != nil {
		t.Columns = append(t.Columns, Column{Name: "blocked_until"})
		t.Rows[0] = append(t.Rows[0], *r.Until)
	}
	return t
}
