package compat_test

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

// recorded returns the frames that the original sent, by name.
func recorded(t *testing.T, file string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	frames := map[string]string{}
	for line := range strings.Lines(string(b)) {
		var f struct {
			Name string          `json:"name"`
			Msg  json.RawMessage `json:"msg"`
		}
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		frames[f.Name] = string(f.Msg)
	}
	return frames
}

var head = regexp.MustCompile(`^\{("id":\d+,)?"type":"[a-z_]+",`)

// fields returns a recorded reply without what the bridge puts before it.
func fields(reply string) string { return head.ReplaceAllString(reply, "{") }

// masks hide what differs from run to run; what must not is left.
var masks = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`"sig":"[0-9a-f]{128}"`), `"sig":"SIG"`},
	{regexp.MustCompile(`"id":"(A|B):\d+:[0-9a-z]{8}"`), `"id":"$1:TS:NAME"`},
	{regexp.MustCompile(`"ttl":3,"ts":\d+,`), `"ttl":3,"ts":TS,`},
	{regexp.MustCompile(`"txId":"[0-9a-f]{12}:(\d+):[0-9a-z]{8}"`), `"txId":"KEY:$1:NAME"`},
	{regexp.MustCompile(`"participants":\["B","A"\]`), `"participants":["A","B"]`}, // the original has them as they came
}

// masked gives keys and addresses the names A and B, in pairs of old and new,
// and hides what differs from run to run.
func masked(frame string, names ...string) string {
	frame = strings.NewReplacer(names...).Replace(frame)
	for _, m := range masks {
		frame = m.pattern.ReplaceAllString(frame, m.instead)
	}
	return frame
}

// written is v as the bridge writes it.
func written(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}
