//go:build linux

package daemon_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"intercom/expense"
	"intercom/ledger/event"
)

// coldPatience bounds one run of one program: the whole stays within minutes.
const coldPatience = 4 * time.Minute

// BenchmarkCold measures balances of a file of entries in a process that knows
// nothing before: ours, the plainest pass in Go, and the plain-text accounting
// programs that are installed, each with a file in its own format. All must
// come to the same cents. hledger and beancount are left out at 1,000,000.
func BenchmarkCold(b *testing.B) {
	intercom, plain := release(b, "intercom"), plainPass(b)
	for b.Loop() {
		for _, size := range []int{10_000, 100_000, 1_000_000} {
			dir := b.TempDir()
			lines, journal, bean := filepath.Join(dir, "lines"), filepath.Join(dir, "journal"), filepath.Join(dir, "bean")
			write(b, lines, size, exportedLine)
			write(b, journal, size, journalEntry)
			want := coldRun(b, "ours", size, splitComma, intercom, "expense", "balance", "--from", lines, "--format", "csv", "--fields", "member,amount")
			delete(want, "member")
			if len(want) != len(benchMembers) {
				b.Fatalf("balances of %d members: %v", len(want), want)
			}
			same := func(name string, got map[string]string) {
				if got != nil && !maps.Equal(got, want) {
					b.Errorf("%s has %v, we have %v", name, got, want)
				}
			}
			same("plain", coldRun(b, "plain", size, strings.Fields, plain, lines))
			same("ledger", coldRun(b, "ledger", size, strings.Fields, "ledger",
				"--args-only", "-f", journal, "balance", "--no-total", "--format", "%(account) %(display_total)\n"))
			if size <= 100_000 {
				same("hledger", coldRun(b, "hledger", size, strings.Fields, "hledger", "-f", journal, "balance", "--no-total", "--format", "%(account) %(total)"))
				write(b, bean, size, beanEntry)
				same("beancount", coldRun(b, "beancount", size, beanFields, "bean-query",
					"--no-errors", bean, "SELECT account, sum(position) GROUP BY account"))
			}
		}
	}
}

// coldRun runs a program and returns the last word of each line by its first.
// nil: it is not installed, or took too long.
func coldRun(b *testing.B, name string, size int, split func(string) []string, program string, args ...string) map[string]string {
	b.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		b.Logf("%s is not installed", program)
		return nil
	}
	ctx, cancel := context.WithTimeout(b.Context(), coldPatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(os.Environ(), "BEANCOUNT_DISABLE_LOAD_CACHE=1", "BEANCOUNT_LOAD_CACHE_FILENAME=", "INTERCOM_FORMAT=")
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	peak := highWater(cmd.Process.Pid)
	err = cmd.Wait()
	most := peak()
	if ctx.Err() != nil {
		b.Logf("%s took more than %v for %d entries", name, coldPatience, size)
		return nil
	}
	if err != nil {
		b.Fatalf("%s: %v\n%.500s", name, err, complaints.Bytes())
	}
	report(b, fmt.Sprintf("%s-%d-cpu-s", name, size), (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds())
	report(b, fmt.Sprintf("%s-%d-MB", name, size), most)
	got := map[string]string{}
	for line := range strings.Lines(out.String()) {
		if f := split(strings.TrimSpace(line)); len(f) > 1 {
			got[f[0]] = f[len(f)-1]
		}
	}
	return got
}

// highWater looks at the greatest memory of a process, in MB, until it is asked
// for. What wait tells begins with the memory of who started it.
func highWater(pid int) (peak func() float64) {
	var most float64
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // it may have ended
			if _, rest, ok := strings.Cut(string(status), "VmHWM:"); ok {
				var kB float64
				if _, err := fmt.Sscan(rest, &kB); err == nil {
					most = max(most, kB/1000)
				}
			}
			select {
			case <-tick.C:
			case <-done:
				return
			}
		}
	}()
	return func() float64 { close(done); <-ended; return most }
}

func splitComma(line string) []string { return strings.Split(line, ",") }

