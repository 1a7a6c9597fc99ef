//go:build unix

package cli_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"intercom/client/cli"
	"intercom/client/cli/out"
	"intercom/daemon/daemontest"
)

// prepared is what a daemon is told before the walk, so that every command has
// something to show.
var prepared = []string{
	"channel join c",
	"channel create mine",
	"channel join theirs --owner 03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8",
	"focus start r --goal g", "focus checkin r --text t",
	"focus start over", "focus end over", "focus start ending",
	"focus start left", "focus start pausing", "focus start resting", "focus start paused", "focus pause paused",
	"focus join left",
	"expense add --channel c --payer a --amount 1 --split a,b --note =n",
	"expense add --channel closed --payer a --amount 1 --split a,b", "expense clear --channel closed --yes",
	"expense add --channel kept --payer a --amount 1 --split a,b",
	"expense recur add --channel rules --every month --start 2099-01-31 --payer a --amount 1 --split a,b --note =n",
	"token add other --scope read",
	"profile new work",
}

// really are the arguments that commands need where the daemon is a real one;
// those with none here have those of the other walk. %N is a number that no
// other run has, %DIR a folder, %PEER the key of another daemon and %ADDRESS
// where it listens. Writes have a key, so that each run gives the first reply.
var really = map[string]string{
	"bugreport":          "--out %DIR/%N.tar.gz",
	"down":               "--profile work",
	"channel consent":    "theirs",
	"expense add":        "--channel c --payer a --amount 1 --split a,b --key add",
	"expense clear":      "--channel c --dry-run",
	"expense confirm":    "%ENTRY --channel kept --key confirm",
	"expense dispute":    "%ENTRY --channel kept --key dispute",
	"expense edit":       "%ENTRY --channel kept --amount 2 --key edit",
	"expense pay":        "--from a --to b --amount 1 --key pay",
	"expense reopen":     "--channel closed --key reopen",
	"expense recur add":  "--channel later --every month --start 2099-01-31 --payer a --amount 1 --split a,b --key recur",
	"expense recur edit": "%RULE --channel rules --amount 2 --key edit",
	"expense recur list": "--channel rules",
	"expense recur stop": "%RULE --channel rules --dry-run",
	"expense recur run":  "--channel rules",
	"expense role":       "%PEER member --alias bob --channel mine --key role",
	"expense show":       "%ENTRY --channel kept",
	"expense void":       "%ENTRY --channel kept --dry-run",
	"focus break":        "resting --key break",
	"focus checkin":      "r --text t --key checkin",
	"focus end":          "ending --key end",
	"focus extend":       "r --key extend",
	"focus handover":     "r --to %PEER --cohost --key handover",
	"focus leave":        "left --key leave",
	"focus pause":        "pausing --key pause",
	"focus report":       "over",
	"focus resume":       "paused --key resume",
	"focus schedule":     "r --at 12:00 --key schedule",
	"focus start":        "new --key start",
	"id import":          "--profile import%N",
	"id new":             "--profile id%N",
	"profile new":        "p%N",
	"profile use":        "default",
	"token add":          "add%N --scope read",
	"token rm":           "rm%N",

	"peers block":      "%PEER --dry-run",
	"peers connect":    "%ADDRESS",
	"peers disconnect": "%PEER --dry-run",
	"peers unblock":    "%PEER --dry-run",
}

// before are the commands that a command needs each time.
var before = map[string]string{"token rm": "token add rm%N --scope read"}

// ruleOf returns the rule of the room `rules`.
func ruleOf(t *testing.T, w *world) string {
	t.Helper()
	if exit := w.run(t, "expense", "recur", "list", "--channel", "rules", "--jq", ".rules[0].id"); exit != 0 {
		t.Fatal(w.stderr.String())
	}
	return strings.Trim(strings.TrimSpace(w.out.String()), `"`)
}

// streamed commands end when something comes, or have something to print only
// when something is due; scripts run them.
var streamed = map[string]bool{"expense recur run": true, "batch": true, "focus watch": true, "listen": true, "expense watch": true}

// printing are the commands whose data the walks look at.
func printing(w *world) []string {
	var names []string
	for _, cmd := range cli.Tree(w.Env) {
		name := strings.TrimPrefix(cmd.CommandPath(), "intercom ")
		if !printsText[name] && !streamed[name] && cmd.LocalNonPersistentFlags().Lookup("format") == nil {
			names = append(names, name)
		}
	}
	return names
}

// printsText are the commands that print no document.
var printsText = map[string]bool{
	"completion": true, "config set": true, "ensure": true, "focus run": true, "help": true, "logs": true, "profile rm": true, "skill print": true,
}

