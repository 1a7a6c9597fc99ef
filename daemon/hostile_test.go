//go:build unix

package daemon_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"intercom/daemon/daemontest"
	"intercom/ledger"
	"intercom/ledger/event"
	"intercom/p2p"
)

// pair starts two honest daemons that share a room of 10 events. The strangers
// are connected with b alone.
func pair(t *testing.T) (a, b *daemontest.Daemon) {
	t.Helper()
	return pairOf(t, daemontest.NewHome(t))
}

func pairOf(t *testing.T, h *daemontest.Home) (a, b *daemontest.Daemon) {
	t.Helper()
	a, b = h.Start("a"), h.Start("b")
	meet(t, a, b)
	b.Join("team")
	a.Write("team", 0, 10)
	daemontest.WaitSame(t, "team", 10, a, b)
	return a, b
}

// stillFast checks that an event of a reaches b without delay.
func stillFast(t *testing.T, a, b *daemontest.Daemon) {
	t.Helper()
	n := a.Room("team").Events
	began := time.Now()
	a.Write("team", int(n), int(n)+1)
	daemontest.WaitSameWithin(t, soon, "team", n+1, a, b)
	t.Logf("meanwhile an honest event took %v", time.Since(began))
}

// untouched checks that b has what a has, and nothing that waits or is not
// counted.
func untouched(t *testing.T, a, b *daemontest.Daemon) {
	t.Helper()
	x, y := a.Room("team"), b.Room("team")
	if x.SetHash != y.SetHash || y.Waiting != 0 || y.NotCounted != 0 || y.Incomplete {
		t.Errorf("the room is %+v\nand was      %+v", y, x)
	}
}

func TestBadAnnouncementsCostOnlyTheirSender(t *testing.T) {
	a, b := pair(t)
	for name, bad := range map[string]struct {
		counter string
		frame   func(s *stranger, n byte) []byte
	}{
		"forged signature": {"events_refused", func(s *stranger, n byte) []byte {
			e := s.forged(n)
			return s.encode(&announcement{Event: e.Encode()})
		}},
		"signed by another": {"events_refused", func(s *stranger, n byte) []byte {
			author, _ := event.ParseKey(a.Info().PeerPubkey)
			e := s.event(n, 0, event.ID{})
			raw := bytes.Replace(e.Raw, e.Author[:], author[:], 1)
			other, err := event.Parse(raw, e.Sig)
			if err != nil {
				s.t.Fatal(err)
			}
			return s.encode(&announcement{Event: other.Encode()})
		}},
		"of another room": {"events_refused", func(s *stranger, n byte) []byte {
			e := s.event(n, 0, event.ID{}, func(e *event.Event) { e.Room = event.OpenRoom("other") })
			return s.encode(&announcement{Event: e.Encode()})
		}},
		"both event and head": {"events_refused", func(s *stranger, n byte) []byte {
			e := s.event(0, 0, event.ID{})
			return s.encode(&announcement{Event: e.Encode(), Head: []byte{n}})
		}},
		"no event": {"events_refused", func(s *stranger, n byte) []byte {
			return s.encode(&announcement{Event: []byte{n}})
		}},
		"too large": {"node_frames_rejected", func(s *stranger, n byte) []byte {
			return s.encode(&announcement{Event: bytes.Repeat([]byte{n}, 40<<10)})
		}},
		"garbage": {"node_frames_rejected", func(_ *stranger, n byte) []byte { return []byte{0xff, n} }},
		"trailing byte": {"node_frames_rejected", func(s *stranger, n byte) []byte {
			e := s.event(n, 0, event.ID{})
			return append(s.encode(&announcement{Event: e.Encode()}), 0)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStranger(t, b, "team", nil)
			counted, blocked := b.Count(bad.counter), b.Count("node_peers_blocked")
			for n := range byte(3) {
				s.publish(announces, bad.frame(s, n))
			}
			stillFast(t, a, b)
			daemontest.Eventually(t, soon, "the stranger is blocked", func() bool {
				return b.Count("node_peers_blocked") == blocked+1 && !s.connectedTo(b)
			})
			if n := b.Count(bad.counter) - counted; n < 3 {
				t.Errorf("%s counts %d of 3", bad.counter, n)
			}
			untouched(t, a, b)
		})
	}
}

