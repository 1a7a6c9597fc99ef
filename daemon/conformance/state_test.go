//go:build unix

package conformance_test

import (
	"fmt"
	"os"
	"testing"
	"time"
)

// expectation is what a peer is to answer to a request after a recording.
type expectation struct {
	peers   []string
	request *value
	reply   *value
}

// expectations reads a file of lines {"peers":["a","b"],"ask":{},"want":{}}.
func expectations(t *testing.T, file string) []expectation {
	t.Helper()
	b, err := os.ReadFile("testdata/expect-" + file + ".json")
	if err != nil {
		t.Fatal(err)
	}
	all, err := parse(b)
	if err != nil {
		t.Fatalf("expectations of %s: %v", file, err)
	}
	var out []expectation
	for _, v := range all.list {
		e := expectation{request: v.at("ask"), reply: v.at("want")}
		for _, p := range v.at("peers").list {
			e.peers = append(e.peers, p.scalar.(string))
		}
		out = append(out, e)
	}
	return out
}

// compareState asks both peers for their state and compares it with the file
// that was written by hand. What the other peer did may be on its way.
func compareState(t *testing.T, p *pair, file string) {
	t.Helper()
	clients := map[string]*client{"a": login(t, p.a), "b": login(t, p.b)}
	keys := &names{to: map[string]string{"A": p.a.Info().PeerPubkey, "B": p.b.Info().PeerPubkey}}
	for _, e := range expectations(t, file) {
		for _, peer := range e.peers {
			var got *value
			var err error
			deadline := time.Now().Add(soon)
			for again := true; again; again = err != nil && time.Now().Before(deadline) {
				if got, err = clients[peer].ask(e.request.String()); err != nil {
					t.Fatal(err)
				}
				err = keys.holds("", e.reply, got)
			}
			if err != nil {
				t.Errorf("after %s %s answers %s: %v\n got %s\nwant %s", file, peer, e.request, err, got, e.reply)
			}
		}
	}
}

// ask sends a request and returns what comes next that is no push.
func (c *client) ask(request string) (*value, error) {
	c.send(opText, []byte(request), 1)
	for {
		got, err := c.message()
		if err != nil || got.text("type") != "sidechannel_message" && got.text("type") != "focus_event" {
			return got, err
		}
	}
}

// holds returns what of want is not in got, which may have more fields but no
// more items. A and B stand for keys.
func (n *names) holds(path string, want, got *value) error {
	switch {
	case got == nil:
		return fmt.Errorf("%s is missing", path)
	case want.kind != got.kind:
		return fmt.Errorf("%s is another kind of value", path)
	case want.kind == array:
		if len(want.list) != len(got.list) {
			return fmt.Errorf("%s has %d items, want %d", path, len(got.list), len(want.list))
		}
		for i, w := range want.list {
			if err := n.holds(fmt.Sprint(path, "[", i, "]"), w, got.list[i]); err != nil {
				return err
			}
		}
		return nil
	case want.kind == object:
		for _, k := range want.keys {
			if err := n.holds(path+"."+k, want.fields[k], got.at(k)); err != nil {
				return err
			}
		}
		return nil
	}
	if s, ok := want.scalar.(string); ok && n.to[s] != "" {
		if got.scalar != n.to[s] {
			return fmt.Errorf("%s: got %v, want the key of %s", path, got.scalar, s)
		}
		return nil
	}
	if err := n.scalar("", want.scalar, got.scalar); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
