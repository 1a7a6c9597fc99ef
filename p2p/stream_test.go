package p2p_test

import (
	"context"
	"errors"
	"io"
	"runtime"
	"testing"
	"time"

	"intercom/p2p"
)

func TestNinthStreamOfAPeerIsRefused(t *testing.T) {
	dir := t.TempDir()
	a, b, c := start(t, "a", dir), start(t, "b", dir), start(t, "c", dir)
	eventually(t, "connected", func() bool { return linked(a, b) && linked(a, c) })
	running := make(chan p2p.Key, 100)
	a.Handle("/test/hold/1", func(_ context.Context, k p2p.Key, s p2p.Stream) {
		running <- k
		io.Copy(s, s)
	})
	open := func(n *p2p.Node) p2p.Stream {
		t.Helper()
		s, err := n.Open(t.Context(), a.Self(), "/test/hold/1")
		if err != nil {
			t.Fatal(err)
		}
		s.SetDeadline(time.Now().Add(10 * time.Second))
		s.Write([]byte("x"))
		return s
	}
	var held []p2p.Stream
	for range 8 {
		held = append(held, open(b))
		<-running
	}
	ninth := open(b)
	if _, err := ninth.Read(make([]byte, 1)); err == nil {
		t.Error("the ninth stream works")
	}
	ninth.Reset()
	if a.Stats()["streams_refused"] != 1 {
		t.Errorf("counted %v", a.Stats())
	}
	other := open(c)
	if k := <-running; k != c.Self() {
		t.Error("another peer pays for it")
	}
	other.Close()
	held[0].Reset()
	eventually(t, "a place is free again", func() bool {
		s, err := b.Open(t.Context(), a.Self(), "/test/hold/1")
		if err != nil {
			return false
		}
		defer s.Reset()
		s.SetDeadline(time.Now().Add(10 * time.Second))
		s.Write([]byte("x"))
		_, err = s.Read(make([]byte, 1))
		return err == nil
	})
	for _, s := range held {
		s.Reset()
	}
}

func TestCloseEndsHandlers(t *testing.T) {
	dir := t.TempDir()
	a, b := start(t, "a", dir), start(t, "b", dir)
	eventually(t, "connected", func() bool { return linked(a, b) })
	started, ended := make(chan struct{}), make(chan struct{})
	a.Handle("/test/wait/1", func(ctx context.Context, _ p2p.Key, s p2p.Stream) {
		close(started)
		<-ctx.Done()
		s.Read(make([]byte, 1))
		for len(b.Peers()) > 0 { // all that Close does but waiting for us
			runtime.Gosched()
		}
		close(ended)
	})
	s, err := b.Open(t.Context(), a.Self(), "/test/wait/1")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Reset()
	s.Write([]byte("x"))
	<-started
	a.Close()
	select {
	case <-ended:
	default:
		t.Error("Close returned before the handler")
	}
}

func TestOpenNeedsAConnectedPeer(t *testing.T) {
	a := start(t, "a", "")
	if _, err := a.Open(t.Context(), pub("nobody"), "/x/1"); !errors.Is(err, p2p.ErrNotConnected) {
		t.Errorf("got %v", err)
	}
}

func TestBlockClosesAndRefusesForAWhile(t *testing.T) {
	dir := t.TempDir()
	a, b := start(t, "a", dir), start(t, "b", dir)
	eventually(t, "connected", func() bool { return linked(a, b) })
	a.Block(b.Self(), 500*time.Millisecond)
	if err := a.Dial(t.Context(), b.Addrs()[0]); !errors.Is(err, p2p.ErrBlocked) {
		t.Errorf("dial: %v", err)
	}
	eventually(t, "disconnected", func() bool { return len(a.Peers()) == 0 && len(b.Peers()) == 0 })
	eventually(t, "connected again", func() bool { return linked(a, b) })
}
