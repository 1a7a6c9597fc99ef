package cli_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"intercom/client/cli"
	"intercom/client/clienttest"
)

// The tests of this file are named by the promises that scripts and agents
// rely on: what holds for every command is asked of every command of the tree.

// nameOf returns the words of a command.
func nameOf(cmd *cobra.Command) string { return strings.TrimPrefix(cmd.CommandPath(), "intercom ") }

func TestAMistakeIsOneLineAndAHintOnStandardErrorAlone(t *testing.T) {
	w := newWorld(t)
	for _, cmd := range cli.Tree(w.Env) {
		args := append(strings.Fields(nameOf(cmd)), "--no-such-flag")
		w.run(t, args...)
		lines := strings.Split(w.stderr.String(), "\n")
		if cmd.Name() != "help" && (len(lines) != 3 || !strings.HasPrefix(lines[0], "intercom: ") || !strings.HasPrefix(lines[1], "hint: ") || w.out.Len() > 0) {
			t.Errorf("%s: printed %q, said %q", nameOf(cmd), w.out.String(), w.stderr.String())
		}
	}
}

func TestAMistakeIsOneObjectForPrograms(t *testing.T) {
	w := newWorld(t)
	for _, format := range []string{"json", "jsonl", "csv", "tsv", "yaml"} {
		w.run(t, "status", "--no-such-flag", "--format", format)
		var failure struct {
			Error struct {
				Code, Message, Hint string
				Exit                int
			}
		}
		if err := json.Unmarshal(w.stderr.Bytes(), &failure); err != nil || failure.Error.Exit != 2 || failure.Error.Code == "" ||
			failure.Error.Message == "" || failure.Error.Hint == "" || bytes.Count(w.stderr.Bytes(), []byte("\n")) != 1 {
			t.Errorf("--format %s: said %q", format, w.stderr.String())
		}
	}
}

func TestEveryCommandTakesTheFlagsOfOutput(t *testing.T) {
	w := newWorld(t)
	for _, cmd := range cli.Tree(w.Env) {
		for _, f := range []string{"format", "json", "fields", "jq", "template", "raw", "timeout", "profile", "address"} {
			if cmd.InheritedFlags().Lookup(f) == nil && cmd.LocalFlags().Lookup(f) == nil {
				t.Errorf("%s has no --%s", nameOf(cmd), f)
			}
		}
	}
}

func TestAnUnknownFormatIsAMistakeOfUsage(t *testing.T) {
	w := newWorld(t).serve(t)
	for _, cmd := range cli.Tree(w.Env) {
		args := append(strings.Fields(nameOf(cmd)+" "+arguments[nameOf(cmd)]), "--format", "xml")
		if exit := w.run(t, args...); cmd.Name() != "help" && (exit != 2 || w.out.Len() > 0 || len(w.sent) > 0) {
			t.Errorf("%s --format xml: exit code %d, printed %q, sent %v", nameOf(cmd), exit, w.out.String(), w.sent)
		}
	}
	w.vars["INTERCOM_FORMAT"] = "xml"
	w.wantError(t, w.run(t, "channel", "list"), 2, `INTERCOM_FORMAT: unknown format "xml"`)
}

// writes are the commands that send a request that changes something.
func writes() map[string]bool {
	all := map[string]bool{}
	for _, d := range declared() {
		if d.Write && d.Command != "" {
			all[d.Command] = true
		}
	}
	return all
}

func TestEveryWriteTakesAKeyAndADryRun(t *testing.T) {
	w, found := newWorld(t), 0
	for _, cmd := range cli.Tree(w.Env) {
		if !writes()[nameOf(cmd)] {
			continue
		}
		found++
		for _, f := range []string{"key", "dry-run"} {
			if cmd.Flags().Lookup(f) == nil {
				t.Errorf("%s has no --%s", nameOf(cmd), f)
			}
		}
	}
	if found < 8 {
		t.Errorf("%d commands write", found)
	}
}