func TestOddButHonestAnnouncementsCostNobody(t *testing.T) {
	a, b := pair(t)
	var asks atomic.Int64
	s := newStranger(t, b, "team", func(s *stranger, q *bufio.Reader, out p2p.Stream) {
		asks.Add(1)
		nothing(s, q, out)
	})
	daemontest.Eventually(t, soon, "the daemon compares", func() bool { return asks.Load() > 0 })
	has := b.Room("team").Events
	stored := func(what string, n uint64) {
		t.Helper()
		daemontest.WaitSameWithin(t, soon, "team", has+n, a, b)
		if got := b.Room("team").Events; got != has+n {
			t.Errorf("%s: %d events were stored, want %d", what, got-has, n)
		}
	}

	once := s.event(1, 0, event.ID{})
	s.announce(once)
	s.announce(once)
	stored("twice the same", 1)

	late := s.chain(2, 3)
	before := asks.Load()
	s.announce(late[2])
	s.announce(late[1])
	daemontest.Eventually(t, soon, "the daemon asks for what is missing", func() bool { return asks.Load() > before })
	if n := b.Room("team").Events; n != has+1 {
		t.Errorf("%d events were stored before their first", n-has-1)
	}
	s.announce(late[0])
	stored("in the wrong order", 4)

	s.announce(s.event(3, 7, event.ID{1, 2, 3})) // what is before it never comes
	s.announce(s.event(4, 0, event.ID{}, func(e *event.Event) { e.Body = []byte{0xff} }))
	s.announce(s.event(5, 0, event.ID{}, func(e *event.Event) { e.Type = "unheard.of" }))
	s.announce(s.event(6, 0, event.ID{}, func(e *event.Event) { e.TS = 1<<53 - 1 }))
	stored("a bad body, an unknown type, the end of time", 7)
	if r := b.Room("team"); r.NotCounted != 1 || r.Waiting != 0 {
		t.Errorf("not counted: %d, want 1; waiting: %d, want 0", r.NotCounted, r.Waiting)
	}

	s.announce(s.event(7, 0, event.ID{}, func(e *event.Event) { e.Deps = []event.ID{{9, 9, 9}} }))
	daemontest.Eventually(t, soon, "an event waits for its cause", func() bool { return b.Room("team").Waiting == 1 })
	stillAlive(t, a, b, 1000)
	if !s.connectedTo(b) {
		t.Error("the stranger was blocked")
	}
}

// stillAlive is stillFast where b has events that a lacks, or that wait: entry
// n of a comes to b.
func stillAlive(t *testing.T, a, b *daemontest.Daemon, n int) {
	t.Helper()
	ingested := func() int64 { return b.Count("events_ingested") }
	before, began := ingested(), time.Now()
	a.Raw(daemontest.Entry("team", n))
	daemontest.Eventually(t, soon, "an honest event comes", func() bool { return ingested() > before })
	t.Logf("meanwhile an honest event took %v", time.Since(began))
}

