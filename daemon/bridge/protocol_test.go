package bridge_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"intercom/daemon/bridge"
)

func TestProtocolOfOriginal(t *testing.T) {
	const pong = `"ts":1700000000123,"type":"pong"}`
	tests := []struct{ name, in, want string }{
		{"ping", `{"type":"ping"}`, `{` + pong},
		{"id 0", `{"id":0,"type":"ping"}`, `{"id":0,` + pong},
		{"id -5", `{"id":-5,"type":"ping"}`, `{"id":-5,` + pong},
		{"id 2^53-1", `{"id":9007199254740991,"type":"ping"}`, `{"id":9007199254740991,` + pong},
		{"id 2^53", `{"id":9007199254740992,"type":"ping"}`, `{"id":9007199254740992,` + pong},
		{"id 1e21", `{"id":1e21,"type":"ping"}`, `{"id":1e+21,` + pong},
		{"id 1.5", `{"id":1.5,"type":"ping"}`, `{` + pong},
		{"id text is echoed by us", `{"id":"7","type":"ping"}`, `{"id":"7",` + pong},
		{"id null", `{"id":null,"type":"ping"}`, `{` + pong},
		{"id true", `{"id":true,"type":"ping"}`, `{` + pong},
		{"id list", `{"id":[],"type":"ping"}`, `{` + pong},
		{"id object", `{"id":{},"type":"ping"}`, `{` + pong},
		{"id 1.0", `{"id":1.0,"type":"ping"}`, `{"id":1,` + pong},
		{"id 1e2", `{"id":1e2,"type":"ping"}`, `{"id":100,` + pong},
		{"id twice", `{"type":"ping","id":2,"id":3}`, `{"id":3,` + pong},
		{"type twice", `{"type":"nonsense","type":"ping"}`, `{` + pong},
		{"type escaped", `{"\u0074ype":"p\u0069ng"}`, `{` + pong},
		{"space around", " {\"type\":\"ping\",\"id\":1} ", `{"id":1,` + pong},
		{"lone surrogate", `{"type":"ping","id":5,"x":"\ud800"}`, `{"id":5,` + pong},

		{"unknown", `{"type":"nonsense"}`, `{"error":"Unknown type: nonsense","type":"error"}`},
		{"unknown with id", `{"id":3,"type":"nonsense"}`, `{"error":"Unknown type: nonsense","id":3,"type":"error"}`},
		{"type empty", `{"type":""}`, `{"error":"Unknown type: ","type":"error"}`},
		{"type null", `{"type":null}`, `{"error":"Unknown type: null","type":"error"}`},
		{"type number", `{"type":5}`, `{"error":"Unknown type: 5","type":"error"}`},
		{"type true", `{"type":true}`, `{"error":"Unknown type: true","type":"error"}`},
		{"type list", `{"type":["ping"]}`, `{"error":"Unknown type: ping","type":"error"}`},
		{"type object", `{"type":{"a":1}}`, `{"error":"Unknown type: [object Object]","type":"error"}`},
		{"type with toString", `{"type":{"toString":1}}`, `{"error":"Unknown type: [object Object]","type":"error"}`},
		{"type upper case", `{"type":"PING"}`, `{"error":"Unknown type: PING","type":"error"}`},
		{"type not trimmed", `{"type":" ping "}`, `{"error":"Unknown type:  ping ","type":"error"}`},
		{"key upper case", `{"Type":"ping"}`, `{"error":"Unknown type: undefined","type":"error"}`},
		{"no type", `{}`, `{"error":"Unknown type: undefined","type":"error"}`},
		{"no type with id", `{"id":4,"foo":"bar"}`, `{"error":"Unknown type: undefined","id":4,"type":"error"}`},
		{"list", `[]`, `{"error":"Unknown type: undefined","type":"error"}`},
		{"list of request", `[{"type":"ping","id":1}]`, `{"error":"Unknown type: undefined","type":"error"}`},
		{"__proto__", `{"__proto__":{"type":"ping"}}`, `{"error":"Unknown type: undefined","type":"error"}`},

		{"null", `null`, `{"error":"Invalid message.","type":"error"}`},
		{"text", `"str"`, `{"error":"Invalid message.","type":"error"}`},
		{"number", `123`, `{"error":"Invalid message.","type":"error"}`},
		{"true", `true`, `{"error":"Invalid message.","type":"error"}`},
		{"open brace", `{`, `{"error":"Invalid JSON.","type":"error"}`},
		{"no JSON", `hello`, `{"error":"Invalid JSON.","type":"error"}`},
		{"two objects", `{"type":"ping"}{"type":"ping"}`, `{"error":"Invalid JSON.","type":"error"}`},
		{"two lines", "{\"type\":\"ping\"}\n{\"type\":\"ping\"}", `{"error":"Invalid JSON.","type":"error"}`},
		{"byte order mark", "\ufeff" + `{"type":"ping"}`, `{"error":"Invalid JSON.","type":"error"}`},
		{"single quotes", `{'type':'ping'}`, `{"error":"Invalid JSON.","type":"error"}`},
		{"trailing comma", `{"type":"ping",}`, `{"error":"Invalid JSON.","type":"error"}`},
		{"empty", ``, `{"error":"Invalid JSON.","type":"error"}`},
		{"blank", ` `, `{"error":"Invalid JSON.","type":"error"}`},
		{"not UTF-8", "{\"\xff\xfe\":1}", `{"error":"Invalid JSON.","type":"error"}`},
		{"too deep", strings.Repeat("[", 100_000), `{"error":"Invalid JSON.","type":"error"}`},
	}
	r := start(t)
	c, hello := r.dial(t, bridge.Unix, nil)
	if hello.Type != "hello" || hello.RequiresAuth {
		t.Errorf("hello over the Unix socket: %+v", hello)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := original(t, c.ask(tt.in)); got != tt.want {
				t.Errorf("%s\n got %s\nwant %s", tt.in, got, tt.want)
			}
		})
	}
}

