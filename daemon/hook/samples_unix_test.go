//go:build unix

package hook_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"intercom/internal/notrun"
)

// samples are what the hooks of docs/hooks do, by the exit code of
// `intercom focus status --exit-code`: a line for each program that they run.
var samples = map[string]struct{ on, off string }{
	"gnome": {"gsettings set org.gnome.desktop.notifications show-banners false", "gsettings set org.gnome.desktop.notifications show-banners true"},
	"dunst": {"dunstctl set-paused true", "dunstctl set-paused false"},
	"mako":  {"makoctl mode -a do-not-disturb", "makoctl mode -r do-not-disturb"},
	"macos": {"shortcuts run Intercom focus on", "shortcuts run Intercom focus off"},
	"kde": {
		"kwriteconfig6 --notify --file plasmanotifyrc --group DoNotDisturb --key Until answer",
		"kwriteconfig6 --notify --file plasmanotifyrc --group DoNotDisturb --key Until --delete",
	},
	"slack": {
		"curl --silent --show-error --fail --max-time 20 --output /dev/null --config - --data num_minutes=answer https://slack.com/api/dnd.setSnooze",
		"curl --silent --show-error --fail --max-time 20 --output /dev/null --config - --data  https://slack.com/api/dnd.endSnooze",
	},
}

// TestSampleHooksSetWhatBelongsToTheState runs each with fake programs.
func TestSampleHooksSetWhatBelongsToTheState(t *testing.T) {
	bin := t.TempDir()
	program := func(name, text string) {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	program("intercom", `case "$*" in *--jq*) echo answer;; *--exit-code*) exit "$STATE";; esac`)
	for _, name := range []string{"gsettings", "dunstctl", "makoctl", "shortcuts", "kwriteconfig6", "curl"} {
		program(name, `echo `+name+` "$@" >>"$RECORD"`)
	}
	token := filepath.Join(bin, "token")
	if err := os.WriteFile(token, []byte("xoxp-secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../docs/hooks/*")
	if err != nil || len(files) != len(samples) {
		t.Fatalf("%d samples, %d are known: %v", len(files), len(samples), err)
	}
	for _, file := range files {
		want, ok := samples[strings.TrimPrefix(filepath.Ext(file), ".")]
		if info, err := os.Stat(file); err != nil || info.Mode()&0o111 == 0 || !ok {
			t.Errorf("%s: known %t, executable: %v", file, ok, err)
			continue
		}
		for state, lines := range map[int]string{0: want.on, 20: want.off, 21: want.off, 22: want.off, 10: "", 7: ""} {
			record := filepath.Join(t.TempDir(), "record")
			cmd := exec.Command("sh", file)
			cmd.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "RECORD=" + record, "INTERCOM_SLACK_TOKEN=" + token, fmt.Sprintf("STATE=%d", state)}
			out, _ := cmd.CombinedOutput() // the exit code is looked at below
			did, _ := os.ReadFile(record)  // absent: nothing was done
			if got := strings.TrimSpace(string(did)); got != lines || len(out) > 0 {
				t.Errorf("%s in state %d did %q and said %q", file, state, got, out)
			}
			if code := cmd.ProcessState.ExitCode(); lines != "" && code != 0 || lines == "" && code != state {
				t.Errorf("%s in state %d ended with %d", file, state, code)
			}
			if strings.Contains(string(did), "xoxp") {
				t.Errorf("%s shows its token to everybody who lists processes", file)
			}
		}
	}
}

func TestSampleHooksAreCleanShell(t *testing.T) {
	files, err := filepath.Glob("../../docs/hooks/*")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	checker, err := exec.LookPath("shellcheck")
	if err != nil {
		notrun.Skip(t, "shellcheck")
	}
	if out, err := exec.Command(checker, append([]string{"--shell=sh"}, files...)...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
