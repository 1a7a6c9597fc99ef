//go:build unix

package daemon_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"intercom/client/wire"
	"intercom/daemon/daemontest"
)

// follow makes a connection follow from a place on.
func follow(t *testing.T, d *daemontest.Daemon, more daemontest.Frame) (r *daemontest.Raw, cursor string) {
	t.Helper()
	r = d.Connect()
	r.Until("hello")
	f := daemontest.Frame{"type": "events"}
	for k, v := range more {
		f[k] = v
	}
	r.Send(f)
	reply := r.Next()
	if reply["type"] != "events" {
		t.Fatalf("events is answered with %v", reply)
	}
	return r, reply["cursor"].(string)
}

// history returns what there is from a place on, without following.
func history(d *daemontest.Daemon, more daemontest.Frame) (frames []daemontest.Frame, reply daemontest.Frame) {
	f := daemontest.Frame{"type": "events", "follow": false}
	for k, v := range more {
		f[k] = v
	}
	reply = d.Raw(f)
	for _, e := range reply["events"].([]any) {
		frames = append(frames, daemontest.Frame(e.(map[string]any)))
	}
	return frames, reply
}

// numbered are the events of a room among frames, each once, with its number
// in the journal.
func numbered(frames []daemontest.Frame) (out []string) {
	for _, f := range frames {
		if c, ok := f["cursor"].(string); ok && strings.HasPrefix(c, "r:") && f["event"] != nil {
			out = append(out, fmt.Sprint(c, " ", f["event"]))
		}
	}
	return out
}

func TestWhoFollowsHearsOfEverythingWithACursorAndOthersAsBefore(t *testing.T) {
	h := daemontest.NewHome(t)
	a, b := h.Start("a"), h.Start("b")
	meet(t, a, b)
	b.Join("team")
	daemontest.Eventually(t, soon, "both are in the room", func() bool { a.Join("team"); return inRoom(a, "team") && inRoom(b, "team") })
	atA, _ := follow(t, a, daemontest.Frame{"channels": []string{"team"}})
	atB, _ := follow(t, b, daemontest.Frame{"channels": []string{"team"}})
	old := a.Connect()
	old.Until("hello")

	for _, step := range []struct {
		request     daemontest.Frame
		reply       string
		here, there []string
		before      []string // who does not follow
	}{
		{daemontest.Frame{"type": "focus_start", "room": "team", "minutes": 25}, "focus_started",
			[]string{"focus_event session_start local"},
			[]string{"focus_event session_start remote", "sidechannel_message remote session_start"},
			[]string{"focus_event session_start local"}},
		{daemontest.Frame{"type": "expense_add", "channel": "team", "payer": "alice", "amount": 30, "split": []string{"alice", "bob"}}, "expense_added",
			[]string{"expense_event expense_add local"},
			[]string{"sidechannel_message remote expense_add", "expense_event expense_add remote"}, nil},
		{daemontest.Frame{"type": "expense_clear", "channel": "team"}, "expense_cleared",
			[]string{"expense_event expense_clear local"},
			[]string{"sidechannel_message remote expense_clear", "expense_event expense_clear remote"}, nil},
	} {
		atA.Send(step.request)
		frames := atA.Until(step.reply)
		got := told(frames[:len(frames)-1])
		if !slices.Equal(got, step.here) {
			t.Errorf("%s: who asks sees %q, want %q", step.reply, got, step.here)
		}
		// A reply carries its cursor: behind the last push before it.
		if last, reply := frames[len(frames)-2], frames[len(frames)-1]; reply["cursor"] == nil || reply["cursor"] != last["cursor"] {
			t.Errorf("%s has the cursor %v, the push before it %v", step.reply, reply["cursor"], last["cursor"])
		}
		var there []daemontest.Frame
		for len(there) < len(step.there) {
			there = append(there, atB.Next())
		}
		if got := told(there); !slices.Equal(got, step.there) {
			t.Errorf("%s: the other sees %q, want %q", step.reply, got, step.there)
		}
		// What has the first of two frames has not got the entry.
		if len(there) == 2 && (there[0]["cursor"] == there[1]["cursor"] || there[0]["event"] != there[1]["event"]) {
			t.Errorf("%s: cursors %v and %v", step.reply, there[0]["cursor"], there[1]["cursor"])
		}
		if got := quiet(old); !slices.Equal(got, step.before) {
			t.Errorf("%s: who does not follow sees %q, want %q", step.reply, got, step.before)
		}
	}
}

