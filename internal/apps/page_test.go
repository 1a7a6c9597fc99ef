//go:build unix

package apps_test

import (
	"encoding/json"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
)

// block is Go code of a page; its first line is a comment with its file's
// name.
var block = regexp.MustCompile("(?s)```go\n// (\\S+\\.go)\n(.*?)```")

// overlay puts the files that a page of docs shows into the module, as far as
// the go command sees it, and returns the file for its flag -overlay.
func overlay(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../docs", page))
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir, replace := t.TempDir(), map[string]string{}
	for _, m := range block.FindAllStringSubmatch(string(text), -1) {
		name, code := m[1], strings.TrimPrefix(m[2], "\n")
		if clean, err := format.Source([]byte(code)); err != nil || string(clean) != code {
			t.Errorf("%s in %s is not as gofmt has it: %v", name, page, err)
		}
		file := filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
		writeFile(t, file, code)
		replace[filepath.Join(root, name)] = file
	}
	if want := strings.Count(string(text), "```go\n"); len(replace) != want {
		t.Fatalf("%s has %d blocks of Go, %d of them with a file's name of their own", page, want, len(replace))
	}
	b, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	writeFile(t, file, string(b))
	return file
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// goRun runs the go command, with the race detector if the test has it.
func goRun(t *testing.T, args ...string) {
	t.Helper()
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "-race" && s.Value == "true" {
				args = append([]string{args[0], "-race"}, args[1:]...)
			}
		}
	}
	if out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}
