package channel_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"intercom/p2p"
	"intercom/p2p/channel"
)

const packetKind = 'p'

// member joins a channel to a topic of a real node.
type member struct {
	*channel.Channel
	node  *p2p.Node
	topic *p2p.Topic
	got   chan channel.Message
}

func (m *member) Publish(ctx context.Context, data []byte) (int, error) {
	return m.topic.Publish(ctx, packetKind, data)
}

func (m *member) Judge(from p2p.Key, kind byte, data []byte) p2p.Verdict {
	if kind != packetKind {
		return p2p.Ignore
	}
	switch m.Channel.Judge(channel.Hop{From: from}, data) {
	case channel.Accept:
		return p2p.Accept
	case channel.Reject:
		return p2p.Reject
	}
	return p2p.Ignore
}

func (m *member) PeerJoined(p2p.Key) {}
func (m *member) PeerLeft(p2p.Key)   {}

func enter(t *testing.T, name, dir string) *member {
	t.Helper()
	m := &member{got: make(chan channel.Message, 1000)}
	var err error
	if m.node, err = p2p.New(t.Context(), p2p.Options{Key: key(name), RuntimeDir: dir}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.node.Close() })
	o := channel.Options{Name: "town", ID: here, Key: key(name), Policy: channel.OpenPolicy, Publisher: m, Now: time.Now,
		Deliver: func(msg channel.Message) {
			if !msg.Own {
				m.got <- msg
			}
		}}
	rand.Read(o.Boot[:])
	if m.Channel, err = channel.New(o); err != nil {
		t.Fatal(err)
	}
	if m.topic, err = m.node.Join(here, m); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { m.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return m
}

func (m *member) next(t *testing.T) channel.Message {
	t.Helper()
	select {
	case msg := <-m.got:
		return msg
	case <-time.After(10 * time.Second):
		t.Fatal("no message")
		return channel.Message{}
	}
}

// waitFor returns when so many listen.
func (m *member) waitFor(t *testing.T, peers int) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(10 * time.Second); len(m.topic.Peers()) != peers; {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%d listen, want %d", len(m.topic.Peers()), peers)
		}
	}
}

func TestThreeMembersOfAChannelHearEachOther(t *testing.T) {
	p2p.LibraryLog(slog.DiscardHandler)
	dir := t.TempDir()
	members := []*member{enter(t, "alice", dir), enter(t, "bob", dir), enter(t, "carol", dir)}
	for _, m := range members {
		m.waitFor(t, 2)
	}
	for i, m := range members {
		sent, err := m.Send(t.Context(), json.RawMessage(`{"text":"good evening"}`))
		if err != nil || sent.Peers != 2 {
			t.Fatalf("sent %+v, %v", sent, err)
		}
		for _, other := range slices.Concat(members[:i], members[i+1:]) {
			if got := other.next(t); got.ID != sent.ID || string(got.Message) != `{"text":"good evening"}` {
				t.Errorf("got %+v, want %s", got, sent.ID)
			}
		}
	}
	for _, m := range members {
		if len(m.got) != 0 {
			t.Errorf("one message came twice, or to its author: %+v", <-m.got)
		}
	}
}
