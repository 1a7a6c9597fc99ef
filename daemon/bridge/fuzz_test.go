package bridge_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"intercom/daemon/bridge"
	"intercom/daemon/bridge/compat"
)

// Every frame, whatever it holds, gets one JSON object with a type back.
func FuzzFrame(f *testing.F) {
	for _, s := range []string{
		``, `{`, `[]`, `null`, `{"type":"ping","id":1}`, `{"id":1e400,"type":{"toString":1}}`, `{"id":"\ud800","type":["a",[null]]}`,
		`{"a":[{"b":"}\\\""}],"id":-0,"id":1.0E+2}`, "{\"\xff\":1}", `{"type":"set_filter","filter":[[],{}]}`, `{"type":"subscribe","channels":[1e999]}`,
		` { "type" : "ping" , "x" : { } } `,
	} {
		f.Add([]byte(s))
	}
	r := start(f)
	f.Fuzz(func(t *testing.T, frame []byte) {
		c := r.local(t)
		if err := c.WriteMessage(websocket.BinaryMessage, frame); err != nil {
			t.Fatal(err)
		}
		got := c.next()
		var reply struct {
			Type string
			ID   json.RawMessage
		}
		if err := json.Unmarshal([]byte(got), &reply); err != nil || reply.Type == "" || !utf8.ValidString(got) {
			t.Fatalf("%q: %s: %v", frame, got, err)
		}
		if reply.ID != nil && !strings.HasPrefix(got, `{"id":`) {
			t.Fatalf("%q: id is not the first key: %s", frame, got)
		}
	})
}

// The fields of an object are those that encoding/json finds in it.
func FuzzFieldsAgreeWithEncodingJSON(f *testing.F) {
	f.Add([]byte(`{"inner":{"channel":"a\u0000\"}","b":[1,{"c":2}]},"x":1}`))
	f.Add([]byte(`{"inner":{ "channel" : "a" , "channel" : [ 1 , "}" ] } }`))
	f.Fuzz(func(t *testing.T, frame []byte) {
		var outer, inner map[string]json.RawMessage
		if !utf8.Valid(frame) || json.Unmarshal(frame, &outer) != nil {
			return
		}
		if err := json.Unmarshal(outer["inner"], &inner); err != nil || inner == nil {
			return
		}
		want := ""
		if raw := inner["channel"]; compat.Truthy(raw) {
			want = compat.StringOf(raw)
		}
		var got struct {
			Inner base `json:"inner"`
		}
		if err := bridge.Decode(map[string]json.RawMessage{"inner": outer["inner"]}, &got); err != nil || got.Inner.Channel != want {
			t.Errorf("%q: %q %v, want %q", frame, got.Inner.Channel, err, want)
		}
	})
}
