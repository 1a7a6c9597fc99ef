//go:build unix

package daemon_test

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"intercom/client/wire"
	"intercom/daemon/daemontest"
	"intercom/ledger/event"
	"intercom/p2p"
	"intercom/p2p/channel"
)

// numbered returns the stranger's packet number seq in its room, sealed after
// change.
func (s *stranger) numbered(seq uint64, message string, change ...func(*channel.Packet)) *channel.Packet {
	s.t.Helper()
	p := &channel.Packet{Channel: s.room, Boot: [16]byte{1}, Seq: seq, TS: uint64(time.Now().UnixMilli()), Msgs: [][]byte{[]byte(message)}}
	for _, f := range change {
		f(p)
	}
	if err := p.Seal(s.t.Context(), s.key, channel.OpenPolicy.WorkBits); err != nil {
		s.t.Fatal(err)
	}
	return p
}

// linkTo opens a stream for packets.
func (s *stranger) linkTo(d *daemontest.Daemon) p2p.Stream {
	s.t.Helper()
	stream, err := s.node.Open(s.t.Context(), keyOf(s.t, d), channel.Protocol)
	if err != nil {
		s.t.Fatal(err)
	}
	return stream
}

// stillHears checks that a message of b reaches a without delay.
func stillHears(t *testing.T, a, b *daemontest.Daemon) {
	t.Helper()
	atA, began := listens(a), time.Now()
	send(t, b, "team", "still here")
	for {
		if got := nextMessage(atA); got["message"] == "still here" && got["from"] == b.Info().PeerPubkey {
			break
		}
	}
	t.Logf("meanwhile an honest message took %v", time.Since(began))
}

// talking starts two daemons in one channel; strangers come to a.
func talking(t *testing.T) (a, b *daemontest.Daemon) {
	t.Helper()
	h := daemontest.NewHome(t)
	a, b = h.Start("a"), h.Start("b")
	a.Join("team")
	b.Join("team")
	members(t, "team", 1, a, b)
	return a, b
}

func TestBadFramesOfALinkCostOnlyTheirSender(t *testing.T) {
	a, b := talking(t)
	frame := func(packet []byte) []byte { return channel.Frame{Packet: packet}.Encode() }
	for name, bad := range map[string]func(s *stranger) []byte{
		"length without end": func(*stranger) []byte { return bytes.Repeat([]byte{0xff}, 64) },
		"huge length":        func(*stranger) []byte { return binary.AppendUvarint(nil, 1<<60) },
		"no length":          func(*stranger) []byte { return []byte{0} },
		"garbage":            func(*stranger) []byte { return framed([]byte("what is this")) },
		"no packet":          func(*stranger) []byte { return frame([]byte("what is this")) },
		"a cut packet":       func(s *stranger) []byte { p := s.numbered(0, `1`).Encode(); return frame(p[:len(p)-1]) },
		"not signed by its author": func(s *stranger) []byte {
			p := s.numbered(0, `"forged"`)
			p.Author = channel.Key(keyOf(t, b))
			return frame(p.Encode())
		},
		"another signature": func(s *stranger) []byte { p := s.numbered(0, `1`); p.Sig[5] ^= 1; return frame(p.Encode()) },
	} {
		t.Run(name, func(t *testing.T) {
			blocked := a.Count("node_peers_blocked")
			s := newStranger(t, a, "team", nil)
			daemontest.Eventually(t, soon, "the stranger is blocked", func() bool {
				if !s.connectedTo(a) {
					return true
				}
				if l, err := s.node.Open(t.Context(), keyOf(t, a), channel.Protocol); err == nil {
					l.Write(bad(s))
					one := make([]byte, 1)
					l.SetReadDeadline(time.Now().Add(soon))
					l.Read(one) // until the daemon has done with it
					l.Reset()
				}
				return false
			})
			if n := a.Count("node_peers_blocked"); n != blocked+1 {
				t.Errorf("%d peers are blocked instead of %d", n, blocked+1)
			}
			stillHears(t, a, b)
		})
	}
	if !a.Sees(b) {
		t.Error("a lost b")
	}
}

func TestOddFramesOfALinkDelayNobody(t *testing.T) {
	a, b := talking(t)
	s := newStranger(t, a, "team", nil)
	frame := func(p *channel.Packet) []byte { return channel.Frame{Packet: p.Encode()}.Encode() }

	follower := a.Connect()
	follower.Send(daemontest.Frame{"type": "events", "types": []string{wire.PushGap}})
	follower.Until("events")

	link := s.linkTo(a)
	first := frame(s.numbered(0, `"first"`))
	for _, data := range [][]byte{
		first, first, // again
		frame(s.numbered(1, `"old"`, func(p *channel.Packet) { p.TS -= 3_600_000 })),
		frame(s.numbered(2, `"ahead"`, func(p *channel.Packet) { p.TS = 1<<53 - 1 })),
		frame(s.numbered(3, `"elsewhere"`, func(p *channel.Packet) { p.Channel = event.OpenRoom("other") })),
		frame(s.numbered(1<<53-1, `"last"`)),
		frame(s.numbered(4, `"late"`)),
		frame(s.numbered(0, `"of another start"`, func(p *channel.Packet) { p.Boot[0]++ })),
	} {
		if _, err := link.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	daemontest.Eventually(t, soon, "those that may pass have passed", func() bool { return a.Count("channel_received") == 4 })
	if seen, age := a.Count("channel_seen"), a.Count("channel_age"); seen != 1 || age != 2 {
		t.Errorf("seen counts %d, age %d", seen, age)
	}

	// Streams that begin a frame and say no more, as many as it gets.
	for range 50 {
		l, err := s.node.Open(t.Context(), keyOf(t, a), channel.Protocol)
		if err == nil {
			l.Write(first[:len(first)/2])
		}
	}
	stillHears(t, a, b)
	if !s.connectedTo(a) {
		t.Error("who was odd is blocked")
	}
	// What is missing is told in a range, whatever the range.
	for _, missing := range [][]any{{1.0, 3.0}, {5.0, float64(1<<53 - 2)}} {
		gap := follower.Until(wire.PushGap)
		if got := gap[len(gap)-1]; got["from"] != s.Self() || got["missing"].([]any)[0] != missing[0] || got["missing"].([]any)[1] != missing[1] {
			t.Errorf("gap %v instead of %v", got, missing)
		}
	}
}