// told is line of frames, which may carry a message of the expense app.
func told(frames []daemontest.Frame) []string {
	out := make([]string, len(frames))
	for i, f := range frames {
		if m, ok := f["message"].(map[string]any); ok && m["eventType"] == nil {
			m["eventType"] = m["type"]
		}
		out[i] = line(f)
	}
	return out
}

func TestAClientGoesOnWhereItWasAfterAKill(t *testing.T) {
	h := daemontest.NewHome(t)
	a := h.Start("a")
	a.Write("team", 0, 10)
	r, _ := follow(t, a, daemontest.Frame{"since": "start", "types": []string{"focus_event", "expense_event"}})
	var all []daemontest.Frame
	for range 4 {
		all = append(all, r.Next())
	}
	a.Kill()
	a = h.Start("a")
	a.Write("team", 10, 20)
	last := all[len(all)-1]["cursor"]
	r, _ = follow(t, a, daemontest.Frame{"since": last, "types": []string{"focus_event", "expense_event"}})
	for len(all) < 20 {
		all = append(all, r.Next())
	}
	a.Write("team", 20, 21)
	all = append(all, r.Next())
	want, _ := history(a, daemontest.Frame{"since": "start"})
	if got := numbered(all); len(got) != 21 || !slices.Equal(got, numbered(want)) {
		t.Errorf("over a kill the client got\n%q\nwant\n%q", got, numbered(want))
	}

	// Who wants what is kept in memory alone is told that some of it is gone.
	r, _ = follow(t, a, daemontest.Frame{"since": last})
	if f := r.Next(); f["type"] != "reset" || f["reason"] != "restarted" || f["cursor"] == nil {
		t.Errorf("the first push is %v", f)
	}
	if f := r.Next(); numbered([]daemontest.Frame{f})[0] != numbered(want)[4] {
		t.Errorf("behind the reset comes %v", f)
	}
}

func TestHistoryIsReadInPiecesAndMarkedAsSuch(t *testing.T) {
	h := daemontest.NewHome(t)
	clock := daemontest.NewClock(t, h)
	a := h.Start("a")
	a.Write("team", 0, 25)
	want, reply := history(a, daemontest.Frame{"since": "start"})
	if len(want) != 25 || reply["more"] == true {
		t.Fatalf("%d frames, more %v", len(want), reply["more"])
	}
	for _, f := range want {
		if f["replayed"] == true {
			t.Errorf("%v is replayed", f)
		}
	}
	clock.Set(2 * time.Minute)
	var got []daemontest.Frame
	next := daemontest.Frame{"since": "start", "limit": 10}
	for more := true; more; {
		var part []daemontest.Frame
		part, reply = history(a, next)
		got = append(got, part...)
		next["since"] = reply["cursor"]
		more = reply["more"] == true
	}
	if !slices.Equal(numbered(got), numbered(want)) {
		t.Errorf("in pieces: %q", numbered(got))
	}
	for _, f := range got {
		if f["replayed"] != true {
			t.Errorf("%v is not replayed", f)
		}
	}
	if none, _ := history(a, daemontest.Frame{"since": reply["cursor"]}); len(none) != 0 {
		t.Errorf("behind the end: %v", none)
	}
	if one, _ := history(a, daemontest.Frame{"since": "start", "types": []string{"expense_event"}, "channels": []string{"team"}}); len(one) != 13 {
		t.Errorf("%d expenses", len(one))
	}
}

func TestWhatEndedWhileTheDaemonWasAwayIsThereOnce(t *testing.T) {
	h := daemontest.NewHome(t)
	clock := daemontest.NewClock(t, h)
	a := h.Start("a")
	expiries := func() (out []string) {
		t.Helper()
		frames, _ := history(a, daemontest.Frame{"since": "start", "types": []string{"session_expired"}})
		for _, f := range frames {
			out = append(out, fmt.Sprint(f["payload"].(map[string]any)["room"], " replayed ", f["replayed"], " ", f["cursor"]))
		}
		return out
	}
	a.Raw(daemontest.Frame{"type": "focus_start", "room": "one", "minutes": 10})
	a.Raw(daemontest.Frame{"type": "focus_start", "room": "two", "minutes": 30})
	r, _ := follow(t, a, nil)
	clock.Set(10*time.Minute + 500*time.Millisecond)
	if f := r.Next(); f["eventType"] != "session_soon" || f["cursor"] != "r:3" || f["replayed"] != true {
		t.Fatalf("pushed: %v", f)
	}
	if f := r.Next(); f["eventType"] != "session_expired" || f["cursor"] != "r:4" || f["replayed"] != nil {
		t.Fatalf("pushed: %v", f)
	}
	a.Kill()
	clock.Set(45 * time.Minute)
	for range 2 { // a restart adds nothing
		a = h.Start("a")
		if got, want := expiries(), []string{"one replayed true r:4", "two replayed true r:6"}; !slices.Equal(got, want) {
			t.Errorf("expired: %q, want %q", got, want)
		}
		a.Kill()
	}
}

