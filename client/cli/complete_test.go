package cli_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"intercom/client/wire"
	"intercom/expense/exchange"
	"intercom/internal/app"
)

type pickReq struct {
	app.InNamed
	Pet   string `json:"pet,omitempty" arg:"pet" complete:"pets" jsonschema:"which"`
	Other string `json:"other,omitempty" arg:"other" jsonschema:"has no names"`
}

func TestAFieldIsCompletedInItsRoom(t *testing.T) {
	w := newWorld(t, app.Commands{About: "Keep pets", Requests: []wire.Declared{
		declare[pickReq](wire.Spec{Request: "pets_pick", Reply: "pets_pick", Summary: "Pick", Command: "pets pick"}),
	}}).serve(t)
	w.answer = func(map[string]json.RawMessage) []string { return []string{`{"type":"complete","values":["rex"]}`} }
	for line, want := range map[string]string{
		"pets pick ":                  `{"kind":"rooms","type":"complete"}`,
		"pets pick den ":              `{"channel":"den","kind":"pets","type":"complete"}`,
		"pets pick den r":             `{"channel":"den","kind":"pets","prefix":"r","type":"complete"}`,
		"pets pick --room den --pet ": `{"channel":"den","kind":"pets","type":"complete"}`,
		"pets pick --pet r":           `{"kind":"pets","prefix":"r","type":"complete"}`,
		"pets pick den rex ":          "",
		"pets pick den rex x ":        "",
	} {
		w.run(t, append([]string{cobra.ShellCompRequestCmd}, strings.Split(line, " ")...)...)
		w.wantSent(t, want)
		if got := strings.HasPrefix(w.out.String(), "rex\n"); got != (want != "") {
			t.Errorf("%q: %q", line, w.out.String())
		}
	}
	w.vars["INTERCOM_CHANNEL"] = "current"
	w.run(t, cobra.ShellCompRequestCmd, "pets", "pick", "--pet", "")
	w.wantSent(t, `{"channel":"current","kind":"pets","type":"complete"}`)
}

func TestAListIsCompletedNameByName(t *testing.T) {
	w := newWorld(t).serve(t)
	w.answer = func(map[string]json.RawMessage) []string {
		return []string{`{"type":"complete","values":["alice","bob"]}`}
	}
	for line, want := range map[string]string{
		"expense add --room trip --split ":        "alice\nbob\n:6\n",
		"expense add --room trip --split alice,":  "alice,bob\n:6\n",
		"expense add --room trip --split=carol,a": "carol,alice\ncarol,bob\n:6\n",
	} {
		w.run(t, append([]string{cobra.ShellCompRequestCmd}, strings.Split(line, " ")...)...)
		if w.out.String() != want {
			t.Errorf("%q: %q, want %q", line, w.out.String(), want)
		}
	}
	w.run(t, cobra.ShellCompRequestCmd, "expense", "add", "--room", "trip", "--split", "alice,b")
	w.wantSent(t, `{"channel":"trip","kind":"members","prefix":"b","type":"complete"}`)
}

func TestIdsOfClosesAndCheckpointsComplete(t *testing.T) {
	w := newWorld(t).serve(t)
	for verb, kind := range map[string]string{"reopen": "closes", "restore": "checkpoints"} {
		w.run(t, cobra.ShellCompRequestCmd, "expense", verb, "--channel", "trip", "ab")
		w.wantSent(t, `{"channel":"trip","kind":"`+kind+`","prefix":"ab","type":"complete"}`)
	}
}

func TestHelpProposesCommandsAndPages(t *testing.T) {
	w := newWorld(t)
	for line, want := range map[string][]string{
		"help ":         {"exit-codes\t", "formatting\t", "environment\t", "agents\t", "expense\t"},
		"help expense ": {"add\t", "balance\t"},
	} {
		w.run(t, append([]string{cobra.ShellCompRequestCmd}, strings.Split(line, " ")...)...)
		for _, name := range want {
			if !strings.Contains("\n"+w.out.String(), "\n"+name) {
				t.Errorf("%q proposes %q: no %q", line, w.out.String(), name)
			}
		}
	}
}

func TestCompletionAsksTheDaemonOfTheProfileOnTheLine(t *testing.T) {
	w := newWorld(t).serve(t)
	w.vars["INTERCOM_PROFILE"] = "other"
	w.answer = func(map[string]json.RawMessage) []string { return []string{`{"type":"complete","values":["trip"]}`} }
	w.run(t, cobra.ShellCompRequestCmd, "--profile", "test", "focus", "status", "")
	w.wantSent(t, `{"kind":"rooms","type":"complete"}`)
}

func TestSchemaProposesWhatItDescribes(t *testing.T) {
	w := newWorld(t)
	w.run(t, cobra.ShellCompRequestCmd, "schema", "")
	for word, want := range map[string]bool{"ping": true, "focus": true, "gap": true, "formatting": false, cobra.ShellCompRequestCmd: false} {
		if got := slices.Contains(strings.Fields(w.out.String()), word); got != want {
			t.Errorf("%s is proposed: %t", word, got)
		}
	}
}

func TestCompletionProposesValuesAndNoFiles(t *testing.T) {
	w := newWorld(t)
	for line, want := range map[string]string{
		"status --format ":         "table\njson\njsonl\ncsv\ntsv\nmd\nyaml\n:4\n",
		"expense export --format ": strings.Join(exportFormats, "\n") + "\n:4\n",
		"expense export --what ":   "plan\nentries\nbalances\n:4\n",
		"status --profile ":        "default\ntest\n:4\n",
		"config set format ":       "table\njson\njsonl\ncsv\ntsv\nmd\nyaml\n:4\n",
		"config set channel ":      ":4\n",
		"status --timeout ":        ":4\n",
		"help formatting ":         ":4\n",
		"id import ":               ":0\n",
	} {
		w.run(t, append([]string{cobra.ShellCompRequestCmd}, strings.Split(line, " ")...)...)
		if w.out.String() != want {
			t.Errorf("%q: %q, want %q", line, w.out.String(), want)
		}
	}
}

var exportFormats = []string{
	"text", "csv", "json", "md", "tsv", "jsonl", "hledger", "ledger", "beancount", "splitwise", "spliit", "spliit-json", "ihatemoney", "cospend", "room",
}

// TestExportHasEveryFormatThatIsWritten compares the flag with the writers; the
// file of a whole room is written by the daemon.
func TestExportHasEveryFormatThatIsWritten(t *testing.T) {
	want := append(exchange.Writable(), "room")
	slices.Sort(want)
	if got := slices.Sorted(slices.Values(exportFormats)); !slices.Equal(got, want) {
		t.Errorf("%q, written are %q", got, want)
	}
}