func TestWhatDestroysIsNotDoneUnasked(t *testing.T) {
	w, found := newWorld(t).serve(t), 0
	w.vars["INTERCOM_CHANNEL"] = "c"
	if exit := w.run(t, "profile", "new", "doomed"); exit != 0 {
		t.Fatal(w.stderr.String())
	}
	for _, cmd := range cli.Tree(w.Env) {
		if cmd.Flags().Lookup("yes") == nil {
			continue
		}
		found++
		args := map[string]string{"profile rm": "doomed", "expense restore": "--replace"}[nameOf(cmd)]
		w.wantError(t, w.run(t, strings.Fields(nameOf(cmd)+" "+args)...), 2, "--yes")
		w.wantSent(t)
	}
	if found < 2 {
		t.Errorf("%d commands destroy", found)
	}
}

func TestRoomAndChannelMeanTheSame(t *testing.T) {
	w := newWorld(t)
	for _, cmd := range cli.Tree(w.Env) {
		room, channel := cmd.Flags().Lookup("room"), cmd.Flags().Lookup("channel")
		if (room == nil) != (channel == nil) {
			t.Errorf("%s has only one of --room and --channel", nameOf(cmd))
		}
		inArgument := strings.Contains(cmd.Use, "[ROOM]") || strings.Contains(cmd.Use, "CHANNEL")
		if inArgument && room == nil {
			t.Errorf("%s takes no --room", nameOf(cmd))
		}
		if room != nil && channel != nil && !room.Hidden && !channel.Hidden {
			t.Errorf("%s shows both --room and --channel", nameOf(cmd))
		}
	}
}

// TestEveryCallEndsWithItsTimeout asks a daemon that never answers.
func TestEveryCallEndsWithItsTimeout(t *testing.T) {
	w := newWorld(t)
	clienttest.Bridge{Hello: clienttest.Greeting(), Answer: func(map[string]json.RawMessage) []string {
		<-t.Context().Done()
		return nil
	}}.ServeSocket(t, mustProfile(t, w.Getenv))
	w.vars["INTERCOM_CHANNEL"] = "c"
	calls := map[string]bool{"call": true, "up": true}
	for _, d := range declared() {
		calls[d.Command] = d.Command != "schema" && d.Command != "id show" // these ask no daemon
	}
	for _, cmd := range cli.Tree(w.Env) {
		if !calls[nameOf(cmd)] {
			continue
		}
		args := append(strings.Fields(nameOf(cmd)), "--timeout", "20ms")
		if args = append(args, strings.Fields(arguments[nameOf(cmd)])...); nameOf(cmd) == "call" {
			args = []string{"call", arguments["call"], "--timeout", "20ms"}
		}
		begun := time.Now()
		if exit := w.run(t, args...); exit != 7 || time.Since(begun) > 5*time.Second {
			t.Errorf("%s: exit code %d after %v: %s", strings.Join(args, " "), exit, time.Since(begun), w.stderr.String())
		}
	}
}

func TestTimesAreUTCForProgramsAndLocalForPeople(t *testing.T) {
	w := newWorld(t).serve(t)
	w.Zone = time.FixedZone("far", 5*3600+1800)
	w.answer = func(map[string]json.RawMessage) []string {
		return []string{`{"type":"health","status":"ready","ready":true,"started":"2026-03-01T20:00:00Z"}`}
	}
	for format, want := range map[string]string{
		"table": "2026-03-02 01:30:00", "md": "2026-03-01T20:00:00Z",
		"json": `"2026-03-01T20:00:00Z"`, "jsonl": `"2026-03-01T20:00:00Z"`, "yaml": "2026-03-01T20:00:00Z",
		"csv": "2026-03-01T20:00:00Z", "tsv": "2026-03-01T20:00:00Z",
	} {
		if w.run(t, "wait", "--format", format); !strings.Contains(w.out.String(), want) {
			t.Errorf("--format %s: %q", format, w.out.String())
		}
	}
}
