//go:build unix

package cli_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"intercom/client/cli"
)

// local are the arguments of commands that write files of this machine, where
// those of the walks would not.
var local = map[string]string{
	"channel use":   "c",
	"config set":    "log-level debug",
	"id export":     "--keystore %DIR/keypair.json --no-passphrase",
	"id import":     "--profile fresh",
	"id new":        "--profile fresh",
	"profile rm":    "doomed --yes",
	"profile use":   "doomed",
	"skill install": "--dir %DIR",
	"token rm":      "kept",
}

// elsewhere are the commands that write what is no state: a log or lock of a
// daemon, or the file that they are told to.
var elsewhere = map[string]bool{"up": true, "ensure": true, "down": true, "bugreport": true, "logs": true}

// filesBelow returns the contents of files and the targets of links.
func filesBelow(t *testing.T, dirs ...string) string {
	t.Helper()
	var b strings.Builder
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !d.Type().IsRegular() || strings.HasSuffix(path, ".lock") {
				fmt.Fprintln(&b, path)
				return err
			}
			data, err := os.ReadFile(path)
			fmt.Fprintf(&b, "%s %q\n", path, data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

func TestWhatWritesFilesTakesADryRunThatChangesNothing(t *testing.T) {
	tree := newWorld(t)
	found := 0
	for _, cmd := range cli.Tree(tree.Env) {
		name := nameOf(cmd)
		if elsewhere[name] || streamed[name] {
			continue
		}
		w, dir := newWorld(t).serve(t), t.TempDir()
		w.vars["INTERCOM_CHANNEL"] = "c"
		for _, line := range []string{"id new", "profile new doomed", "token add kept --scope read"} {
			if exit := w.run(t, strings.Fields(line)...); exit != 0 {
				t.Fatal(w.stderr.String())
			}
		}
		args, ok := local[name]
		if !ok {
			args = arguments[name]
		}
		line := strings.Fields(name + " " + strings.ReplaceAll(args, "%DIR", dir))
		run := func(more ...string) (exit int, changed bool) {
			before := filesBelow(t, w.Getenv("INTERCOM_HOME"), dir)
			w.in.Reset()
			w.in.WriteString(words)
			exit = w.run(t, append(line, more...)...)
			return exit, filesBelow(t, w.Getenv("INTERCOM_HOME"), dir) != before
		}
		_, ours := local[name]
		if cmd.Flags().Lookup("dry-run") != nil && cmd.Flags().Lookup("key") == nil {
			found++
			if exit, changed := run("--dry-run"); exit != 0 || changed || !strings.Contains(w.stderr.String(), "dry run: nothing was changed") {
				t.Errorf("%s --dry-run: exit code %d, changed files: %t, said %q", name, exit, changed, w.stderr.String())
			}
			w.wantSent(t)
			if exit, changed := run("--key", "k"); exit != 2 || changed || !strings.Contains(cmd.Long, "it takes no --key") {
				t.Errorf("%s --key: exit code %d, changed files: %t", name, exit, changed)
			}
			ours = true
		}
		if exit, changed := run(); changed != ours || ours && exit != 0 {
			t.Errorf("%s changes files: %t, exit code %d: %s", name, changed, exit, w.stderr.String())
		}
	}
	if found < 10 {
		t.Errorf("%d commands write files", found)
	}
}

func TestADryRunFailsAsTheCommandWould(t *testing.T) {
	w := newWorld(t)
	for _, line := range []string{"id new", "profile new doomed", "token add kept --scope read"} {
		if exit := w.run(t, strings.Fields(line)...); exit != 0 {
			t.Fatal(w.stderr.String())
		}
	}
	for line, want := range map[string]int{
		"token add kept --scope read": 6, "token add x --scope nope": 2, "token rm other": 5,
		"profile new doomed": 6, "profile use other": 5, "profile rm other": 5,
		"config set log-level loud": 2, "config set nothing x": 2, "id new": 6, "id import": 6,
	} {
		w.in.Reset()
		w.in.WriteString(words)
		if exit := w.run(t, append(strings.Fields(line), "--dry-run")...); exit != want {
			t.Errorf("%s --dry-run: exit code %d, want %d: %s", line, exit, want, w.stderr.String())
		}
	}
}