func TestFrameStartsWithIDAndType(t *testing.T) {
	c := start(t).local(t)
	for in, want := range map[string]string{
		`{"type":"ping","id":7}`:     `{"id":7,"type":"pong",`,
		`{"type":"ping"}`:            `{"type":"pong",`,
		`{"type":"nonsense","id":7}`: `{"id":7,"type":"error","error":`,
	} {
		if got := c.ask(in); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", in, got)
		}
	}
}

func TestErrorCodesOfFrames(t *testing.T) {
	c := start(t).local(t)
	for in, want := range map[string]string{
		"{\"\xff\":1}":        `"code":"invalid_utf8"`,
		`{`:                   `"code":"invalid_json"`,
		`5`:                   `"code":"invalid_request"`,
		`{"type":"nonsense"}`: `"code":"unknown_type"`,

		`{"type":"ping","protocol":1}`:                     `"type":"pong"`,
		`{"type":"ping","protocol":null}`:                  `"type":"pong"`,
		`{"type":"ping","protocol":0}`:                     `"code":"incompatible"`,
		`{"type":"subscribe","channel":"x","protocol":99}`: `"code":"incompatible"`,
		`{"type":"ping","protocol":1e99}`:                  `"code":"invalid_request"`,
		`{"type":"ping","protocol":"1"}`:                   `"code":"invalid_request"`,

		`{"type":"subscribe","channels":["\udc00"]}`:            `"code":"invalid_utf8"`,
		`{"type":"set_filter","filter":"\uD83D\uD83D\uDE00"}`:   `"code":"invalid_utf8"`,
		`{"type":"set_filter","\udbff":1}`:                      `"code":"invalid_utf8"`,
		`{"type":"set_filter","filter":"\ud83dx"}`:              `"code":"invalid_utf8"`,
		`{` + strings.Repeat(`"a":1,`, 2000) + `"type":"ping"}`: `"type":"pong"`,
		`{` + manyFields(2000) + `"type":"ping"}`:               `"code":"too_large"`,
		`{` + manyFields(60_000) + `"type":"ping"}`:             `"code":"too_large"`,
		`{"type":"ping","x":` + nested(999) + `}`:               `"type":"pong"`,
		`{"type":"ping","x":` + nested(1000) + `}`:              `"code":"too_large"`,
		`{"type":"ping","x":` + nested(400_000) + `}`:           `"code":"invalid_json"`,
		nested(1000): `"code":"unknown_type"`,
		nested(1001): `"code":"too_large"`,
		`{"type":"ping","x":"` + strings.Repeat("[", 2000) + `\"[{"}`:       `"type":"pong"`,
		`{"type":"ping","id":` + strings.Repeat("9", 100_000) + `}`:         `"type":"pong"`,
		`{"type":"ping","id":1e999999999}`:                                  `"type":"pong"`,
		`{"type":"ping","id":-0.0000001e-99999999}`:                         `"type":"pong"`,
		`{"type":"set_filter","filter":1e400}`:                              `"type":"filter_set"`,
		`{"type":"subscribe","channels":` + strings.Repeat("9", 1000) + `}`: `"type":"subscribed"`,
		`{"type":"ping","protocol":` + strings.Repeat("9", 100_000) + `}`:   `"code":"invalid_request"`,
		"{\"type\":\"ping\",\"x\":\"\x00\"}":                                `"code":"invalid_json"`,
		"{\"type\":\"ping\"}\x00":                                           `"code":"invalid_json"`,
		`{"type":"ping\u0000"}`:                                             `"code":"unknown_type"`,
		`{"type":"nonsense","type":"ping","type":"ping"}`:                   `"type":"pong"`,
		`{"type":"ping","x":01}`:                                            `"code":"invalid_json"`,
		`{"type":"ping","x":+1}`:                                            `"code":"invalid_json"`,
		`{"type":"ping","x":.5}`:                                            `"code":"invalid_json"`,
		`{"type":"ping","x":NaN}`:                                           `"code":"invalid_json"`,
		`{"type":"ping","x":Infinity}`:                                      `"code":"invalid_json"`,
		`{"type":"ping"/*x*/}`:                                              `"code":"invalid_json"`,
		`{"type":"ping","x":"` + "\n" + `"}`:                                `"code":"invalid_json"`,
		`{"type":"ping","x":"\x41"}`:                                        `"code":"invalid_json"`,
		`{"type":"ping","x":"\u12"}`:                                        `"code":"invalid_json"`,
		"{\"type\":\"ping\",\"x\":\"\xc0\xaf\"}":                            `"code":"invalid_utf8"`, // overlong
		"{\"type\":\"ping\",\"x\":\"\xed\xa0\x80\"}":                        `"code":"invalid_utf8"`, // half a pair
		"{\"type\":\"ping\",\"x\":\"\xf4\x90\x80\x80\"}":                    `"code":"invalid_utf8"`, // above U+10FFFF
	} {
		if got := c.ask(in); !strings.Contains(got, want) {
			t.Errorf("%.60s: %s", in, got)
		}
	}
}

