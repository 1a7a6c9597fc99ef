//go:build unix

package daemon_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"intercom/client/wire"
	"intercom/daemon/daemontest"
	"intercom/focus"
	"intercom/ledger/event"
)

func TestFault01OneMessageKillsNoPeer(t *testing.T) {
	a, b := together(t, "team")
	b.Raw(daemontest.Frame{"type": "focus_start", "room": "team"})
	daemontest.WaitSame(t, "team", 1, a, b)
	atB := hears(b)
	odd := map[string]any{"toString": 1}
	n := 0
	for _, message := range []any{
		map[string]any{"app": "focus_room", "eventType": odd},
		map[string]any{"app": "focus_room", "eventType": "session_end", "payload": odd},
		map[string]any{"app": "focus_room", "eventType": "session_start", "payload": nil, "at": odd, "by": odd},
		map[string]any{"app": odd}, map[string]any{"app": "focus_room", "eventType": []any{nil}},
		map[string]any{"app": "expense_split_v1", "type": odd, "event": odd},
		map[string]any{"app": "expense_split_v1", "type": "expense_add", "event": map[string]any{"amountCents": "NaN", "split": odd}},
		map[string]any{"control": odd}, map[string]any{"__proto__": odd, "constructor": odd}, odd, nil, []any{odd}, "x", 1e300, true,
	} {
		for _, channel := range []string{event.EntryChannel, "team"} {
			tell(a, channel, message)
			n++
		}
	}
	for range n {
		said(t, atB)
	}
	// A peer with a program of its own sends what no bridge takes.
	s := newStranger(t, b, "team", nil)
	rejected := b.Count("channel_json")
	for seq, message := range []string{
		strings.Repeat("[", 1001) + strings.Repeat("]", 1001), strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000),
	} {
		s.publish(packets, s.packet(uint64(seq), message, s.author()))
	}
	daemontest.Eventually(t, soon, "both are refused", func() bool { return b.Count("channel_json") == rejected+2 })
	s = newStranger(t, b, "team", nil)
	s.publish(packets, s.packet(0, strings.Repeat("[", 900)+strings.Repeat("]", 900), s.author()))
	if got := fmt.Sprint(said(t, atB)["message"]); !strings.HasPrefix(got, "[[[") {
		t.Errorf("b heard %.10s", got)
	}
	if log := b.Log(); strings.Contains(log, "not pushed") {
		t.Errorf("b could not tell its clients of a message:\n%s", log)
	}
	for _, d := range []*daemontest.Daemon{a, b} {
		if s := status(t, d, "team"); s["status"] != "active" || !d.Running() {
			t.Errorf("after the messages the session of %s is %v", d.Profile.Name, s["status"])
		}
	}
}

func TestFault02NoRequestKillsItsOwnPeer(t *testing.T) {
	a := daemontest.NewHome(t).Start("a")
	r := hears(a)
	for _, typ := range []any{
		map[string]any{"toString": 1}, map[string]any{"valueOf": nil}, []any{map[string]any{"toString": 1}}, nil, true, 1e300, "",
		"__proto__", "constructor", "toString", strings.Repeat("x", 100_000),
	} {
		r.Send(daemontest.Frame{"type": typ})
		if f := r.Next(); f["type"] != "error" || f["code"] != string(wire.UnknownType) || !strings.HasPrefix(fmt.Sprint(f["error"]), "Unknown type: ") {
			t.Errorf("%.60v is answered with %v", typ, f)
		}
	}
	odd := map[string]any{"toString": 1}
	for _, request := range []string{"send", "join", "leave", "focus_start", "focus_status", "expense_add", "expense_list", "subscribe", "set_filter", "events", "schema"} {
		f := daemontest.Frame{"type": request}
		for _, key := range []string{"channel", "room", "message", "minutes", "goal", "payer", "amount", "split", "channels", "filter", "since", "request"} {
			f[key] = odd
		}
		r.Send(f)
		r.Next() // whatever it is
	}
	r.Send(daemontest.Frame{"type": "info"})
	r.Until("info")
}

func TestFault04TokenGuessingIsSlowedAndPagesFromElsewhereAreRefused(t *testing.T) {
	a := daemontest.NewHome(t).Start("a")
	began := time.Now()
	guesses := 0
	for time.Since(began) < 3*time.Second {
		r, _ := a.ConnectTCP(nil)
		r.Until("hello")
		for range 10 {
			r.Send(daemontest.Frame{"type": "auth", "token": fmt.Sprint("guess ", guesses)})
			if f, err := r.TryNext(soon); err != nil {
				break // five wrong ones close it
			} else if f["type"] != "error" {
				t.Fatalf("a guess is answered with %v", f)
			}
			guesses++
		}
	}
	// The original answered 5,000 in 0.65 s.
	if most := 10 + int(time.Since(began)/time.Second) + 1; guesses > most {
		t.Errorf("%d guesses in %v, at most %d are expected", guesses, time.Since(began), most)
	}
	for _, origin := range []string{"https://example.com", "http://127.0.0.1.example.com", "null"} {
		if _, status := a.ConnectTCP(http.Header{"Origin": {origin}}); status != http.StatusForbidden {
			t.Errorf("a page of %s is answered with %d", origin, status)
		}
	}
}

