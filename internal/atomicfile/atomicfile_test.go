package atomicfile_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"intercom/internal/atomicfile"
)

func TestReplaceLeavesTheNewFileAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	for _, text := range []string{"one", "two"} {
		if err := atomicfile.Replace(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		holds(t, path, text)
	}
}

func TestModeIsTheOneAskedFor(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // it has no such modes
	}
	for _, mode := range []fs.FileMode{0o600, 0o644} {
		path := filepath.Join(t.TempDir(), "a")
		if err := atomicfile.Replace(path, nil, mode); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode() != mode {
			t.Errorf("mode %v, %v; want %v", info.Mode(), err, mode)
		}
	}
}

func TestCreateReplacesNothing(t *testing.T) {
	for name, create := range map[string]func(path string, data []byte, mode fs.FileMode) error{
		"with links": atomicfile.Create,
		"without links": func(path string, data []byte, mode fs.FileMode) error {
			return atomicfile.CreateBy(func(string, string) error { return errors.ErrUnsupported }, path, data, mode)
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a")
			if err := create(path, []byte("one"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := create(path, []byte("two"), 0o600); !errors.Is(err, fs.ErrExist) {
				t.Errorf("got %v, want fs.ErrExist", err)
			}
			holds(t, path, "one")
		})
	}
}

func TestAFileThatIsNotFilledIsNotMade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	broken := errors.New("no more")
	err := atomicfile.CreateFrom(path, 0o600, func(w io.Writer) error {
		if _, err := io.WriteString(w, "half"); err != nil {
			return err
		}
		return broken
	})
	if entries, read := os.ReadDir(filepath.Dir(path)); !errors.Is(err, broken) || read != nil || len(entries) != 0 {
		t.Errorf("got %v; the folder holds %v", err, entries)
	}
	if err := atomicfile.CreateFrom(path, 0o600, func(w io.Writer) error { _, err := io.WriteString(w, "whole"); return err }); err != nil {
		t.Fatal(err)
	}
	holds(t, path, "whole")
}

func TestFailureLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := atomicfile.Replace(path, []byte("x"), 0o600); err == nil {
		t.Error("a folder was replaced")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v %v", entries, err)
	}
}

// holds checks the content of a file that is alone in its folder.
func holds(t *testing.T, path, text string) {
	t.Helper()
	if data, err := os.ReadFile(path); err != nil || string(data) != text {
		t.Errorf("got %q %v, want %q", data, err, text)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v %v", entries, err)
	}
}
