package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"intercom/client"
	"intercom/client/clienttest"
	"intercom/client/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo answers ping with the request's own deadline, key and dry run.
func echo(request map[string]json.RawMessage) []string {
	switch string(request["type"]) {
	case `"ping"`:
		return []string{`{"type":"pong","ts":7}`}
	case `"send"`:
		reply, _ := json.Marshal(map[string]any{"type": "sent", "channel": "c", "messageId": string(request["key"]) + string(request["dryRun"])})
		return []string{`{"type":"focus_event","n":1}`, string(reply)}
	case `"info"`:
		return []string{`{"type":"error","error":"Text.","code":"not_found","reason":"there is none","hint":"make one"}`}
	case `"stats"`:
		return []string{`{"type":"pong"}`}
	case `"version"`:
		return nil
	case `"health"`:
		return []string{`{"type":"error","code":"unknown_type","reason":"no such request: \"health\""}`}
	}
	return []string{`{"type":"error","error":"Unknown type."}`}
}

func connect(t *testing.T) *client.Client {
	p := clienttest.Profile(t)
	clienttest.Bridge{Hello: clienttest.Greeting(), Answer: echo}.ServeSocket(t, p)
	c := &client.Client{Profile: p}
	t.Cleanup(func() { c.Close() })
	return c
}

func wantCode(t *testing.T, err error, code wire.Code) {
	t.Helper()
	if e, ok := errors.AsType[*wire.Error](err); !ok || e.Code != code {
		t.Fatalf("error %v, want code %s", err, code)
	}
}

func TestCallOverSocket(t *testing.T) {
	c := connect(t)
	pong, err := client.Call(t.Context(), c, wire.Ping, wire.None{})
	if err != nil || pong.TS != 7 {
		t.Fatalf("got %+v, %v", pong, err)
	}
}

func TestCallCarriesKeyAndDryRun(t *testing.T) {
	c := connect(t)
	sent, err := client.Call(t.Context(), c, wire.Send, wire.SendReq{Channel: "c", Message: json.RawMessage(`"m"`)},
		client.Key("k1"), client.DryRun(true))
	if err != nil || sent.ID != `"k1"true` {
		t.Fatalf("got %+v, %v", sent, err)
	}
}

func TestRefusalKeepsTheDaemonsWords(t *testing.T) {
	_, err := client.Call(t.Context(), connect(t), wire.Info, wire.None{})
	e, ok := errors.AsType[*wire.Error](err)
	if !ok || e.Code != wire.NotFound || e.Reason != "there is none" || e.Hint != "make one" || e.Text != "Text." {
		t.Fatalf("got %+v", err)
	}
}

func TestOtherReplyIsIncompatible(t *testing.T) {
	_, err := client.Call(t.Context(), connect(t), wire.Stats, wire.None{})
	wantCode(t, err, wire.Incompatible)
}

// TestADaemonOfAnOlderReleaseIsToBeStartedAgain where a request is declared
// here; what a person makes up himself is his mistake.
func TestADaemonOfAnOlderReleaseIsToBeStartedAgain(t *testing.T) {
	c := connect(t)
	_, err := client.Call(t.Context(), c, wire.Health, wire.None{})
	wantCode(t, err, wire.Incompatible)
	if e := wire.AsError(err); e.Code.Exit() != 12 || e.Hint != "intercom down && intercom up" || !strings.Contains(e.Reason, "(version test) has no request health") {
		t.Errorf("%+v", e)
	}
	_, err = c.Raw(t.Context(), json.RawMessage(`{"type":"health"}`))
	wantCode(t, err, wire.UnknownType)
}

func TestLostConnectionIsRetriedByTheNextCall(t *testing.T) {
	c := connect(t)
	_, err := client.Call(t.Context(), c, wire.Version, wire.None{})
	wantCode(t, err, wire.Unavailable)
	if _, err := client.Call(t.Context(), c, wire.Ping, wire.None{}); err != nil {
		t.Fatalf("second call: %v", err)
	}
}

func TestConcurrentCallsGetTheirOwnReplies(t *testing.T) {
	c := connect(t)
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			if i%2 == 0 {
				if pong, err := client.Call(t.Context(), c, wire.Ping, wire.None{}); err != nil || pong.TS != 7 {
					t.Errorf("ping: %+v, %v", pong, err)
				}
				return
			}
			key := strings.Repeat("k", i)
			if sent, err := client.Call(t.Context(), c, wire.Send, wire.SendReq{}, client.Key(key)); err != nil || sent.ID != `"`+key+`"` {
				t.Errorf("send: %+v, %v", sent, err)
			}
		})
	}
	all.Wait()
}