func TestALocalDecisionMovesNoCursor(t *testing.T) {
	h := daemontest.NewHome(t)
	a, other := h.Start("a"), h.Start("b").Info().PeerPubkey
	a.Write("team", 0, 3)
	r, before := follow(t, a, nil)
	if r := daemontest.Call(a, wire.PeerBlock, wire.PeerBlockReq{Peer: other}); !r.Changed {
		t.Fatalf("%+v", r)
	}
	if entry, _, _ := strings.Cut(before, "r:"); entry != "" {
		t.Fatalf("at first the cursor is %s", before)
	}
	if _, after := follow(t, a, nil); !strings.HasSuffix(after, before[1:]) {
		t.Errorf("a block moves the cursor from %s to %s", before, after)
	}
	a.Write("team", 3, 4)
	if next := r.Until("focus_event"); next[len(next)-1]["cursor"] != "r:4" {
		t.Errorf("the fourth entry is %v", next[len(next)-1])
	}
}

// TestACursorThatIsTooOldIsToldByAReset: of a message of an earlier start, of
// one that left the memory, and of a room event that is kept no more.
func TestACursorThatIsTooOldIsToldByAReset(t *testing.T) {
	h := daemontest.NewHome(t)
	clock := daemontest.NewClock(t, h)
	a := h.Start("a", "--sidechannel-rate-bytes", "0", "--sidechannel-pow", "0")
	a.Write("team", 0, 2)
	live, _ := follow(t, a, nil)
	send(t, a, "team", "of the first start")
	early := live.Next()["cursor"].(string)
	a.Write("team", 2, 3)
	a.Kill()
	a = h.Start("a", "--sidechannel-rate-bytes", "0", "--sidechannel-pow", "0")

	// short leaves out the place among the events of rooms, which is allowed.
	short := func(cursor string) string { return cursor[:strings.LastIndex(cursor, ":")] }
	want := func(since, first string, then ...string) {
		t.Helper()
		frames, _ := history(a, daemontest.Frame{"since": since})
		if len(frames) == 0 || frames[0]["cursor"] == nil || frames[0]["replayed"] != nil {
			t.Fatalf("since %s: %v", since, frames)
		}
		if got := fmt.Sprint(frames[0]["type"], " ", frames[0]["reason"]); got != first {
			t.Errorf("since %s the first is %s, want %s", since, got, first)
		}
		var rest []string
		for _, n := range numbered(frames[1:]) {
			rest = append(rest, strings.Fields(n)[0])
		}
		if !slices.Equal(rest, then) {
			t.Errorf("since %s: room events %q, want %q", since, rest, then)
		}
	}
	want(early, "reset restarted", "r:3")
	want(short(early), "reset restarted")

	live, _ = follow(t, a, nil)
	send(t, a, "team", "first")
	first := live.Next()["cursor"].(string)
	large := strings.Repeat("x", 900_000)
	const more = 20 // more than the memory holds
	for range more {
		send(t, a, "team", large)
	}
	want(short(first), "reset too_old")
	frames, _ := history(a, daemontest.Frame{"since": first, "limit": 100})
	lost, _ := frames[0]["missed"].(float64)
	if frames[0]["type"] != "lagged" || lost < 1 || int(lost)+len(frames)-1 != more {
		t.Errorf("%v missed and %d more of %d, first %v", lost, len(frames)-1, more, frames[0]["type"])
	}

	a.Write("team", 3, 4)
	a.Kill()
	clock.Set(8 * 24 * time.Hour)
	a = h.Start("a")
	a.Write("team", 4, 5)
	daemontest.Eventually(t, soon, "what is older than a week is forgotten", func() bool {
		frames, _ := history(a, daemontest.Frame{"since": "start", "types": []string{"focus_event", "expense_event"}})
		return len(frames) == 1
	})
	want("r:1", "reset too_old", "r:5")
}
