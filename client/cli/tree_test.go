package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"intercom/client/cli"
	"intercom/client/cli/out"
)

// arguments are what the commands need to do something that can be seen. Those
// with none here are run without.
var arguments = map[string]string{
	"call":            `{"type":"ping"}`,
	"channel join":    "c",
	"channel leave":   "c",
	"channel open":    "c",
	"channel consent": "c",
	"channel create":  "c",
	"channel info":    "c",
	"config get":      "format",
	"config set":      "log-level warn",
	"config explain":  "format",
	"profile new":     "fresh",
	"profile use":     "test",
	"send":            "c hello",
	"skill install":   "--dry-run",
	"token add":       "--scope read",

	"peers connect":    "/ip4/127.0.0.1/tcp/1/p2p/12D3KooWBhV9dp6FDvRjBqVkGCPxVF7Q2ZqNBfEJXmnd2PvDJv2q",
	"peers disconnect": "12D3",
	"peers block":      "12D3",
	"peers unblock":    "12D3",
	"listen":           "c --count 1",
	"focus start":      "r",
	"focus join":       "r",
	"focus checkin":    "r --text t",
	"focus extend":     "r",
	"focus end":        "r",
	"focus leave":      "r",
	"focus pause":      "r",
	"focus resume":     "r",
	"focus break":      "r",
	"focus handover":   "r --to 9f3a",
	"focus schedule":   "r",
	"focus who":        "r",
	"focus report":     "r",
	"focus export":     "r",
	"expense claim":    "a",
	"expense clear":    "--yes",
	"expense role":     "a member",

	"expense recur add":  "--channel c --every month --payer a --amount 1 --split a,b",
	"expense recur edit": "ab12 --amount 2",
	"expense recur stop": "ab12",
	"expense watch":      "--count 1",
	"expense add":        "--channel c --payer a --amount 1 --split a,b",
	"expense pay":        "--channel c --from a --to b --amount 1",
	"expense show":       "ab12",
	"expense edit":       "ab12 --amount 2",
	"expense void":       "ab12",
	"expense confirm":    "ab12",
	"expense dispute":    "ab12 --reason r",
}

// files are what commands read of a file that is their last argument.
var files = map[string]string{
	"batch":          "{\"type\":\"ping\"}\n",
	"expense import": "what,amount,date,payer_name,owers\ndinner,30,2026-03-01,alice,\"alice, bob\"\n",
}

// unprinted commands print no data, or none of their own making.
var unprinted = map[string]bool{
	"bugreport": true, "completion": true, "config set": true, "down": true, "ensure": true, "help": true, "logs": true, "up": true,
	"skill print": true, "id import": true, "id new": true, "profile new": true, "profile rm": true, "profile use": true,
	"token rm": true, "focus run": true,
}

// TestEveryCommandPrintsEveryFormat walks the tree.
func TestEveryCommandPrintsEveryFormat(t *testing.T) {
	w := newWorld(t).serve(t)
	zero := w.answer
	w.answer = func(request map[string]json.RawMessage) []string {
		frames := zero(request)
		if string(request["type"]) == `"events"` {
			frames = append(frames, frames[0])
			frames[0] = `{"type":"sidechannel_message","channel":"c","id":"i","from":"f","origin":"f","sig":"s","relayedBy":null,"ttl":3,"ts":0,"message":"hello","cursor":"r:1"}`
		}
		return frames
	}
	if exit := w.run(t, "id", "new"); exit != 0 {
		t.Fatal(w.stderr.String())
	}
	w.vars["INTERCOM_CHANNEL"] = "c"
	for _, cmd := range cli.Tree(w.Env) {
		name := strings.TrimPrefix(cmd.CommandPath(), "intercom ")
		if unprinted[name] {
			continue
		}
		args := strings.Fields(name + " " + arguments[name])
		if text := files[name]; text != "" {
			path := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			args = append(args, path)
		}
		for _, format := range out.Formats() {
			if cmd.LocalNonPersistentFlags().Lookup("format") != nil {
				continue // has formats of its own
			}
			if exit := w.run(t, append(args, "--format", format)...); exit != 0 {
				t.Errorf("%s --format %s: exit code %d: %s", name, format, exit, w.stderr.String())
			}
			if format == "json" {
				fits(t, w, name, w.out.Bytes())
			}
			if format != "jsonl" && w.out.Len() == 0 && format != "table" && format != "md" {
				t.Errorf("%s --format %s prints nothing", name, format)
			}
		}
		if exit := w.run(t, append(args, "--jq", "type")...); exit != 0 || w.out.Len() == 0 {
			t.Errorf("%s --jq: exit code %d: %s%s", name, exit, w.out.String(), w.stderr.String())
		}
		if exit := w.run(t, append(args, "--template", "{{json .}}")...); exit != 0 || w.out.Len() == 0 {
			t.Errorf("%s --template: exit code %d: %s", name, exit, w.stderr.String())
		}
	}
}

