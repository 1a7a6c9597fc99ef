//go:build unix

package daemon_test

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"testing"
	"time"

	"intercom/daemon/daemontest"
)

func TestTheFirstSignalFinishesWhatRuns(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		h := daemontest.NewHome(t)
		a := h.Start("a")
		began := make(chan struct{})
		ended := make(chan struct{})
		var acked []int
		go func() {
			defer close(ended)
			acked, _ = burst(t.Context(), a, 0, began)
		}()
		<-began
		at := time.Now()
		a.Signal(s)
		if code := a.Exit(soon); code != 0 {
			t.Errorf("after %v the daemon ended with %d", s, code)
		}
		t.Logf("%v: ended in %v", s, time.Since(at))
		if took := time.Since(at); took > 8*time.Second {
			t.Errorf("after %v the daemon took %v", s, took)
		}
		<-ended
		p := a.Profile
		for _, path := range []string{p.BridgeFile(), p.Socket()} {
			if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("left behind: %s (%v)", path, err)
			}
		}
		if left, err := os.ReadDir(p.PeersDir()); err != nil || len(left) > 0 {
			t.Errorf("left behind for peers: %v (%v)", left, err)
		}
		if has := h.Start("a").Room("team").Events; has < uint64(len(acked)) {
			t.Errorf("%d events are there, %d were acknowledged", has, len(acked))
		}
	}
}

func TestASecondSignalEndsAtOnce(t *testing.T) {
	h := daemontest.NewHome(t)
	a := h.Start("a")
	a.Write("team", 0, 10)
	began, ended := make(chan struct{}), make(chan struct{})
	var acked []int
	go func() {
		defer close(ended)
		acked, _ = burst(t.Context(), a, 10, began)
	}()
	<-began
	at := time.Now()
	for a.Running() { // signals that come before the first is seen are one with it
		_ = syscall.Kill(a.PID(), syscall.SIGTERM) // it is our child until waited for
	}
	t.Logf("ended %v after the first signal with %d", time.Since(at), a.Exit(soon))
	if took := time.Since(at); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
	<-ended
	a = h.Start("a")
	if n := a.Room("team").Events; n < uint64(10+len(acked)) {
		t.Errorf("%d events are there, %d were acknowledged", n, 10+len(acked))
	}
}
