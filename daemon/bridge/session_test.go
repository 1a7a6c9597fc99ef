package bridge_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"intercom/client/wire"
	"intercom/daemon/bridge"
)

func TestFrameSizeLimit(t *testing.T) {
	c := start(t).local(t)
	frame := func(n int) string {
		const head, tail = `{"type":"ping","x":"`, `"}`
		return head + strings.Repeat("x", n-len(head)-len(tail)) + tail
	}
	if got := c.ask(frame(wire.MaxRequest)); !strings.Contains(got, "pong") {
		t.Errorf("frame of the limit: %.100s", got)
	}
	c.send(frame(wire.MaxRequest + 1))
	if got := c.closed(); got != websocket.CloseMessageTooBig {
		t.Errorf("close code %d", got)
	}
}

func TestHugeFrameIsRefusedBeforeItIsSent(t *testing.T) {
	for name, size := range map[string]uint64{"200 MiB": 200 << 20, "most of 63 bits": 1<<63 - 1, "64 bits": 1<<64 - 1} {
		c := start(t).stranger(t)
		head := binary.BigEndian.AppendUint64([]byte{0x81, 0x80 | 127}, size)
		if _, err := c.NetConn().Write(append(head, 1, 2, 3, 4)); err != nil {
			t.Fatal(err)
		}
		if got := c.closed(); got != websocket.CloseMessageTooBig {
			t.Errorf("%s: close code %d", name, got)
		}
	}
}

func TestFragmentsCountTogether(t *testing.T) {
	c := start(t).stranger(t)
	w, err := c.NextWriter(websocket.TextMessage)
	if err != nil {
		t.Fatal(err)
	}
	part := []byte(strings.Repeat("x", 64<<10))
	for range 2 * wire.MaxRequest / len(part) {
		if _, err := w.Write(part); err != nil {
			break // refused already
		}
	}
	if got := c.closed(); got != websocket.CloseMessageTooBig {
		t.Errorf("close code %d", got)
	}
}

func TestSlowRequestHoldsUpNobodyElse(t *testing.T) {
	begun, finish := make(chan struct{}), make(chan struct{})
	r := start(t, routes(map[string]bridge.Route{
		"slow": route("slow_done", func(context.Context, bridge.Call) (any, error) { close(begun); <-finish; return nil, nil }),
	}))
	slow, other := r.local(t), r.local(t)
	slow.send(`{"id":1,"type":"slow"}`)
	slow.send(`{"id":2,"type":"ping"}`)
	<-begun
	if got := other.ask(`{"type":"ping"}`); !strings.Contains(got, "pong") {
		t.Error(got)
	}
	r.Push("", nil, []byte(`{"type":"news"}`))
	if got := slow.next(); got != `{"type":"news"}` {
		t.Errorf("push during a request: %s", got)
	}
	close(finish)
	if got := slow.next(); got != `{"id":1,"type":"slow_done"}` {
		t.Errorf("first reply: %s", got)
	}
	if got := slow.next(); !strings.HasPrefix(got, `{"id":2,"type":"pong"`) {
		t.Errorf("second reply: %s", got)
	}
}

