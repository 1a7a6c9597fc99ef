//go:build linux

package daemon_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"intercom/client"
	"intercom/client/wire"
	"intercom/daemon/daemontest"
	"intercom/expense"
)

// peakMemory samples the anonymous memory of a process until stop is called,
// which returns the greatest.
func peakMemory(b *testing.B, pid int) (stop func() float64) {
	var peak float64
	done := make(chan struct{})
	var sampler sync.WaitGroup
	sampler.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			peak = max(peak, anon(b, pid))
			select {
			case <-tick.C:
			case <-done:
				return
			}
		}
	})
	return func() float64 { close(done); sampler.Wait(); return peak }
}

// fsyncs measures what the disk alone costs: 4 kB appended and synced, in the
// folder of the store, between the calls of f.
func fsyncs(b *testing.B, dir string, n int, f func(i int)) (bare, calls []time.Duration) {
	b.Helper()
	file, err := os.Create(filepath.Join(dir, "fsync"))
	if err != nil {
		b.Fatal(err)
	}
	defer os.Remove(file.Name())
	defer file.Close()
	block := make([]byte, 4<<10)
	for i := range n {
		began := time.Now()
		if _, err := file.Write(block); err != nil {
			b.Fatal(err)
		}
		if err := file.Sync(); err != nil {
			b.Fatal(err)
		}
		bare = append(bare, time.Since(began))
		began = time.Now()
		f(i)
		calls = append(calls, time.Since(began))
	}
	return bare, calls
}

// BenchmarkRoom fills a room to 100,000 entries and measures on the way what
// an answered balance and one more entry cost, and at the end memory and disk.
func BenchmarkRoom(b *testing.B) {
	const balances, adds = 2_000, 200
	program := release(b, "intercomd")
	for b.Loop() {
		h := benchHome(b, program)
		d := h.Start("a")
		c := d.Dial()
		report(b, "rest-MB", settled(b, d))
		peak := peakMemory(b, d.PID())
		entries := 0
		for _, size := range []int{0, 1_000, 10_000, 100_000} {
			began, used := time.Now(), cpu(b, d.PID())
			fill(b, d, entries, size)
			if size == 100_000 {
				n := float64(size - entries)
				report(b, "fill-per-s", n/time.Since(began).Seconds())
				report(b, "fill-cpu-us", us(cpu(b, d.PID())-used)/n)
				report(b, "filled-MB", anon(b, d.PID()))
			}
			entries = max(entries, size)
			if size > 0 {
				used := cpu(b, d.PID())
				all := timed(balances, func(int) { balance(b, c) })
				report(b, fmt.Sprintf("balance-%d-ms", size), ms(median(all)))
				report(b, fmt.Sprintf("balance-%d-cpu-us", size), us(cpu(b, d.PID())-used)/balances)
				others(b, size, balance(b, c))
			}
			if size == 1_000 {
				continue
			}
			used = cpu(b, d.PID())
			bare, all := fsyncs(b, d.Profile.DataDir(), adds, func(int) {
				if err := add(b.Context(), c, entries); err != nil {
					b.Fatal(err)
				}
				entries++
			})
			report(b, fmt.Sprintf("add-%d-ms", size), ms(median(all)))
			report(b, fmt.Sprintf("fsync-%d-ms", size), ms(median(bare)))
			report(b, fmt.Sprintf("add-%d-cpu-us", size), us(cpu(b, d.PID())-used)/adds)
		}
		report(b, "full-MB", settled(b, d))
		report(b, "peak-MB", peak())
		if code := d.Stop(); code != 0 {
			b.Fatalf("the daemon ended with %d", code)
		}
		report(b, "disk-B", float64(onDisk(b, d.Profile.StoreDir()))/float64(entries))
		d, hello, ready := start(b, h, "a")
		report(b, "start-hello-ms", ms(hello))
		report(b, "start-ready-ms", ms(ready))
		balance(b, d.Dial())
		report(b, "restarted-MB", settled(b, d))
	}
}

// settled returns the daemon's anonymous memory when nothing has been asked of
// it for some seconds.
func settled(b *testing.B, d *daemontest.Daemon) float64 {
	<-time.After(3 * time.Second)
	return anon(b, d.PID())
}

