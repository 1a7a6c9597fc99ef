//go:build linux

package daemon_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"testing"
	"time"

	"intercom/expense"
)

// BenchmarkLines adds 20,000 entries by `expense add --from -`, without keys
// and with them: one process of ours, whose lines are answered each.
func BenchmarkLines(b *testing.B) {
	const entries = 20_000
	server, program := release(b, "intercomd"), release(b, "intercom")
	for b.Loop() {
		h := benchHome(b, server)
		d := h.Start("a")
		text := benchLines(b, entries)
		for name, args := range map[string][]string{"lines": nil, "keyed": {"--key", "bench"}} {
			cmd := exec.Command(program, append([]string{"--profile", "a", "expense", "add", "--channel", name, "--from", "-"}, args...)...)
			cmd.Stdin = bytes.NewReader(text)
			cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + h.Dir, "INTERCOM_HOME=" + h.Dir}
			used, began := cpu(b, d.PID()), time.Now()
			out, err := cmd.Output()
			if answers := bytes.Count(out, []byte("\n")); err != nil || answers != entries {
				b.Fatalf("%d of %d lines answered: %v", answers, entries, err)
			}
			report(b, name+"-per-s", entries/time.Since(began).Seconds())
			report(b, name+"-cpu-us", us(cpu(b, d.PID())-used)/entries)
			report(b, name+"-client-cpu-us", us(cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())/entries)
		}
	}
}

// benchLines returns the first n entries as JSON lines.
func benchLines(b *testing.B, n int) []byte {
	b.Helper()
	var text bytes.Buffer
	lines := json.NewEncoder(&text)
	for i := range n {
		e := benchEntry(i)
		if err := lines.Encode(struct {
			Payer  string         `json:"payer"`
			Amount expense.Amount `json:"amount"`
			Date   string         `json:"date"`
			Split  any            `json:"split"`
			Note   string         `json:"note"`
		}{e.Payer, e.Amount, e.Date, e.Split, e.Note}); err != nil {
			b.Fatal(err)
		}
	}
	return text.Bytes()
}
