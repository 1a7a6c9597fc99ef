//go:build unix

package daemon_test

import (
	"testing"
	"time"

	"intercom/client/wire"
	"intercom/daemon/daemontest"
	"intercom/ledger/event"
)

// seen returns whom a daemon knows to be there now, by their keys.
func seen(d *daemontest.Daemon, room string) map[string]bool {
	all := map[string]bool{}
	for _, p := range d.Raw(daemontest.Frame{"type": "focus_who", "room": room})["people"].([]any) {
		p := p.(map[string]any)
		_, ok := p["seen"]
		all[p["peer"].(string)] = ok
	}
	return all
}

// hasMembers waits until a daemon sees so many others in a room.
func hasMembers(t *testing.T, d *daemontest.Daemon, room string, n int) {
	t.Helper()
	daemontest.Eventually(t, soon, "the others are in the room", func() bool {
		return len(daemontest.Call(d, wire.Describe, wire.DescribeReq{Channel: room}).Members) == n
	})
}

// TestOthersSeeWhoIsThere: for a minute after he said so, while he takes part
// and his daemon is connected.
func TestOthersSeeWhoIsThere(t *testing.T) {
	h := daemontest.NewHome(t)
	clock := daemontest.NewClock(t, h)
	a, b := h.Start("a"), h.Start("b")
	alice, bob := a.Info().PeerPubkey, b.Info().PeerPubkey
	a.Raw(daemontest.Frame{"type": "focus_start", "room": "team", "minutes": 60})
	b.Join("team")
	daemontest.WaitSame(t, "team", 1, a, b)
	hasMembers(t, a, "team", 1)
	hasMembers(t, b, "team", 1)
	b.Raw(daemontest.Frame{"type": "present", "channel": "team"}) // takes part in nothing
	b.Raw(daemontest.Frame{"type": "focus_join", "room": "team"})
	daemontest.WaitSame(t, "team", 2, a, b)
	if all := seen(a, "team"); len(all) != 2 || all[alice] || all[bob] {
		t.Fatalf("there before anybody said so: %v", all)
	}
	says := func(at time.Duration) {
		t.Helper()
		clock.Set(at)
		b.Raw(daemontest.Frame{"type": "present", "channel": "team"})
		daemontest.Eventually(t, soon, "bob is seen", func() bool { return seen(a, "team")[bob] })
		if seen(a, "team")[alice] || !seen(b, "team")[bob] {
			t.Error("who is there is not who said so")
		}
	}
	says(0)
	clock.Set(20 * time.Second)
	if !seen(a, "team")[bob] {
		t.Error("gone before his minute is over")
	}
	clock.Set(61 * time.Second)
	if seen(a, "team")[bob] || seen(b, "team")[bob] {
		t.Error("there for more than a minute")
	}
	says(2 * time.Minute)
	clock.Set(time.Minute) // a clock that goes back keeps nobody there
	if seen(a, "team")[bob] {
		t.Error("there before he said so")
	}
	says(4 * time.Minute)
	b.Raw(daemontest.Frame{"type": "focus_leave", "room": "team"})
	daemontest.WaitSame(t, "team", 3, a, b)
	if seen(a, "team")[bob] {
		t.Error("there after he has left")
	}
	b.Raw(daemontest.Frame{"type": "focus_join", "room": "team"})
	says(6 * time.Minute)
	b.Kill()
	daemontest.Eventually(t, soon, "bob's daemon is gone", func() bool { return !seen(a, "team")[bob] })
	if n := a.Room("team").Events; n != 4 {
		t.Errorf("%d events: presence has been written", n)
	}
}

// TestNotesOfStrangersShowNobody: who takes part in no session is not shown,
// and what comes too often, of other rooms or in pieces is counted.
func TestNotesOfStrangersShowNobody(t *testing.T) {
	h := daemontest.NewHome(t)
	clock := daemontest.NewClock(t, h)
	a := h.Start("a")
	a.Raw(daemontest.Frame{"type": "focus_start", "room": "team", "minutes": 60})
	eve := newStranger(t, a, "team", nil)
	to := eve.topic.Peers()[0]
	hasMembers(t, a, "team", 1)
	note := func(text []byte) (heard bool) {
		t.Helper()
		before, refused := a.Count("channel_here_heard"), a.Count("channel_here_refused")
		s, err := eve.node.Open(t.Context(), to, "/here/1")
		if err != nil {
			t.Fatal(err)
		}
		if _, err = s.Write(text); err == nil {
			err = s.CloseWrite()
		}
		if err != nil {
			t.Fatal(err)
		}
		daemontest.Eventually(t, soon, "the note is counted", func() bool {
			heard = a.Count("channel_here_heard") > before
			return heard || a.Count("channel_here_refused") > refused
		})
		_ = s.Reset() // it has ended
		return heard
	}
	other := event.OpenRoom("other")
	for name, text := range map[string][]byte{"no room": nil, "a part": eve.room[:31], "another room": other[:]} {
		if note(text) {
			t.Errorf("%s is heard", name)
		}
	}
	if !note(eve.room[:]) {
		t.Error("a member's note is refused")
	}
	// Two within 5 seconds, however busy the machine is.
	daemontest.Eventually(t, soon, "a note that comes too soon is refused", func() bool { return !note(eve.room[:]) })
	clock.Set(10 * time.Second)
	if !note(append(eve.room[:], 1, 2, 3)) {
		t.Error("a note that says more, in a later version, is refused")
	}
	if all := seen(a, "team"); len(all) != 1 || all[a.Info().PeerPubkey] {
		t.Errorf("shown: %v", all)
	}
	if n := a.Room("team").Events; n != 1 {
		t.Errorf("%d events: a note has been written", n)
	}
	// She serves no notes, as older daemons do.
	if r := a.Raw(daemontest.Frame{"type": "present", "channel": "team"}); r["counted"] != true || !seen(a, "team")[a.Info().PeerPubkey] {
		t.Errorf("beside a daemon that is not told: %v", r)
	}
	if !eve.connectedTo(a) {
		t.Error("who sends a note too soon, or takes none, loses the connection")
	}
}
