package bridge_test

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"intercom/daemon/bridge"
	"intercom/daemon/journal"
)

// streaming is a bridge over a journal whose durable entries stay.
type streaming struct {
	*rig
	journal *journal.Journal

	mu   sync.Mutex
	kept []journal.Durable
}

const memory = 1 << 20 // bytes of the journal

func stream(t *testing.T, more map[string]bridge.Route, change ...func(*bridge.Options)) *streaming {
	s := &streaming{}
	s.journal = journal.New(journal.Options{
		Boot: "ab", Bytes: memory, Live: time.Minute, Now: func() time.Time { return started },
		Load: func(from uint64, _ int) ([]journal.Durable, uint64, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.kept[min(max(int(from)-1, 0), len(s.kept)):], 1, nil
		},
	})
	all := map[string]bridge.Route{
		"events": route("events", func(_ context.Context, c bridge.Call) (any, error) {
			return c.Session.Follow(s.journal, func() (*journal.Reader, error) { return s.journal.Reader("", journal.Wants{}) })
		}),
	}
	for name, r := range more {
		all[name] = r
	}
	s.rig = start(t, append(change, routes(all), func(o *bridge.Options) { o.Cursor = s.journal.Cursor })...)
	return s
}

// event adds a durable entry and pushes it to who does not follow.
func (s *streaming) event() {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.kept) + 1
	d := journal.Durable{N: uint64(n), At: started, Frames: []journal.Frame{{Type: "focus_event", JSON: fmt.Appendf(nil, `{"type":"focus_event","n":%d}`, n)}}}
	s.kept = append(s.kept, d)
	s.journal.Add(d)
	s.Push("", nil, d.Frames[0].JSON)
}

func (s *streaming) message(text string) {
	s.journal.Happened(journal.Frame{Type: "sidechannel_message", JSON: []byte(`{"type":"sidechannel_message","text":"` + text + `"}`)})
}

func TestAClientThatNeverReadsCostsNothingAndMissesNoDurableEvent(t *testing.T) {
	const messages, events = 50_000, 200
	s := stream(t, nil)
	s.mu.Lock()
	for n := range events { // there from the start: the store is not part of what is measured
		s.kept = append(s.kept, journal.Durable{N: uint64(n + 1), At: started, Frames: []journal.Frame{
			{Type: "focus_event", JSON: fmt.Appendf(nil, `{"type":"focus_event","n":%d}`, n+1)},
		}})
	}
	s.mu.Unlock()
	slow, other := s.local(t), s.local(t)
	slow.ask(`{"type":"events"}`)
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, slowest := heap(), time.Duration(0)
	text := strings.Repeat("x", 1000)
	for n := range messages {
		s.message(text)
		if n%(messages/events) == 0 {
			s.journal.Add(s.kept[n/(messages/events)])
		}
		if n%1000 == 0 {
			asked := time.Now()
			other.ask(`{"type":"ping"}`)
			slowest = max(slowest, time.Since(asked))
		}
	}
	if grown := int64(heap()) - int64(before); grown > 3*memory {
		t.Errorf("%d bytes more for %d messages", grown, messages)
	}
	if slowest > 5*time.Second {
		t.Errorf("the other client waited %v", slowest)
	}
	// Now it reads: all durable events in order, and the truth about the rest.
	next, missed, got := 1, 0, 0
	for got+missed < messages || next <= events {
		var f struct {
			Type      string
			N, Missed int
			Cursor    string
		}
		if err := json.Unmarshal([]byte(slow.next()), &f); err != nil || f.Cursor == "" {
			t.Fatalf("%+v, %v", f, err)
		}
		switch f.Type {
		case "focus_event":
			if f.N != next {
				t.Fatalf("event %d instead of %d", f.N, next)
			}
			next++
		case "lagged":
			missed += f.Missed
		default:
			got++
		}
	}
	if got+missed != messages || missed == 0 {
		t.Errorf("%d messages came and %d were missed of %d", got, missed, messages)
	}
}