// beanFields reads `Assets:Alice  12.50 EUR`.
func beanFields(line string) []string {
	f := strings.Fields(line)
	if len(f) != 3 || !strings.HasPrefix(f[0], "Assets:") {
		return nil
	}
	return []string{strings.ToLower(strings.TrimPrefix(f[0], "Assets:")), f[1]}
}

func write(b *testing.B, path string, n int, entry func(w io.Writer, i int)) {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	for i := range n {
		entry(w, i)
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		b.Fatal(err)
	}
}

func decimal(cents int) string { return expense.FormatAmount(int64(cents), 2) }

// exportedLine writes entry i as our export does.
func exportedLine(w io.Writer, i int) {
	split, cents := benchSplit(i), benchAmount(i)
	money := func(v int) expense.Money { return expense.Money{Amount: decimal(v), Minor: fmt.Sprint(v)} }
	e := expense.Entry{
		ID: event.ID{byte(i), byte(i >> 8), byte(i >> 16), 7}, Type: expense.EntryExpense, Status: expense.StatusCounts, Date: "2026-01-15",
		Payer: split[0], Payers: []expense.MemberMoney{{Member: split[0], Money: money(cents)}}, Money: money(cents),
		Unit: expense.Unit{Currency: "XXX", Exp: 2}, Split: split[:], Kind: expense.SplitEqual, Note: fmt.Sprintf("entry %d", i),
		By: event.Key{9}, At: time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC),
	}
	for _, name := range split {
		e.Shares = append(e.Shares, expense.MemberMoney{Member: name, Money: money(cents / 3)})
	}
	line, _ := json.Marshal(e) // of our own types, which JSON holds
	_, _ = w.Write(append(line, '\n'))
}

// journalEntry writes it as ledger and hledger read it.
func journalEntry(w io.Writer, i int) {
	split, cents := benchSplit(i), benchAmount(i)
	fmt.Fprintf(w, "2026/01/15 entry %d\n    %s  XXX %s\n", i, split[0], decimal(cents))
	for _, name := range split {
		fmt.Fprintf(w, "    %s  XXX -%s\n", name, decimal(cents/3))
	}
	fmt.Fprintln(w)
}

// beanEntry writes it as beancount reads it, the accounts before the first.
func beanEntry(w io.Writer, i int) {
	account := func(name string) string { return "Assets:" + strings.ToUpper(name[:1]) + name[1:] }
	if i == 0 {
		for _, name := range benchMembers {
			fmt.Fprintf(w, "2026-01-01 open %s\n", account(name))
		}
	}
	split, cents := benchSplit(i), benchAmount(i)
	fmt.Fprintf(w, "\n2026-01-15 * \"entry %d\"\n  %s  %s XXX\n", i, account(split[0]), decimal(cents))
	for _, name := range split {
		fmt.Fprintf(w, "  %s  -%s XXX\n", account(name), decimal(cents/3))
	}
}

// plainPass builds the program that anybody would write first.
func plainPass(b *testing.B) string {
	b.Helper()
	const source = `package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"strconv"
)

type part struct{ Member, Minor string }

func main() {
	f, _ := os.Open(os.Args[1])
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	sums := map[string]int64{}
	for in.Scan() {
		var e struct{ Payers, Shares []part }
		if err := json.Unmarshal(in.Bytes(), &e); err != nil {
			panic(err)
		}
		for _, p := range e.Payers {
			var v int64
			v, _ = strconv.ParseInt(p.Minor, 10, 64)
			sums[p.Member] += v
		}
		for _, p := range e.Shares {
			var v int64
			v, _ = strconv.ParseInt(p.Minor, 10, 64)
			sums[p.Member] -= v
		}
	}
	for name, v := range sums {
		fmt.Println(name, big.NewRat(v, 100).FloatString(2))
	}
}
`
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(source), 0o600); err != nil {
		b.Fatal(err)
	}
	program := filepath.Join(dir, "plain")
	cmd := exec.Command("go", "build", "-o", program, filepath.Join(dir, "main.go"))
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
	return program
}
