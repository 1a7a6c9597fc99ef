package cli_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"intercom/client"
	"intercom/client/cli"
	"intercom/client/wire"
)

// writeLogs writes the log of the test's profile and those before it, the
// newest first.
func writeLogs(t *testing.T, w *world, texts ...string) []string {
	t.Helper()
	p := mustProfile(t, w.Getenv)
	if err := client.PrivateDir(p.StateDir()); err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		if err := os.WriteFile(p.LogFiles()[i], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return p.LogFiles()
}

func TestLogsPrintTheLastLinesThatAreWanted(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	record := func(ago time.Duration, level, msg string) string {
		return fmt.Sprintf("time=%s level=%s msg=%s\n", now.Add(-ago).Format(time.RFC3339Nano), level, msg)
	}
	oldest, old := record(3*time.Hour, "ERROR", "a"), record(2*time.Hour, "INFO", "b")+record(90*time.Minute, "WARN", "c")+"  of c\n"
	newest := record(time.Minute, "INFO", "d") + `{"time":"` + now.Format(time.RFC3339Nano) + `","level":"ERROR","msg":"e"}` + "\n" +
		record(0, "DEBUG", "f") + "intercomd: it failed (internal)\nhint: g"
	writeLogs(t, w, newest, old, oldest)
	for _, tt := range []struct{ args, want string }{
		{"-n 0", oldest + old + newest},
		{"", oldest + old + newest},
		{"-n 2", record(0, "DEBUG", "f") + "intercomd: it failed (internal)\nhint: g"},
		{"-n 0 --since 100m", record(90*time.Minute, "WARN", "c") + "  of c\n" + newest},
		{"-n 0 --level warn", oldest + record(90*time.Minute, "WARN", "c") + "  of c\n" +
			strings.SplitAfter(newest, "\n")[1] + "intercomd: it failed (internal)\nhint: g"},
		{"-n 1 --level warn --since 1h", "intercomd: it failed (internal)\nhint: g"},
	} {
		w.Now = func() time.Time { return now }
		if exit := w.run(t, append([]string{"logs"}, strings.Fields(tt.args)...)...); exit != 0 || w.out.String() != tt.want {
			t.Errorf("logs %s: exit code %d, got\n%s\nwant\n%s", tt.args, exit, w.out.String(), tt.want)
		}
	}
	for _, args := range []string{"--level loud", "--set-level loud", "--since -1h", "-n -1"} {
		w.wantError(t, w.run(t, append([]string{"logs"}, strings.Fields(args)...)...), 2, "hint: intercom logs --help")
	}
}

// watched is an output that tells when a text is in it.
type watched struct {
	mu   sync.Mutex
	text strings.Builder
	want string
	seen chan struct{}
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(p)
	if w.want != "" && strings.Contains(w.text.String(), w.want) {
		w.want = ""
		close(w.seen)
	}
	return len(p), nil
}

// await waits for a text that begins to be looked for now.
func (w *watched) await(t *testing.T, text string) {
	t.Helper()
	w.mu.Lock()
	seen := make(chan struct{})
	if strings.Contains(w.text.String(), text) {
		close(seen)
	} else {
		w.want, w.seen = text, seen
	}
	w.mu.Unlock()
	select {
	case <-seen:
	case <-time.After(10 * time.Second):
		w.mu.Lock()
		defer w.mu.Unlock()
		t.Fatalf("never %q in %q", text, w.text.String())
	}
}

func TestLogsFollowThroughANewBeginning(t *testing.T) {
	w := newWorld(t)
	files := writeLogs(t, w, "one\n")
	out := &watched{}
	w.Stdout = out
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan int)
	go func() { done <- cli.Main(ctx, []string{"logs", "-f"}, w.Env) }()
	out.await(t, "one\n")
	write := func(path, text string) {
		t.Helper()
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	write(files[0], "tw")
	write(files[0], "o\n")
	out.await(t, "one\ntwo\n")
	write(files[0], "three\n")
	if err := os.Rename(files[0], files[1]); err != nil { // as the daemon does
		t.Fatal(err)
	}
	write(files[1], "four\n")
	write(files[0], "five\n")
	out.await(t, "one\ntwo\nthree\nfour\nfive\n")
	if err := os.Truncate(files[0], 0); err != nil { // as logrotate's copytruncate does
		t.Fatal(err)
	}
	write(files[0], "6\n")
	out.await(t, "five\n6\n")
	stop()
	if exit := <-done; exit == 0 {
		t.Errorf("exit code %d", exit)
	}
}

func TestSetLevelAsksTheRunningDaemon(t *testing.T) {
	w := newWorld(t).serve(t)
	if exit := w.run(t, "logs", "--set-level", "debug"); exit != 0 {
		t.Error(w.stderr.String())
	}
	w.wantSent(t, `{"level":"debug","type":"`+wire.LogLevel.Request+`"}`)
}
