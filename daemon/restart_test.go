//go:build unix

package daemon_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"intercom/client/wire"
	"intercom/daemon/daemontest"
)

func TestARestartKeepsEverything(t *testing.T) {
	h := daemontest.NewHome(t)
	a := h.Start("a")
	a.Write("team", 0, 10)
	a.Write("other", 0, 3)
	a.Join("quiet")
	id := daemontest.Call(a, wire.Identity, wire.None{})
	rooms, status := a.Info().Rooms, a.Raw(daemontest.Frame{"type": "focus_status"})
	if code := a.Stop(); code != 0 {
		t.Fatalf("the daemon ended with %d", code)
	}
	a = h.Start("a")
	if again := daemontest.Call(a, wire.Identity, wire.None{}); again != id {
		t.Errorf("it was %v and is %v", id, again)
	}
	if again := a.Info().Rooms; !reflect.DeepEqual(again, rooms) {
		t.Errorf("it had the rooms %v\nand has         %v", rooms, again)
	}
	if again := a.Raw(daemontest.Frame{"type": "focus_status"}); !reflect.DeepEqual(again, status) {
		t.Errorf("the status was %v\nand is         %v", status, again)
	}
	if extras := a.Info().SidechannelExtras; !slices.Equal(extras, []string{"other", "quiet", "team"}) {
		t.Errorf("joined again: %v", extras)
	}
}

// writers are how many clients write at once while a daemon is killed.
const writers = 4

// burst writes entries from `from` on over several clients until the daemon
// is gone, and returns the numbers of those that were acknowledged. began is
// closed at the first of them.
func burst(ctx context.Context, d *daemontest.Daemon, from int, began chan<- struct{}) (acked []int, next int) {
	var mu sync.Mutex
	next = from
	var g sync.WaitGroup
	var first sync.Once
	for range writers {
		c := d.Dial()
		g.Go(func() {
			for {
				mu.Lock()
				n := next
				next++
				mu.Unlock()
				if _, err := daemontest.WriteKeyed(ctx, c, "team", n); err != nil {
					return
				}
				first.Do(func() { close(began) })
				mu.Lock()
				acked = append(acked, n)
				mu.Unlock()
			}
		})
	}
	g.Wait()
	return acked, next
}

func TestAfterAKillAtAnyMomentEveryAcknowledgedEventIsThere(t *testing.T) {
	kills := 20
	if soaks() {
		kills = 100
	}
	killWhileWriting(t, kills)
}

// killWhileWriting kills a daemon so often while clients write to it, and
// checks that everything that was acknowledged is there.
func killWhileWriting(t *testing.T, kills int) {
	t.Helper()
	h := daemontest.NewHome(t)
	b := h.Start("b")
	b.Join("team")
	var acked []int
	next := 0
	for range kills {
		a := h.Start("a")
		began := make(chan struct{})
		killed := make(chan struct{})
		go func() {
			defer close(killed)
			<-began
			<-time.After(rand.N(60 * time.Millisecond))
			a.Kill()
		}()
		var more []int
		more, next = burst(t.Context(), a, next, began)
		<-killed
		acked = append(acked, more...)
	}

	a := h.Start("a")
	has := a.Room("team").Events
	if has < uint64(len(acked)) {
		t.Fatalf("%d events are there, %d were acknowledged", has, len(acked))
	}
	// A repeated key writes nothing where its event is there.
	c := a.Dial()
	for _, n := range acked {
		if _, err := daemontest.WriteKeyed(t.Context(), c, "team", n); err != nil {
			t.Fatal(err)
		}
	}
	if again := a.Room("team").Events; again != has {
		t.Errorf("%d acknowledged events were lost", again-has)
	}
	daemontest.WaitSame(t, "team", has, a, b)
	t.Logf("%d kills, %d events acknowledged, %d stored, %d asked for", kills, len(acked), has, next)
}

func TestAPausedDaemonDelaysNobodyAndMissesNothing(t *testing.T) {
	h := daemontest.NewHome(t)
	a, b := h.Start("a"), h.Start("b")
	b.Join("team")
	a.Write("team", 0, 5)
	daemontest.WaitSame(t, "team", 5, a, b)

	a.Pause()
	var slowest time.Duration
	for n := range 200 {
		began := time.Now()
		b.Raw(daemontest.Entry("team", 5+n))
		slowest = max(slowest, time.Since(began))
	}
	t.Logf("slowest of 200 writes beside a paused peer: %v", slowest)
	if slowest > 5*time.Second {
		t.Errorf("a write took %v", slowest)
	}
	c := h.Start("c") // who comes meanwhile is served by the other
	c.Join("team")
	daemontest.WaitSame(t, "team", 205, b, c)

	a.Continue()
	daemontest.WaitSame(t, "team", 205, a, b, c)
	a.Write("team", 205, 206)
	daemontest.WaitSame(t, "team", 206, a, b, c)
}

func TestAPausedDaemonKeepsItsClientsWaitingAndThenAnswers(t *testing.T) {
	a := daemontest.NewHome(t).Start("a")
	a.Write("team", 0, 1)
	a.Pause()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	c := a.Dial()
	if _, err := daemontest.WriteKeyed(ctx, c, "team", 1); err == nil {
		t.Fatal("a paused daemon answers")
	}
	a.Continue()
	if _, err := daemontest.WriteKeyed(t.Context(), c, "team", 1); err != nil {
		t.Fatal(fmt.Errorf("repeated with its key: %w", err))
	}
	if n := a.Room("team").Events; n != 2 {
		t.Errorf("%d events, want 2", n)
	}
}
