//go:build unix

package conformance_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// shown are the deviations that no recording shows.
var shown = map[reason]func(t *testing.T, p *pair){
	wrongTokens: func(t *testing.T, p *pair) {
		c := dial(t, p.a, "a")
		for range 6 { // hello first
			if _, err := c.message(); err != nil {
				t.Fatal(err)
			}
			c.send(opText, []byte(`{"type":"auth","token":"wrong"}`), 1)
		}
		if got, err := c.next(); err != nil || got.closed != websocket.ClosePolicyViolation {
			t.Errorf("after five wrong tokens: %+v %v", got, err)
		}
	},
	bigFrames: func(t *testing.T, p *pair) {
		c := login(t, p.a)
		c.send(opText, bytes.Repeat([]byte("x"), 1_064_001), 1)
		if got, err := c.next(); err != nil || got.closed != websocket.CloseMessageTooBig {
			t.Errorf("after a large frame: %+v %v", got, err)
		}
	},
	reasonPhrase: func(t *testing.T, p *pair) {
		if got := statusLine(t, p, "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"); got != "HTTP/1.1 101 Switching Protocols" {
			t.Error(got)
		}
		// As the original.
		if got := statusLine(t, p, ""); got != "HTTP/1.1 426 Upgrade Required" {
			t.Error(got)
		}
	},
	rejoin: func(t *testing.T, p *pair) {
		a, b := login(t, p.a), login(t, p.b)
		r := &replayer{t: t, pair: p}
		for _, step := range []struct {
			c    *client
			send string
		}{
			{a, `{"type":"join","channel":"again"}`}, {b, `{"type":"join","channel":"again"}`},
			{b, `{"type":"leave","channel":"again"}`}, {b, `{"type":"join","channel":"again"}`},
		} {
			if got, err := step.c.ask(step.send); err != nil || got.text("channel") != "again" {
				t.Fatalf("%s: %v %v", step.send, got, err)
			}
		}
		r.meet(mustParse(`{"channel":"again"}`))
		if _, err := a.ask(`{"type":"send","channel":"again","message":"hello again"}`); err != nil {
			t.Fatal(err)
		}
		if got, err := b.message(); err != nil || got.text("message") != "hello again" {
			t.Errorf("after leave and join: %v %v", got, err)
		}
	},
	otherClients: func(t *testing.T, p *pair) {
		a, silent, curious := login(t, p.a), login(t, p.a), login(t, p.a)
		if got, err := curious.ask(`{"type":"events"}`); err != nil || got.text("type") == "error" {
			t.Fatalf("events: %v %v", got, err)
		}
		if _, err := a.ask(`{"type":"expense_add","channel":"curious","payer":"a","amount":1,"split":"a,b"}`); err != nil {
			t.Fatal(err)
		}
		for {
			got, err := curious.message()
			if err != nil {
				t.Fatalf("who asked for events hears nothing: %v", err)
			}
			if got.text("type") == "expense_event" {
				break
			}
		}
		if got, err := silent.ask(`{"type":"ping"}`); err != nil || got.text("type") != "pong" {
			t.Errorf("who did not hears %v %v", got, err)
		}
	},
	signedOnly: func(t *testing.T, p *pair) {
		a, b := login(t, p.a), login(t, p.b)
		const room = `"room":"forged"`
		if _, err := b.ask(`{"type":"focus_join",` + room + `}`); err != nil {
			t.Fatal(err)
		}
		if got, err := a.ask(`{"type":"focus_start",` + room + `}`); err != nil || got.text("type") != "focus_started" {
			t.Fatalf("start: %v %v", got, err)
		}
		host := p.a.Info().PeerPubkey
		forged := fmt.Sprintf(`{"app":"focus_room","eventType":"session_end","payload":{%s,"who":%q,"summary":"","at":1,"stats":{"participantCount":999}},"at":1,"by":%q}`, room, host, host)
		if got, err := b.ask(`{"type":"send","channel":"forged","message":` + forged + `}`); err != nil || got.text("type") != "sent" {
			t.Fatalf("forged: %v %v", got, err)
		}
		for {
			got, err := a.message()
			if err != nil {
				t.Fatal(err)
			}
			if got.text("type") == "focus_event" && got.text("eventType") == "session_end" {
				t.Error("a plain message ended a session")
			}
			if got.at("message").text("eventType") == "session_end" {
				break
			}
		}
		if got, err := a.ask(`{"type":"focus_status",` + room + `}`); err != nil || got.at("room").text("status") != "active" {
			t.Errorf("after a forged end: %v %v", got, err)
		}
	},
}

// statusLine returns how a request for any path with further headers is answered.
func statusLine(t *testing.T, p *pair, headers string) string {
	t.Helper()
	address := p.a.Info().TCP
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /any HTTP/1.1\r\nHost: %s\r\n%s\r\n", address, headers)
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

func TestDeviationsThatNoRecordingShows(t *testing.T) {
	p := newPair(t, "expense")
	for why, show := range shown {
		t.Run(string(why), func(t *testing.T) { show(t, p) })
	}
}

// TestThePageListsTheDeviations compares docs/bridge.md with what is allowed here.
func TestThePageListsTheDeviations(t *testing.T) {
	b, err := os.ReadFile("../../docs/bridge.md")
	if err != nil {
		t.Fatal(err)
	}
	const heading = "\n## The original's protocol: what differs and why\n"
	_, text, ok := strings.Cut(string(b), heading)
	if !ok {
		t.Fatalf("the page has no chapter %s", strings.TrimSpace(heading))
	}
	text, _, _ = strings.Cut(text, "\n## ")
	var listed []reason
	for line := range strings.Lines(text) {
		if cells := strings.Split(line, "|"); len(cells) == 5 && !strings.HasPrefix(cells[1], "-") && strings.TrimSpace(cells[1]) != "what" {
			listed = append(listed, reason(strings.TrimSpace(cells[1])))
		}
	}
	var allowed []reason
	for why := range shown {
		allowed = append(allowed, why)
	}
	for _, d := range deviations {
		if !slices.Contains(allowed, d.why) {
			allowed = append(allowed, d.why)
		}
	}
	slices.Sort(allowed)
	slices.Sort(listed)
	if !slices.Equal(allowed, listed) {
		t.Errorf("the page lists\n%q\nthe tests allow\n%q", listed, allowed)
	}
}
