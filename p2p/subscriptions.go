package p2p

import (
	"sync"

	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/peer"
)

// topicsPerPeer bounds the topics that one peer can make us remember, and those in one message of it.
const topicsPerPeer = 4096

// subscriptions holds which topics each peer listens to. Topics that are not joined here count too: they must be known
// when they are joined later.
type subscriptions struct {
	mu     sync.Mutex
	topics map[peer.ID]map[string]struct{}
}

func newSubscriptions() *subscriptions {
	return &subscriptions{topics: make(map[peer.ID]map[string]struct{})}
}

// add is false when the peer has too many already.
func (s *subscriptions) add(id peer.ID, topic string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.topics[id]
	if _, ok := known[topic]; ok {
		return true
	}
	if len(known) >= topicsPerPeer {
		return false
	}
	if known == nil {
		known = make(map[string]struct{})
		s.topics[id] = known
	}
	known[topic] = struct{}{}
	return true
}

func (s *subscriptions) remove(id peer.ID, topic string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.topics[id], topic)
}

// forget is called when the peer disconnected.
func (s *subscriptions) forget(id peer.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.topics, id)
}

// subscriptionFilter lets gossip see topics of our form alone, up to the bound.
type subscriptionFilter struct {
	subs   *subscriptions
	counts *counters
}

func (subscriptionFilter) CanSubscribe(topic string) bool { return isTopicName(topic) }

func (f subscriptionFilter) FilterIncomingSubscriptions(from peer.ID, in []*pb.RPC_SubOpts) ([]*pb.RPC_SubOpts, error) {
	kept := make([]*pb.RPC_SubOpts, 0, len(in))
	for _, sub := range in {
		topic := sub.GetTopicid()
		switch {
		case !isTopicName(topic), sub.GetSubscribe() && !f.subs.add(from, topic):
			f.counts.add(refusedTopics)
			continue
		case !sub.GetSubscribe():
			f.subs.remove(from, topic)
		}
		kept = append(kept, sub)
	}
	return kept, nil
}
