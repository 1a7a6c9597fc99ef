package cli_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"intercom/client"
	"intercom/client/cli"
	"intercom/client/cli/out"
	"intercom/client/wire"
)

func page(t *testing.T, topic string) string {
	w := newWorld(t)
	if exit := w.run(t, "help", topic); exit != 0 || w.out.Len() == 0 {
		t.Fatalf("help %s: %s", topic, w.stderr.String())
	}
	return w.out.String()
}

func TestExitCodesPageListsAllCodes(t *testing.T) {
	text := page(t, "exit-codes")
	for code, exit := range wire.Codes() {
		if !regexp.MustCompile(`\b` + string(code) + `\b`).MatchString(text) {
			t.Errorf("%s is not listed", code)
		}
		if !strings.Contains(text, fmt.Sprintf("\n  %3d  ", exit)) {
			t.Errorf("exit code %d is not listed", exit)
		}
	}
	for _, cmd := range cli.Tree(newWorld(t).Env) {
		if cmd.Flags().Lookup("exit-code") != nil && !strings.Contains(text, nameOf(cmd)+" --exit-code") {
			t.Errorf("%s --exit-code is not explained", nameOf(cmd))
		}
	}
}

func TestFormattingPageListsFormatsAndFlags(t *testing.T) {
	text := page(t, "formatting")
	for _, word := range append(out.Formats(), "--format", "--json", "--fields", "--jq", "--template", "--raw", "INTERCOM_FORMAT", "NO_COLOR") {
		if !regexp.MustCompile(`(^|[^\w-])` + regexp.QuoteMeta(word) + `\b`).MatchString(text) {
			t.Errorf("%s is not explained", word)
		}
	}
}

// asked finds the variables that the source looks up by a literal name.
var asked = regexp.MustCompile(`(?:[gG]etenv|env|Env|LookupEnv|vars?)\(?\s*\(?"([A-Z][A-Z0-9_]+)"`)

// foreign are variables that other programs define and that are passed by.
var foreign = map[string]bool{
	"HOME": true, "LESS": true, "LOGNAME": true, "PATH": true, "SUDO_USER": true, "USER": true, "USERPROFILE": true,
	"NOTIFY_SOCKET": true, "WATCHDOG_PID": true, "WATCHDOG_USEC": true, // a service manager's
	"INTERCOM_TEST_CLOCK": true, // in builds for tests alone
}

func TestEnvironmentPageListsAllVariables(t *testing.T) {
	text := page(t, "environment")
	listed := func(name string) bool { return regexp.MustCompile(`\b` + name + `\b`).MatchString(text) }
	for _, s := range client.Settings() {
		if !listed(s.Env()) {
			t.Errorf("%s is not listed", s.Env())
		}
	}
	found := 0
	for _, folder := range []string{"../../client", "../../daemon", "../../p2p"} {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "test/") {
				return err
			}
			source, err := os.ReadFile(path)
			for _, m := range asked.FindAllStringSubmatch(string(source), -1) {
				found++
				if !listed(m[1]) && !foreign[m[1]] {
					t.Errorf("%s reads %s, which is not listed", path, m[1])
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found < 8 {
		t.Errorf("the sources read %d variables: the test does not see them", found)
	}
}

func TestAgentsPageNamesCommandsThatExist(t *testing.T) {
	text := page(t, "agents")
	named := regexp.MustCompile(`intercom ([a-z]+)(?: ([a-z]+))?`).FindAllStringSubmatch(text, -1)
	if len(named) < 5 {
		t.Errorf("%d commands are named", len(named))
	}
	for _, m := range named {
		cmd, _, err := cli.Root(newWorld(t).Env).Find(m[1:2])
		if err == nil && cmd.HasSubCommands() {
			_, _, err = cmd.Find(m[2:3])
		}
		if err != nil {
			t.Errorf("%s: %v", m[0], err)
		}
	}
}
