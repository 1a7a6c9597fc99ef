package bridge_test

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"intercom/client/wire"
	"intercom/daemon/bridge"
)

func TestSocketIsPrivate(t *testing.T) {
	r := start(t)
	for path, want := range map[string]fs.FileMode{filepath.Dir(r.socket): 0o700, r.socket: 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s: mode %o, want %o", path, got, want)
		}
	}
}

func TestOpenFolderIsTightened(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s := bridge.New(bridge.Options{})
	defer s.Close()
	if err := s.ListenUnix(filepath.Join(dir, "s")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

func TestSharedFolderIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777|fs.ModeSticky); err != nil {
		t.Fatal(err)
	}
	s := bridge.New(bridge.Options{})
	defer s.Close()
	if err := s.ListenUnix(filepath.Join(dir, "s")); err == nil {
		t.Error("socket in a folder of all users")
	}
}

func TestStaleSocketIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run", "s")
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	dead.Close()
	s := bridge.New(bridge.Options{})
	defer s.Close()
	if err := s.ListenUnix(path); err != nil {
		t.Error(err)
	}
}

func TestLiveSocketIsKept(t *testing.T) {
	r := start(t)
	s := bridge.New(bridge.Options{})
	defer s.Close()
	if err := s.ListenUnix(r.socket); !errors.Is(err, bridge.ErrSocketInUse) {
		t.Errorf("second daemon: %v", err)
	}
	r.local(t)
}

func TestOtherFilesAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run", "s")
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := bridge.New(bridge.Options{})
	defer s.Close()
	if err := s.ListenUnix(path); err == nil {
		t.Error("no error")
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "mine" {
		t.Errorf("%q %v", got, err)
	}
}

func TestSocketFileGoesWithTheServer(t *testing.T) {
	r := start(t)
	r.Close()
	if _, err := os.Lstat(r.socket); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after close: %v", err)
	}
}

func TestBusyPortHasACode(t *testing.T) {
	r := start(t)
	s := bridge.New(bridge.Options{})
	defer s.Close()
	_, err := s.ListenTCP(r.tcp)
	if !errors.Is(err, &wire.Error{Code: wire.PortBusy}) || !strings.Contains(err.Error(), r.tcp) {
		t.Error(err)
	}
}

func TestNoListenerAfterClose(t *testing.T) {
	s := bridge.New(bridge.Options{})
	s.Close()
	if _, err := s.ListenTCP("127.0.0.1:0"); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	if err := s.Serve(t.Context()); err != nil { // returns at once
		t.Error(err)
	}
}
