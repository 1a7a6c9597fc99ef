//go:build unix

package cli_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"

	"intercom/client/wire"
	"intercom/daemon/daemontest"
)

// TestEveryPushIsAsItsSchemaSays compares what a daemon pushes with what
// `schema` says of it: each type is found, and each field is declared.
func TestEveryPushIsAsItsSchemaSays(t *testing.T) {
	w := realWorld(t)
	for _, line := range []string{
		"focus start r --goal g", "focus checkin r --text t", "focus extend r", "focus end r",
		"expense add --channel c --payer a --amount 1 --split a,b", "expense clear --channel c --yes", "expense reopen --channel c",
		"expense persist --channel c", "send c hello",
	} {
		if exit := w.run(t, strings.Fields(line)...); exit != 0 {
			t.Fatalf("%s: %s", line, w.stderr.String())
		}
	}
	bob := w.home.Start("bob")
	bob.Join("c")
	bob.Raw(daemontest.Frame{"type": "send", "channel": "c", "message": "hello"})
	if exit := w.run(t, "listen", "c", "--since", "start", "--count", "1"); exit != 0 {
		t.Fatal(w.stderr.String())
	}
	if exit := w.run(t, "events", "--since", "start", "--json"); exit != 0 {
		t.Fatal(w.stderr.String())
	}
	var printed struct{ Events []map[string]any }
	if err := json.Unmarshal(w.out.Bytes(), &printed); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	schemas := map[string]*jsonschema.Resolved{}
	for _, p := range wire.Pushes() {
		if exit := w.run(t, "schema", p.Type, "--json"); exit != 0 {
			t.Fatalf("schema %s: %s", p.Type, w.stderr.String())
		}
		var described struct {
			Pushes []struct {
				Push   string
				Fields *jsonschema.Schema
			}
		}
		if err := json.Unmarshal(w.out.Bytes(), &described); err != nil || len(described.Pushes) != 1 || described.Pushes[0].Push != p.Type {
			t.Fatalf("schema %s: %v: %s", p.Type, err, w.out.String())
		}
		s := described.Pushes[0].Fields
		s.AdditionalProperties = &jsonschema.Schema{Not: &jsonschema.Schema{}}
		resolved, err := s.Resolve(nil)
		if err != nil {
			t.Fatal(err)
		}
		schemas[p.Type] = resolved
	}
	for _, frame := range printed.Events {
		typ, _ := frame["type"].(string)
		seen[typ] = true
		if schemas[typ] == nil {
			t.Errorf("%s is not declared", typ)
		} else if err := schemas[typ].Validate(frame); err != nil {
			t.Errorf("%s is not as described: %v: %v", typ, err, frame)
		}
	}
	for _, typ := range []string{wire.PushMessage, wire.PushFocus, wire.PushExpense, wire.PushLedger, wire.PushPeer} {
		if !seen[typ] {
			t.Errorf("no %s came", typ)
		}
	}
}
