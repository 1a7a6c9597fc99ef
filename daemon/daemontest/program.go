//go:build unix

// Package daemontest runs real daemons for tests: each is a process of its
// own with folders of its own, is reached by nothing but its bridge and its
// signals, and is gone, with its folders, when the test ends. A test that
// fails shows what its daemons logged.
package daemontest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gofrs/flock"

	_ "intercom/daemon" // so that its change makes a cached result void
)

// programsVar names the folder that holds the built programs of a run.
const programsVar = "INTERCOM_TEST_PROGRAMS"

// Main runs the tests of a package that starts daemons: their programs are
// built once, and removed afterwards.
//
//	func TestMain(m *testing.M) { os.Exit(daemontest.Main(m)) }
func Main(m *testing.M) int {
	if os.Getenv(programsVar) != "" { // a test that runs itself again elsewhere
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "intercom-programs-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "daemontest:", err)
		return 1
	}
	defer os.RemoveAll(dir)
	if err := os.Setenv(programsVar, dir); err != nil {
		fmt.Fprintln(os.Stderr, "daemontest:", err)
		return 1
	}
	return m.Run()
}

// Build says how the daemon's program is built.
type Build struct {
	Clock bool // with a clock that the test sets; see Clock
	Lean  bool // without the race detector, also where the test runs with it
}

// Program returns the path of intercomd, built so. It is built at the first
// use in a run.
func Program(t testing.TB, b Build) string {
	t.Helper()
	race := raced && !b.Lean
	var flags []string
	if race {
		flags = append(flags, "-race")
	}
	if b.Clock {
		flags = append(flags, "-tags", "testclock")
	}
	return program(t, fmt.Sprintf("clock=%t-race=%t", b.Clock, race), "intercomd", flags)
}

// Client returns the path of intercom, in a folder of its own, as users have
// it: without the race detector, which a process that ends after a request
// pays for again each time. In-process tests look for races in it.
func Client(t testing.TB) string {
	t.Helper()
	return program(t, "client", "intercom", nil)
}

func program(t testing.TB, folder, name string, flags []string) string {
	t.Helper()
	dir := os.Getenv(programsVar)
	if dir == "" {
		t.Fatal("daemontest: TestMain does not call daemontest.Main")
	}
	path := filepath.Join(dir, folder, name)
	lock := flock.New(filepath.Join(dir, folder+".lock"))
	if err := lock.Lock(); err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if _, err := os.Stat(path); err == nil {
		return path
	}
	args := append([]string{"build", "-o", path}, flags...)
	if out, err := exec.Command("go", append(args, "intercom/cmd/"+name)...).CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", name, err, out)
	}
	return path
}
