package daemon_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"intercom/daemon"
)

func TestAFullLogBeginsAnewAndTwoBeforeItStay(t *testing.T) {
	dir := t.TempDir()
	paths := []string{filepath.Join(dir, "log"), filepath.Join(dir, "log.1"), filepath.Join(dir, "log.2")}
	if err := os.WriteFile(paths[0], []byte("line of another process\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	attached := 0
	l, err := daemon.OpenLogFile(paths, 100, func(*os.File) error { attached++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	const lines = 40
	for i := range lines {
		if _, err := fmt.Fprintf(l, "line %02d\n", i); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	next := lines - 1
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(b) > 100 {
			t.Errorf("%s has %d bytes", path, len(b))
		}
		all := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
		for i := len(all) - 1; i >= 0; i-- { // none is missing or cut
			if want := fmt.Sprintf("line %02d", next); all[i] != want {
				t.Fatalf("%s: %q, want %q", path, all[i], want)
			}
			next--
		}
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 3 {
		t.Errorf("%d files (%v)", len(files), err)
	}
	if attached < 4 {
		t.Errorf("told %d times which file it is", attached)
	}
}

func TestALogThatAnotherProcessBeganAnewIsFollowed(t *testing.T) {
	dir := t.TempDir()
	paths := []string{filepath.Join(dir, "log"), filepath.Join(dir, "log.1")}
	var logs [2]*daemon.LogFile
	for i := range logs {
		var err error
		if logs[i], err = daemon.OpenLogFile(paths, 64, nil); err != nil {
			t.Fatal(err)
		}
		defer logs[i].Close()
	}
	line := []byte(strings.Repeat("x", 59) + "\n")
	for _, l := range []*daemon.LogFile{logs[0], logs[0], logs[1], logs[1]} {
		if _, err := l.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range paths {
		if b, err := os.ReadFile(path); err != nil || len(b) > 2*len(line) {
			t.Errorf("%s: %d bytes (%v)", path, len(b), err)
		}
	}
}