func TestBinaryAndFragmentedFrames(t *testing.T) {
	c := start(t).local(t)
	if err := c.WriteMessage(websocket.BinaryMessage, []byte(`{"type":"ping","id":11}`)); err != nil {
		t.Fatal(err)
	}
	if got := c.next(); !strings.HasPrefix(got, `{"id":11,`) {
		t.Errorf("binary: %s", got)
	}
	w, err := c.NextWriter(websocket.TextMessage)
	if err != nil {
		t.Fatal(err)
	}
	// More than the client's write buffer, so it goes out in fragments.
	for _, part := range []string{`{"type":"ping","x":"`, strings.Repeat("x", 20_000), `","id":12}`} {
		if _, err := w.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := c.next(); !strings.HasPrefix(got, `{"id":12,`) {
		t.Errorf("fragments: %s", got)
	}
}

func TestWebSocketPing(t *testing.T) {
	c := start(t).local(t)
	pong := make(chan string, 1)
	c.SetPongHandler(func(data string) error { pong <- data; return nil })
	if err := c.WriteMessage(websocket.PingMessage, []byte("hi")); err != nil {
		t.Fatal(err)
	}
	c.ask(`{"type":"ping"}`)
	if got := <-pong; got != "hi" {
		t.Errorf("pong %q", got)
	}
}

func TestClientsCloseIsAnsweredEmpty(t *testing.T) {
	c := start(t).local(t)
	c.send(`{"type":"ping"}`)
	if err := c.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")); err != nil {
		t.Fatal(err)
	}
	if got := c.closed(); got != websocket.CloseNoStatusReceived {
		t.Errorf("close code %d", got)
	}
}

func nested(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

func manyFields(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"f%d":0,`, i)
	}
	return b.String()
}
