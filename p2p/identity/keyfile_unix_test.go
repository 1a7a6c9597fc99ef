//go:build !windows

package identity_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"intercom/p2p/identity"
)

func TestKeyFileIsPrivate(t *testing.T) {
	path, _ := saved(t)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "mode", info.Mode(), 0o600)
}

func TestLoadRefusesAFileOpenToOthers(t *testing.T) {
	path, id := saved(t)
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o666, 0o777} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := identity.Load(path)
		if !errors.Is(err, identity.ErrExposed) {
			t.Errorf("mode %o: got %v, want ErrExposed", mode, err)
			continue
		}
		for _, part := range []string{fmt.Sprintf("mode %04o", mode), "hint: chmod 600 " + path} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("mode %o: %q does not say %q", mode, err, part)
			}
		}
		noSecret(t, "error", strings.ReplaceAll(err.Error(), path, ""), legal)
	}
	for _, mode := range []os.FileMode{0o600, 0o400} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if got, err := identity.Load(path); err != nil || got.Address() != id.Address() {
			t.Errorf("mode %o: got %v %v", mode, got, err)
		}
	}
}

// A link has rights of its own; those of the file it leads to count.
func TestLoadRefusesALinkToAFileOpenToOthers(t *testing.T) {
	path, _ := saved(t)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	link := keyPath(t)
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if _, err := identity.Load(link); !errors.Is(err, identity.ErrExposed) {
		t.Errorf("got %v, want ErrExposed", err)
	}
}

// Opening a pipe that nobody writes to would wait for ever.
func TestLoadRefusesAPipe(t *testing.T) {
	path := keyPath(t)
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := identity.Load(path)
		done <- err
	}()
	select {
	case err := <-done:
		if !errors.Is(err, identity.ErrCorrupt) {
			t.Errorf("got %v, want ErrCorrupt", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("waits for a writer")
		w, err := os.OpenFile(path, os.O_RDWR, 0) // lets Load go on
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		<-done
	}
}
