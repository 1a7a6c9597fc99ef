//go:build linux

package daemon_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"intercom/client/wire"
	"intercom/daemon/daemontest"
)

func TestFault23AmountsAreExactDecimals(t *testing.T) {
	a := daemontest.NewHome(t).Start("a")
	for _, amount := range []any{
		"1.005", "8.165", 1.005, "0x10", "1,2,3", "1,50", []any{10}, "1e3", "12abc", " ", "", "NaN", "Infinity", "90071992547409.92", "-1", 0,
	} {
		_, err := a.TryRaw(daemontest.Frame{"type": "expense_add", "channel": "trip", "payer": "a", "amount": amount, "split": "a,b"})
		if code := codeOf(err); code != wire.InvalidAmount && code != wire.MissingField {
			t.Errorf("%v: %q", amount, code)
		}
	}
	for _, amount := range []string{"90071992547409.91", "90071992547409.91", "90071992547409.91", "0.01"} {
		a.Raw(daemontest.Frame{"type": "expense_add", "channel": "trip", "payer": "alice", "amount": amount, "split": []string{"bob"}, "payerShares": false})
	}
	const want = "alice 270215977642229.74, bob -270215977642229.74, "
	if got := shares(a, "trip"); got != want {
		t.Errorf("balance %q, want %q", got, want)
	}
	total := ""
	for _, s := range list(a.Raw(daemontest.Frame{"type": "expense_balance", "channel": "trip"})["totals"]) {
		total += fmt.Sprint(object(s)["amount"])
	}
	if total != "270215977642229.74" {
		t.Errorf("total %q", total)
	}
}

func codeOf(err error) wire.Code {
	if err == nil {
		return ""
	}
	return wire.AsError(err).Code
}

// written is how many bytes a process has given to the system to write; see
// proc(5).
func written(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if n, ok := strings.CutPrefix(line, "wchar: "); ok {
			bytes, err := strconv.Atoi(strings.TrimSpace(n))
			if err != nil {
				t.Fatal(err)
			}
			return bytes
		}
	}
	t.Fatal("no wchar")
	return 0
}

// TestFault24AnAddWritesTheSameInARoomOfAnySize; that a balance and an add read
// the same at any size is counted in package expense.
func TestFault24AnAddWritesTheSameInARoomOfAnySize(t *testing.T) {
	a := daemontest.NewHome(t).Start("a")
	cost := func() int { // of 50 adds
		before := written(t, a.PID())
		for n := range 50 {
			spent(a, "trip", "alice", fmt.Sprint(n+1))
		}
		return written(t, a.PID()) - before
	}
	cost() // the first makes the room
	few := cost()
	c := a.Dial()
	for n := range 2000 {
		if _, err := daemontest.Send(t.Context(), c, daemontest.Frame{"type": "expense_add", "channel": "trip", "payer": "bob",
			"amount": fmt.Sprint(n + 1), "split": []string{"alice", "bob"}, "payerShares": false}); err != nil {
			t.Fatal(err)
		}
	}
	many := cost()
	t.Logf("50 adds write %d bytes to 100 entries, %d to 2,100", few, many)
	if many > 2*few {
		t.Errorf("50 adds write %d bytes to 100 entries, %d to 2,100", few, many)
	}
}
