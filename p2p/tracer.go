package p2p

import (
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// tracer counts what gossip drops without an error, and turns invalid frames into strikes. Its methods run inside
// gossip's loop and must not block.
type tracer struct{ n *Node }

func (t tracer) RejectMessage(m *pubsub.Message, reason string) {
	if m.ReceivedFrom == t.n.host.ID() {
		return
	}
	switch reason {
	case pubsub.RejectValidationFailed:
		t.n.counts.add(rejected)
		t.n.strike(m.ReceivedFrom)
	case pubsub.RejectUnexpectedSignature, pubsub.RejectUnexpectedAuthInfo, pubsub.RejectSelfOrigin:
		t.n.counts.add(malformed)
		t.n.strike(m.ReceivedFrom)
	case pubsub.RejectValidationIgnored:
		t.n.counts.add(ignored)
	case pubsub.RejectValidationQueueFull, pubsub.RejectValidationThrottled:
		t.n.counts.add(queueFull)
	}
}

func (t tracer) DeliverMessage(m *pubsub.Message) {
	if m.ReceivedFrom != t.n.host.ID() {
		t.n.counts.add(accepted)
	}
}

func (t tracer) DuplicateMessage(*pubsub.Message) { t.n.counts.add(duplicates) }

func (t tracer) DropRPC(rpc *pubsub.RPC, _ peer.ID) {
	for range rpc.GetPublish() {
		t.n.counts.add(droppedOut)
	}
}

func (tracer) OnNewOutboundStream(peer.ID, protocol.ID) {}
func (tracer) OnClosedOutboundStream(peer.ID)           {}
func (tracer) Join(string)                              {}
func (tracer) Leave(string)                             {}
func (tracer) Graft(peer.ID, string)                    {}
func (tracer) Prune(peer.ID, string)                    {}
func (tracer) ValidateMessage(*pubsub.Message)          {}
func (tracer) ThrottlePeer(peer.ID)                     {}
func (tracer) RecvRPC(*pubsub.RPC)                      {}
func (tracer) SendRPC(*pubsub.RPC, peer.ID)             {}
func (tracer) UndeliverableMessage(*pubsub.Message)     {}
