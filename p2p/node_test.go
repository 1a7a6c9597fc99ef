package p2p_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"intercom/p2p"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		os.Exit(child(dir))
	}
	p2p.LibraryLog(slog.DiscardHandler)
	goleak.VerifyTestMain(m)
}

// key is the same for the same name.
func key(name string) ed25519.PrivateKey {
	var seed [32]byte
	copy(seed[:], name)
	return ed25519.NewKeyFromSeed(seed[:])
}

func pub(name string) p2p.Key { return p2p.Key(key(name).Public().(ed25519.PublicKey)) }

// start runs a node for the length of the test; change may alter its options.
func start(t *testing.T, name, dir string, change ...func(*p2p.Options)) *p2p.Node {
	t.Helper()
	o := p2p.Options{Key: key(name), RuntimeDir: dir}
	for _, f := range change {
		f(&o)
	}
	n, err := p2p.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

// eventually waits until cond holds, and fails the test after 10 s.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	deadline := time.NewTimer(60 * time.Second) // the race detector makes checks of signatures slow
	defer deadline.Stop()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatal("did not happen: " + what)
		}
	}
}

func linked(a, b *p2p.Node) bool { return sees(a, b.Self()) && sees(b, a.Self()) }

func sees(n *p2p.Node, k p2p.Key) bool {
	return slices.ContainsFunc(n.Peers(), func(p p2p.Peer) bool { return p.Key == k })
}

// inbox is a handler that keeps what it gets.
type inbox struct {
	judge func(from p2p.Key, kind byte, data []byte) p2p.Verdict // nil: Accept

	mu     sync.Mutex
	got    []string
	joined map[p2p.Key]bool
}

func (i *inbox) Judge(from p2p.Key, kind byte, data []byte) p2p.Verdict {
	if i.judge != nil {
		if v := i.judge(from, kind, data); v != p2p.Accept {
			return v
		}
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.got = append(i.got, fmt.Sprintf("%c%s", kind, data))
	return p2p.Accept
}

func (i *inbox) PeerJoined(k p2p.Key) { i.set(k, true) }
func (i *inbox) PeerLeft(k p2p.Key)   { i.set(k, false) }

func (i *inbox) set(k p2p.Key, in bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.joined == nil {
		i.joined = make(map[p2p.Key]bool)
	}
	i.joined[k] = in
}

func (i *inbox) has(s string) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Contains(i.got, s)
}

func (i *inbox) listens(k p2p.Key) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.joined[k]
}

var room = [32]byte{1, 2, 3}

func join(t *testing.T, n *p2p.Node, h p2p.Handler) *p2p.Topic {
	t.Helper()
	topic, err := n.Join(room, h)
	if err != nil {
		t.Fatal(err)
	}
	return topic
}

func publish(t *testing.T, topic *p2p.Topic, text string) int {
	t.Helper()
	n, err := topic.Publish(t.Context(), text[0], []byte(text[1:]))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTwoNodesFindEachOtherAndTalk(t *testing.T) {
	dir := t.TempDir()
	a := start(t, "a", dir)
	begin := time.Now()
	b := start(t, "b", dir)
	eventually(t, "connected", func() bool { return linked(a, b) })
	t.Logf("from New to connected: %v", time.Since(begin))

	var inA, inB inbox
	ta, tb := join(t, a, &inA), join(t, b, &inB)
	eventually(t, "a knows that b listens", func() bool { return len(ta.Peers()) == 1 })
	if got := publish(t, ta, "hello"); got != 1 {
		t.Errorf("went to %d peers, want 1", got)
	}
	eventually(t, "b gets it", func() bool { return inB.has("hello") })
	eventually(t, "b knows that a listens", func() bool { return len(tb.Peers()) == 1 && inB.listens(a.Self()) })
	publish(t, tb, "back")
	eventually(t, "a gets it", func() bool { return inA.has("back") })
	if inA.has("hello") {
		t.Error("a was given its own frame")
	}

	b.Handle("/test/echo/1", func(_ context.Context, from p2p.Key, s p2p.Stream) {
		fmt.Fprintf(s, "%x ", from[:2])
		io.Copy(s, s)
	})
	s, err := a.Open(t.Context(), b.Self(), "/test/echo/1")
	if err != nil {
		t.Fatal(err)
	}
	s.SetDeadline(time.Now().Add(5 * time.Second))
	fmt.Fprint(s, "ping")
	s.CloseWrite()
	reply, err := io.ReadAll(s)
	self := a.Self()
	if want := fmt.Sprintf("%x ping", self[:2]); err != nil || string(reply) != want {
		t.Errorf("got %q, %v; want %q", reply, err, want)
	}
	s.Close()

	b.Close()
	eventually(t, "a sees b go", func() bool { return len(a.Peers()) == 0 && !inA.listens(b.Self()) })
	if left, _ := filepath.Glob(filepath.Join(dir, "peers", "*")); len(left) != 1 {
		t.Errorf("files left: %v", left)
	}
}
