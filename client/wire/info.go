package wire

import "time"

// InfoReply answers info.
type InfoReply struct {
	Info NodeInfo `json:"info"`
}

// NodeInfo is what a daemon tells of itself. The first 13 fields are the
// original protocol's; those of planes that this daemon does not run are empty.
type NodeInfo struct {
	MSBBootstrap      string   `json:"msbBootstrap"`
	MSBChannel        string   `json:"msbChannel"`
	MSBStore          string   `json:"msbStore"`
	MSBDHTBootstrap   []string `json:"msbDhtBootstrap"`
	PeerStore         string   `json:"peerStore" jsonschema:"folder of the store"`
	PeerDHTBootstrap  []string `json:"peerDhtBootstrap"`
	SubnetBootstrap   string   `json:"subnetBootstrap"`
	SubnetChannel     string   `json:"subnetChannel"`
	PeerPubkey        string   `json:"peerPubkey" jsonschema:"ed25519 public key, 64 hex digits"`
	PeerTracAddress   string   `json:"peerTracAddress"`
	PeerWriterKey     string   `json:"peerWriterKey"`
	SidechannelEntry  string   `json:"sidechannelEntry" jsonschema:"the channel that every peer is in"`
	SidechannelExtras []string `json:"sidechannelExtras" jsonschema:"the other joined channels"`

	Version   string    `json:"version"`
	Profile   string    `json:"profile"`
	Instance  string    `json:"instance" jsonschema:"changes with every start"`
	PID       int       `json:"pid"`
	Started   time.Time `json:"started"`
	UptimeMs  int64     `json:"uptimeMs"`
	Status    string    `json:"status" jsonschema:"starting, ready, read-only or stopping"`
	Listen    []string  `json:"listen" jsonschema:"addresses at which peers reach this one, with its peer id"`
	Socket    string    `json:"socket" jsonschema:"Unix socket of the bridge"`
	TCP       string    `json:"tcp" jsonschema:"host:port of the bridge"`
	LocalOnly bool      `json:"localOnly" jsonschema:"only peers on this machine can reach this one"`
	Hint      string    `json:"hint,omitempty" jsonschema:"what to do about it"`

	Reachability string `json:"reachability" jsonschema:"who can reach this one: local-only, lan (the private networks that it is in) or configured (whoever reaches an address of listen)"`

	Peers []PeerInfo `json:"peers"`
	Rooms []RoomInfo `json:"rooms"`
}

// PeerInfo is a connected peer.
type PeerInfo struct {
	Peer    string    `json:"peer" jsonschema:"ed25519 public key, 64 hex digits"`
	Address string    `json:"address" jsonschema:"multiaddress of the connection"`
	Since   time.Time `json:"since"`
}

// RoomInfo is a room stored here.
type RoomInfo struct {
	Room   string `json:"room"`
	ID     string `json:"id" jsonschema:"64 hex digits"`
	Joined bool   `json:"joined"`
	Events uint64 `json:"events"`

	Waiting    uint64 `json:"waiting" jsonschema:"stored events that wait for a cause"`
	NotCounted uint64 `json:"notCounted" jsonschema:"stored events that break a rule or repeat a key"`
	Incomplete bool   `json:"incomplete" jsonschema:"a size limit kept events out"`

	SetHash string            `json:"setHash" jsonschema:"64 hex digits; peers that store the same events have the same"`
	State   map[string]string `json:"state" jsonschema:"hash of each app's state, 64 hex digits; peers with the same events have the same"`
}
