//go:build unix

package daemon_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"intercom/daemon/daemontest"
)

// recurring lists the entries of a room by day and status.
func recurring(d *daemontest.Daemon, room string) string {
	var out []string
	for _, e := range d.Raw(daemontest.Frame{"type": "expense_list", "channel": room, "all": true})["entries"].([]any) {
		entry := e.(map[string]any)
		out = append(out, fmt.Sprint(entry["date"], " ", entry["status"]))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// A member's daemon and an admin's command add the same days while they are
// apart; neither adds any again after a restart.
func TestDaysThatAMemberAndAnAdminAddApartCountOnce(t *testing.T) {
	h := daemontest.NewHome(t)
	clock := daemontest.NewClock(t, h)
	owner, member := h.Start("owner"), h.Start("member")
	owner.Raw(daemontest.Frame{"type": "channel_create", "channel": "flat"})
	member.Raw(daemontest.Frame{"type": "join", "channel": "flat", "owner": owner.Info().PeerPubkey})
	owner.Raw(daemontest.Frame{"type": "expense_role", "channel": "flat", "member": member.Info().PeerPubkey, "role": "member"})
	daemontest.Eventually(t, soon, "the member has its role", func() bool { return member.Room("flat").Events == 2 })
	first := time.Now().AddDate(0, 0, 2)
	days := []string{first.Format(time.DateOnly), first.AddDate(0, 0, 1).Format(time.DateOnly)}
	member.Raw(daemontest.Frame{
		"type": "expense_recur_add", "channel": "flat", "every": "day", "start": days[0], "count": 2,
		"payer": "bob", "amount": "10.01", "split": []string{"alice", "bob"},
	})
	daemontest.WaitSame(t, "flat", 3, owner, member)

	// The member is away while the days come.
	member.Stop()
	clock.Set(10 * 24 * time.Hour)
	run := daemontest.Frame{"type": "expense_recur_run", "channel": "flat"}
	if got := owner.Raw(run)["entries"].([]any); len(got) != 2 {
		t.Fatalf("the owner adds %v", got)
	}
	if got := owner.Raw(run)["entries"].([]any); len(got) != 0 {
		t.Fatalf("the owner adds again %v", got)
	}
	owner.Stop()
	member = h.Start("member")
	counts := days[0] + " counts, " + days[1] + " counts"
	daemontest.Eventually(t, soon, "the member's daemon catches up", func() bool { return recurring(member, "flat") == counts })

	owner = h.Start("owner")
	daemontest.WaitSame(t, "flat", 7, owner, member)
	want := fmt.Sprintf("%[1]s counts, %[1]s duplicate, %[2]s counts, %[2]s duplicate", days[0], days[1])
	for _, d := range []*daemontest.Daemon{owner, member} {
		if got := recurring(d, "flat"); got != want {
			t.Errorf("entries: %s, want %s", got, want)
		}
	}
	member.Stop()
	member = h.Start("member")
	// What the daemon writes by itself in another room shows that it has looked.
	member.Raw(daemontest.Frame{"type": "expense_recur_add", "channel": "home", "every": "year", "payer": "bob", "amount": "1", "split": "bob"})
	daemontest.Eventually(t, soon, "it adds what is due today", func() bool { return strings.HasSuffix(recurring(member, "home"), " counts") })
	if got := recurring(member, "flat"); got != want {
		t.Errorf("after a restart: %s, want %s", got, want)
	}
}

// A daemon adds what is due when the day comes, and nothing in a room that the
// user has left.
func TestADaemonAddsWhatRecursWhenTheDayComes(t *testing.T) {
	h := daemontest.NewHome(t)
	clock := daemontest.NewClock(t, h)
	d := h.Start("a")
	for _, room := range []string{"home", "left"} {
		d.Raw(daemontest.Frame{
			"type": "expense_recur_add", "channel": room, "every": "day", "start": time.Now().AddDate(0, 0, 5).Format(time.DateOnly), "count": 3,
			"payer": "bob", "amount": "10", "split": "bob",
		})
	}
	d.Raw(daemontest.Frame{"type": "leave", "channel": "left"})
	clock.Set(3 * 24 * time.Hour)
	if got := recurring(d, "home"); got != "" {
		t.Errorf("before the day: %s", got)
	}
	clock.Set(30 * 24 * time.Hour)
	daemontest.Eventually(t, soon, "it adds what is due", func() bool { return strings.Count(recurring(d, "home"), "counts") == 3 })
	// A clock that is set back adds nothing again, nor one that goes on.
	clock.Set(0)
	clock.Set(60 * 24 * time.Hour)
	d.Raw(daemontest.Frame{"type": "expense_recur_add", "channel": "next", "every": "year", "payer": "bob", "amount": "1", "split": "bob"})
	daemontest.Eventually(t, soon, "it adds what is due today", func() bool { return strings.Count(recurring(d, "next"), "counts") == 1 })
	if got := recurring(d, "home"); strings.Count(got, "counts") != 3 || strings.Contains(got, "duplicate") {
		t.Errorf("entries: %s", got)
	}
	if got := recurring(d, "left"); got != "" {
		t.Errorf("in a room that was left: %s", got)
	}
}
