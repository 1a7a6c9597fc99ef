//go:build unix

package daemon_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"intercom/daemon/daemontest"
)

// spends lets alice pay for bob.
func spends(a *daemontest.Daemon, room, amount, note string) {
	a.Raw(daemontest.Frame{"type": "expense_add", "channel": room, "payer": "alice", "amount": amount,
		"split": []string{"bob"}, "note": note, "currency": "EUR", "payerShares": false})
}

// TestADebtAboveALimitRunsItsHookOnceForEachCrossing: not for each entry above
// it, not again after a kill, and again after it was below.
func TestADebtAboveALimitRunsItsHookOnceForEachCrossing(t *testing.T) {
	h := daemontest.NewHome(t)
	dir := hookOf(t, h, "a", "expense_owe.sh", `
cat >>json
echo "$INTERCOM_CHANNEL: $INTERCOM_MEMBER owes $INTERCOM_AMOUNT $INTERCOM_CURRENCY, more than $INTERCOM_LIMIT" >>seen`)
	seen := func() string {
		b, _ := os.ReadFile(filepath.Join(dir, "seen")) // absent: none has run
		return string(b)
	}
	tells := func(room, amount string) {
		t.Helper()
		want := room + ": bob owes " + amount + " EUR, more than 50\n"
		daemontest.Eventually(t, soon, want, func() bool { return strings.HasSuffix(seen(), want) })
	}
	if err := h.Profile("a").Set("expense.owe", "50 EUR"); err != nil {
		t.Fatal(err)
	}
	if err := h.Profile("a").Set("expense.me", "bob"); err != nil {
		t.Fatal(err)
	}
	a := h.Start("a")
	spends(a, "trip", "50", "below")
	spends(a, "other", "51", "the looks reach here after trip")
	tells("other", "51.00")
	spends(a, "trip", "12", "above")
	tells("trip", "62.00")
	a.Kill()
	a = h.Start("a")
	spends(a, "trip", "5", "more")
	spends(a, "third", "60", "a sign")
	tells("third", "60.00")
	a.Raw(daemontest.Frame{"type": "expense_pay", "channel": "trip", "from": "bob", "to": "alice", "amount": "60", "currency": "EUR"})
	spends(a, "fourth", "70", "a sign")
	tells("fourth", "70.00")
	spends(a, "trip", "80", "above again")
	tells("trip", "87.00")
	if n := strings.Count(seen(), "trip:"); n != 2 {
		t.Errorf("hooks ran %d times for trip:\n%s", n, seen())
	}
	b, err := os.ReadFile(filepath.Join(dir, "json"))
	if err != nil || !strings.Contains(string(b), `"eventType":"expense_owe","member":"bob","amount":"62.00","limit":"50","currency":"EUR","exp":2,"source":"local","channel":"trip"`) {
		t.Errorf("on standard input: %s, %v", b, err)
	}
	// A limit that is changed while the daemon runs holds at once.
	if err := a.Profile.Set("expense.owe", "10 EUR"); err != nil {
		t.Fatal(err)
	}
	if said := hangup(t, a); !strings.Contains(said, "changed=expense.owe") || !strings.Contains(said, "needs_restart=nothing") {
		t.Errorf("it says %q", said)
	}
	spends(a, "fifth", "11", "above the new one")
	daemontest.Eventually(t, soon, "the new limit", func() bool { return strings.Contains(seen(), "fifth: bob owes 11.00 EUR, more than 10\n") })
}

// TestAnotherPlanRunsItsHookOnceForABurst of another peer's entries, and not
// for the plans that are there when the daemon starts.
func TestAnotherPlanRunsItsHookOnceForABurst(t *testing.T) {
	h := daemontest.NewHome(t)
	dir := h.Profile("b").HooksDir()
	seen := func() int {
		b, _ := os.ReadFile(filepath.Join(dir, "seen")) // absent: none has run
		return strings.Count(string(b), `"eventType":"expense_plan","transfers":[{"from":"bob","to":"alice"`)
	}
	a, b := h.Start("a"), h.Start("b")
	b.Join("trip")
	b.Join("old")
	spends(a, "old", "20", "before the hook")
	daemontest.WaitSame(t, "old", 1, a, b)
	b.Stop()
	hookOf(t, h, "b", "expense_plan", "cat >>seen")
	b = h.Start("b")
	const entries = 300
	for range entries {
		spends(a, "trip", "1", "one of many")
	}
	daemontest.WaitSame(t, "trip", entries, a, b)
	daemontest.Eventually(t, soon, "the hook", func() bool { return seen() > 0 })
	time.Sleep(2 * time.Second) // what has come last is looked at
	if n := seen(); n > 3 {
		t.Errorf("the hook ran %d times for %d entries", n, entries)
	}
	b2, err := os.ReadFile(filepath.Join(dir, "seen"))
	if err != nil || strings.Contains(string(b2), `"channel":"old"`) {
		t.Errorf("told of what was there: %s, %v", b2, err)
	}
}