func TestPushesBeforeAReplyArriveBeforeIt(t *testing.T) {
	var r *rig
	r = start(t, routes(map[string]bridge.Route{
		"act": route("acted", func(context.Context, bridge.Call) (any, error) {
			for i := range 100 {
				r.Push("", nil, fmt.Appendf(nil, `{"type":"event","n":%d}`, i))
			}
			return nil, nil
		}),
	}))
	c := r.local(t)
	c.send(`{"type":"act"}`)
	for i := range 100 {
		if got, want := c.next(), fmt.Sprintf(`{"type":"event","n":%d}`, i); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	if got := c.next(); got != `{"type":"acted"}` {
		t.Error(got)
	}
}

func TestClientThatNeverReadsLosesItsConnection(t *testing.T) {
	r := start(t, func(o *bridge.Options) {
		o.Limits.Queue, o.Limits.Write = 64<<10, 200*time.Millisecond
	})
	deaf, other := r.local(t), r.local(t)
	frame := []byte(`{"type":"event","x":"` + strings.Repeat("x", 16<<10) + `"}`)
	for n := 0; r.Stats().TooSlow == 0; n++ {
		if n == 10_000 {
			t.Fatal("it keeps its connection")
		}
		r.Push("", nil, frame)
		if got := other.next(); got != string(frame) {
			t.Fatalf("the other client got %.80s", got)
		}
	}
	eventually(t, "the deaf client's session ends", func() bool { return r.Stats().Sessions == 1 })
	if got := other.ask(`{"type":"ping"}`); !strings.Contains(got, "pong") {
		t.Error(got)
	}
	deaf.Close()
}

func TestRepliesWaitForTheClient(t *testing.T) {
	big := map[string]string{"x": strings.Repeat("x", 1<<20)}
	r := start(t, routes(map[string]bridge.Route{
		"big": route("big", func(context.Context, bridge.Call) (any, error) { return big, nil }),
	}), func(o *bridge.Options) { o.Limits.Write, o.Limits.Queue = 500*time.Millisecond, 1<<20 })
	reading, deaf := r.local(t), r.local(t)
	for range 10 {
		reading.send(`{"type":"big"}`)
		deaf.send(`{"type":"big"}`)
	}
	for range 10 {
		if got := reading.next(); len(got) < 1<<20 {
			t.Fatalf("%.100s", got)
		}
	}
	eventually(t, "the deaf client's session ends", func() bool { return r.Stats().Sessions == 1 })
	if st := r.Stats(); st.TooSlow != 1 {
		t.Errorf("%+v", st)
	}
}

func TestLostClientCancelsItsRequest(t *testing.T) {
	begun, ended := make(chan struct{}), make(chan struct{})
	r := start(t, routes(map[string]bridge.Route{
		"wait": route("", func(ctx context.Context, _ bridge.Call) (any, error) {
			close(begun)
			<-ctx.Done()
			close(ended)
			return nil, ctx.Err()
		}),
	}))
	c := r.local(t)
	c.send(`{"type":"wait"}`)
	<-begun
	c.NetConn().Close()
	within(t, ended)
}

func TestRequestBeforeAFarewellIsDone(t *testing.T) {
	did := make(chan struct{}, 2)
	r := start(t, routes(map[string]bridge.Route{
		"act": route("acted", func(ctx context.Context, _ bridge.Call) (any, error) { did <- struct{}{}; return nil, ctx.Err() }),
	}))
	c := r.local(t)
	c.send(`{"type":"act"}`)
	c.send(`{"type":"act"}`)
	c.WriteMessage(websocket.CloseMessage, nil)
	for range 2 {
		if got := c.next(); got != `{"type":"acted"}` {
			t.Error(got)
		}
	}
	c.closed()
	within(t, did)
}

func TestCloseLetsRequestsFinish(t *testing.T) {
	begun, finish := make(chan struct{}), make(chan struct{})
	r := start(t, routes(map[string]bridge.Route{
		"slow": route("slow_done", func(ctx context.Context, _ bridge.Call) (any, error) { close(begun); <-finish; return nil, ctx.Err() }),
	}), func(o *bridge.Options) { o.Limits.Grace = time.Minute })
	c := r.stranger(t)
	c.ask(`{"type":"auth","token":"right-token"}`)
	c.send(`{"type":"slow"}`)
	<-begun
	r.stop()
	closed := make(chan struct{})
	go func() { r.Close(); close(closed) }()
	close(finish)
	if got := c.next(); got != `{"type":"slow_done"}` {
		t.Error(got)
	}
	if got := c.closed(); got != websocket.CloseGoingAway {
		t.Errorf("close code %d", got)
	}
	within(t, closed)
	if st := r.Stats(); st.Sessions != 0 {
		t.Errorf("%+v", st)
	}
}

func TestCloseEndsStuckRequestsAfterTheGraceTime(t *testing.T) {
	begun := make(chan struct{})
	r := start(t, routes(map[string]bridge.Route{
		"stuck": route("", func(ctx context.Context, _ bridge.Call) (any, error) {
			close(begun)
			<-ctx.Done()
			return nil, ctx.Err()
		}),
	}), func(o *bridge.Options) { o.Limits.Grace = 20 * time.Millisecond })
	c := r.local(t)
	c.send(`{"type":"stuck"}`)
	<-begun
	closed := make(chan struct{})
	go func() { r.Close(); close(closed) }()
	if got := c.next(); !strings.Contains(got, `"code":"unavailable"`) {
		t.Error(got)
	}
	c.closed()
	within(t, closed)
}

func TestThousandGarbageFrames(t *testing.T) {
	r := start(t)
	var clients sync.WaitGroup
	for n := range 20 {
		c := r.local(t)
		clients.Go(func() {
			g := rand.New(rand.NewPCG(1, uint64(n)))
			for range 50 {
				b := make([]byte, g.IntN(200))
				for i := range b {
					b[i] = byte(g.Uint32())
					if g.IntN(3) > 0 {
						b[i] = `{}[]":,\0et ype`[g.IntN(15)]
					}
				}
				if err := c.WriteMessage(websocket.BinaryMessage, b); err != nil {
					t.Error(err)
					return
				}
				if _, got, err := c.ReadMessage(); err != nil || !strings.Contains(string(got), `"error"`) {
					t.Errorf("%q: %s %v", b, got, err)
				}
			}
		})
	}
	clients.Wait()
	if st := r.Stats(); st.Requests != 1000 || st.Failed != 1000 {
		t.Errorf("%+v", st)
	}
	if got := r.local(t).ask(`{"type":"ping"}`); !strings.Contains(got, "pong") {
		t.Error(got)
	}
}

func within(t *testing.T, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("still waiting")
	}
}
