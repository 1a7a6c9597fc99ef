//go:build unix

package daemon_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"intercom/client/cli"
	"intercom/daemon/daemontest"
	"intercom/internal/apps"
)

// TestBatchOutlivesAKilledDaemon: with keys each line is done once, whatever
// the daemon had done of it when it was killed.
func TestBatchOutlivesAKilledDaemon(t *testing.T) {
	h := daemontest.NewHome(t)
	a := h.Start("a")
	in, lines := io.Pipe()
	replies, out := io.Pipe()
	var errors bytes.Buffer
	env := &cli.Env{Stdin: in, Stdout: out, Stderr: &errors, Now: time.Now, Zone: time.UTC, Apps: apps.Commands(),
		Getenv: func(name string) string {
			return map[string]string{"INTERCOM_HOME": h.Dir, "INTERCOM_PROFILE": "a"}[name]
		}}
	ended := make(chan int, 1)
	go func() {
		ended <- cli.Main(t.Context(), []string{"batch", "--keep-going", "--key-prefix", "job", "--timeout", "60s"}, env)
		out.Close()
	}()
	const n = 300
	killed := make(chan struct{})
	var again *daemontest.Daemon
	go func() {
		defer close(killed)
		defer lines.Close()
		for i := range n {
			if i == n/2 {
				a.Kill()
				again = h.Start("a")
			}
			fmt.Fprintf(lines, `{"type":"expense_add","protocol":1,"channel":"trip","payer":"a","amount":%d,"split":["a","b"]}`+"\n", i+1)
		}
	}()
	got := 0
	for s := bufio.NewScanner(replies); s.Scan(); got++ {
		if !strings.Contains(s.Text(), `"type":"expense_added"`) {
			t.Errorf("reply %d: %s", got+1, s.Text())
		}
	}
	if exit := <-ended; exit != 0 || got != n {
		t.Errorf("exit code %d, %d replies: %s", exit, got, errors.String())
	}
	if <-killed; again == nil {
		t.Fatal("the daemon has not started again")
	}
	if count := again.Room("trip").Events; count != n {
		t.Errorf("%d entries of %d lines", count, n)
	}
}
