//go:build linux

package daemon_test

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"intercom/daemon/daemontest"
)

// most is how much anonymous memory a daemon may hold, in KiB: what it has
// mapped from files can be taken from it at any time.
const most = 60 << 10

func TestMemoryStaysSmallHoweverManyEntries(t *testing.T) {
	entries := 5_000
	if soaks() {
		entries = 100_000
	}
	h := daemontest.NewHome(t)
	h.Program = daemontest.Program(t, daemontest.Build{Lean: true})
	a, b := h.Start("a"), h.Start("b")
	b.Join("trip")
	meet(t, a, b)
	t.Logf("at the start: %d KiB", anonymous(t, a.PID()))

	const connections, pipelined = 4, 64
	var next atomic.Int64
	var g errgroup.Group
	began := time.Now()
	for range connections {
		c := a.Dial()
		for range pipelined {
			g.Go(func() error {
				for {
					n := int(next.Add(1))
					if n > entries {
						return nil
					}
					// Over one connection, so that many wait in it at once.
					if _, err := daemontest.Send(t.Context(), c, daemontest.Frame{
						"type": "expense_add", "channel": "trip", "amount": fmt.Sprintf("%d.%02d", n%97+1, n%100),
						"payer": "alice", "split": []string{"alice", "bob", "carol"}, "note": fmt.Sprintf("entry %d", n),
					}); err != nil {
						return err
					}
				}
			})
		}
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	wrote := time.Since(began)
	daemontest.WaitSameWithin(t, 5*time.Minute, "trip", uint64(entries), a, b)
	a.Raw(daemontest.Frame{"type": "expense_balance", "channel": "trip"})
	writer, reader := anonymous(t, a.PID()), anonymous(t, b.PID())
	t.Logf("%d entries: %.0f a second, on both after %v; anonymous memory %d KiB at the writer, %d KiB at the other",
		entries, float64(entries)/wrote.Seconds(), time.Since(began), writer, reader)
	if writer > most || reader > most {
		t.Errorf("more than %d KiB", most)
	}
}

// anonymous returns the RssAnon of a process in KiB, see proc(5).
func anonymous(t *testing.T, pid int) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kib, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
			if err != nil {
				t.Fatal(err)
			}
			return kib
		}
	}
	t.Fatal(errors.New("no RssAnon"))
	return 0
}
