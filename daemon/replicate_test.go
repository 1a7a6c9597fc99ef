//go:build unix

package daemon_test

import (
	"testing"
	"time"

	"intercom/daemon/daemontest"
)

func TestARoomWrittenOnOneDaemonIsOnTheOther(t *testing.T) {
	h := daemontest.NewHome(t)
	a, b := h.Start("a"), h.Start("b")
	b.Join("team")
	a.Write("team", 0, 20)
	daemontest.WaitSame(t, "team", 20, a, b)
	b.Write("team", 20, 40)
	daemontest.WaitSame(t, "team", 40, a, b)
}

func TestALateDaemonGetsTheRoomFromOneWhoDidNotWriteIt(t *testing.T) {
	h := daemontest.NewHome(t)
	a, b := h.Start("a"), h.Start("b")
	b.Join("team")
	a.Write("team", 0, 300) // more than one batch
	daemontest.WaitSame(t, "team", 300, a, b)
	before := a.Room("team")
	if code := a.Stop(); code != 0 {
		t.Fatalf("a ended with %d", code)
	}
	c := h.Start("c")
	c.Join("team")
	daemontest.WaitSame(t, "team", 300, b, c)
	if r := c.Room("team"); r.SetHash != before.SetHash {
		t.Errorf("c has the set %s, a had %s", r.SetHash, before.SetHash)
	}
	c.Write("team", 300, 301)
	a = h.Start("a")
	daemontest.WaitSame(t, "team", 301, a, b, c)
}

func TestAfterAPartitionBothSidesHaveOneState(t *testing.T) {
	// Two users: nothing but the proxy leads from one to the other.
	a := daemontest.NewHome(t).Start("a")
	way := daemontest.NewProxy(t, a)
	b := daemontest.NewHome(t).Start("b", "--peers", way.Addr)
	meet(t, a, b)
	b.Join("team")
	a.Write("team", 0, 10)
	daemontest.WaitSame(t, "team", 10, a, b)

	way.Cut()
	daemontest.Eventually(t, soon, "the two are apart", func() bool { return !a.Sees(b) && !b.Sees(a) })
	a.Write("team", 10, 30)
	b.Write("team", 30, 60)
	if a.Sees(b) || b.Sees(a) {
		t.Fatal("the partition leaks")
	}
	if x, y := a.Room("team"), b.Room("team"); x.Events != 30 || y.Events != 40 || x.SetHash == y.SetHash {
		t.Fatalf("apart they have %d and %d events, want 30 and 40", x.Events, y.Events)
	}

	healed := time.Now()
	way.Heal()
	daemontest.WaitSame(t, "team", 60, a, b)
	t.Logf("one state %v after the partition", time.Since(healed))
}

func TestBothSidesOfAPartitionAreJoinedByAThird(t *testing.T) {
	// a and c never see each other: what they share goes through b.
	middle := daemontest.NewHome(t).Start("b")
	middle.Join("team")
	toB := daemontest.NewProxy(t, middle)
	a := daemontest.NewHome(t).Start("a", "--peers", toB.Addr)
	meet(t, middle, a)
	a.Write("team", 0, 10)
	daemontest.WaitSame(t, "team", 10, a, middle)
	a.Kill()
	c := daemontest.NewHome(t).Start("c", "--peers", toB.Addr)
	c.Write("team", 10, 20)
	daemontest.WaitSame(t, "team", 20, middle, c)
	a = a.Home.Start("a", "--peers", toB.Addr)
	daemontest.WaitSame(t, "team", 20, a, middle, c)
}

func TestWhatWasMissedIsPassedOnAtOnce(t *testing.T) {
	// In a line: what b fetches from a is not announced to c by anybody.
	b := daemontest.NewHome(t).Start("b")
	b.Join("team")
	fromA, fromC := daemontest.NewProxy(t, b), daemontest.NewProxy(t, b)
	a := daemontest.NewHome(t).Start("a", "--peers", fromA.Addr)
	c := daemontest.NewHome(t).Start("c", "--peers", fromC.Addr)
	c.Join("team")
	a.Write("team", 0, 1)
	daemontest.WaitSame(t, "team", 1, a, b, c)
	fromA.Cut()
	daemontest.Eventually(t, soon, "a is alone", func() bool { return !a.Sees(b) && !b.Sees(a) })
	a.Write("team", 1, 20)
	fromA.Heal()
	meet(t, a, b)
	began := time.Now()
	daemontest.WaitSameWithin(t, 10*time.Second, "team", 20, a, b, c)
	t.Logf("%v after a was back", time.Since(began))
}
