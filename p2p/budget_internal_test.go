package p2p

import (
	"fmt"
	"testing"
	"time"

	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/peer"
	"pgregory.net/rapid"
)

func framesOf(n, size int) []*pb.Message {
	out := make([]*pb.Message, n)
	for i := range out {
		out[i] = &pb.Message{Data: make([]byte, size)}
	}
	return out
}

func TestBudgetOfARate(t *testing.T) {
	const large = 1 << 20
	for name, c := range map[string]struct {
		batch, size int // every 10 ms
		total       int
		atLeast     int
		honest      bool
	}{
		"a writer in a hurry":             {10, 200, 60_000, 60_000, true},
		"half as much again for a minute": {15, 200, 90_000, 60_000, true},
		"just below the offence":          {99, 200, 600_000, 60_000, true},
		"a burst":                         {3_000, 200, 3_000, 3_000, true},
		"a flood":                         {300, 200, 90_000, 4_000, false},
		"large frames":                    {1, large, 15, 15, true},
		"a queue of large frames at once": {512, large, 512, 15, true},
		"a flood of large frames":         {3, large, 3_000, 15, false},
		"one message full of frames":      {50_000, 0, 50_000, 4_000, false},
	} {
		t.Run(name, func(t *testing.T) {
			b, now, kept, honest := make(budgets), time.Unix(0, 0), 0, true
			for sent := 0; sent < c.total; sent += c.batch {
				k, ok := b.spend("peer", framesOf(c.batch, c.size), now)
				kept, honest = kept+k, honest && ok
				now = now.Add(10 * time.Millisecond)
			}
			if kept < c.atLeast || honest != c.honest {
				t.Errorf("kept %d of %d, want at least %d; honest %v, want %v", kept, c.total, c.atLeast, honest, c.honest)
			}
		})
	}
}

func TestNoPeerGetsMoreThanItsShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, start := make(budgets), time.Unix(0, 0)
		now, frames, bytes := start, 0, 0
		for range rapid.IntRange(1, 50).Draw(t, "messages") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20_000).Draw(t, "ms")) * time.Millisecond)
			n, size := rapid.IntRange(0, 3_000).Draw(t, "frames"), rapid.IntRange(0, 20_000).Draw(t, "size")
			kept, _ := b.spend("peer", framesOf(n, size), now)
			frames, bytes = frames+kept, bytes+kept*size
			b.spend("other", framesOf(1, 0), now) // makes room meanwhile
		}
		s := now.Sub(start).Seconds()
		if float64(frames) > 4_000+1_000*s || float64(bytes) > 16<<20+8<<20*s {
			t.Fatalf("%d frames with %d bytes in %v s", frames, bytes, s)
		}
	})
}

func TestBudgetsOfGonePeersAreForgotten(t *testing.T) {
	b, now := make(budgets), time.Unix(0, 0)
	for i := range 2 * maxBudgets {
		now = now.Add(time.Microsecond)
		b.spend(peer.ID(fmt.Sprint(i)), framesOf(1, 0), now)
	}
	if len(b) != maxBudgets {
		t.Errorf("%d are kept, want %d", len(b), maxBudgets)
	}
	b.spend("new", framesOf(1, 0), now.Add(idleBudget))
	if len(b) != 1 {
		t.Errorf("%d are kept after all others were idle, want 1", len(b))
	}
}
