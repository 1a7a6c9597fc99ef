//go:build unix

package daemon_test

import (
	"fmt"
	"reflect"
	"testing"

	"intercom/daemon/daemontest"
)

// spent adds an expense of alice and bob.
func spent(d *daemontest.Daemon, room, payer, amount string) {
	d.Raw(daemontest.Frame{"type": "expense_add", "channel": room, "payer": payer, "amount": amount, "split": []string{"alice", "bob"}, "payerShares": false})
}

// shares returns everybody's balance as one text.
func shares(d *daemontest.Daemon, room string) string {
	text := ""
	for _, b := range list(d.Raw(daemontest.Frame{"type": "expense_balance", "channel": room})["balances"]) {
		text += fmt.Sprint(object(b)["member"], " ", object(b)["amount"], ", ")
	}
	return text
}

func TestFault13WhoJoinsLateSeesWhatWas(t *testing.T) {
	h := daemontest.NewHome(t)
	a := h.Start("a")
	a.Raw(daemontest.Frame{"type": "focus_start", "room": "team", "minutes": 25})
	spent(a, "team", "alice", "10")
	spent(a, "team", "bob", "8")
	spent(a, "team", "bob", "1")
	b := h.Start("b")
	meet(t, a, b)
	// At once: the first use of the room looks at what a has.
	if _, err := b.TryRaw(daemontest.Frame{"type": "focus_start", "room": "team"}); err == nil {
		t.Error("b begins a session beside that of a")
	}
	daemontest.WaitSame(t, "team", 4, a, b)
	if s := status(t, b, "team"); s["host"] != a.Info().PeerPubkey || s["status"] != "active" {
		t.Errorf("b sees %v", s)
	}
	if got, want := shares(b, "team"), shares(a, "team"); got != want || want != "alice 0.50, bob -0.50, " {
		t.Errorf("b has %q, a %q", got, want)
	}
}

func TestFault14AForgersOwnStateIsThatOfTheOthers(t *testing.T) {
	a, b := together(t, "team")
	spent(a, "team", "alice", "10")
	a.Raw(daemontest.Frame{"type": "focus_start", "room": "team"})
	daemontest.WaitSame(t, "team", 2, a, b)
	before := a.Room("team")
	atA := hears(a)
	forged := []map[string]any{
		{"app": "focus_room", "eventType": "session_end", "payload": map[string]any{"room": "team"}},
		{"app": "expense_split_v1", "type": "expense_add", "event": map[string]any{"txId": "x", "payer": "bob", "amountCents": 1, "split": []string{"alice"}}},
		{"app": "expense_split_v1", "type": "expense_clear", "ts": 1},
	}
	for _, m := range forged {
		tell(b, "team", m)
		said(t, atA)
	}
	for _, d := range []*daemontest.Daemon{a, b} {
		if r := d.Room("team"); r.SetHash != before.SetHash || !reflect.DeepEqual(r.State, before.State) {
			t.Errorf("the state of %s was %v and is %v", d.Profile.Name, before.State, r.State)
		}
	}
}

func TestFault15AChannelThatWasLeftWorksAgain(t *testing.T) {
	a, b := together(t, "talk")
	for round := range 3 {
		for _, d := range []*daemontest.Daemon{a, b} {
			if f := d.Raw(daemontest.Frame{"type": "leave", "channel": "talk"}); f["ok"] != true {
				t.Fatalf("leave: %v", f)
			}
			gather(t, "talk", a, b)
			for _, way := range [][2]*daemontest.Daemon{{a, b}, {b, a}} {
				to := hears(way[1])
				text := fmt.Sprint("round ", round, " to ", way[1].Profile.Name)
				tell(way[0], "talk", text)
				if f := said(t, to); f["message"] != text {
					t.Errorf("heard %v, not %q", f["message"], text)
				}
			}
		}
	}
}

// TestFault16SentSaysWhoGotIt; that a message needs a welcome comes with owned
// channels.
func TestFault16SentSaysWhoGotIt(t *testing.T) {
	h := daemontest.NewHome(t)
	a := h.Start("a")
	alone := tell(a, "talk", "is anybody there")
	if alone["peers"] != 0.0 || alone["queued"] != true {
		t.Errorf("alone: %v", alone)
	}
	b := h.Start("b")
	meet(t, a, b)
	follows, _ := follow(t, b, daemontest.Frame{"types": []string{"sidechannel_message"}})
	if elsewhere := tell(a, "elsewhere", "b is connected and not in it"); elsewhere["peers"] != 0.0 {
		t.Errorf("nobody is in it: %v", elsewhere)
	}
	b.Join("talk")
	if f := follows.Next(); f["message"] != "is anybody there" {
		t.Errorf("who appeared first heard %v", f)
	}
	gather(t, "talk", a, b)
	both := tell(a, "talk", "hello")
	if both["peers"] != 1.0 || both["queued"] != false {
		t.Errorf("with b: %v", both)
	}
	if f := follows.Next(); f["message"] != "hello" {
		t.Errorf("b heard %v", f)
	}
	b.Raw(daemontest.Frame{"type": "leave", "channel": "talk"})
	daemontest.Eventually(t, soon, "a is alone in the channel", func() bool { return !inRoom(a, "talk") })
	if gone := tell(a, "talk", "still there?"); gone["peers"] != 0.0 {
		t.Errorf("after b has left: %v", gone)
	}
}

