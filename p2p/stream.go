package p2p

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// streamsPerPeer is how many streams of one protocol a peer may have open towards us.
const streamsPerPeer = 8

// Stream is a two-way connection to one peer. Close ends our writing and frees the stream once the other side ends
// too; Reset ends it at once in both directions.
type Stream interface {
	io.ReadWriteCloser
	CloseWrite() error
	Reset() error
	SetDeadline(time.Time) error
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
}

// Handle serves a protocol: h runs in a goroutine of its own for each stream that a peer opens, and the stream is
// closed when it returns. ctx ends when the node closes; h must return soon after. h must not panic. A peer may have 8
// streams of a protocol at once; the next are reset and counted.
func (n *Node) Handle(protocolName string, h func(ctx context.Context, peer Key, s Stream)) {
	n.host.SetStreamHandler(n.protocol(protocolName), func(s network.Stream) {
		id := s.Conn().RemotePeer()
		k, ok := keyOf(id)
		if !ok || !n.streams.take(id, protocolName) {
			n.counts.add(refusedStreams)
			s.Reset()
			return
		}
		started := n.spawn(func() {
			defer n.streams.free(id, protocolName)
			stop := context.AfterFunc(n.ctx, func() { s.Reset() })
			defer stop()
			h(n.ctx, k, s)
			s.Close()
		})
		if !started {
			n.streams.free(id, protocolName)
			s.Reset()
		}
	})
}

// Open starts a stream to a connected peer, else ErrNotConnected. ctx bounds the opening, not the stream. The caller
// closes or resets it. What the other side does not serve shows as an error here or at the first read.
func (n *Node) Open(ctx context.Context, k Key, protocolName string) (Stream, error) {
	id, err := peerID(k)
	if err != nil {
		return nil, fmt.Errorf("open stream: %w", err)
	}
	if !n.peers.has(id) {
		return nil, ErrNotConnected
	}
	s, err := n.host.NewStream(network.WithNoDial(ctx, "connected peers only"), id, n.protocol(protocolName))
	if err != nil {
		return nil, fmt.Errorf("open stream %s: %w", protocolName, err)
	}
	return s, nil
}

// protocol keeps the networks apart: peers of different ones have no protocol in common.
func (n *Node) protocol(name string) protocol.ID { return protocol.ID(n.prefix + name) }

type streamSlots struct {
	mu   sync.Mutex
	used map[slot]int
}

type slot struct {
	peer     peer.ID
	protocol string
}

func newStreamSlots() *streamSlots { return &streamSlots{used: make(map[slot]int)} }

func (s *streamSlots) take(id peer.ID, protocolName string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slot{id, protocolName}
	if s.used[at] >= streamsPerPeer {
		return false
	}
	s.used[at]++
	return true
}

func (s *streamSlots) free(id peer.ID, protocolName string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slot{id, protocolName}
	if s.used[at]--; s.used[at] == 0 {
		delete(s.used, at)
	}
}