func TestBadAnswersCostOnlyTheirSender(t *testing.T) {
	a, b := pair(t)
	one := func(s *stranger) event.Signed { return s.event(1, 0, event.ID{}) }
	answers := func(of func(*stranger) []event.Signed) answerer {
		return offering(one, func(s *stranger, _ *bufio.Reader, out p2p.Stream) {
			var e events
			for _, x := range of(s) {
				e.Events = append(e.Events, x.Encode())
			}
			s.frame(out, &e)
			s.frame(out, &events{Events: [][]byte{}})
		})
	}
	says := func(b []byte) answerer {
		return func(_ *stranger, q *bufio.Reader, out p2p.Stream) {
			if asked(q) {
				out.Write(b)
			}
		}
	}
	for name, answer := range map[string]answerer{
		"huge length":        says(binary.AppendUvarint(nil, 1<<60)),
		"too large":          says(binary.AppendUvarint(nil, 9<<20)),
		"length without end": says(bytes.Repeat([]byte{0x80}, 64)),
		"garbage":            says(framed([]byte("what is this"))),
		"wrong shape":        says(framed([]byte{0x83, 1, 2, 3})),
		"not shortest":       says(framed([]byte{0x82, 0x18, 2, 0x80})),
		"too many heads": func(s *stranger, q *bufio.Reader, out p2p.Stream) {
			all := make([]head, 16_385)
			for i := range all {
				binary.BigEndian.PutUint32(all[i].ID[:], uint32(i))
			}
			if asked(q) {
				s.frame(out, &heads{State: differs, Heads: all})
			}
		},
		"forged event": answers(func(s *stranger) []event.Signed { return []event.Signed{s.forged(1)} }),
		"of other room": answers(func(s *stranger) []event.Signed {
			return []event.Signed{s.event(1, 0, event.ID{}, func(e *event.Event) { e.Room = event.ID{7} })}
		}),
		"broken chain": answers(func(s *stranger) []event.Signed {
			first := s.event(1, 0, event.ID{})
			return []event.Signed{first, s.event(1, 5, first.ID)}
		}),
		"chain of two writers": answers(func(s *stranger) []event.Signed {
			first := s.event(1, 0, event.ID{})
			return []event.Signed{first, s.event(2, 1, first.ID)}
		}),
		"no event": offering(one, func(s *stranger, _ *bufio.Reader, out p2p.Stream) {
			s.frame(out, &events{Events: [][]byte{{1, 2, 3}}})
		}),
	} {
		t.Run(name, func(t *testing.T) {
			blocked, failed := b.Count("node_peers_blocked"), b.Count("exchanges_failed")
			s := newStranger(t, b, "team", answer)
			stillFast(t, a, b)
			daemontest.Eventually(t, soon, "the stranger is blocked", func() bool {
				s.beckon()
				return b.Count("node_peers_blocked") == blocked+1 && !s.connectedTo(b)
			})
			if n := b.Count("exchanges_failed") - failed; n < 3 {
				t.Errorf("exchanges_failed counts %d of 3", n)
			}
			untouched(t, a, b)
		})
	}
}

func TestEndlessAnswersEnd(t *testing.T) {
	// Three offences in five seconds block, and each takes a thousand
	// signatures: with the race detector a busy machine is too slow for that.
	h := daemontest.NewHome(t)
	h.Program = daemontest.Program(t, daemontest.Build{Lean: true})
	a, b := pairOf(t, h)
	var encode sync.Once
	var endless []byte
	blocked := b.Count("node_peers_blocked")
	s := newStranger(t, b, "team", offering(
		func(s *stranger) event.Signed { return s.event(1, 1<<40, event.ID{1}) },
		func(s *stranger, _ *bufio.Reader, out p2p.Stream) {
			encode.Do(func() {
				known := s.event(1, 0, event.ID{})
				e := &events{}
				for range 256 {
					e.Events = append(e.Events, known.Encode())
				}
				endless = framed(s.encode(e))
			})
			for {
				if _, err := out.Write(endless); err != nil {
					return
				}
			}
		}))
	stillAlive(t, a, b, 1000)
	daemontest.Eventually(t, soon, "the stranger is blocked", func() bool {
		s.beckon()
		return b.Count("node_peers_blocked") == blocked+1
	})
	stillAlive(t, a, b, 1001)
}

