package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"intercom/client/wire"
	"intercom/daemon/bridge"
)

type fruit struct {
	Type  string `json:"type"`
	Name  string `json:"name"`
	Count int    `json:"count"`
	Site  string `json:"site"`
}

func TestReplies(t *testing.T) {
	calls := make(chan bridge.Call, 1)
	answer := func(reply any, err error) bridge.Route {
		return route("answered", func(context.Context, bridge.Call) (any, error) { return reply, err })
	}
	r := start(t, routes(map[string]bridge.Route{
		"echo": route("echoed", func(_ context.Context, c bridge.Call) (any, error) {
			calls <- c
			return nil, nil
		}),
		"fruit":   answer(fruit{"ignored", "apple", 3, "a<b>&c"}, nil),
		"nothing": answer(nil, nil),
		"list":    answer([]int{1}, nil),
		"channel": answer(make(chan int), nil),
		"refused": answer(nil, fmt.Errorf("add: %w", wire.Errorf(wire.Conflict, "taken").WithHint("try again"))),
		"broken":  answer(nil, errors.New("disk on fire")),
		"panics":  route("", func(context.Context, bridge.Call) (any, error) { panic("no") }),
		"ping":    answer("never reached", nil),
		"deadline": route("", func(ctx context.Context, _ bridge.Call) (any, error) {
			<-ctx.Done()
			return nil, fmt.Errorf("wait: %w", ctx.Err())
		}),
	}))
	c := r.local(t)
	for _, tt := range []struct{ in, want string }{
		{`{"type":"fruit","id":1}`, `{"id":1,"type":"answered","name":"apple","count":3,"site":"a<b>&c"}`},
		{`{"type":"nothing","id":1}`, `{"id":1,"type":"answered"}`},
		{`{"type":"list","id":1}`, `{"id":1,"type":"error","error":"the daemon failed at this reply","code":"internal","reason":"the daemon failed at this reply"}`},
		{`{"type":"channel","id":1}`, `{"id":1,"type":"error","error":"the daemon failed at this reply","code":"internal","reason":"the daemon failed at this reply"}`},
		{`{"type":"refused","id":1}`, `{"id":1,"type":"error","error":"taken","code":"conflict","reason":"taken","hint":"try again"}`},
		{`{"type":"broken","id":1}`, `{"id":1,"type":"error","error":"disk on fire","code":"internal","reason":"disk on fire"}`},
		{`{"type":"panics","id":1}`, `{"id":1,"type":"error","error":"the daemon failed at this request","code":"internal","reason":"the daemon failed at this request"}`},
		{`{"type":"ping","id":1}`, `{"id":1,"type":"pong","ts":1700000000123}`},
		{`{"type":"deadline","deadlineMs":1,"id":1}`, `{"id":1,"type":"error","error":"not done within the deadline","code":"timeout","reason":"not done within the deadline","hint":"it may still happen; ask again with the same key"}`},
		{`{"type":"echo","deadlineMs":0}`, `{"type":"error","error":"deadlineMs must be from 1 to 86400000","code":"invalid_request","reason":"deadlineMs must be from 1 to 86400000"}`},
		{`{"type":"echo","deadlineMs":"5"}`, `{"type":"error","error":"deadlineMs: want a number, not \"\\\"5\\\"\"","code":"invalid_request","reason":"deadlineMs: want a number, not \"\\\"5\\\"\""}`},
		{`{"type":"echo","protocol":"1"}`, `{"type":"error","error":"protocol: want a number, not \"\\\"1\\\"\"","code":"invalid_request","reason":"protocol: want a number, not \"\\\"1\\\"\""}`},
		{`{"type":"echo","key":5}`, `{"type":"error","error":"key: want a text, not \"5\"","code":"invalid_request","reason":"key: want a text, not \"5\""}`},
		{`{"type":"echo","key":false}`, `{"type":"error","error":"key: want a text, not \"false\"","code":"invalid_request","reason":"key: want a text, not \"false\""}`},
		{`{"type":"echo","key":["k"]}`, `{"type":"error","error":"key: want a text, not \"[\\\"k\\\"]\"","code":"invalid_request","reason":"key: want a text, not \"[\\\"k\\\"]\""}`},
		{`{"type":"nothing","key":"","dryRun":null,"deadlineMs":null,"protocol":null}`, `{"type":"answered"}`},
		{`{"type":"nothing","key":null}`, `{"type":"answered"}`},
		{`{"type":"echo","x":"\ud800"}`, `{"type":"error","error":"Invalid JSON.","code":"invalid_utf8","reason":"frame has half a surrogate pair"}`},
		{`{"type":"nothing","x":"\ud83d\ude00\\ud800\n\u00e9"}`, `{"type":"answered"}`},
		{`{"type":"echo","dryRun":1}`, `{"type":"error","error":"dryRun: want true or false, not \"1\"","code":"invalid_request","reason":"dryRun: want true or false, not \"1\""}`},
		{`{"type":"echo","key":"` + strings.Repeat("k", 129) + `"}`, `{"type":"error","error":"key is longer than 128 bytes","code":"invalid_request","reason":"key is longer than 128 bytes"}`},
		{`{"type":"echo","key":"k1","dryRun":true,"deadlineMs":60000,"A":1,"a":2,"a":3}`, `{"type":"echoed"}`},
	} {
		if got := c.ask(tt.in); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.in, got, tt.want)
		}
	}
	call := <-calls
	if call.Type != "echo" || call.Key != "k1" || !call.DryRun || string(call.Fields["A"]) != "1" || string(call.Fields["a"]) != "3" {
		t.Errorf("%+v", call)
	}
	if call.Session == nil {
		t.Error("no session")
	}
}

