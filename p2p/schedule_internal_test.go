package p2p

import (
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"pgregory.net/rapid"
)

var t0 = time.Unix(1_700_000_000, 0)

func testID(t testing.TB, b byte) peer.ID {
	t.Helper()
	id, err := peerID(Key{b})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func nobodyUp(peer.ID) bool { return false }

// dialsAt plays a schedule whose dials all fail at once, and returns when it dialed, for d.
func dialsAt(s *schedule, d time.Duration) (at []time.Duration) {
	for now := t0; ; {
		dial, next := s.due(now)
		for _, info := range dial {
			at = append(at, now.Sub(t0))
			s.dialed(info.ID, now)
		}
		if len(dial) > 0 {
			continue
		}
		if next.IsZero() || next.After(t0.Add(d)) {
			return at
		}
		now = next
	}
}

func noJitter() float64 { return 0.5 }

func TestExplicitPeersAreDialedAtOnceThenWithBackoff(t *testing.T) {
	s := newSchedule(noJitter)
	s.addExplicit(peer.AddrInfo{ID: testID(t, 1)}, false, t0)
	got := dialsAt(s, 31*time.Second)
	want := []time.Duration{0, 1, 3, 7, 15, 31}
	if len(got) != len(want) {
		t.Fatalf("dialed at %v", got)
	}
	for i := range want {
		if got[i] != want[i]*time.Second {
			t.Fatalf("dialed at %v, want %v s", got, want)
		}
	}
}

func TestLocalPeersAreDialedQuicklyAndForgottenWithTheirFile(t *testing.T) {
	s := newSchedule(noJitter)
	id := testID(t, 1)
	s.setLocal(map[peer.ID]localPeer{id: {stamp: "one"}}, nobodyUp, t0, 0)
	if got := dialsAt(s, time.Second); len(got) != 3 || got[1] != 250*time.Millisecond || got[2] != 750*time.Millisecond {
		t.Errorf("dialed at %v", got)
	}
	s.setLocal(map[peer.ID]localPeer{id: {stamp: "two"}}, nobodyUp, t0.Add(time.Second), 0)
	if dial, _ := s.due(t0.Add(time.Second)); len(dial) != 1 {
		t.Error("a peer that started again is not dialed at once")
	}
	s.setLocal(nil, nobodyUp, t0, 0)
	if len(s.targets) != 0 {
		t.Error("not forgotten")
	}
}

func TestExplicitPeerStaysWhenItsFileGoes(t *testing.T) {
	s := newSchedule(noJitter)
	id := testID(t, 1)
	s.addExplicit(peer.AddrInfo{ID: id}, false, t0)
	s.setLocal(map[peer.ID]localPeer{id: {stamp: "one"}}, nobodyUp, t0, 0)
	s.setLocal(nil, nobodyUp, t0, 0)
	if dial, _ := s.due(t0); len(dial) != 1 {
		t.Error("forgotten")
	}
}

func TestNewcomerIsGivenTimeToDialFirst(t *testing.T) {
	s := newSchedule(noJitter)
	id := testID(t, 1)
	s.setLocal(map[peer.ID]localPeer{id: {stamp: "one"}}, nobodyUp, t0, newcomerGrace)
	if dial, next := s.due(t0); len(dial) != 0 || next != t0.Add(newcomerGrace) {
		t.Errorf("dial %v, next %v", dial, next)
	}
	s.connected(id, t0)
	if dial, next := s.due(t0.Add(time.Hour)); len(dial) != 0 || !next.IsZero() {
		t.Error("a connected peer is dialed")
	}
}

func TestBackoffIsClearedByASteadyConnection(t *testing.T) {
	s := newSchedule(noJitter)
	id := testID(t, 1)
	s.addExplicit(peer.AddrInfo{ID: id}, false, t0)
	for range 6 {
		s.dialed(id, t0)
	}
	s.connected(id, t0)
	s.disconnected(id, t0.Add(time.Second))
	if _, next := s.due(t0.Add(time.Second)); next != t0.Add(65*time.Second) {
		t.Errorf("after a short connection dialed at %v", next.Sub(t0))
	}
	s.connected(id, t0)
	s.disconnected(id, t0.Add(time.Minute))
	if _, next := s.due(t0.Add(time.Minute)); next != t0.Add(61*time.Second) {
		t.Errorf("after a steady connection dialed at %v", next.Sub(t0))
	}
}

func TestFewDialsAtOnce(t *testing.T) {
	s := newSchedule(noJitter)
	for i := range byte(20) {
		s.addExplicit(peer.AddrInfo{ID: testID(t, i)}, false, t0)
	}
	first, _ := s.due(t0)
	second, next := s.due(t0)
	if len(first) != dialsAtOnce || len(second) != 0 || !next.IsZero() {
		t.Fatalf("dialed %d, then %d", len(first), len(second))
	}
	s.connected(first[0].ID, t0)
	s.dialed(first[0].ID, t0)
	if third, _ := s.due(t0); len(third) != 1 {
		t.Errorf("dialed %d after one ended", len(third))
	}
}

func TestBackoffIsWithinHalfAndCap(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		tries := rapid.IntRange(0, 1000).Draw(rt, "tries")
		r := rapid.Float64Range(0, 0.999).Draw(rt, "r")
		got := backoff(tries, time.Second, 10*time.Minute, r)
		want := 10 * time.Minute
		if tries < 10 {
			want = min(want, time.Second<<tries)
		}
		if got < want/2 || got > min(want+want/2, 10*time.Minute) {
			rt.Fatalf("%d tries: %v", tries, got)
		}
	})
}

