//go:build unix

package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/clipperhouse/displaywidth"
	"github.com/spf13/cobra"

	"intercom/client/cli"
	"intercom/client/cli/out"
	"intercom/daemon/daemontest"
)

// evil sets a title, rings, goes back to the start of the line, colours by a C1
// control and turns the direction of what follows.
const evil = "a\x1b]0;owned\x07b\rc\u009b31md\u202ee\u2066f\u2028g"

// turned is what a name may hold.
const turned = "x\u202ey"

const someOwner = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"

// hostileRoom is what a daemon is told; words are as they stand.
var hostileRoom = [][]string{
	{"channel", "join", "c"}, {"channel", "join", turned}, {"channel", "create", "mine"},
	{"focus", "start", "r", "--goal", evil}, {"focus", "checkin", "r", "--text", evil},
	{"focus", "start", turned, "--goal", evil},
	{"focus", "start", "over", "--goal", evil}, {"focus", "end", "over"},
	{"focus", "start", "ending", "--goal", evil},
	{"focus", "start", "left", "--goal", evil}, {"focus", "join", "left"},
	{"focus", "start", "pausing", "--goal", evil}, {"focus", "start", "resting", "--goal", evil},
	{"focus", "start", "paused", "--goal", evil}, {"focus", "pause", "paused"},
	{"expense", "add", "--channel", "kept", "--payer", "a", "--amount", "1", "--split", "a,b", "--note", evil, "--category", evil},
	{"expense", "add", "--channel", "c", "--payer", "a", "--amount", "1", "--split", "a,b", "--note", evil},
	{"expense", "recur", "add", "--channel", "rules", "--every", "month", "--start", "2099-01-31", "--payer", "a", "--amount", "1", "--split", "a,b", "--note", evil},
	{"expense", "persist", "--channel", "c", "--label", evil},
	{"expense", "add", "--channel", "closed", "--payer", "a", "--amount", "1", "--split", "a,b", "--note", evil},
	{"expense", "clear", "--channel", "closed", "--yes"},
	{"channel", "join", "theirs", "--owner", someOwner},
	{"expense", "claim", "alice", "--channel", "mine"},
	{"expense", "role", someOwner, "member", "--alias", "bob", "--channel", "mine"},
	{"expense", "policy", "confirm", "--channel", "mine"},
	{"expense", "add", "--channel", "mine", "--payer", "alice", "--amount", "1", "--split", "bob", "--note", evil},
	{"expense", "list", "--channel", "mine", "--pending"},
	{"expense", "balance", "--channel", "mine"}, {"expense", "settle", "--channel", "mine"}, {"expense", "members", "--channel", "mine"},
	{"profile", "new", "work"},
}