// TestEveryCommandPrintsRealDataInEveryFormat walks the tree with a daemon.
func TestEveryCommandPrintsRealDataInEveryFormat(t *testing.T) {
	w := realWorld(t)
	bob := w.home.Start("bob").Info()
	for _, line := range prepared {
		if exit := w.run(t, strings.Fields(line)...); exit != 0 {
			t.Fatalf("%s: %s", line, w.stderr.String())
		}
	}
	if exit := w.run(t, "expense", "list", "--channel", "kept", "--jq", ".entries[0].id"); exit != 0 {
		t.Fatal(w.stderr.String())
	}
	entry := strings.Trim(strings.TrimSpace(w.out.String()), `"`)
	rule := ruleOf(t, w.world)
	w.vars["INTERCOM_CHANNEL"] = "c"
	runs, dir := 0, t.TempDir()
	for _, name := range printing(w.world) {
		args, ok := really[name]
		if !ok {
			args = arguments[name]
		}
		print := func(more ...string) []byte {
			runs++
			fill := strings.NewReplacer("%N", fmt.Sprint(runs), "%DIR", dir, "%PEER", bob.PeerPubkey, "%ADDRESS", bob.Listen[0], "%ENTRY", entry, "%RULE", rule).Replace
			if line := before[name]; line != "" {
				if exit := w.run(t, strings.Fields(fill(line))...); exit != 0 {
					t.Fatalf("%s: %s", line, w.stderr.String())
				}
			}
			w.in.Reset()
			w.in.WriteString(words)
			line := append(strings.Fields(name+" "+fill(args)), more...)
			if text := files[name]; text != "" {
				path := filepath.Join(dir, "file")
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				line = append(line, path)
			}
			if exit := w.run(t, line...); exit != 0 || w.out.Len() == 0 {
				t.Errorf("%s: exit code %d, printed %q: %s", strings.Join(line, " "), exit, w.out.String(), w.stderr.String())
			}
			return bytes.Clone(w.out.Bytes())
		}
		for _, format := range out.Formats() {
			wellFormed(t, w.world, name, format, print("--format", format))
		}
		column := strings.SplitN(strings.TrimSpace(string(print("--format", "tsv"))), "\n", 2)[0]
		column, _, _ = strings.Cut(column, "\t")
		if got := string(print("--format", "tsv", "--fields", column)); !strings.HasPrefix(got, column+"\n") {
			t.Errorf("%s --fields %s: %q", name, column, got)
		}
		if got := string(print("--jq", "type")); got != "object\n" {
			t.Errorf("%s --jq type: %q", name, got)
		}
		if got := print("--template", "{{json .}}"); !json.Valid(got) {
			t.Errorf("%s --template: %q", name, got)
		}
	}
}

const words = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"

type livingWorld struct {
	*world
	home *daemontest.Home
}

// realWorld is a command line with a daemon of its own.
func realWorld(t *testing.T) livingWorld {
	home := daemontest.NewHome(t)
	home.Program = daemontest.Program(t, daemontest.Build{Lean: true})
	home.Start("default")
	w := newWorld(t)
	w.vars["INTERCOM_HOME"], w.vars["INTERCOM_PROFILE"] = home.Dir, ""
	return livingWorld{w, home}
}

// wellFormed fails unless printed is what readers of the format take.
func wellFormed(t *testing.T, w *world, name, format string, printed []byte) {
	t.Helper()
	bad := func(why any) { t.Errorf("%s --format %s: %v: %q", name, format, why, printed) }
	lines := strings.Split(strings.TrimSuffix(string(printed), "\n"), "\n")
	switch format {
	case "json":
		fits(t, w, name, printed)
	case "jsonl":
		for _, line := range lines {
			if err := json.Unmarshal([]byte(line), &map[string]any{}); err != nil {
				bad(err)
			}
		}
	case "yaml":
		document := map[string]any{}
		if err := yaml.Unmarshal(printed, &document); err != nil || len(document) == 0 {
			bad(err)
		}
	case "csv":
		if rows, err := csv.NewReader(bytes.NewReader(printed)).ReadAll(); err != nil || len(rows) < 2 {
			bad(fmt.Sprint(len(rows), " rows ", err))
		}
	case "tsv":
		for _, line := range lines {
			if strings.Count(line, "\t") != strings.Count(lines[0], "\t") || len(lines) < 2 {
				bad("not as many cells as headings, or no row")
			}
		}
	case "md":
		for _, line := range lines {
			if !strings.HasPrefix(line, "| ") || !strings.HasSuffix(line, " |") {
				bad("no row of a table")
			}
		}
	}
}

// TestEmptyResultsHaveAHeader runs what shows lists where there is nothing.
func TestEmptyResultsHaveAHeader(t *testing.T) {
	w := realWorld(t)
	w.vars["INTERCOM_CHANNEL"] = "nothing"
	for _, name := range []string{
		"expense balance", "expense list", "expense settle", "focus rooms", "focus stats", "focus status", "focus streaks", "token list",
	} {
		if exit := w.run(t, append(strings.Fields(name), "--format", "csv")...); exit != 0 || strings.Count(w.out.String(), "\r\n") != 1 {
			t.Errorf("%s --format csv: exit code %d: %q", name, exit, w.out.String())
		}
		if exit := w.run(t, append(strings.Fields(name), "--format", "jsonl")...); exit != 0 || w.out.Len() != 0 {
			t.Errorf("%s --format jsonl: exit code %d: %q", name, exit, w.out.String())
		}
		if exit := w.run(t, strings.Fields(name)...); exit != 0 || w.out.Len() != 0 || w.stderr.Len() == 0 {
			t.Errorf("%s: exit code %d: %q, said %q", name, exit, w.out.String(), w.stderr.String())
		}
		if exit := w.run(t, append(strings.Fields(name), "--format", "json")...); exit != 0 || !strings.Contains(w.out.String(), "[]") {
			t.Errorf("%s --format json: exit code %d: %q", name, exit, w.out.String())
		}
	}
}