func TestThreeStrikesInFiveSecondsBlockLongerEachTime(t *testing.T) {
	s := newStrikes(0)
	id, other := testID(t, 1), testID(t, 2)
	now := t0
	for _, want := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute} {
		for i, expect := range []time.Duration{0, 0, want} {
			now = now.Add(2 * time.Second)
			if got := s.add(id, now); got != expect {
				t.Fatalf("strike %d: %v, want %v", i+1, got, expect)
			}
		}
	}
	for i := range 9 {
		if got := s.add(other, now.Add(time.Duration(i)*2500*time.Millisecond)); got != 0 {
			t.Fatalf("three strikes in more than 5 s block for %v", got)
		}
	}
	for range 100 {
		now = now.Add(time.Second)
		if d := s.add(id, now); d > time.Hour {
			t.Fatalf("blocked for %v", d)
		}
	}
	now = now.Add(forgiveAfter + time.Second)
	s.add(id, now)
	s.add(id, now)
	if got := s.add(id, now); got != 30*time.Second {
		t.Errorf("not forgiven: %v", got)
	}
}

func TestBlocksEndAndAreBounded(t *testing.T) {
	b := newBlocklist()
	id := testID(t, 1)
	b.add(id, t0.Add(time.Minute))
	b.add(id, t0.Add(time.Second)) // does not shorten it
	if !b.blocked(id, t0.Add(59*time.Second)) || b.blocked(id, t0.Add(time.Minute)) {
		t.Error("blocked for another time")
	}
	for i := range maxBlocks + 10 {
		id, err := peerID(Key{1, byte(i), byte(i >> 8)})
		if err != nil {
			t.Fatal(err)
		}
		b.add(id, t0.Add(time.Hour))
	}
	if len(b.until) > maxBlocks {
		t.Errorf("%d blocks", len(b.until))
	}
}

func TestDialsArePaced(t *testing.T) {
	s := newSchedule(noJitter)
	for i := range byte(60) {
		s.addExplicit(peer.AddrInfo{ID: testID(t, i)}, false, t0)
	}
	n := 0
	for at := t0; at.Before(t0.Add(time.Second)); at = at.Add(time.Millisecond) {
		dial, _ := s.due(at)
		for _, info := range dial {
			n++
			s.connected(info.ID, at)
			s.dialed(info.ID, at)
		}
	}
	if n < dialsPerSec || n > 2*dialsPerSec { // what was saved up, and a second's worth
		t.Errorf("%d dials in a second", n)
	}
}

func TestExplicitPeersAreDialedBeforeAFloodOfFoundOnes(t *testing.T) {
	s := newSchedule(noJitter)
	for i := range maxFound + 50 {
		id, err := peerID(Key{1, byte(i), byte(i >> 8)})
		if err != nil {
			t.Fatal(err)
		}
		s.setFound(addrInfo(t, id, "/ip4/192.168.0.1/tcp/1"), false, t0, 0)
	}
	if len(s.targets) != maxFound {
		t.Errorf("%d targets", len(s.targets))
	}
	id := testID(t, 1)
	s.addExplicit(addrInfo(t, id, "/ip4/192.168.0.2/tcp/1"), false, t0.Add(time.Second))
	if dial, _ := s.due(t0.Add(time.Second)); len(dial) == 0 || dial[0].ID != id {
		t.Error("the explicit one waits")
	}
}

func TestWithEnoughPeersTheBookIsLeftInPeace(t *testing.T) {
	s := newSchedule(noJitter)
	for i := range byte(enoughPeers) {
		s.remember(testID(t, i), nil, true, t0)
	}
	id := testID(t, 200)
	s.remember(id, nil, false, t0)
	if dial, _ := s.due(t0); len(dial) != 0 {
		t.Error("dialed")
	}
	s.disconnected(testID(t, 0), t0)
	if dial, _ := s.due(t0); len(dial) != 1 || dial[0].ID != id {
		t.Error("not dialed when somebody went")
	}
}

func TestAPeerSentAwayRestsUntilItIsAskedFor(t *testing.T) {
	s := newSchedule(noJitter)
	id := testID(t, 1)
	s.remember(id, nil, false, t0)
	s.rest(id)
	if dial, next := s.due(t0.Add(time.Hour)); len(dial) != 0 || !next.IsZero() {
		t.Error("dialed")
	}
	s.addExplicit(peer.AddrInfo{ID: id}, false, t0)
	if dial, _ := s.due(t0); len(dial) != 1 {
		t.Error("not dialed when asked for")
	}
}

func TestAnotherNetworkClearsBackoffs(t *testing.T) {
	s := newSchedule(noJitter)
	id := testID(t, 1)
	s.addExplicit(peer.AddrInfo{ID: id}, false, t0)
	for range 9 {
		s.dialed(id, t0)
	}
	s.reset(t0)
	if dial, _ := s.due(t0); len(dial) != 1 {
		t.Error("waits")
	}
}