// TestTextOfOthersControlsNoTerminal walks the tree on a terminal of 80 columns.
func TestTextOfOthersControlsNoTerminal(t *testing.T) {
	w := realWorld(t)
	w.Terminal = out.Terminal{Tty: true, Width: 80}
	bob := w.home.Start("bob")
	for _, line := range hostileRoom {
		if exit := w.run(t, line...); exit != 0 {
			t.Fatalf("%q: %s", line, w.stderr.String())
		}
		harmless(t, w.world, strings.Join(line[:2], " "))
	}
	bob.Join("c")
	bob.Raw(daemontest.Frame{"type": "send", "channel": "c", "message": evil})
	w.vars["INTERCOM_CHANNEL"] = "c"
	log := mustProfile(t, w.Getenv).LogFile()
	if err := os.MkdirAll(filepath.Dir(log), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(log, []byte("time=2026-01-01T00:00:00Z level=INFO msg=m text="+evil+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if exit := w.run(t, "expense", "list", "--channel", "kept", "--jq", ".entries[0].id"); exit != 0 {
		t.Fatal(w.stderr.String())
	}
	entry := strings.Trim(strings.TrimSpace(w.out.String()), `"`)
	dir := t.TempDir()
	fill := strings.NewReplacer("%DIR", dir, "%PEER", bob.Info().PeerPubkey, "%ADDRESS", bob.Info().Listen[0], "%ENTRY", entry, "%RULE", ruleOf(t, w.world))
	lossless := 0
	for _, cmd := range cli.Tree(w.Env) {
		name := nameOf(cmd)
		ends := 0
		args, ok := really[name]
		if !ok {
			args = arguments[name]
		}
		switch name {
		case "batch", "completion", "down", "id import", "id new", "profile new", "profile rm", "token add", "token rm", "bugreport",
			"focus run": // whose output is that of a command of one's own
			continue // show nothing of others
		case "listen":
			args = "c --since start --count 1"
		case "logs":
			args = "-n 1000"
		case "expense watch":
			args, ends = "--channel kept --timeout 300ms", 7
		case "focus watch":
			args, ends = "r --timeout 300ms", 7
		}
		line := append(strings.Fields(name), strings.Fields(fill.Replace(args))...)
		if text := files[name]; text != "" {
			path := filepath.Join(dir, "file")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			line = append(line, path)
		}
		formats := [][]string{nil, {"--jq", ".. | strings"}, {"--template", "{{.}}"}}
		for _, format := range out.Formats() {
			formats = append(formats, []string{"--format", format})
		}
		if own := cmd.LocalNonPersistentFlags().Lookup("format"); own != nil {
			formats = [][]string{nil, {"--format", "csv"}, {"--format", "json"}}
		}
		for _, format := range formats {
			w.in.Reset()
			exit := w.run(t, append(line, format...)...)
			what := strings.Join(append(line, format...), " ")
			if exit != ends {
				t.Errorf("%s: exit code %d: %s", what, exit, w.stderr.String())
			}
			if name == "focus watch" { // which redraws its line
				line := strings.ReplaceAll(w.out.String(), "\r\x1b[K", "")
				w.out.Reset()
				w.out.WriteString(line)
			}
			harmless(t, w.world, what)
			if len(format) == 2 && format[1] == "table" && !printsText[name] && !streamed[name] && name != "events" {
				narrow(t, w.out.String(), what)
			}
			if len(format) == 2 && format[1] == "json" && w.out.Len() > 0 && !printsText[name] {
				if holds(t, what, w.out.Bytes()) {
					lossless++
				}
			}
		}
	}
	if lossless < 8 {
		t.Errorf("%d documents hold the text as it was written", lossless)
	}
	for _, line := range []string{"channel join ", "listen ", "focus status ", "expense add --payer ", "expense add --split ", "expense list --channel "} {
		w.run(t, append([]string{cobra.ShellCompRequestCmd}, strings.Split(line, " ")...)...)
		harmless(t, w.world, "completion of "+line)
	}
}

// harmless fails where something printed could control a terminal.
func harmless(t *testing.T, w *world, what string) {
	t.Helper()
	for _, text := range []string{w.out.String(), w.stderr.String()} {
		i := strings.IndexFunc(text, func(r rune) bool {
			return r != '\n' && r != '\t' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
		})
		// The end of a line of csv is no text of anybody.
		if i >= 0 && !strings.HasPrefix(text[i:], "\r\n") {
			t.Errorf("%s prints %q", what, text[max(0, i-40):min(len(text), i+20)])
		}
	}
}

func narrow(t *testing.T, text, what string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if n := displaywidth.String(strings.TrimSuffix(line, "\n")); n > 80 {
			t.Errorf("%s prints %d columns: %q", what, n, line)
		}
	}
}

// holds reports whether documents of JSON hold the hostile text unchanged.
func holds(t *testing.T, what string, printed []byte) (found bool) {
	t.Helper()
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			found = found || v == evil || v == turned
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for k, e := range v {
				walk(k)
				walk(e)
			}
		}
	}
	for dec := json.NewDecoder(strings.NewReader(string(printed))); dec.More(); {
		var v any
		if err := dec.Decode(&v); err != nil {
			t.Errorf("%s prints no JSON: %v: %q", what, err, printed)
			return false
		}
		walk(v)
	}
	return found
}