// undescribed commands print what they are given, in no form of their own.
var undescribed = map[string]bool{"call": true, "batch": true, "expense watch": true}

// fits fails unless a document is what `schema` says that the command prints.
func fits(t *testing.T, w *world, name string, document []byte) {
	t.Helper()
	document = bytes.Clone(document)
	if undescribed[name] {
		if !json.Valid(document) {
			t.Errorf("%s prints no JSON: %s", name, document)
		}
		return
	}
	if exit := w.run(t, append([]string{"schema", "--json"}, strings.Fields(name)...)...); exit != 0 {
		t.Fatalf("schema %s: %s", name, w.stderr.String())
	}
	var described struct {
		Commands []struct {
			Command, Schema string
			Out             *jsonschema.Schema
		}
	}
	if err := json.Unmarshal(w.out.Bytes(), &described); err != nil {
		t.Fatal(err)
	}
	if len(described.Commands) != 1 || described.Commands[0].Out == nil {
		t.Errorf("schema %s does not describe the document: add it to documents in describe.go", name)
		return
	}
	resolved, err := described.Commands[0].Out.Resolve(nil)
	if err != nil {
		t.Fatalf("schema %s: %v", name, err)
	}
	var printed map[string]any
	if err := json.Unmarshal(document, &printed); err != nil {
		t.Errorf("%s prints no JSON object: %v: %s", name, err, document)
		return
	}
	if schema, _ := printed["schema"].(string); schema != described.Commands[0].Schema {
		t.Errorf("%s prints the schema %q, described as %q", name, schema, described.Commands[0].Schema)
	}
	if err := resolved.Validate(printed); err != nil {
		t.Errorf("%s is not as described: %v\n%s", name, err, document)
	}
}

func TestEveryCommandIsDescribed(t *testing.T) {
	w := newWorld(t)
	for _, cmd := range cli.Tree(w.Env) {
		if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") {
			t.Errorf("%s: %q", cmd.CommandPath(), cmd.Short)
		}
		if cmd.Example == "" {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			// Words in back quotes would become the name of the value.
			if value, usage := pflag.UnquoteUsage(f); usage == "" || strings.HasSuffix(usage, ".") || strings.Contains(value, " ") {
				t.Errorf("%s --%s: help %q, value %q", cmd.CommandPath(), f.Name, usage, value)
			}
		})
		for _, f := range []string{"profile", "format", "timeout"} {
			if cmd.InheritedFlags().Lookup(f) == nil && cmd.LocalFlags().Lookup(f) == nil {
				t.Errorf("%s has no --%s", cmd.CommandPath(), f)
			}
		}
	}
}

func TestEveryCommandWithWrongArgumentsIsAMistakeOfUsage(t *testing.T) {
	w := newWorld(t)
	for _, cmd := range cli.Tree(w.Env) {
		if cmd.Name() == "help" {
			continue
		}
		args := append(strings.Fields(strings.TrimPrefix(cmd.CommandPath(), "intercom ")), "--no-such-flag")
		w.wantError(t, w.run(t, args...), 2, "hint: "+cmd.CommandPath()+" --help")
	}
}

// TestNoDaemonIsExitCode10 for all that need one.
func TestNoDaemonIsExitCode10(t *testing.T) {
	w := newWorld(t)
	w.vars["INTERCOM_CHANNEL"] = "c"
	for _, args := range []string{"status", "channel list", "channel join c", "send c x", "listen c", "events", "events --follow", "call {\"type\":\"ping\"}", "batch",
		"focus status", "focus rooms", "focus start r", "expense balance", "expense add --payer a --amount 1 --split a,b"} {
		exit := w.run(t, strings.Fields(args)...)
		w.wantError(t, exit, 10, "daemon_not_running", "hint: intercom --profile test up")
	}
}

func TestCompletionIsSilentWithoutADaemon(t *testing.T) {
	w := newWorld(t)
	if exit := w.run(t, cobra.ShellCompRequestCmd, "channel", "join", ""); exit != 0 || !strings.HasPrefix(w.out.String(), ":4") {
		t.Errorf("exit code %d: %q", exit, w.out.String())
	}
}

func TestCompletionAsksTheDaemon(t *testing.T) {
	w := newWorld(t).serve(t)
	w.answer = func(map[string]json.RawMessage) []string {
		return []string{`{"type":"complete","values":["trip-nyc","trip-rome"]}`}
	}
	for _, line := range []string{"channel join trip", "send trip", "listen trip", "expense list --channel trip", "expense list --room trip", "focus start trip"} {
		w.run(t, append([]string{cobra.ShellCompRequestCmd}, strings.Fields(line)...)...)
		if !strings.HasPrefix(w.out.String(), "trip-nyc\ntrip-rome\n:4") {
			t.Errorf("%s: %q", line, w.out.String())
		}
	}
}
