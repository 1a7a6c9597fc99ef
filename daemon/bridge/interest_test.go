package bridge_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestFilterAndSubscriptionRequests(t *testing.T) {
	c := start(t).local(t)
	for _, tt := range []struct{ in, want string }{
		{`{"type":"subscribe","channel":"x-1"}`, `{"type":"subscribed","channels":["x-1"]}`},
		{`{"id":7,"type":"subscribe","channel":"x-1"}`, `{"id":7,"type":"subscribed","channels":["x-1"]}`},
		{`{"type":"subscribe","channels":["c1","c2",5,null]}`, `{"type":"subscribed","channels":["x-1","c1","c2","5","null"]}`},
		{`{"type":"subscribe"}`, `{"type":"subscribed","channels":["x-1","c1","c2","5","null"]}`},
		{`{"type":"subscribe","channel":"one","channels":["two"]}`, `{"type":"subscribed","channels":["x-1","c1","c2","5","null","two"]}`},
		{`{"type":"subscribe","channels":"notarray"}`, `{"type":"subscribed","channels":["x-1","c1","c2","5","null","two"]}`},
		{`{"type":"subscribe","channels":[]}`, `{"type":"subscribed","channels":["x-1","c1","c2","5","null","two"]}`},
		{`{"type":"subscribe","channel":0}`, `{"type":"subscribed","channels":["x-1","c1","c2","5","null","two"]}`},
		{`{"type":"unsubscribe","channels":["c1","c2","5","null","two","one"]}`, `{"type":"subscribed","channels":["x-1"]}`},
		{`{"type":"unsubscribe"}`, `{"type":"subscribed","channels":["x-1"]}`},
		{`{"type":"subscribe","channel":5}`, `{"type":"subscribed","channels":["x-1","5"]}`},
		{`{"type":"unsubscribe","channels":[5]}`, `{"type":"subscribed","channels":["x-1"]}`},
		{`{"type":"unsubscribe","channel":"x-1"}`, `{"type":"subscribed","channels":[]}`},

		{`{"type":"set_filter","filter":"alpha+beta|gamma"}`, `{"type":"filter_set","filter":"alpha+beta|gamma"}`},
		{`{"id":7,"type":"set_filter"}`, `{"id":7,"type":"filter_set","filter":""}`},
		{`{"type":"set_filter","filter":""}`, `{"type":"filter_set","filter":""}`},
		{`{"type":"set_filter","filter":0}`, `{"type":"filter_set","filter":""}`},
		{`{"type":"set_filter","filter":-0.0e5}`, `{"type":"filter_set","filter":""}`},
		{`{"type":"set_filter","filter":null}`, `{"type":"filter_set","filter":""}`},
		{`{"type":"set_filter","filter":false}`, `{"type":"filter_set","filter":""}`},
		{`{"type":"set_filter","filter":5}`, `{"type":"filter_set","filter":5}`},
		{`{"type":"set_filter","filter":["a","b"]}`, `{"type":"filter_set","filter":["a","b"]}`},
		{`{"type":"set_filter","filter":{"a":1}}`, `{"type":"filter_set","filter":{"a":1}}`},
		{`{"type":"set_filter","filter":" | + , "}`, `{"type":"filter_set","filter":" | + , "}`},
		{`{"type":"clear_filter","filter":"x"}`, `{"type":"filter_set","filter":""}`},
	} {
		if got := c.ask(tt.in); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.in, got, tt.want)
		}
	}
}

func TestFilterLanguage(t *testing.T) {
	r := start(t)
	c := r.local(t)
	for _, tt := range []struct {
		filter, text string
		pass         bool
	}{
		{`"alpha+beta|gamma"`, "alpha only", false},
		{`"alpha+beta|gamma"`, "xx BETA and Alpha", true},
		{`"alpha+beta|gamma"`, "GAMMA", true},
		{`"alpha+beta|gamma"`, "none", false},
		{`"alpha+beta|gamma"`, `{"text":"gamma in an object"}`, true},
		{`"ALPHA beta"`, "beta alpha", true},
		{`"alpha beta"`, "beta", false},
		{`"alpha,beta"`, "beta", false},
		{`" | + , "`, "anything", true},
		{`"|alpha"`, "beta", false},
		{`5`, "room 5", true},
		{`5`, "room 4", false},
		{`["a","b"]`, "b a", true},
		{`["a","b"]`, "b", false},
		{`{"a":1}`, "[object Object]", true},
		{`null`, "anything", true},
	} {
		c.ask(`{"type":"set_filter","filter":` + tt.filter + `}`)
		r.Push("room", []byte(tt.text), []byte(`{"type":"pushed"}`))
		first := c.ask(`{"type":"ping"}`)
		if got := strings.Contains(first, "pushed"); got != tt.pass {
			t.Errorf("filter %s, text %q: passed %t", tt.filter, tt.text, got)
		} else if got {
			c.next() // the pong
		}
	}
}

func TestSubscriptionSelectsChannels(t *testing.T) {
	r := start(t)
	c := r.local(t)
	received := func() string {
		for _, channel := range []string{"a", "b", ""} {
			r.Push(channel, nil, fmt.Appendf(nil, "<%s>", channel))
		}
		c.send(`{"type":"ping"}`)
		got := ""
		for {
			frame := c.next()
			if strings.Contains(frame, "pong") {
				return got
			}
			got += frame
		}
	}
	for _, tt := range []struct{ do, want string }{
		{`{"type":"ping"}`, "<a><b><>"},
		{`{"type":"subscribe","channel":"a"}`, "<a><>"},
		{`{"type":"set_filter","filter":"never"}`, "<>"},
		{`{"type":"clear_filter"}`, "<a><>"},
		{`{"type":"unsubscribe","channel":"a"}`, "<a><b><>"},
	} {
		c.ask(tt.do)
		if got := received(); got != tt.want {
			t.Errorf("after %s: %s, want %s", tt.do, got, tt.want)
		}
	}
}

func TestInterestIsBounded(t *testing.T) {
	c := start(t).local(t)
	many := make([]string, 1001)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	for name, in := range map[string]string{
		"long filter":        `{"type":"set_filter","filter":"` + strings.Repeat("x", 1025) + `"}`,
		"long name":          `{"type":"subscribe","channel":"` + strings.Repeat("x", 513) + `"}`,
		"many subscriptions": `{"type":"subscribe","channels":[` + strings.Join(many, ",") + `]}`,
	} {
		if got := c.ask(in); !strings.Contains(got, `"code":"too_large"`) {
			t.Errorf("%s: %.200s", name, got)
		}
	}
	if got := c.ask(`{"type":"subscribe"}`); got != `{"type":"subscribed","channels":[]}` {
		t.Errorf("after refusals: %.200s", got)
	}
}