func TestEachReplyComesBehindWhatHappenedBeforeItAlsoWhenItIsLater(t *testing.T) {
	var s *streaming
	gate := make(chan struct{})
	write := func(handle func(context.Context, bridge.Call) (any, error)) bridge.Route {
		r := route("done", handle)
		r.Write = true
		return r
	}
	s = stream(t, map[string]bridge.Route{
		"now": write(func(context.Context, bridge.Call) (any, error) { s.event(); return nil, nil }),
		"later": write(func(context.Context, bridge.Call) (any, error) {
			return bridge.Later(func() (any, error) { <-gate; s.event(); return nil, nil }), nil
		}),
	})
	c, old := s.local(t), s.local(t)
	if got := c.ask(`{"type":"events"}`); got != `{"type":"events"}` {
		t.Fatal(got)
	}
	c.send(`{"id":1,"type":"later"}`)
	c.send(`{"id":2,"type":"now"}`)
	if got := c.next(); got != `{"type":"focus_event","n":1,"cursor":"r:1"}` {
		t.Error(got)
	}
	close(gate)
	for _, want := range []string{
		`{"type":"focus_event","n":2,"cursor":"r:2"}`,
		`{"id":1,"type":"done","cursor":"r:2"}`,
		`{"id":2,"type":"done","cursor":"r:2"}`,
	} {
		if got := c.next(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for n := range 200 {
		if got, want := c.ask(fmt.Sprintf(`{"id":%d,"type":"now"}`, n)), fmt.Sprintf(`{"type":"focus_event","n":%d,"cursor":"r:%d"}`, n+3, n+3); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
		if got, want := c.next(), fmt.Sprintf(`{"id":%d,"type":"done","cursor":"r:%d"}`, n, n+3); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	// Who does not follow sees what it always saw, and a cursor only if it names its protocol.
	for n := range 202 {
		if got, want := old.next(), fmt.Sprintf(`{"type":"focus_event","n":%d}`, n+1); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	old.send(`{"type":"now"}`)
	old.next()
	if got := old.next(); got != `{"type":"done"}` {
		t.Error(got)
	}
	old.send(`{"type":"now","protocol":1}`)
	old.next()
	if got := old.next(); got != `{"type":"done","cursor":"r:204"}` {
		t.Error(got)
	}
}

func TestAnEventsBehindAReplyThatComesLaterDoesNotHoldItUp(t *testing.T) {
	var s *streaming
	gate := make(chan struct{})
	s = stream(t, map[string]bridge.Route{
		"later": route("done", func(context.Context, bridge.Call) (any, error) {
			return bridge.Later(func() (any, error) { <-gate; s.event(); return nil, nil }), nil
		}),
		"begun": route("begun", func(context.Context, bridge.Call) (any, error) { close(gate); return nil, nil }),
	})
	c := s.local(t)
	for _, request := range []string{`{"type":"later"}`, `{"type":"events"}`, `{"type":"begun"}`} {
		c.send(request)
	}
	for _, want := range []string{
		`{"type":"done"}`, `{"type":"events"}`, `{"type":"focus_event","n":1,"cursor":"r:1"}`, `{"type":"begun"}`,
	} {
		if got := c.next(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestASecondEventsReplacesTheFirst(t *testing.T) {
	s := stream(t, nil)
	c := s.local(t)
	c.ask(`{"type":"events"}`)
	s.event()
	c.next()
	for range 20 {
		c.send(`{"type":"events"}`)
	}
	for range 20 {
		if got := c.next(); got != `{"type":"events"}` {
			t.Fatal(got)
		}
	}
	s.event()
	for _, want := range []string{`{"type":"focus_event","n":2,"cursor":"r:2"}`, `{"type":"pong"`} {
		if strings.Contains(want, "pong") {
			c.send(`{"type":"ping"}`)
		}
		if got := c.next(); !strings.HasPrefix(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
