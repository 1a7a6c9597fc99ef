package p2p

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p-pubsub/timecache"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

const (
	// MaxData is the largest data of a frame, in bytes.
	MaxData = 1<<20 + 64<<10

	rpcOverhead = 4 << 10     // topic, kind byte and lengths of a frame, or what control messages add
	queueSize   = 512         // frames to one peer
	judgeQueue  = 8192        // frames waiting to be judged: twice the burst of one peer, whose bytes are bounded too
	seenFor     = time.Minute // longer costs memory by the frame; those who judge know what is older
	topicPrefix = "/intercom/1/"
)

// gossipProtocols are without the floodsub of old: its peers get every message, whatever their score.
func gossipProtocols(prefix string) []protocol.ID {
	return []protocol.ID{
		protocol.ID(prefix) + pubsub.GossipSubID_v13,
		protocol.ID(prefix) + pubsub.GossipSubID_v12,
		protocol.ID(prefix) + pubsub.GossipSubID_v11,
	}
}

// newGossip: frames carry no signature and no author of gossip's, since what needs one is signed inside, and are known
// by their content, so that nobody can occupy the id of another's frame. The publisher sends to all who listen and not
// to its mesh alone: the mesh is empty just after a join, and a first message would be lost.
func (n *Node) newGossip() (*pubsub.PubSub, error) {
	params := pubsub.DefaultGossipSubParams()
	params.D, params.Dlo, params.Dhi, params.Dscore, params.Dout = 6, 4, 12, 3, 1
	params.HeartbeatInterval = 500 * time.Millisecond
	params.HistoryLength, params.HistoryGossip = 10, 5
	params.UnsubscribeBackoff = time.Second // who leaves and joins again is back in the mesh at once
	features := func(f pubsub.GossipSubFeature, id protocol.ID) bool {
		return pubsub.GossipSubDefaultFeatures(f, protocol.ID(strings.TrimPrefix(string(id), n.prefix)))
	}
	g, err := pubsub.NewGossipSub(n.ctx, n.host,
		pubsub.WithMessageSignaturePolicy(pubsub.StrictNoSign),
		pubsub.WithNoAuthor(),
		pubsub.WithMessageIdFn(messageID),
		pubsub.WithGossipSubProtocols(gossipProtocols(n.prefix), features),
		pubsub.WithGossipSubParams(params),
		pubsub.WithFloodPublish(true),
		pubsub.WithMaxMessageSize(MaxData+rpcOverhead),
		pubsub.WithPeerOutboundQueueSize(queueSize),
		pubsub.WithValidateQueueSize(judgeQueue),
		pubsub.WithValidateWorkers(1), // keeps the frames of a topic in the order in which they came
		pubsub.WithSeenMessagesTTL(seenFor),
		pubsub.WithSeenMessagesStrategy(timecache.Strategy_FirstSeen),
		pubsub.WithSubscriptionFilter(pubsub.WrapLimitSubscriptionFilter(subscriptionFilter{n.subs, n.counts}, topicsPerPeer)),
		pubsub.WithPeerScore(scoreParams(), scoreThresholds()),
		pubsub.WithRawTracer(tracer{n}),
		pubsub.WithAppSpecificRpcInspector(n.inspect),
	)
	if err != nil {
		return nil, fmt.Errorf("start gossip: %w", err)
	}
	return g, nil
}

func messageID(m *pb.Message) string {
	h := sha256.Sum256(m.GetData())
	return string(h[:20])
}

func topicName(id [32]byte) string { return topicPrefix + hex.EncodeToString(id[:]) }

func isTopicName(s string) bool {
	id, ok := strings.CutPrefix(s, topicPrefix)
	if !ok || len(id) != 64 || strings.ToLower(id) != id {
		return false
	}
	_, err := hex.DecodeString(id)
	return err == nil
}

// scoreParams: only invalid frames count. Delivery rates would punish the silent members of a quiet room, addresses
// those who share a machine.
func scoreParams() *pubsub.PeerScoreParams {
	return &pubsub.PeerScoreParams{
		SkipAtomicValidation: true,
		Topics:               make(map[string]*pubsub.TopicScoreParams),
		AppSpecificScore:     func(peer.ID) float64 { return 0 },
		DecayInterval:        time.Second,
		DecayToZero:          0.01,
		RetainScore:          10 * time.Minute,
		SeenMsgTTL:           seenFor,
	}
}

func topicScoreParams() *pubsub.TopicScoreParams {
	return &pubsub.TopicScoreParams{
		SkipAtomicValidation:           true,
		TopicWeight:                    1,
		TimeInMeshQuantum:              time.Second,
		InvalidMessageDeliveriesWeight: -10,
		InvalidMessageDeliveriesDecay:  pubsub.ScoreParameterDecay(30 * time.Second),
	}
}

func scoreThresholds() *pubsub.PeerScoreThresholds {
	return &pubsub.PeerScoreThresholds{GossipThreshold: -50, PublishThreshold: -100, GraylistThreshold: -200}
}
