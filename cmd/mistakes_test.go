package cmd

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mistakes are changes that somebody could make, and the test that tells.
var mistakes = []struct {
	name     string
	file     string // below the module
	old, new string // old occurs once
	test     string // fails with the mistake in it
}{
	{
		name: "skip the check of signatures in a range",
		file: "ledger/ingest.go",
		old:  "if err := e.Verify(); err != nil {",
		new:  "if err := e.Verify(); false {",
		test: "TestARangeWithOneBadEventIsNotKept",
	},
	{
		name: "skip the check of an announced signature",
		file: "ledger/network.go",
		old:  "err = e.Verify()",
		new:  "err = error(nil)",
		test: "TestHostileAnnouncementsAreRefusedAndNotStored",
	},
	{
		name: "apply in the order of arrival",
		file: "ledger/apply.go",
		old:  "if p, ok := w.find(id); !ok || !w.applied(p) {",
		new:  "if false {",
		test: "TestEventsWaitForTheirCauses",
	},
	{
		name: "let the first to arrive have an idempotency key",
		file: "ledger/apply.go",
		old:  "if holder.Lamport < s.lamport || holder.Lamport == s.lamport && holder.ID.Compare(s.ID) < 0 {",
		new:  "if true {",
		test: "TestAnyCausalOrderDuplicationAndPartitionGiveOneState",
	},
	{
		name: "continue a chain in a copied store",
		file: "ledger/ledger.go",
		old:  "if log.row([]byte{kInstance}, &row) && string(row.Place) == string(place) {",
		new:  "if log.row([]byte{kInstance}, &row) {",
		test: "TestCopiedStoreWritesAsANewInstance",
	},
	{
		name: "skip the fsync of a commit",
		file: "internal/store/commit.go",
		old:  "	if err := s.wal.sync(); err != nil {",
		new:  "	if err := error(nil); err != nil {",
		test: "TestUpdateReturnsAfterTheSync",
	},
	{
		name: "forget the disk guard",
		file: "internal/store/writer.go",
		old:  "	return s.guard.check()",
		new:  "	return nil",
		test: "TestNothingIsWrittenBelowTheWatermark",
	},
	{
		name: "let anybody end the host's session",
		file: "focus/fold.go",
		old:  "f.Right = entitled(r, m, start, e.Author)",
		new:  "f.Right = true || entitled(r, m, start, e.Author)",
		test: "TestF1AStrangerCannotEndTheHostsSessionOrForgeItsStats",
	},
}

// TestSeededMistakesAreCaught builds each mistake into a copy of its file and
// expects the named test to fail.
func TestSeededMistakesAreCaught(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mistakes {
		t.Run(m.name, func(t *testing.T) {
			path := filepath.Join(root, m.file)
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(source), m.old); n != 1 {
				t.Fatalf("%q stands %d times in %s: the mistake must be written anew", m.old, n, m.file)
			}
			mistaken := filepath.Join(t.TempDir(), filepath.Base(m.file))
			if err := os.WriteFile(mistaken, []byte(strings.Replace(string(source), m.old, m.new, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{path: mistaken}})
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "overlay.json")
			if err := os.WriteFile(file, overlay, 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("go", "test", "-overlay", file, "-vet=off", "-count=1", "-run", "^"+m.test+"$", "./"+filepath.Dir(m.file))
			cmd.Dir = root
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "--- FAIL: "+m.test) {
				t.Errorf("%s did not fail:\n%s", m.test, out)
			}
		})
	}
}
