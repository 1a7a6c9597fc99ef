//go:build unix

package daemon_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"intercom/daemon/daemontest"
)

// meet waits until two daemons see each other and returns how long that took
// since b was launched.
func meet(t *testing.T, a, b *daemontest.Daemon) time.Duration {
	t.Helper()
	daemontest.Eventually(t, soon, "the two see each other", func() bool { return b.Sees(a) && a.Sees(b) })
	return time.Since(b.Launched())
}

func TestTwoDaemonsOfOneUserFindEachOther(t *testing.T) {
	h := daemontest.NewHome(t)
	a := h.Start("a")
	took := meet(t, a, h.Start("b"))
	t.Logf("from the launch of the second until both see each other: %v", took)
}

func TestDaemonsFindEachOtherRightAfterOthersWereKilled(t *testing.T) {
	h := daemontest.NewHome(t)
	names := []string{"a", "b", "c"}
	for _, name := range names {
		h.Start(name).Kill()
	}
	left, err := os.ReadDir(h.Profile("a").PeersDir())
	if err != nil || len(left) == 0 {
		t.Fatalf("the killed daemons left nothing behind: %v %v", left, err)
	}
	if _, err := os.Lstat(h.Profile("a").Socket()); err != nil {
		t.Fatalf("the killed daemon left no socket: %v", err)
	}
	a := h.Start("a")
	fresh := h.Start("fresh") // a profile that was not there before
	t.Logf("from the launch of a new one until both see each other: %v", meet(t, a, fresh))
	b := h.Start("b")
	t.Logf("from the launch of one that was killed: %v", meet(t, a, b))
	daemontest.Eventually(t, soon, "what the killed ones left is gone", func() bool {
		left, err := os.ReadDir(h.Profile("a").PeersDir())
		return err == nil && len(left) == 3
	})
}

func TestFiveDaemonsAllMeet(t *testing.T) {
	h := daemontest.NewHome(t)
	var all []*daemontest.Daemon
	for n := range 5 {
		all = append(all, h.Launch(fmt.Sprint("p", n)))
	}
	for _, d := range all {
		d.WaitReady()
	}
	for _, d := range all {
		daemontest.Eventually(t, soon, d.Profile.Name+" sees all others", func() bool { return len(d.Info().Peers) == len(all)-1 })
	}
	t.Logf("from the first launch: %v", time.Since(all[0].Launched()))
	for n, d := range all {
		d.Write("team", n, n+1)
	}
	daemontest.WaitSame(t, "team", uint64(len(all)), all...)
}