func TestSilentPeersDelayNobody(t *testing.T) {
	a, b := pair(t)
	silent := func(_ *stranger, _ *bufio.Reader, out p2p.Stream) { // until the daemon gives up
		var one [1]byte
		for {
			if _, err := out.Read(one[:]); err != nil {
				return
			}
		}
	}
	dribble := func(s *stranger, q *bufio.Reader, out p2p.Stream) {
		if !asked(q) {
			return
		}
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for _, c := range framed(make([]byte, 4000)) {
			<-tick.C
			if _, err := out.Write([]byte{c}); err != nil {
				return
			}
		}
	}
	for _, answer := range []answerer{silent, silent, dribble} {
		newStranger(t, b, "team", answer).beckon()
	}
	stillFast(t, a, b)
	// What was not announced is found by comparing, also beside those.
	if code := b.Stop(); code != 0 {
		t.Fatalf("b ended with %d", code)
	}
	a.Write("team", 50, 80)
	b = b.Home.Start("b")
	var strangers []*stranger
	for _, answer := range []answerer{silent, silent, dribble} {
		strangers = append(strangers, newStranger(t, b, "team", answer))
	}
	if code := a.Stop(); code != 0 {
		t.Fatalf("a ended with %d", code)
	}
	b.Write("team", 80, 90)
	c := b.Home.Start("c")
	c.Join("team")
	for _, s := range strangers {
		s.beckon()
	}
	began := time.Now()
	a = a.Home.Start("a")
	n := a.Room("team").Events
	daemontest.WaitSameWithin(t, 15*time.Second, "team", n, a, b, c)
	t.Logf("all had one state %v after the last start", time.Since(began))
}

func TestBadQuestionsCostOnlyTheirSender(t *testing.T) {
	a, b := pair(t)
	room := event.OpenRoom("team")
	for name, ask := range map[string]func(s *stranger) []byte{
		"huge length": func(*stranger) []byte { return binary.AppendUvarint(nil, 1<<60) },
		"too large":   func(*stranger) []byte { return framed(make([]byte, 65<<10)) },
		"garbage":     func(*stranger) []byte { return framed([]byte("what is this")) },
		"unknown": func(s *stranger) []byte {
			return framed(s.encode(&question{Op: 77, Room: room, Set: []byte{}, Wants: []want{}}))
		},
		"too many wants": func(s *stranger) []byte {
			return framed(s.encode(&question{Op: 2, Room: room, Set: []byte{}, Wants: make([]want, 65)}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			blocked := b.Count("node_peers_blocked")
			s := newStranger(t, b, "team", nil)
			daemon, err := event.ParseKey(b.Info().PeerPubkey)
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				out, err := s.node.Open(t.Context(), p2p.Key(daemon), ledger.Protocol)
				if err != nil {
					break // blocked by now
				}
				out.Write(ask(s))
			}
			stillFast(t, a, b)
			daemontest.Eventually(t, soon, "the stranger is blocked", func() bool {
				return b.Count("node_peers_blocked") == blocked+1 && !s.connectedTo(b)
			})
			untouched(t, a, b)
		})
	}
}

func TestAPeerThatAsksAndDoesNotReadDelaysNobody(t *testing.T) {
	h := daemontest.NewHome(t)
	a, b := h.Start("a"), h.Start("b")
	b.Join("team")
	for n := range 40 { // more than the windows of its streams hold
		a.Raw(daemontest.Frame{
			"type": "expense_add", "channel": "team", "amount": n + 1, "payer": "alice", "split": []string{"alice", "bob"},
			"note": string(bytes.Repeat([]byte{'x'}, 4000)),
		})
	}
	daemontest.WaitSame(t, "team", 40, a, b)
	s := newStranger(t, b, "team", nil)
	daemon, err := event.ParseKey(b.Info().PeerPubkey)
	if err != nil {
		t.Fatal(err)
	}
	ask := framed(s.encode(&question{Op: 1, Room: s.room, Set: []byte{}, Wants: []want{}}))
	refused := b.Count("node_streams_refused")
	for n := range 10 {
		out, err := s.node.Open(t.Context(), p2p.Key(daemon), ledger.Protocol)
		if err != nil {
			t.Fatal(fmt.Errorf("stream %d: %w", n, err))
		}
		for range 200 {
			if err := out.SetWriteDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
				break
			}
			if _, err := out.Write(ask); err != nil {
				break
			}
		}
	}
	daemontest.Eventually(t, soon, "streams over the limit are refused", func() bool { return b.Count("node_streams_refused") >= refused+2 })
	stillFast(t, a, b)
	b.Write("team", 100, 110)
	daemontest.WaitSameWithin(t, soon, "team", 51, a, b)
	if took := time.Now(); b.Stop() != 0 {
		t.Error("it did not end well")
	} else {
		t.Logf("it ended in %v", time.Since(took))
	}
}
