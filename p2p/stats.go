package p2p

import "sync/atomic"

// Stats are counters since the node started, by name.
type Stats map[string]uint64

type counter int

const (
	accepted counter = iota
	ignored
	rejected
	malformed
	duplicates
	queueFull
	overBudget
	droppedOut
	refusedStreams
	refusedTopics
	foreignPeers
	blockedPeers
	published
	gatedDials
	gatedAccepts
	networkChanges
	refusedMDNS
	blockedConnsIn
	blockedConnsOut
	blockedStreamsIn
	blockedStreamsOut
	blockedPeerConns
	blockedProtocols
	blockedServices
	blockedMemory
	numCounters
)

// counterNames are the keys of Stats.
var counterNames = [numCounters]string{
	accepted:       "frames_accepted",        // judged Accept
	ignored:        "frames_ignored",         // judged Ignore
	rejected:       "frames_rejected",        // judged Reject, or without a kind byte
	malformed:      "frames_malformed",       // with a foreign signature, author or sequence number
	duplicates:     "frames_duplicate",       // seen before
	queueFull:      "frames_dropped_inbound", // came faster than they could be judged
	overBudget:     "frames_over_budget",     // more than the peer's share, or of a blocked peer
	droppedOut:     "frames_dropped_outbound",
	refusedStreams: "streams_refused",
	refusedTopics:  "subscriptions_refused",
	foreignPeers:   "peers_of_other_networks",
	blockedPeers:   "peers_blocked",
	published:      "frames_published",
	gatedDials:     "dials_refused",       // of blocked peers, or to private addresses that only a peer told
	gatedAccepts:   "connections_refused", // from other networks, of blocked peers, or with another kind of key
	networkChanges: "network_changes",
	refusedMDNS:    "mdns_refused", // without an address in the own networks, or more peers than are kept

	// What the resource limits refused.
	blockedConnsIn:    "rcmgr_blocked_conns_in",
	blockedConnsOut:   "rcmgr_blocked_conns_out",
	blockedStreamsIn:  "rcmgr_blocked_streams_in",
	blockedStreamsOut: "rcmgr_blocked_streams_out",
	blockedPeerConns:  "rcmgr_blocked_peers",
	blockedProtocols:  "rcmgr_blocked_protocols",
	blockedServices:   "rcmgr_blocked_services",
	blockedMemory:     "rcmgr_blocked_memory",
}

type counters [numCounters]atomic.Uint64

func (c *counters) add(which counter) { c[which].Add(1) }

// Stats returns every counter, those at zero too.
func (n *Node) Stats() Stats {
	out := make(Stats, numCounters)
	for i, name := range counterNames {
		out[name] = n.counts[i].Load()
	}
	return out
}
