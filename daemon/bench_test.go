//go:build linux

package daemon_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"intercom/client"
	"intercom/client/wire"
	"intercom/daemon/daemontest"
	"intercom/expense"
	"intercom/internal/app"
)

// The benchmarks here measure whole programs, built as `make build` builds
// them. Each measures a fixed amount of work once and reports it in metrics of
// its own, so they are run with -benchtime 1x.

const benchRoom = "bench"

var (
	expenseAdd     = wire.Spec{Request: "expense_add", Reply: "expense_added"}
	expenseBalance = wire.Spec{Request: "expense_balance", Reply: "expense_balance"}
)

// release builds a program of the module as users get it.
func release(b *testing.B, name string) string {
	b.Helper()
	path := filepath.Join(os.TempDir(), fmt.Sprintf("intercom-bench-%d-%s", os.Getpid(), name))
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, "intercom/cmd/"+name)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("build %s: %v\n%s", name, err, out)
	}
	b.Cleanup(func() { os.Remove(path) })
	return path
}

func benchHome(b *testing.B, program string) *daemontest.Home {
	b.Helper()
	h := daemontest.NewHome(b)
	h.Program = program
	return h
}

// report writes metrics and leaves out the time of the whole.
func report(b *testing.B, unit string, value float64) {
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(value, unit)
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
func us(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// quantile returns the value below which that part of the durations is.
func quantile(all []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[int(q*float64(len(sorted)-1)+0.5)]
}

func median(all []time.Duration) time.Duration { return quantile(all, 0.5) }

// timed calls f n times and returns how long each call took.
func timed(n int, f func(i int)) []time.Duration {
	all := make([]time.Duration, n)
	for i := range all {
		began := time.Now()
		f(i)
		all[i] = time.Since(began)
	}
	return all
}

// awaits tries f until it reports true, and returns when it did.
func awaits(b *testing.B, within time.Duration, what string, f func() bool) time.Time {
	b.Helper()
	tick := time.NewTicker(500 * time.Microsecond)
	defer tick.Stop()
	for deadline := time.Now().Add(within); !f(); <-tick.C {
		if time.Now().After(deadline) {
			b.Fatalf("not within %v: %s", within, what)
		}
	}
	return time.Now()
}

// cpu returns the processor time that a process has used, in steps of 10 ms.
func cpu(b *testing.B, pid int) time.Duration {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	// The name in parentheses may have spaces; utime and stime are fields 14 and 15.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// anon returns the anonymous memory of a process in MB.
func anon(b *testing.B, pid int) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kb, _ := strconv.Atoi(strings.Fields(rest)[0])
			return float64(kb) / 1000
		}
	}
	b.Fatal("no RssAnon")
	return 0
}

// onDisk returns the bytes that a folder takes on the disk.
func onDisk(b *testing.B, dir string) (bytes int64) {
	b.Helper()
	if err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().IsRegular() {
			bytes += info.Sys().(*syscall.Stat_t).Blocks * 512
		}
		return err
	}); err != nil {
		b.Fatal(err)
	}
	return bytes
}

var benchMembers = [...]string{"ann", "ben", "cat", "dan", "eve", "fay", "gus", "hal"}

// benchAmount is the amount of the n-th entry in minor units; three shares
// divide it exactly, so that other programs can keep the same entries.
func benchAmount(n int) int { return 3 * (400 + n*7919%3000) }

func benchSplit(n int) [3]string {
	at := func(i int) string { return benchMembers[(n+i)%len(benchMembers)] }
	return [3]string{at(0), at(1), at(3)}
}

// benchEntry is the n-th of the entries that all programs keep. Its event has
// about 300 bytes.
func benchEntry(n int) expense.AddReq {
	split := benchSplit(n)
	cents := benchAmount(n)
	return expense.AddReq{
		Channel: app.Channel{Channel: benchRoom}, Payer: split[0], Split: split[:], Date: "2026-01-15",
		Amount: expense.Amount(fmt.Sprintf("%d.%02d", cents/100, cents%100)),
		Note:   fmt.Sprintf("entry %d", n),
	}
}

func add(ctx context.Context, c *client.Client, n int) error {
	var reply expense.AddReply
	return c.Do(ctx, expenseAdd, benchEntry(n), &reply)
}

func balance(b *testing.B, c *client.Client) (s expense.Sheet) {
	b.Helper()
	if err := c.Do(b.Context(), expenseBalance, expense.BalanceReq{Channel: app.Channel{Channel: benchRoom}}, &s); err != nil {
		b.Fatal(err)
	}
	return s
}

// fill writes the entries from to to over several connections, many at a time.
func fill(b *testing.B, d *daemontest.Daemon, from, to int) {
	b.Helper()
	const conns, inFlight = 8, 16
	var next atomic.Int64
	next.Store(int64(from))
	g, ctx := errgroup.WithContext(b.Context())
	for range conns {
		c := &client.Client{Profile: d.Profile}
		defer c.Close() // else it is pushed what others measure; an error tells nothing here
		for range inFlight {
			g.Go(func() error {
				for {
					n := int(next.Add(1)) - 1
					if n >= to {
						return nil
					}
					if err := add(ctx, c, n); err != nil {
						return fmt.Errorf("entry %d: %w", n, err)
					}
				}
			})
		}
	}
	if err := g.Wait(); err != nil {
		b.Fatal(err)
	}
}
