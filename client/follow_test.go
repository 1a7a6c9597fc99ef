package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"intercom/client"
	"intercom/client/clienttest"
	"intercom/client/wire"
)

// stream is a daemon whose connections push numbered frames behind the cursor
// that they are asked for, a few each, and are lost then.
type stream struct {
	mu    sync.Mutex
	since []string
	each  int // frames of a connection
	last  int
}

func (s *stream) answer(request map[string]json.RawMessage) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if string(request["type"]) != `"events"` {
		return []string{`{"type":"error","error":"no"}`}
	}
	var since string
	if raw := request["since"]; raw != nil && json.Unmarshal(raw, &since) != nil {
		return nil
	}
	s.since = append(s.since, since)
	from := 0
	fmt.Sscanf(since, "r:%d", &from)
	frames := []string{`{"type":"focus_event","legacy":true}`} // without a cursor: from before
	for n := from + 1; n <= min(s.last, from+s.each); n++ {
		frames = append(frames, fmt.Sprintf(`{"type":"focus_event","n":%d,"cursor":"r:%d"}`, n, n))
	}
	frames = append(frames, `{"type":"events","cursor":"r:0"}`)
	if from+s.each < s.last {
		frames = append(frames, "") // the connection is lost
	}
	return frames
}

func following(t *testing.T, s *stream) *client.Client {
	p := clienttest.Profile(t)
	clienttest.Bridge{Hello: clienttest.Greeting(), Answer: s.answer}.ServeSocket(t, p)
	return &client.Client{Profile: p}
}

func TestFollowGoesOnOverLostConnections(t *testing.T) {
	s := &stream{each: 3, last: 8}
	c := following(t, s)
	var told []string
	told = nil
	var got []string
	for push, err := range c.Follow(t.Context(), wire.Filter{Types: []string{"focus_event"}}, client.OnLoss(func(err error) {
		told = append(told, fmt.Sprint(err == nil))
	})) {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, push.Cursor); len(got) == 8 {
			break
		}
	}
	if want := "r:1 r:2 r:3 r:4 r:5 r:6 r:7 r:8"; strings.Join(got, " ") != want {
		t.Errorf("yielded %q", got)
	}
	if want := ", r:3, r:6"; strings.Join(s.since, ", ") != want {
		t.Errorf("asked for %q", s.since)
	}
	if want := "false true false true"; strings.Join(told, " ") != want {
		t.Errorf("told %q", told)
	}
}

func TestFollowEndsWhereTryingAgainDoesNotHelp(t *testing.T) {
	for name, tt := range map[string]struct {
		answer string
		code   wire.Code
	}{
		"refused": {`{"type":"error","error":"no","code":"invalid_request"}`, wire.InvalidRequest},
		"other":   {`{"type":"pong"}`, wire.Incompatible},
	} {
		t.Run(name, func(t *testing.T) {
			p := clienttest.Profile(t)
			clienttest.Bridge{Hello: clienttest.Greeting(), Answer: func(map[string]json.RawMessage) []string {
				return []string{tt.answer}
			}}.ServeSocket(t, p)
			c := &client.Client{Profile: p}
			n := 0
			for _, err := range c.Follow(t.Context(), wire.Filter{}) {
				n++
				wantCode(t, err, tt.code)
			}
			if n != 1 {
				t.Errorf("yielded %d times", n)
			}
		})
	}
	c := &client.Client{Profile: clienttest.Profile(t)}
	for _, err := range c.Follow(t.Context(), wire.Filter{}) {
		wantCode(t, err, wire.DaemonNotRunning)
	}
}

func TestFollowEndsWithItsContext(t *testing.T) {
	s := &stream{each: 100, last: 1}
	c := following(t, s)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	n := 0
	for _, err := range c.Follow(ctx, wire.Filter{}) {
		if n++; n == 1 {
			cancel()
		} else if !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
	}
	if n != 2 {
		t.Errorf("yielded %d times", n)
	}
}

func TestASlowFollowerLosesNothing(t *testing.T) {
	const frames = 400
	pad := strings.Repeat("x", 64<<10) // more than a connection that does not follow keeps
	p := clienttest.Profile(t)
	clienttest.Bridge{Hello: clienttest.Greeting(), Answer: func(map[string]json.RawMessage) []string {
		all := make([]string, 0, frames+1)
		all = append(all, `{"type":"events","cursor":"r:0"}`)
		for n := range frames {
			all = append(all, fmt.Sprintf(`{"type":"e","pad":"%s","cursor":"r:%d"}`, pad, n+1))
		}
		all[0], all[frames] = all[frames], all[0] // the reply comes last
		return all
	}}.ServeSocket(t, p)
	c := &client.Client{Profile: p}
	n := 0
	for _, err := range c.Follow(t.Context(), wire.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == frames {
			break
		}
	}
}
