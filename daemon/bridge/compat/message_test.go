package compat_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"intercom/daemon/bridge/compat"
	"intercom/p2p/channel"
)

func TestMessageFrame(t *testing.T) {
	key, sig := strings.Repeat("ab", 32), strings.Repeat("cd", 64)
	around := func(relayed, message string) string {
		return fmt.Sprintf(`{"type":"sidechannel_message","channel":"x","id":"%[1]s:5:0000000z","from":"%[1]s","origin":"%[1]s",`+
			`"sig":"%[2]s","relayedBy":%[3]s,"ttl":3,"ts":5,"message":%[4]s}`, key, sig, relayed, message)
	}
	whole := fmt.Sprintf(`{"type":"sidechannel","id":"%[1]s:5:0000000z","channel":"x","from":"%[1]s","origin":"%[1]s",`+
		`"message":null,"ts":5,"ttl":3,"sig":"%[2]s"}`, key, sig)
	for _, c := range []struct{ name, message, relayed, text, want string }{
		{"text", `"a <b> & \"c\""`, "", `a <b> & "c"`, around("null", `"a <b> & \"c\""`)},
		{"object", `{"k":"<v>","n":[1,2.5,null]}`, "", `{"k":"<v>","n":[1,2.5,null]}`, around("null", `{"k":"<v>","n":[1,2.5,null]}`)},
		{"number", `42`, "", `42`, around("null", `42`)},
		{"relayed", `false`, "fe", `false`, around(`"fe"`, `false`)},
		{"null", `null`, "", whole, around("null", whole)},
	} {
		m := channel.Message{
			Channel: "x", ID: key + ":5:0000000z", From: key, TS: 5, Sig: sig, TTL: 3,
			RelayedBy: c.relayed, Message: json.RawMessage(c.message),
		}
		f, err := compat.MessageFrame(m)
		if err != nil || f.Channel != "x" || string(f.Text) != c.text || string(f.JSON) != c.want {
			t.Errorf("%s: %v\n got %q %s\nwant %q %s", c.name, err, f.Text, f.JSON, c.text, c.want)
		}
	}
	if _, err := compat.MessageFrame(channel.Message{Message: json.RawMessage(`{`)}); err == nil {
		t.Error("a message that is no JSON has a frame")
	}
}

func TestAMessageIsCopiedOnce(t *testing.T) {
	const size, times = 100_000, 20
	m := channel.Message{Channel: "x", Message: json.RawMessage(`"` + strings.Repeat("x", size) + `"`)}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range times {
		if _, err := compat.MessageFrame(m); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / times; each > size*3/2 {
		t.Errorf("the push of a message of %d bytes takes %d", size, each)
	}
}
