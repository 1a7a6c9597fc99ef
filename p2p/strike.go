package p2p

import (
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
)

// Strike counts an offence of a peer that was found outside its frames, in a stream: like a frame that was rejected.
func (n *Node) Strike(k Key) {
	if id, err := peerID(k); err == nil {
		n.strike(id)
	}
}

// A peer that earns strikeLimit strikes, or as many as its options say, within strikeWindow is blocked for blockFirst,
// then twice as long each time, up to blockMax. It is forgiven after forgiveAfter without a strike.
const (
	strikeLimit  = 3
	strikeWindow = 5 * time.Second
	blockFirst   = 30 * time.Second
	blockMax     = time.Hour
	forgiveAfter = 2 * time.Hour
)

// strikes counts offences by peer, not by connection: whoever reconnects keeps its record.
type strikes struct {
	limit int

	mu    sync.Mutex
	peers map[peer.ID]record
}

type record struct {
	times  []time.Time // of the strikes within the window
	last   time.Time
	blocks int // how often it was blocked
}

func newStrikes(limit int) *strikes {
	if limit <= 0 {
		limit = strikeLimit
	}
	return &strikes{limit: limit, peers: make(map[peer.ID]record)}
}

// add records an offence at now and says for how long the peer is to be blocked: 0 if not yet.
func (s *strikes) add(id peer.ID, now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.peers[id]
	if !ok && len(s.peers) >= maxBlocks {
		deleteEarliest(s.peers, func(r record) time.Time { return r.last })
	}
	if now.Sub(r.last) > forgiveAfter {
		r = record{}
	}
	kept := make([]time.Time, 0, s.limit)
	for _, t := range r.times {
		if now.Sub(t) < strikeWindow {
			kept = append(kept, t)
		}
	}
	r.times, r.last = append(kept, now), now
	var d time.Duration
	if len(r.times) >= s.limit {
		d = min(blockFirst<<min(r.blocks, 16), blockMax)
		r.blocks, r.times = r.blocks+1, nil
	}
	s.peers[id] = r
	return d
}

// forgive forgets what a peer did.
func (s *strikes) forgive(id peer.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.peers, id)
}

// strike is called for every frame of a peer that cannot come from an honest one.
func (n *Node) strike(id peer.ID) {
	if d := n.strikes.add(id, time.Now()); d > 0 {
		n.block(id, d)
	}
}
