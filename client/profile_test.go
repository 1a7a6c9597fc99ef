package client_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"intercom/client"
	"intercom/client/clienttest"
)

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func find(t *testing.T, name string, env func(string) string) client.Profile {
	t.Helper()
	p, err := client.FindProfile(name, env)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestProfileFollowsXDG(t *testing.T) {
	p := find(t, "work", env("HOME", "/h", "XDG_DATA_HOME", "/d", "XDG_CONFIG_HOME", "/c", "XDG_STATE_HOME", "/s", "XDG_RUNTIME_DIR", "/r"))
	for got, want := range map[string]string{
		p.DataDir():      "/d/intercom/work",
		p.StoreDir():     "/d/intercom/work/store",
		p.IdentityFile(): "/d/intercom/work/identity.json",
		p.TokenFile():    "/d/intercom/work/token",
		p.ConfigFile():   "/c/intercom/work/config.yaml",
		p.LogFile():      "/s/intercom/work/intercomd.log",
		p.BridgeFile():   "/s/intercom/work/bridge.json",
		p.RuntimeRoot():  "/r/intercom",
		p.PeersDir():     "/r/intercom/peers",
		p.Socket():       "/r/intercom/work/bridge.sock",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	home := find(t, "", env("HOME", "/h", "XDG_DATA_HOME", "relative"))
	if got := home.DataDir(); got != "/h/.local/share/intercom/default" {
		t.Errorf("without XDG: %s", got)
	}
}

func TestIntercomHomeHoldsEverything(t *testing.T) {
	p := find(t, "a", env("INTERCOM_HOME", "/x", "XDG_RUNTIME_DIR", "/r"))
	for _, path := range []string{p.StoreDir(), p.ConfigFile(), p.LogFile(), p.BridgeFile(), p.Socket(), p.PeersDir()} {
		if !strings.HasPrefix(path, "/x/") {
			t.Errorf("%s is elsewhere", path)
		}
	}
}

func TestProfileNameComesFromFlagThenEnvironmentThenChoice(t *testing.T) {
	home := t.TempDir()
	e := env("INTERCOM_HOME", home)
	if p := find(t, "", e); p.Name != client.DefaultProfile {
		t.Errorf("got %s", p.Name)
	}
	if err := find(t, "chosen", e).Use(); err != nil {
		t.Fatal(err)
	}
	if p := find(t, "", e); p.Name != "chosen" {
		t.Errorf("chosen: got %s", p.Name)
	}
	both := env("INTERCOM_HOME", home, "INTERCOM_PROFILE", "env")
	if p := find(t, "", both); p.Name != "env" {
		t.Errorf("environment: got %s", p.Name)
	}
	if p := find(t, "flag", both); p.Name != "flag" {
		t.Errorf("flag: got %s", p.Name)
	}
}

func TestBadProfileNamesAreRefused(t *testing.T) {
	for _, name := range []string{"..", ".x", "a/b", "a b", "peers", "ä", "x\n", strings.Repeat("a", 65)} {
		if _, err := client.FindProfile(name, env("HOME", "/h")); !errors.Is(err, client.ErrProfile) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := client.FindProfile("ok", env()); err == nil || errors.Is(err, client.ErrProfile) {
		t.Errorf("without a home: %v", err)
	}
}

func TestLongSocketPathIsReplacedByAShortOne(t *testing.T) {
	long := "/" + strings.Repeat("x", 120)
	a, again := find(t, "a", env("INTERCOM_HOME", long)), find(t, "a", env("INTERCOM_HOME", long))
	b := find(t, "b", env("INTERCOM_HOME", long))
	if len(a.Socket()) > 100 || a.Socket() != again.Socket() || a.Socket() == b.Socket() {
		t.Errorf("sockets %s, %s, %s", a.Socket(), again.Socket(), b.Socket())
	}
}

func TestProfileLife(t *testing.T) {
	e := env("INTERCOM_HOME", t.TempDir())
	p := find(t, "trip", e)
	if p.Exists() {
		t.Error("exists before it is made")
	}
	if err := errors.Join(p.Create(), p.Use()); err != nil {
		t.Fatal(err)
	}
	names, err := find(t, "default", e).Profiles()
	if err != nil || strings.Join(names, " ") != "default trip" {
		t.Errorf("profiles %v, %v", names, err)
	}
	if err := p.Remove(); err != nil {
		t.Fatal(err)
	}
	if p.Exists() || find(t, "", e).Name != client.DefaultProfile {
		t.Error("is left after its removal")
	}
}

func TestPrivateDirRefusesWhatOthersMayWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "d")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := client.PrivateDir(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o770); err != nil {
		t.Fatal(err)
	}
	if err := client.PrivateDir(dir); !errors.Is(err, client.ErrExposed) {
		t.Errorf("got %v", err)
	}
}

func TestBridgeFileTellsWhetherItsProcessRuns(t *testing.T) {
	p := clienttest.Profile(t)
	if _, err := p.Bridge(); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("before: %v", err)
	}
	if err := p.WriteBridge(client.Bridge{Version: "v"}); err != nil {
		t.Fatal(err)
	}
	b, err := p.Bridge()
	if err != nil || b.PID != os.Getpid() || b.Version != "v" || !b.Alive() {
		t.Fatalf("got %+v, %v", b, err)
	}
	b.Start = "1"
	if b.Alive() {
		t.Error("a pid used again counts as alive")
	}
	if (client.Bridge{}).Alive() {
		t.Error("no process counts as alive")
	}
	if err := os.WriteFile(p.BridgeFile(), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Bridge(); err == nil {
		t.Error("half a file is read")
	}
}
