package p2p_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"intercom/p2p"
)

// line connects a - b - c and nothing else.
func line(t *testing.T) (a, b, c *p2p.Node) {
	t.Helper()
	a, b, c = start(t, "a", ""), start(t, "b", ""), start(t, "c", "")
	for _, n := range []*p2p.Node{a, c} {
		if err := n.Dial(t.Context(), b.Addrs()[0]); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "connected", func() bool { return linked(a, b) && linked(b, c) })
	return a, b, c
}

// meshed returns when frames from topic come through to in, maybe over others: those take a moment to form their mesh.
func meshed(t *testing.T, topic *p2p.Topic, in *inbox) {
	t.Helper()
	tries := 0
	eventually(t, "a frame comes through", func() bool {
		tries++
		publish(t, topic, fmt.Sprint("try", tries))
		in.mu.Lock()
		defer in.mu.Unlock()
		return len(in.got) > 0
	})
}

func TestFramesAreForwarded(t *testing.T) {
	a, b, c := line(t)
	var inB, inC inbox
	inC.judge = func(k p2p.Key, _ byte, _ []byte) p2p.Verdict {
		if k != b.Self() {
			t.Errorf("c was told it came from %x, want b", k[:4])
		}
		return p2p.Accept
	}
	ta, tb := join(t, a, new(inbox)), join(t, b, &inB)
	tc := join(t, c, &inC)
	eventually(t, "all listen", func() bool { return len(ta.Peers()) == 1 && len(tb.Peers()) == 2 && len(tc.Peers()) == 1 })
	meshed(t, ta, &inC)
	publish(t, ta, "far")
	eventually(t, "c gets it through b", func() bool { return inC.has("far") })
	if got := publish(t, tb, "both"); got != 2 {
		t.Errorf("went to %d, want 2", got)
	}
}

func TestIgnoredAndRejectedFramesAreNotForwarded(t *testing.T) {
	a, b, c := line(t)
	inB := inbox{judge: func(_ p2p.Key, kind byte, _ []byte) p2p.Verdict {
		switch kind {
		case 'i':
			return p2p.Ignore
		case 'r':
			return p2p.Reject
		}
		return p2p.Accept
	}}
	var inC inbox
	ta, tb, _ := join(t, a, new(inbox)), join(t, b, &inB), join(t, c, &inC)
	eventually(t, "all listen", func() bool { return len(ta.Peers()) == 1 && len(tb.Peers()) == 2 })
	meshed(t, ta, &inC)
	before := b.Stats()
	publish(t, ta, "ignored")
	publish(t, ta, "rejected")
	publish(t, ta, "good") // comes after the others
	eventually(t, "the good one comes", func() bool { return inC.has("good") })
	if inC.has("ignored") || inC.has("rejected") {
		t.Error("a refused frame was forwarded")
	}
	if s := b.Stats(); s["frames_ignored"] != 1 || s["frames_rejected"] != 1 || s["frames_accepted"] <= before["frames_accepted"] {
		t.Errorf("counted %v, before %v", s, before)
	}
}

func TestLeaveAndJoinAgainInBothDirections(t *testing.T) {
	dir := t.TempDir()
	nodes := []*p2p.Node{start(t, "a", dir), start(t, "b", dir)}
	in := []*inbox{{}, {}}
	topics := []*p2p.Topic{join(t, nodes[0], in[0]), join(t, nodes[1], in[1])}
	both := func() bool {
		return len(topics[0].Peers()) == 1 && len(topics[1].Peers()) == 1 &&
			in[0].listens(nodes[1].Self()) && in[1].listens(nodes[0].Self())
	}
	eventually(t, "both listen", both)
	for round := range 3 {
		for leaver := range 2 {
			stayer := 1 - leaver
			if err := topics[leaver].Leave(); err != nil {
				t.Fatal(err)
			}
			if err := topics[leaver].Leave(); err != nil {
				t.Fatalf("leaving twice: %v", err)
			}
			eventually(t, "the other notices", func() bool {
				return len(topics[stayer].Peers()) == 0 && !in[stayer].listens(nodes[leaver].Self())
			})
			if got := publish(t, topics[stayer], fmt.Sprint("alone", round, leaver)); got != 0 {
				t.Errorf("went to %d, want 0", got)
			}
			in[leaver] = &inbox{}
			topics[leaver] = join(t, nodes[leaver], in[leaver])
			eventually(t, "both listen again", both)
			for i, topic := range topics {
				text := fmt.Sprint("round", round, leaver, i)
				publish(t, topic, text)
				eventually(t, "it arrives", func() bool { return in[1-i].has(text) })
			}
		}
	}
}