func TestFault17AClearIsRecordedStaysAndCanBeUndone(t *testing.T) {
	h := daemontest.NewHome(t)
	a, b := h.Start("a"), h.Start("b")
	meet(t, a, b)
	gather(t, "trip", a, b)
	spent(a, "trip", "alice", "10")
	daemontest.WaitSame(t, "trip", 1, a, b)
	closed := b.Raw(daemontest.Frame{"type": "expense_clear", "channel": "trip"})
	daemontest.WaitSame(t, "trip", 2, a, b)
	if got := shares(a, "trip"); got != "" {
		t.Errorf("after the clear a has %q", got)
	}
	if code := a.Stop(); code != 0 {
		t.Fatalf("it ended with %d", code)
	}
	a = h.Start("a")
	if got := shares(a, "trip"); got != "" || a.Room("trip").Events != 2 {
		t.Errorf("after a restart a has %q", got)
	}
	a.Raw(daemontest.Frame{"type": "expense_reopen", "channel": "trip", "close": closed["closed"]})
	daemontest.WaitSame(t, "trip", 3, a, b)
	for _, d := range []*daemontest.Daemon{a, b} {
		if got := shares(d, "trip"); got != "alice 5.00, bob -5.00, " {
			t.Errorf("reopened, %s has %q", d.Profile.Name, got)
		}
	}
}

func TestFault18AKillWhileWritingLosesNothing(t *testing.T) { killWhileWriting(t, 5) }

func TestFault19SessionsAndStreaksOutliveAKill(t *testing.T) {
	h := daemontest.NewHome(t)
	a, b := h.Start("a"), h.Start("b")
	meet(t, a, b)
	gather(t, "team", a, b)
	events := uint64(0)
	did := func(d *daemontest.Daemon, f daemontest.Frame) {
		t.Helper()
		d.Raw(f)
		events++
		daemontest.WaitSame(t, "team", events, a, b)
	}
	for range 3 { // sessions of no length make no streak, however many
		did(a, daemontest.Frame{"type": "focus_start", "room": "team"})
		did(b, daemontest.Frame{"type": "focus_join", "room": "team"})
		did(a, daemontest.Frame{"type": "focus_end", "room": "team"})
	}
	did(a, daemontest.Frame{"type": "focus_start", "room": "team", "goal": "kept"})
	did(b, daemontest.Frame{"type": "focus_checkin", "room": "team", "text": "said"})
	rooms := func(d *daemontest.Daemon) any { return d.Raw(daemontest.Frame{"type": "focus_rooms"})["rooms"] }
	streaks := func(d *daemontest.Daemon) any { return d.Raw(daemontest.Frame{"type": "focus_streaks"})["streaks"] }
	before, counted := rooms(a), streaks(a)
	a.Kill()
	a = h.Start("a")
	if again := rooms(a); !reflect.DeepEqual(again, before) {
		t.Errorf("the rooms were %v\nand are        %v", before, again)
	}
	if s := status(t, a, "team"); s["goal"] != "kept" || len(list(s["checkins"])) != 1 {
		t.Errorf("the session is %v", s)
	}
	for _, d := range []*daemontest.Daemon{a, b} {
		if again := streaks(d); !reflect.DeepEqual(again, counted) {
			t.Errorf("the streaks of %s are %v, not %v", d.Profile.Name, again, counted)
		}
	}
	for _, s := range list(counted) {
		if s := object(s); s["sessions"] != 3.0 || s["streak"] != 0.0 || s["best"] != 0.0 {
			t.Errorf("three sessions of no length count %v", s)
		}
	}
	if len(list(counted)) != 2 {
		t.Errorf("streaks: %v", counted)
	}
}

func TestFault22NamesOfChannelsKeepTheirCase(t *testing.T) {
	h := daemontest.NewHome(t)
	a := h.Start("a")
	spent(a, "TR-EXP", "alice", "10")
	spent(a, "tr-exp", "bob", "2")
	a.Raw(daemontest.Frame{"type": "focus_start", "room": "TR-EXP", "goal": "upper"})
	check := func() {
		t.Helper()
		if upper, lower := shares(a, "TR-EXP"), shares(a, "tr-exp"); upper != "alice 5.00, bob -5.00, " || lower != "alice -1.00, bob 1.00, " {
			t.Errorf("TR-EXP: %q, tr-exp: %q", upper, lower)
		}
		if rooms := list(a.Raw(daemontest.Frame{"type": "focus_rooms"})["rooms"]); len(rooms) != 1 || object(rooms[0])["room"] != "TR-EXP" {
			t.Errorf("rooms: %v", rooms)
		}
	}
	check()
	a.Kill()
	a = h.Start("a")
	check()
}
