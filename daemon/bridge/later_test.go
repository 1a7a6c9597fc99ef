package bridge_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"intercom/daemon/bridge"
)

func TestRepliesKeepTheirOrderAlthoughTheFirstIsLater(t *testing.T) {
	begun, finish := make(chan struct{}), make(chan struct{})
	r := start(t, routes(map[string]bridge.Route{
		"slow": route("slow_done", func(context.Context, bridge.Call) (any, error) {
			return bridge.Later(func() (any, error) { <-finish; return fruit{Name: "late"}, nil }), nil
		}),
		"quick": route("quick_done", func(context.Context, bridge.Call) (any, error) { close(begun); return nil, nil }),
	}))
	c := r.local(t)
	c.send(`{"id":1,"type":"slow"}`)
	c.send(`{"id":2,"type":"quick"}`)
	<-begun // while the first is under way
	close(finish)
	if got := c.next(); !strings.HasPrefix(got, `{"id":1,"type":"slow_done","name":"late"`) {
		t.Errorf("first: %s", got)
	}
	if got := c.next(); got != `{"id":2,"type":"quick_done"}` {
		t.Errorf("second: %s", got)
	}
}

func TestAPanicOfALaterReplyIsOneErrorReply(t *testing.T) {
	r := start(t, routes(map[string]bridge.Route{
		"panics": route("done", func(context.Context, bridge.Call) (any, error) {
			return bridge.Later(func() (any, error) { panic("no") }), nil
		}),
	}))
	c := r.local(t)
	if got := c.ask(`{"id":1,"type":"panics"}`); !strings.Contains(got, `{"id":1,"type":"error","error":"the daemon failed at this request"`) {
		t.Error(got)
	}
	if got := c.ask(`{"id":2,"type":"ping"}`); !strings.Contains(got, `"pong"`) {
		t.Error(got)
	}
}

func TestTheDeadlineHoldsForALaterReply(t *testing.T) {
	r := start(t, routes(map[string]bridge.Route{
		"slow": route("done", func(ctx context.Context, _ bridge.Call) (any, error) {
			return bridge.Later(func() (any, error) { <-ctx.Done(); return nil, ctx.Err() }), nil
		}),
	}))
	c := r.local(t)
	if got := c.ask(`{"id":1,"type":"slow","deadlineMs":20}`); !strings.Contains(got, `"code":"timeout"`) {
		t.Error(got)
	}
}

func TestRepliesKeepTheirOrderWhoeverMakesThem(t *testing.T) {
	r := start(t, routes(map[string]bridge.Route{
		"later": route("done", func(context.Context, bridge.Call) (any, error) {
			return bridge.Later(func() (any, error) { runtime.Gosched(); return nil, nil }), nil
		}),
		"quick": route("done", func(context.Context, bridge.Call) (any, error) { return nil, nil }),
	}))
	c := r.local(t)
	types := []string{"ping", "later", "quick", "ping", "quick", "later", "ping"}
	const rounds = 200
	var sending sync.WaitGroup
	defer sending.Wait()
	sending.Go(func() {
		for i := range rounds * len(types) {
			c.send(fmt.Sprintf(`{"id":%d,"type":%q}`, i, types[i%len(types)]))
		}
	})
	for i := range rounds * len(types) {
		if got := c.next(); !strings.HasPrefix(got, fmt.Sprintf(`{"id":%d,`, i)) {
			t.Fatalf("reply %d: %s", i, got)
		}
	}
}
