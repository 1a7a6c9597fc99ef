//go:build unix

package daemon_test

import (
	"fmt"
	"slices"
	"testing"

	"intercom/daemon/daemontest"
)

// line is a frame in one line: its type, what it tells and from where.
func line(f daemontest.Frame) string {
	s := fmt.Sprint(f["type"])
	for _, key := range []string{"eventType", "source"} {
		if v, ok := f[key]; ok {
			s += fmt.Sprint(" ", v)
		}
	}
	if m, ok := f["message"].(map[string]any); ok {
		s += fmt.Sprint(" ", m["eventType"])
	}
	return s
}

func lines(frames []daemontest.Frame) []string {
	out := make([]string, len(frames))
	for i, f := range frames {
		out[i] = line(f)
	}
	return out
}

// ask sends a request and returns all frames up to its reply.
func ask(r *daemontest.Raw, f daemontest.Frame, reply string) []string {
	r.Send(f)
	return lines(r.Until(reply))
}

// quiet returns what came until now: up to the answer to a ping.
func quiet(r *daemontest.Raw) []string {
	r.Send(daemontest.Frame{"type": "ping"})
	got := lines(r.Until("pong"))
	return got[:len(got)-1]
}

func TestClientsHearOfTheirOwnCommandsBeforeTheReplyAndOfOthersAfter(t *testing.T) {
	h := daemontest.NewHome(t)
	a, b := h.Start("a"), h.Start("b")
	meet(t, a, b)
	b.Join("team")
	daemontest.Eventually(t, soon, "both are in the room", func() bool { a.Join("team"); return inRoom(a, "team") && inRoom(b, "team") })
	atA, atB := a.Connect(), b.Connect()
	atA.Until("hello")
	atB.Until("hello")
	quiet(atA)
	quiet(atB)

	for _, step := range []struct {
		request daemontest.Frame
		reply   string
		event   string
	}{
		{daemontest.Frame{"type": "focus_start", "room": "team", "minutes": 25, "goal": "write"}, "focus_started", "session_start"},
		{daemontest.Frame{"type": "focus_checkin", "room": "team", "status": "half"}, "focus_checked_in", "session_checkin"},
		{daemontest.Frame{"type": "focus_extend", "room": "team", "minutes": 5}, "focus_extended", "session_extend"},
		{daemontest.Frame{"type": "focus_end", "room": "team"}, "focus_ended", "session_end"},
	} {
		got := ask(atA, step.request, step.reply)
		if want := []string{"focus_event " + step.event + " local", step.reply}; !slices.Equal(got, want) {
			t.Errorf("who asks sees %q, want %q", got, want)
		}
		got = lines(atB.Until("sidechannel_message"))
		if want := []string{"focus_event " + step.event + " remote", "sidechannel_message " + step.event}; !slices.Equal(got, want) {
			t.Errorf("the other sees %q, want %q", got, want)
		}
	}

	// As the original does: who adds an expense gets the reply alone.
	got := ask(atA, daemontest.Frame{"type": "expense_add", "channel": "team", "payer": "alice", "amount": 30, "split": []string{"alice", "bob"}}, "expense_added")
	if want := []string{"expense_added"}; !slices.Equal(got, want) {
		t.Errorf("who adds an expense sees %q, want %q", got, want)
	}
	if got := lines(atB.Until("sidechannel_message")); len(got) != 1 {
		t.Errorf("the other sees %q of an expense", got)
	}
	if got := append(quiet(atA), quiet(atB)...); len(got) > 0 {
		t.Errorf("more was pushed: %q", got)
	}
}

// inRoom reports whether a daemon sees a peer in the room.
func inRoom(d *daemontest.Daemon, room string) bool {
	reply := d.Raw(daemontest.Frame{"type": "channels"})
	for _, c := range reply["channels"].([]any) {
		if c := c.(map[string]any); c["channel"] == room && c["peers"].(float64) > 0 {
			return true
		}
	}
	return false
}

func TestAMessageOfAChannelReachesTheOther(t *testing.T) {
	h := daemontest.NewHome(t)
	a, b := h.Start("a"), h.Start("b")
	meet(t, a, b)
	a.Join("talk")
	b.Join("talk")
	daemontest.Eventually(t, soon, "both are in the channel", func() bool { return inRoom(a, "talk") && inRoom(b, "talk") })
	atB := b.Connect()
	atB.Until("hello")
	quiet(atB)
	a.Raw(daemontest.Frame{"type": "send", "channel": "talk", "message": "hello there"})
	frames := atB.Until("sidechannel_message")
	if last := frames[len(frames)-1]; last["message"] != "hello there" || last["channel"] != "talk" {
		t.Errorf("pushed: %v", last)
	}
}