func TestRawKeepsTheCallersID(t *testing.T) {
	c := connect(t)
	for frame, want := range map[string]string{
		`{"type":"ping","id":9}`: `{"id":9,"type":"pong","ts":7}`,
		`{"type":"ping"}`:        `{"type":"pong","ts":7}`,
	} {
		if got, err := c.Raw(t.Context(), json.RawMessage(frame)); err != nil || string(got) != want {
			t.Errorf("%s: got %s, %v", frame, got, err)
		}
	}
	for _, frame := range []string{``, `null`, `[]`, `"x"`, `{`} {
		_, err := c.Raw(t.Context(), json.RawMessage(frame))
		wantCode(t, err, wire.InvalidJSON)
	}
	reply, err := c.Raw(t.Context(), json.RawMessage(`{"type":"info"}`))
	wantCode(t, err, wire.NotFound)
	if !strings.Contains(string(reply), `"error":"Text."`) {
		t.Errorf("refusal is not returned: %s", reply)
	}
}

func TestSilentDaemonTimesOut(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	p := clienttest.Profile(t)
	block := make(chan struct{})
	clienttest.Bridge{Hello: clienttest.Greeting(), Answer: func(map[string]json.RawMessage) []string { <-block; return nil }}.ServeSocket(t, p)
	t.Cleanup(func() { close(block) })
	c := &client.Client{Profile: p}
	t.Cleanup(func() { c.Close() })
	_, err := client.Call(ctx, c, wire.Ping, wire.None{})
	wantCode(t, err, wire.Timeout)
}

func TestTooLargeRequestIsNotSent(t *testing.T) {
	_, err := client.Call(t.Context(), connect(t), wire.Send, wire.SendReq{Channel: strings.Repeat("x", wire.MaxRequest)})
	wantCode(t, err, wire.TooLarge)
}

func TestNoDaemon(t *testing.T) {
	_, err := client.Call(t.Context(), &client.Client{Profile: clienttest.Profile(t)}, wire.Ping, wire.None{})
	wantCode(t, err, wire.DaemonNotRunning)
	if hint := wire.AsError(err).Hint; hint != "intercom --profile test up" {
		t.Errorf("hint %q", hint)
	}
}

func TestForeignSocketFolderIsRefused(t *testing.T) {
	p := clienttest.Profile(t)
	clienttest.Bridge{Hello: clienttest.Greeting(), Answer: echo}.ServeSocket(t, p)
	if err := os.Chmod(filepath.Dir(p.Socket()), 0o777); err != nil {
		t.Fatal(err)
	}
	_, err := client.Call(t.Context(), &client.Client{Profile: p}, wire.Ping, wire.None{})
	wantCode(t, err, wire.Forbidden)
}

func TestProtocolsThatDoNotMeet(t *testing.T) {
	for _, r := range []wire.Range{{}, {Min: 2, Max: 3}} {
		p := clienttest.Profile(t)
		hello := clienttest.Greeting()
		hello.Protocol = r
		clienttest.Bridge{Hello: hello, Answer: echo}.ServeSocket(t, p)
		_, err := client.Call(t.Context(), &client.Client{Profile: p}, wire.Ping, wire.None{})
		wantCode(t, err, wire.Incompatible)
	}
}

func TestTCPWantsTheToken(t *testing.T) {
	hello := clienttest.Greeting()
	hello.RequiresAuth = true
	address := clienttest.Bridge{Hello: hello, Token: "secret", Answer: echo}.ServeTCP(t)
	p := clienttest.Profile(t)
	for _, c := range []struct {
		token, file string
		code        wire.Code
	}{
		{"secret", "", ""},
		{"", "secret\n", ""},
		{"wrong", "secret", wire.Unauthorized},
		{"", "", wire.Unauthorized},
	} {
		os.Remove(p.TokenFile())
		if c.file != "" {
			os.MkdirAll(p.DataDir(), 0o700)
			if err := os.WriteFile(p.TokenFile(), []byte(c.file), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cl := &client.Client{Profile: p, Address: address, Token: c.token}
		_, err := client.Call(t.Context(), cl, wire.Ping, wire.None{})
		cl.Close()
		if c.code == "" && err != nil {
			t.Errorf("token %q, file %q: %v", c.token, c.file, err)
		} else if c.code != "" {
			wantCode(t, err, c.code)
		}
	}
}

func TestProfileWithoutSocketIsReachedByTCP(t *testing.T) {
	p := clienttest.Profile(t)
	address := clienttest.Bridge{Hello: clienttest.Greeting(), Answer: echo}.ServeTCP(t)
	if err := p.WriteBridge(client.Bridge{TCP: address}); err != nil {
		t.Fatal(err)
	}
	c := &client.Client{Profile: p}
	defer c.Close()
	if _, err := client.Call(t.Context(), c, wire.Ping, wire.None{}); err != nil {
		t.Fatal(err)
	}
}
