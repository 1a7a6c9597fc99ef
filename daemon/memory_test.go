//go:build linux

package daemon_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"

	"intercom/client/wire"
	"intercom/daemon/daemontest"
	"intercom/internal/notrun"
)

// most is how much anonymous memory a daemon may hold at rest, in KiB, and
// mostBusy while entries are written: what it has mapped from files can be
// taken from it at any time.
const (
	most     = 60 << 10
	mostBusy = 120 << 10
)

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
	if writer > mostBusy || reader > mostBusy {
		t.Errorf("more than %d KiB", mostBusy)
	}
	daemontest.Eventually(t, 20*time.Second, fmt.Sprintf("at most %d KiB at rest", most), func() bool {
		writer, reader = anonymous(t, a.PID()), anonymous(t, b.PID())
		return writer <= most && reader <= most
	})
	t.Logf("%d entries: at rest anonymous memory %d KiB at the writer, %d KiB at the other", entries, writer, reader)
}

// TestClientsThatNeverReadCostNobodyAMessage: one is pushed to and one follows.
func TestClientsThatNeverReadCostNobodyAMessage(t *testing.T) {
	messages, size := 3_000, 10_000
	if soaks() {
		messages, size = 50_000, 1_000
	}
	h := daemontest.NewHome(t)
	h.Program = daemontest.Program(t, daemontest.Build{Lean: true})
	flags := []string{"--sidechannel-rate-bytes", "0", "--sidechannel-pow", "0"}
	a, b := h.Start("a", flags...), h.Start("b", flags...)
	meet(t, a, b)
	gather(t, "team", a, b)
	good, dead := listens(b), listens(b)
	follower, _ := follow(t, b, daemontest.Frame{"types": []string{wire.PushMessage}})

	var g errgroup.Group
	g.Go(func() error {
		for n := range messages {
			text := fmt.Sprintf(`"%06d%s"`, n, strings.Repeat("x", size-6))
			if _, err := daemontest.Try(a, wire.Send, wire.SendReq{Channel: "team", Message: json.RawMessage(text)}); err != nil {
				return err
			}
		}
		return nil
	})
	highest := 0
	for n := range messages {
		if got := nextMessage(good)["message"].(string)[:6]; got != fmt.Sprintf("%06d", n) {
			t.Fatalf("message %d is %s", n, got)
		}
		if n%100 == 0 {
			highest = max(highest, anonymous(t, b.PID()))
		}
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d messages; anonymous memory of the receiver at most %d KiB", messages, highest)
	if highest > most {
		t.Errorf("more than %d KiB", most)
	}

	// Who is pushed to has lost his connection.
	got := 0
	for {
		f, err := dead.TryNext(soon)
		if err != nil {
			if !websocket.IsCloseError(err, websocket.CloseTryAgainLater) && !websocket.IsUnexpectedCloseError(err) {
				t.Errorf("it ends with %v", err)
			}
			break
		}
		if f["type"] == wire.PushMessage {
			got++
		}
	}
	if got >= messages {
		t.Errorf("who did not read got all %d messages", got)
	}
	// Who follows is told how many he has missed, and goes on.
	missed := 0
	for got = 0; got+missed < messages; {
		switch f := follower.Next(); f["type"] {
		case wire.PushMessage:
			got++
		case wire.PushLagged:
			missed += int(f["missed"].(float64))
		}
	}
	if missed == 0 || got == 0 || got+missed != messages {
		t.Errorf("the follower got %d and missed %d of %d", got, missed, messages)
	}
}

// TestAWildHookSlowsNothing: it prints without end, and forks, also into new
// sessions. The daemon goes on, stays small, and ends it when it stops.
func TestAWildHookSlowsNothing(t *testing.T) {
	if _, err := exec.LookPath("setsid"); err != nil {
		notrun.Skip(t, "setsid (util-linux)")
	}
	h := daemontest.NewHome(t)
	h.Program = daemontest.Program(t, daemontest.Build{Lean: true})
	dir := hookOf(t, h, "a", "any", `
for n in 1 2 3 4 5; do
	sleep 1000 & echo $! >> pids
	setsid sh -c 'echo $$ >> pids; sleep 1000; :' &
done
yes "what a hook has to say" | head -c 200000000 >&2
echo >> printed
while :; do echo on and on; echo on and on >&2; sleep 0.001; done`)
	a := h.Start("a")
	for n := range 100 {
		a.Raw(daemontest.Entry("team", n)) // each is answered
	}
	pids := func() []string { b, _ := os.ReadFile(filepath.Join(dir, "pids")); return strings.Fields(string(b)) }
	daemontest.Eventually(t, soon, "the hook has printed and started all of it", func() bool {
		a.Raw(daemontest.Frame{"type": "focus_checkin", "room": "team", "text": "t"})
		_, err := os.Stat(filepath.Join(dir, "printed"))
		return err == nil && len(pids()) == 10
	})
	if n := anonymous(t, a.PID()); n > most {
		t.Errorf("%d KiB of anonymous memory, more than %d", n, most)
	}
	if code := a.Stop(); code != 0 {
		t.Errorf("the daemon ended with %d", code)
	}
	for _, pid := range pids() {
		daemontest.Eventually(t, soon, "process "+pid+" is gone", func() bool {
			stat, err := os.ReadFile("/proc/" + pid + "/stat")
			return err != nil || strings.Contains(string(stat), ") Z ")
		})
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