func TestRequestPastItsDeadlineIsNotBegun(t *testing.T) {
	begun, finish := make(chan struct{}), make(chan struct{})
	r := start(t, routes(map[string]bridge.Route{
		"slow":  route("done", func(context.Context, bridge.Call) (any, error) { close(begun); <-finish; return nil, nil }),
		"write": route("written", func(context.Context, bridge.Call) (any, error) { t.Error("begun"); return nil, nil }),
		"other": route("done", func(ctx context.Context, _ bridge.Call) (any, error) { <-ctx.Done(); return nil, nil }),
	}))
	c, other := r.local(t), r.local(t)
	c.send(`{"type":"slow"}`)
	<-begun
	c.send(`{"type":"write","deadlineMs":1}`)
	// Answered on the same clock: its deadline ends after the one above.
	other.ask(`{"type":"other","deadlineMs":300}`)
	close(finish)
	c.next()
	if got := c.next(); !strings.Contains(got, `"code":"timeout"`) {
		t.Error(got)
	}
}

func TestOriginalFieldsComeFirst(t *testing.T) {
	r := start(t, routes(map[string]bridge.Route{
		"fruit": route("fruit", func(context.Context, bridge.Call) (any, error) { return fruit{"", "apple", 3, "s"}, nil }),
		"bad":   route("", func(context.Context, bridge.Call) (any, error) { return nil, wire.Errorf(wire.Conflict, "ours") }),
		"plain": route("", func(context.Context, bridge.Call) (any, error) {
			return nil, &wire.Error{Code: wire.Conflict, Reason: "ours", Text: "its own"}
		}),
	}), func(o *bridge.Options) {
		o.Original = func(request string, reply any) any {
			f, ok := reply.(fruit)
			if !ok {
				return nil
			}
			return struct {
				Ok    bool   `json:"ok"`
				Name  string `json:"name"`
				Total int    `json:"total"`
			}{true, request + " " + f.Name, f.Count}
		}
		o.ErrorText = func(request string, e *wire.Error) string {
			if request != "bad" {
				return ""
			}
			return request + " failed: " + e.Reason
		}
	})
	c := r.local(t)
	for in, want := range map[string]string{
		`{"type":"fruit"}`: `{"type":"fruit","ok":true,"name":"fruit apple","total":3,"count":3,"site":"s"}`,
		`{"type":"ping"}`:  `{"type":"pong","ts":1700000000123}`,
		`{"type":"bad"}`:   `{"type":"error","error":"bad failed: ours","code":"conflict","reason":"ours"}`,
		`{"type":"plain"}`: `{"type":"error","error":"its own","code":"conflict","reason":"ours"}`,
	} {
		if got := c.ask(in); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
	}
}