// journal writes the first n entries in the format that ledger and hledger
// read.
func journal(b *testing.B, n int) (path string) {
	b.Helper()
	var text bytes.Buffer
	for i := range n {
		fmt.Fprintf(&text, "2026/01/15 entry %d\n", i)
		cents := benchAmount(i)
		split := benchSplit(i)
		fmt.Fprintf(&text, "    %s  XXX %d.%02d\n", split[0], cents/100, cents%100)
		for _, name := range split {
			fmt.Fprintf(&text, "    %s  XXX -%d.%02d\n", name, cents/3/100, cents/3%100)
		}
		text.WriteByte('\n')
	}
	path = filepath.Join(b.TempDir(), "journal")
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

// others measures the balances of the same entries in ledger and hledger,
// where they are installed, and checks that all three agree. hledger would be
// the longest part of the whole run at 100,000 entries.
func others(b *testing.B, entries int, ours expense.Sheet) {
	b.Helper()
	want := map[string]string{}
	for _, m := range ours.Balances {
		want[m.Member] = m.Amount
	}
	path := journal(b, int(ours.Entries))
	for name, args := range map[string][]string{
		"ledger":  {"--args-only", "-f", path, "balance", "--no-total", "--format", "%(account) %(display_total)\n"},
		"hledger": {"-f", path, "balance", "--no-total", "--format", "%(account) %(total)"},
	} {
		program, err := exec.LookPath(name)
		if err != nil {
			b.Logf("%s is not installed", name)
			continue
		}
		runs := 3
		if entries > 10_000 {
			if runs = 1; name == "hledger" {
				continue
			}
		}
		var used time.Duration
		var out []byte
		all := timed(runs, func(int) {
			cmd := exec.Command(program, args...)
			if out, err = cmd.Output(); err != nil {
				b.Fatalf("%s: %v", name, err)
			}
			used += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		})
		report(b, fmt.Sprintf("%s-%d-ms", name, entries), ms(median(all)))
		report(b, fmt.Sprintf("%s-%d-cpu-ms", name, entries), ms(used)/float64(runs))
		got := map[string]string{}
		for line := range strings.Lines(string(out)) {
			f := strings.Fields(line)
			got[f[0]] = f[len(f)-1]
		}
		if !maps.Equal(got, want) {
			b.Errorf("%s has %v, we have %v", name, got, want)
		}
	}
}

// caught waits until a daemon has so many entries, and returns when.
func caught(b *testing.B, c *client.Client, entries int64) time.Time {
	b.Helper()
	// Seldom, because asking costs the daemon too.
	daemontest.Eventually(b, 3*time.Minute, fmt.Sprint(entries, " entries are there"), func() bool {
		return balance(b, c).Entries >= entries
	})
	return time.Now()
}

// BenchmarkReplicate measures two daemons: one that joins a room of 20,000
// entries late, and the announcements of 5,000 more.
func BenchmarkReplicate(b *testing.B) {
	const entries, live = 20_000, 5_000
	program := release(b, "intercomd")
	for b.Loop() {
		h := benchHome(b, program)
		from, to := h.Start("from"), h.Start("to")
		fill(b, from, 0, entries)
		awaits(b, soon, "the two are connected", func() bool { return from.Sees(to) })
		c := to.Dial()
		ping(b, c)

		peak := peakMemory(b, to.PID())
		began, used, served := time.Now(), cpu(b, to.PID()), cpu(b, from.PID())
		to.Join(benchRoom)
		took := caught(b, c, entries).Sub(began)
		report(b, "join-s", took.Seconds())
		report(b, "join-per-s", entries/took.Seconds())
		report(b, "join-cpu-us", us(cpu(b, to.PID())-used)/entries)
		report(b, "serve-cpu-us", us(cpu(b, from.PID())-served)/entries)

		awaits(b, soon, "each is in the other's topic", func() bool { return topicPeers(b, from) == 1 && topicPeers(b, to) == 1 })
		began, used, served = time.Now(), cpu(b, to.PID()), cpu(b, from.PID())
		fill(b, from, entries, entries+live)
		written := time.Since(began)
		took = caught(b, c, entries+live).Sub(began)
		report(b, "live-written-per-s", live/written.Seconds())
		report(b, "live-per-s", live/took.Seconds())
		report(b, "live-cpu-us", us(cpu(b, to.PID())-used)/live)
		report(b, "live-writer-cpu-us", us(cpu(b, from.PID())-served)/live)
		report(b, "live-dropped", float64(to.Count("announcements_dropped")))
		report(b, "peak-MB", peak())
		daemontest.WaitSame(b, benchRoom, entries+live, from, to)
	}
}

// topicPeers counts who else is in the room of the benchmark.
func topicPeers(b *testing.B, d *daemontest.Daemon) int {
	b.Helper()
	for _, c := range daemontest.Call(d, wire.Channels, wire.ChannelsReq{}).Channels {
		if c.Channel == benchRoom {
			return c.Peers
		}
	}
	return 0
}
