//go:build unix

package cli_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"intercom/client"
	"intercom/client/cli"
	"intercom/daemon/daemontest"
)

// testsWithDaemons is the tests of this package, for testscript.
type testsWithDaemons struct{ m *testing.M }

func (t testsWithDaemons) Run() int { return daemontest.Main(t.m) }

func TestMain(m *testing.M) {
	testscript.Main(testsWithDaemons{m}, map[string]func(){
		"intercom":   func() { os.Exit(cli.Main(context.Background(), os.Args[1:], cli.OS())) },
		"fakedaemon": func() { os.Exit(fakeDaemon(os.Args[1:])) },
	})
}

// TestScripts runs the command line as a process. Each script has folders of
// its own; `intercom up` starts a real daemon there, which ends with the script.
func TestScripts(t *testing.T) {
	daemon, bin := daemontest.Program(t, daemontest.Build{Lean: true}), filepath.Dir(daemontest.Client(t))
	testscript.Run(t, testscript.Params{
		Dir:  "testdata",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exitcode": exitCode, "until": until, "closedpipe": closedPipe, "keep": keep},
		Setup: func(e *testscript.Env) error {
			home := filepath.Join(e.WorkDir, "home")
			e.Setenv("INTERCOM_HOME", home)
			e.Setenv("INTERCOM_DAEMON", daemon)
			e.Setenv("PATH", bin+string(os.PathListSeparator)+e.Getenv("PATH"))
			e.Setenv("INTERCOM_SC_BRIDGE_PORT", "0")
			e.Setenv("INTERCOM_MDNS", "false")
			e.Setenv("TZ", "UTC")
			e.Defer(func() { stopDaemons(t, home) })
			return nil
		},
	})
}

// stopDaemons ends the daemons that a script has left in its home.
func stopDaemons(t *testing.T, home string) {
	env := func(name string) string {
		if name == "INTERCOM_HOME" {
			return home
		}
		return ""
	}
	first, err := client.FindProfile("default", env)
	if err != nil {
		t.Error(err)
		return
	}
	names, err := first.Profiles()
	if err != nil {
		t.Error(err)
	}
	for _, name := range names {
		p, err := client.FindProfile(name, env)
		if err != nil {
			t.Error(err)
			continue
		}
		b, err := p.Bridge()
		if err != nil || !b.Alive() {
			continue // none runs
		}
		if err := syscall.Kill(b.PID, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
			t.Error(err)
		}
		daemontest.Eventually(t, 30*time.Second, "daemon of "+name+" has ended", func() bool { return !b.Alive() })
	}
}

// run runs intercom for a script and returns its exit code.
func run(ts *testscript.TestScript, args []string) int {
	err := ts.Exec("intercom", args...)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	ts.Check(err)
	return 0
}

// keep sets a variable to what was printed last: keep NAME.
func keep(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: keep NAME")
	}
	ts.Setenv(args[0], strings.Trim(strings.TrimSpace(ts.ReadFile("stdout")), `"`))
}

// exitCode runs intercom and checks its exit code: exitcode N ARG...
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: exitcode N ARG...")
	}
	if got := run(ts, args[1:]); strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}

// until runs intercom until its output matches, for what comes from a peer:
// until PATTERN ARG...
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: until PATTERN ARG...")
	}
	pattern := regexp.MustCompile("(?m)" + args[0])
	for deadline := time.Now().Add(20 * time.Second); ; {
		run(ts, args[1:])
		if pattern.MatchString(ts.ReadFile("stdout")) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s never came from %s", args[0], strings.Join(args[1:], " "))
		}
	}
}

// closedPipe runs intercom with a reader that goes before anything is written,
// and expects exit code 0 and silence: closedpipe ARG...
func closedPipe(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: closedpipe ARG...")
	}
	script := `rm -f gone; mkfifo gone; (exec 3<gone) & exec 4>gone; wait; intercom "$@" >&4`
	ts.Check(ts.Exec("sh", append([]string{"-c", script, "sh"}, args...)...))
	if said := ts.ReadFile("stderr"); said != "" {
		ts.Fatalf("said %q", said)
	}
}

// TestEveryCommandHasAScript looks for each command in the scripts, in a line
// that runs it.
func TestEveryCommandHasAScript(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			verb, _, _ := strings.Cut(strings.TrimPrefix(line, "! "), " ")
			if slices.Contains([]string{"exec", "exitcode", "until", "closedpipe"}, verb) {
				lines = append(lines, strings.TrimSpace(line)+" ")
			}
		}
	}
	for _, cmd := range cli.Tree(newWorld(t).Env) {
		path := strings.TrimPrefix(cmd.CommandPath(), "intercom ")
		if !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, " "+path+" ") }) {
			t.Errorf("no script in testdata runs: intercom %s", path)
		}
	}
}
