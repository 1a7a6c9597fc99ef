//go:build unix

package daemontest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"intercom/client"
	"intercom/internal/apps"
)

// entries makes the n-th entry of a room for each app.
var entries = map[string]func(room string, n int) Frame{
	"focus": func(room string, n int) Frame {
		return Frame{"type": "focus_checkin", "room": room, "text": fmt.Sprintf("check-in %d", n)}
	},
	"expense": func(room string, n int) Frame {
		return Frame{
			"type": "expense_add", "channel": room, "amount": fmt.Sprintf("%d.50", n), "payer": "alice",
			"split": []string{"alice", "bob"}, "note": fmt.Sprintf("entry %d", n), "payerShares": false,
		}
	},
}

// Entry returns the n-th of a row of requests that write one event each into
// a room: of every app in turn, and no two alike.
func Entry(room string, n int) Frame {
	all := apps.All()
	return entries[all[n%len(all)].Name](room, n)
}

// Write writes entries from to to, to not included, into a room.
func (d *Daemon) Write(room string, from, to int) {
	d.t.Helper()
	for n := from; n < to; n++ {
		d.Raw(Entry(room, n))
	}
}

// WriteKeyed sends entry n over a client of its own choice, with a key that
// makes its repetition harmless.
func WriteKeyed(ctx context.Context, c *client.Client, room string, n int) (Frame, error) {
	f := Entry(room, n)
	f["key"] = fmt.Sprintf("%s/%d", room, n)
	return Send(ctx, c, f)
}

// sameWithin is how long daemons may take to agree on a busy machine: more
// than the time between two comparisons of a room with a peer.
const sameWithin = 60 * time.Second

// WaitSame waits until all daemons have the same events, at least n, and the
// same state in a room.
func WaitSame(t testing.TB, room string, n uint64, daemons ...*Daemon) {
	t.Helper()
	WaitSameWithin(t, sameWithin, room, n, daemons...)
}

// WaitSameWithin is WaitSame with a time limit.
func WaitSameWithin(t testing.TB, within time.Duration, room string, n uint64, daemons ...*Daemon) {
	t.Helper()
	var got string
	defer func() {
		if t.Failed() {
			t.Log(got)
		}
	}()
	Eventually(t, within, "the same state of "+room, func() bool {
		first := daemons[0].Room(room)
		same := first.Events >= n
		got = ""
		for _, d := range daemons {
			r := d.Room(room)
			got += fmt.Sprintf("%s: %d events (%d waiting), set %.8s, state %v\n", d.Profile.Name, r.Events, r.Waiting, r.SetHash, r.State)
			same = same && r.Events == first.Events && r.Waiting == 0 && r.SetHash == first.SetHash &&
				fmt.Sprint(r.State) == fmt.Sprint(first.State)
		}
		return same
	})
}
