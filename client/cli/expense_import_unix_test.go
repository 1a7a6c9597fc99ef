//go:build unix

package cli_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAFileOfManyRequestsIsImportedAsAWholeOrNotAtAll: what the daemon refuses
// in the last request leaves nothing of the first.
func TestAFileOfManyRequestsIsImportedAsAWholeOrNotAtAll(t *testing.T) {
	w := realWorld(t)
	path := filepath.Join(t.TempDir(), "bills.csv")
	bills := func(last string) {
		var b bytes.Buffer
		b.WriteString("what,amount,currency,date,payer_name,owers\n")
		for n := range 1199 {
			fmt.Fprintf(&b, "bill %d,%d.50,EUR,2026-03-01,alice,\"alice, bob\"\n", n, n)
		}
		fmt.Fprintf(&b, "%s,1,EUR,2026-03-01,alice,\"alice, bob\"\n", last)
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ask := func(want string, line ...string) {
		t.Helper()
		if exit := w.run(t, line...); exit != 0 || strings.TrimSpace(w.out.String()) != want {
			t.Errorf("%q: exit code %d, %q, want %q: %s", line, exit, w.out.String(), want, w.stderr.String())
		}
	}
	bills(strings.Repeat("x", 5000))
	w.wantError(t, w.run(t, "expense", "import", path, "--channel", "trip"), 2, "line 1201: note of 5000 bytes, at most 4096")
	ask("0", "expense", "list", "--channel", "trip", "--jq", ".count")
	bills("last")
	ask("1200 0", "expense", "import", path, "--channel", "trip", "--jq", `"\(.added) \(.duplicates)"`)
	ask("0 1200", "expense", "import", path, "--channel", "trip", "--jq", `"\(.added) \(.duplicates)"`)
	// 0.50 + 1.50 + ... + 1198.50 is 718800.50, and 1.
	ask("359400.75", "expense", "balance", "--channel", "trip", "--jq", ".balances[0].amount")
}

// TestC1ARoomMovesInAFileWithoutAChain keeps a room as a file and reads it into
// another at once.
func TestC1ARoomMovesInAFileWithoutAChain(t *testing.T) {
	w := realWorld(t)
	do := func(line string) string {
		t.Helper()
		if exit := w.run(t, strings.Fields(line)...); exit != 0 {
			t.Fatalf("%s: exit code %d: %s", line, exit, w.stderr.String())
		}
		return w.out.String()
	}
	do("expense add --channel trip --payer alice --amount 10 --split alice,bob,carol --currency EUR --category food")
	do("expense pay --channel trip --from bob --to alice --amount 3.33 --currency EUR")
	path := filepath.Join(t.TempDir(), "trip.jsonl")
	if err := os.WriteFile(path, []byte(do("expense export --channel trip --format jsonl")), 0o600); err != nil {
		t.Fatal(err)
	}
	do("expense import " + path + " --channel moved")
	here, there := do("expense balance --channel trip --format csv"), do("expense balance --channel moved --format csv")
	if here != there || !strings.Contains(here, "alice,3.3") {
		t.Errorf("%s\nmoved\n%s", here, there)
	}
}
