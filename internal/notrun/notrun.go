// Package notrun is for tests that cannot run everywhere: what did not run is
// named at the end of the run and fails it in continuous integration, so that
// nobody takes a skipped test for a passed one.
package notrun

import (
	"fmt"
	"os"
	"testing"
)

// Skip ends the test because this machine lacks what it needs. With CI=true
// in the environment that is a failure. The line goes to the file that
// INTERCOM_NOT_RUN names, which `make test` prints as a table.
func Skip(t testing.TB, needs string) {
	t.Helper()
	line := fmt.Sprintf("%s: needs %s", t.Name(), needs)
	if path := os.Getenv("INTERCOM_NOT_RUN"); path != "" {
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		_, err = fmt.Fprintln(f, line)
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("NOT RUN: %s", line)
	}
	t.Skipf("NOT RUN: %s", line)
}
