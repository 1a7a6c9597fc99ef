package cli_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/spf13/cobra"

	"intercom/client/cli"
)

var update = flag.Bool("update", false, "write the golden files, and those that are made from the tree of commands")

// generated returns the files below completions that are made from the tree.
func generated(t *testing.T) map[string]string {
	root := cli.Root(newWorld(t).Env)
	files := map[string]string{}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"intercom.bash": func(b *bytes.Buffer) error { return root.GenBashCompletionV2(b, true) },
		"_intercom":     func(b *bytes.Buffer) error { return root.GenZshCompletion(b) },
		"intercom.fish": func(b *bytes.Buffer) error { return root.GenFishCompletion(b, true) },
		"intercom.ps1":  func(b *bytes.Buffer) error { return root.GenPowerShellCompletionWithDesc(b) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		files[name] = b.String()
	}
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		files["man/"+manName(cmd)+".1"] = manPage(cmd)
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() && sub.Name() != "help" {
				walk(sub)
			}
		}
	}
	walk(root)
	return files
}

// TestSkillIsThePageOfTheTopFolder compares the copy that the client prints
// with SKILL.md; with -update it copies it.
func TestSkillIsThePageOfTheTopFolder(t *testing.T) {
	page, err := os.ReadFile("../../SKILL.md")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("skill.md", page, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if copied, err := os.ReadFile("skill.md"); err != nil || !bytes.Equal(copied, page) {
		t.Errorf("client/cli/skill.md is not SKILL.md (%v): make completions", err)
	}
}

// TestGeneratedFilesAreCurrent compares completions with the tree of commands;
// with -update it writes them.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	const folder = "../../completions"
	want := generated(t)
	if *update {
		if err := os.RemoveAll(folder); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range want {
		path := filepath.Join(folder, name)
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("completions/%s is not current (%v): make completions", name, err)
		}
	}
	for _, pattern := range []string{"*", "man/*"} {
		found, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			name, err := filepath.Rel(folder, path)
			if err != nil {
				t.Fatal(err)
			}
			if _, made := want[filepath.ToSlash(name)]; !made && name != "man" {
				t.Errorf("completions/%s belongs to no command: make completions", name)
			}
		}
	}
}
