package cmd

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"intercom/internal/notrun"
)

// command is one line of a console block and what is shown below it.
type command struct {
	who, line string
	want      []string
}

var prompt = regexp.MustCompile(`^([a-z]*)\$ (.*)$`)

// commands returns those of the console blocks of a document.
func commands(t *testing.T, document string) []command {
	t.Helper()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	var all []command
	inside := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "```") {
			inside = line == "```console"
			continue
		}
		if !inside {
			continue
		}
		if m := prompt.FindStringSubmatch(line); m != nil {
			all = append(all, command{who: m[1], line: m[2]})
		} else if len(all) > 0 {
			all[len(all)-1].want = append(all[len(all)-1].want, line)
		}
	}
	return all
}

// matches reports whether output is what the document shows; `…` stands for
// anything in a line, and alone on a line for anything.
func (c command) matches(output string) bool {
	var pattern strings.Builder
	for _, line := range c.want {
		if line == "…" {
			pattern.WriteString("(?s:.*)")
			continue
		}
		words := regexp.QuoteMeta(strings.TrimRight(line, " "))
		words = strings.ReplaceAll(words, "…", ".*")
		pattern.WriteString(regexp.MustCompile(` +`).ReplaceAllString(words, " +") + " *\n")
	}
	return regexp.MustCompile("^" + pattern.String() + "$").MatchString(output)
}

// reads are the commands that may be asked again until a peer's news is here.
var reads = regexp.MustCompile(`^intercom (focus (status|rooms|stats|streaks|who|schedule ship-room --jq)|expense (list|balance|settle|export|members)|status)\b`)

// TestCommandsInDocuments runs every command shown in the documents against
// real daemons and compares what it prints.
func TestCommandsInDocuments(t *testing.T) {
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", bin, "./intercom", "./intercomd")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	for _, document := range []string{"../README.md", "../SKILL.md", "../docs/bridge.md", "../docs/expenses.md", "../docs/focus.md", "../docs/hooks.md", "../docs/operations.md"} {
		t.Run(filepath.Base(document), func(t *testing.T) { runDocument(t, bin, document) })
	}
}

func runDocument(t *testing.T, bin, document string) {
	home, err := os.MkdirTemp("", "icdoc") // short: Unix sockets are limited
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(home) })
	here := t.TempDir()
	run := func(c command) (string, error) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		cmd := exec.CommandContext(ctx, "sh", "-c", c.line)
		cmd.Env = append(os.Environ(), "INTERCOM_HOME="+home, "PATH="+bin+":"+os.Getenv("PATH"),
			"INTERCOM_DAEMON="+filepath.Join(bin, "intercomd"), "INTERCOM_PROFILE="+c.who, "INTERCOM_CHANNEL=", "INTERCOM_FORMAT=", "INTERCOM_MDNS=false")
		cmd.Dir = here
		out, err := cmd.Output()
		return string(out), err
	}
	all := commands(t, document)
	if len(all) == 0 {
		t.Fatalf("no commands in %s", document)
	}
	for _, tool := range []string{"jq", "hledger", "ledger", "bean-check"} {
		piped := func(c command) bool {
			return strings.Contains(" "+c.line, "| "+tool+" ") || strings.Contains(c.line, "&& "+tool+" ")
		}
		if _, err := exec.LookPath(tool); err != nil && slices.ContainsFunc(all, piped) {
			notrun.Skip(t, tool)
		}
	}
	people := map[string]bool{}
	t.Cleanup(func() {
		for who := range people {
			cmd := exec.Command(filepath.Join(bin, "intercom"), "down")
			cmd.Env = append(os.Environ(), "INTERCOM_HOME="+home, "INTERCOM_PROFILE="+who)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("down: %v\n%s", err, out)
			}
		}
	})
	for _, c := range all {
		people[c.who] = true
		deadline := time.Now().Add(10 * time.Second)
		for {
			out, err := run(c)
			if out = strings.ReplaceAll(out, "\r\n", "\n"); err == nil && c.matches(out) {
				break
			}
			if !reads.MatchString(c.line) || time.Now().After(deadline) {
				t.Fatalf("%s$ %s: %v\n%s\nwant\n%s", c.who, c.line, err, out, strings.Join(c.want, "\n"))
			}
		}
	}
}