func TestWhoJoinsLaterKnowsWhoListens(t *testing.T) {
	dir := t.TempDir()
	a, b := start(t, "a", dir), start(t, "b", dir)
	eventually(t, "connected", func() bool { return linked(a, b) })
	// More topics than a common limit for one message.
	for i := range 200 {
		if _, err := a.Join([32]byte{0xff, byte(i)}, new(inbox)); err != nil {
			t.Fatal(err)
		}
	}
	var inA, inB inbox
	ta := join(t, a, &inA)
	tb := join(t, b, &inB)
	eventually(t, "both know", func() bool { return inA.listens(b.Self()) && inB.listens(a.Self()) })
	publish(t, tb, "hello")
	eventually(t, "arrives", func() bool { return inA.has("hello") })
	c := start(t, "c", dir) // learns all topics in one message
	var inC inbox
	tc := join(t, c, &inC)
	eventually(t, "c knows both", func() bool { return len(tc.Peers()) == 2 && len(ta.Peers()) == 2 })
	publish(t, tc, "late")
	eventually(t, "arrives", func() bool { return inA.has("late") && inB.has("late") })
}

func TestFirstFrameAfterConnectArrives(t *testing.T) {
	for i := range 5 {
		a, b := start(t, fmt.Sprint("a", i), ""), start(t, fmt.Sprint("b", i), "")
		var in inbox
		ta := join(t, a, new(inbox))
		join(t, b, &in)
		if err := a.Dial(t.Context(), b.Addrs()[0]); err != nil {
			t.Fatal(err)
		}
		eventually(t, "a listener", func() bool { return len(ta.Peers()) == 1 })
		publish(t, ta, "first")
		eventually(t, "arrives", func() bool { return in.has("first") })
	}
}

func TestFramesArriveInOrder(t *testing.T) {
	dir := t.TempDir()
	a, b := start(t, "a", dir), start(t, "b", dir)
	var in inbox
	ta := join(t, a, new(inbox))
	join(t, b, &in)
	eventually(t, "a listener", func() bool { return len(ta.Peers()) == 1 })
	var want []string
	for i := range 300 {
		want = append(want, fmt.Sprintf("n%03d", i))
		publish(t, ta, want[i])
	}
	eventually(t, "the last arrives", func() bool { return in.has(want[len(want)-1]) })
	if in.mu.Lock(); !slices.Equal(in.got, want) {
		t.Errorf("got %v", in.got)
	}
	in.mu.Unlock()
}

func TestSizeOfFrames(t *testing.T) {
	dir := t.TempDir()
	a, b := start(t, "a", dir), start(t, "b", dir)
	big := make(chan int, 1)
	ta := join(t, a, new(inbox))
	join(t, b, &inbox{judge: func(_ p2p.Key, _ byte, data []byte) p2p.Verdict { big <- len(data); return p2p.Accept }})
	eventually(t, "a listener", func() bool { return len(ta.Peers()) == 1 })
	if _, err := ta.Publish(t.Context(), 1, make([]byte, p2p.MaxData+1)); !errors.Is(err, p2p.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
	if _, err := ta.Publish(t.Context(), 1, bytes.Repeat([]byte{7}, p2p.MaxData)); err != nil {
		t.Fatal(err)
	}
	if n := <-big; n != p2p.MaxData {
		t.Errorf("got %d bytes", n)
	}
}

func TestJoinTwiceIsRefused(t *testing.T) {
	a := start(t, "a", "")
	join(t, a, new(inbox))
	if _, err := a.Join(room, new(inbox)); !errors.Is(err, p2p.ErrJoined) {
		t.Errorf("got %v", err)
	}
}