func TestFault06FailingRequestsMakeNoRooms(t *testing.T) {
	h := daemontest.NewHome(t)
	a := h.Start("a")
	for n := range 500 {
		name := fmt.Sprint("never-", n)
		for _, f := range []daemontest.Frame{
			{"type": "focus_end", "room": name}, {"type": "focus_extend", "room": name}, {"type": "focus_checkin", "room": name},
			{"type": "expense_add", "channel": name, "payer": "a", "amount": "1,2", "split": "a"},
		} {
			if _, err := a.TryRaw(f); err == nil {
				t.Fatalf("%v succeeds", f)
			}
		}
		a.Raw(daemontest.Frame{"type": "expense_balance", "channel": name}) // reads make none either
		a.Raw(daemontest.Frame{"type": "focus_status", "room": name})
	}
	tell(a, "once", "hello")
	a.Raw(daemontest.Frame{"type": "leave", "channel": "once"})
	check := func(when string) {
		t.Helper()
		if rooms := list(a.Raw(daemontest.Frame{"type": "focus_rooms"})["rooms"]); len(rooms) != 0 {
			t.Errorf("%s: %d rooms", when, len(rooms))
		}
		stats := list(a.Raw(daemontest.Frame{"type": "stats"})["channels"])
		all := daemontest.Call(a, wire.Channels, wire.ChannelsReq{}).Channels
		if len(stats) != 1 || len(all) != 1 || !all[0].Entry {
			t.Errorf("%s: channels %v, %+v", when, stats, all)
		}
	}
	check("at once")
	if code := a.Stop(); code != 0 {
		t.Fatalf("it ended with %d", code)
	}
	a = h.Start("a")
	check("after a restart")
}

func TestFault07ABurstIsDeliveredAndBlocksNoOtherChannel(t *testing.T) {
	a, b := together(t, "busy")
	gather(t, "calm", a, b)
	atB := hears(b)
	const messages = 1000
	text := strings.Repeat("x", 1000)
	sent := hears(a)
	go func() {
		for n := range messages {
			sent.Send(daemontest.Frame{"id": n, "type": "send", "channel": "busy", "message": fmt.Sprint(n, " ", text)})
		}
		sent.Send(daemontest.Frame{"id": messages, "type": "send", "channel": "calm", "message": "calm"})
	}()
	got, calm, answered := 0, 0, 0
	for got < messages || calm < 1 {
		switch f := said(t, atB); f["channel"] {
		case "busy":
			if want := fmt.Sprint(got, " "); !strings.HasPrefix(fmt.Sprint(f["message"]), want) {
				t.Fatalf("message %.10v comes in the place of %s", f["message"], want)
			}
			got++
		case "calm":
			calm++
		}
	}
	for answered <= messages {
		if f := sent.Next(); f["id"] != nil {
			if f["type"] != "sent" {
				t.Fatalf("answered with %v", f)
			}
			answered++
		}
	}
}

func TestFault08AnEventFromTheFutureFreezesNoRoom(t *testing.T) {
	a, b := together(t, "team")
	for n, ts := range []int64{event.MaxInteger, 9_007_000_000_000_000, time.Now().Add(72 * time.Hour).UnixMilli()} {
		s := newStranger(t, b, "team", nil)
		body, err := event.Marshal(&focus.Start{Goal: "in the future", Seconds: 1500, Begin: min(ts, 8_640_000_000_000_000)})
		if err != nil {
			t.Fatal(err)
		}
		s.announce(s.event(byte(n+1), 0, event.ID{}, func(e *event.Event) { e.TS, e.Type, e.Body = ts, "focus.start", body }))
		daemontest.Eventually(t, soon, "the event is there", func() bool { return a.Room("team").Events > uint64(n) })
	}
	a.Raw(daemontest.Frame{"type": "focus_start", "room": "team", "minutes": 25, "goal": "now"})
	daemontest.WaitSame(t, "team", 4, a, b)
	b.Raw(daemontest.Frame{"type": "focus_checkin", "room": "team", "text": "here"})
	daemontest.WaitSame(t, "team", 5, a, b)
	for _, d := range []*daemontest.Daemon{a, b} {
		if s := status(t, d, "team"); s["status"] != "active" || s["goal"] != "now" || len(list(s["participants"])) != 2 {
			t.Errorf("%s shows %v", d.Profile.Name, s)
		}
	}
	a.Raw(daemontest.Frame{"type": "focus_end", "room": "team"})
	daemontest.WaitSame(t, "team", 6, a, b)
	if s := status(t, b, "team"); s["status"] != "ended" {
		t.Errorf("after its end b shows %v", s["status"])
	}
}
