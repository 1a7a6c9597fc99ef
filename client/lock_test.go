package client_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gofrs/flock"

	"intercom/client"
	"intercom/client/clienttest"
)

func TestHeldTellsWhetherTheStoreIsInUse(t *testing.T) {
	p, err := client.FindProfile("test", clienttest.Env(t))
	if err != nil {
		t.Fatal(err)
	}
	if p.Held() {
		t.Error("held before there is a store")
	}
	if _, err := os.Stat(p.StoreDir()); err == nil {
		t.Error("looking made the store's folder")
	}
	if err := client.PrivateDir(p.StoreDir()); err != nil {
		t.Fatal(err)
	}
	lock := flock.New(filepath.Join(p.StoreDir(), "lock"))
	if ok, err := lock.TryLock(); !ok {
		t.Fatal(err)
	}
	if !p.Held() {
		t.Error("not held while it is locked")
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the first look must not hold it
		if p.Held() {
			t.Error("held after it was released")
		}
	}
}

func TestAProcessOfAnotherTimeIsNotTheDaemon(t *testing.T) {
	b := client.BridgeOf(os.Getpid())
	if !b.Alive() {
		t.Fatal("this process does not run")
	}
	for _, start := range []string{"", b.Start + "0"} {
		if (client.Bridge{PID: b.PID, Start: start}).Alive() {
			t.Errorf("start %q is taken for this process", start)
		}
	}
}
