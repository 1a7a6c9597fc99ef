//go:build unix

package daemon_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"intercom/client"
	"intercom/client/wire"
	"intercom/daemon/daemontest"
	"intercom/ledger/event"
	"intercom/p2p/channel"
)

// members waits until each daemon sees so many others in a channel.
func members(t *testing.T, name string, n int, daemons ...*daemontest.Daemon) {
	t.Helper()
	for _, d := range daemons {
		daemontest.Eventually(t, soon, fmt.Sprintf("%s sees %d members", d.Profile.Name, n), func() bool {
			info, err := daemontest.Try(d, wire.Describe, wire.DescribeReq{Channel: name})
			return err == nil && len(info.Members) == n
		})
	}
}

func send(t *testing.T, d *daemontest.Daemon, name string, message any) wire.SendReply {
	t.Helper()
	raw, err := json.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	return daemontest.Call(d, wire.Send, wire.SendReq{Channel: name, Message: raw})
}

// listens connects a client that is pushed what comes to a daemon.
func listens(d *daemontest.Daemon) *daemontest.Raw {
	r := d.Connect()
	r.Until("hello")
	return r
}

// next returns the next message that is pushed.
func nextMessage(r *daemontest.Raw) daemontest.Frame {
	all := r.Until("sidechannel_message")
	return all[len(all)-1]
}

func TestWhoLeftAndJoinedAgainHearsAndIsHeard(t *testing.T) {
	h := daemontest.NewHome(t)
	a, b := h.Start("a"), h.Start("b")
	for _, d := range []*daemontest.Daemon{a, b} {
		d.Join("team")
	}
	members(t, "team", 1, a, b)
	atA, atB := listens(a), hears(b)
	for round := range 2 {
		for _, way := range []struct {
			from *daemontest.Daemon
			to   *daemontest.Raw
		}{{a, atB}, {b, atA}} {
			text := fmt.Sprint("round ", round, " of ", way.from.Profile.Name)
			if reply := send(t, way.from, "team", text); reply.Peers != 1 || reply.Queued {
				t.Errorf("sent %+v", reply)
			}
			if got := nextMessage(way.to); got["message"] != text || got["relayedBy"] != nil || got["ttl"] != 3.0 {
				t.Errorf("got %v, want %s", got, text)
			}
		}
		daemontest.Call(b, wire.Leave, wire.ChannelReq{Channel: "team"})
		members(t, "team", 0, a)
		b.Join("team")
		members(t, "team", 1, a, b)
	}
	if n := a.Count("channel_gaps") + b.Count("channel_gaps"); n != 0 {
		t.Errorf("%d gaps", n)
	}
}

func TestAMessageToNobodyIsKeptForTheFirstWhoAppears(t *testing.T) {
	h := daemontest.NewHome(t)
	a, b := h.Start("a"), h.Start("b")
	meet(t, a, b)
	if reply := send(t, a, "quiet", "are you there"); reply.Peers != 0 || !reply.Queued {
		t.Errorf("sent %+v", reply)
	}
	atB := listens(b)
	b.Join("quiet")
	if got := nextMessage(atB); got["message"] != "are you there" {
		t.Errorf("got %v", got)
	}
	if got := send(t, a, "quiet", "hello").Peers; got != 1 {
		t.Errorf("%d peers", got)
	}
}

// TestALoopOfMessagesArrivesCompletely sends what made the original lose four
// of five messages and block the sender.
func TestALoopOfMessagesArrivesCompletely(t *testing.T) {
	const n = 1000
	h := daemontest.NewHome(t)
	a, b := h.Start("a"), h.Start("b")
	a.Join("team")
	b.Join("team")
	members(t, "team", 1, a, b)
	atB := listens(b)
	message := strings.Repeat("x", 1000-2)
	var g errgroup.Group
	g.Go(func() error {
		for range n {
			if _, err := daemontest.Try(a, wire.Send, wire.SendReq{Channel: "team", Message: json.RawMessage(`"` + message + `"`)}); err != nil {
				return err
			}
		}
		return nil
	})
	for range n {
		nextMessage(atB)
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	send(t, a, "team", "and one more")
	if got := nextMessage(atB); got["message"] != "and one more" || !b.Sees(a) {
		t.Errorf("got %v", got)
	}
}

func TestAMessageThatWouldWaitTooLongIsRefusedAndNotSent(t *testing.T) {
	h := daemontest.NewHome(t)
	a := h.Start("a", "--sidechannel-rate-bytes", "1000", "--sidechannel-rate-burst", "1000", "--sidechannel-max-bytes", "1000")
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	c := a.Dial()
	in := wire.SendReq{Channel: "team", Message: json.RawMessage(`"` + strings.Repeat("x", 900) + `"`)}
	for range 10 {
		_, err := client.Call(ctx, c, wire.Send, in)
		if e := (*wire.Error)(nil); errors.As(err, &e) {
			if e.Code != wire.Unavailable || !strings.Contains(e.Reason, "nothing was sent") || e.Hint == "" {
				t.Errorf("refused with %+v", e)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Error("it did not wait")
}

// chain starts three daemons of which the ends know only the one in the middle.
func chain(t *testing.T, flags ...string) (a, middle, b *daemontest.Daemon) {
	h := daemontest.NewHome(t)
	alone := []string{"--local-discovery", "no", "--mdns", "off"}
	middle = h.Start("middle", append(alone, flags...)...)
	to := append(alone, "--peers", middle.Info().Listen[0])
	a, b = h.Start("a", to...), h.Start("b", to...)
	for _, d := range []*daemontest.Daemon{a, middle, b} {
		d.Join("team")
	}
	members(t, "team", 2, middle)
	members(t, "team", 1, a, b)
	return a, middle, b
}

func TestAMessageReachesMembersThatItsAuthorDoesNotKnow(t *testing.T) {
	a, middle, b := chain(t)
	atB := listens(b)
	for i := range 3 {
		if reply := send(t, a, "team", i); reply.Peers != 1 {
			t.Errorf("sent %+v", reply)
		}
		if got := nextMessage(atB); got["message"] != float64(i) || got["relayedBy"] != middle.Info().PeerPubkey || got["from"] != a.Info().PeerPubkey {
			t.Errorf("got %v", got)
		}
	}
	if n := b.Count("channel_accepted"); n != 3 {
		t.Errorf("%d packets accepted, want 3", n)
	}
}

func TestADaemonThatDoesNotRelayKeepsMessagesToItself(t *testing.T) {
	a, middle, b := chain(t, "--sidechannel-relay", "0")
	atMiddle, atB := listens(middle), hears(b)
	send(t, a, "team", "for the middle")
	nextMessage(atMiddle)
	send(t, middle, "team", "from the middle")
	if got := nextMessage(atB); got["message"] != "from the middle" {
		t.Errorf("got %v", got)
	}
}

func TestTenDaemonsHearEachOther(t *testing.T) {
	const n = 10
	h := daemontest.NewHome(t)
	h.Program = daemontest.Program(t, daemontest.Build{Lean: true}) // ten with the race detector take too much
	var all []*daemontest.Daemon
	var at []*daemontest.Raw
	for i := range n {
		d := h.Launch(fmt.Sprint("d", i), "--mdns", "0")
		all = append(all, d)
	}
	for _, d := range all {
		d.WaitReady()
		d.Join("team")
		at = append(at, listens(d))
	}
	members(t, "team", n-1, all...)
	for i, d := range all {
		if reply := send(t, d, "team", i); reply.Peers != n-1 {
			t.Errorf("%d peers", reply.Peers)
		}
	}
	for i, r := range at {
		seen := map[any]bool{}
		for range n - 1 {
			seen[nextMessage(r)["message"]] = true
		}
		if len(seen) != n-1 || seen[float64(i)] {
			t.Errorf("daemon %d heard %v", i, seen)
		}
	}
}

func TestOthersMayOpenAChannel(t *testing.T) {
	h := daemontest.NewHome(t)
	a, joins, refuses := h.Start("a"), h.Start("joins", "--sidechannel-auto-join", "1"), h.Start("refuses", "--sidechannel-allow-remote-open", "0")
	meet(t, a, joins)
	meet(t, a, refuses)
	members(t, event.EntryChannel, 2, a)
	atJoins := listens(joins)
	reply := daemontest.Call(a, wire.Open, wire.OpenReq{Channel: "den"})
	if reply.Channel != "den" || reply.Via != nil || reply.Peers != 2 {
		t.Errorf("reply %+v", reply)
	}
	daemontest.Eventually(t, soon, "the channel is joined", func() bool {
		info, err := daemontest.Try(joins, wire.Describe, wire.DescribeReq{Channel: "den"})
		return err == nil && info.Joined
	})
	daemontest.Eventually(t, soon, "the refusal is counted", func() bool { return refuses.Count("channel_open_refused") == 1 })
	if got := quiet(atJoins); len(got) != 0 {
		t.Errorf("clients were told: %q", got)
	}
}

// keyOf is the key of a daemon.
func keyOf(t *testing.T, d *daemontest.Daemon) event.Key {
	t.Helper()
	k, err := event.ParseKey(d.Info().PeerPubkey)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestAFloodBlocksWhoSendsIt: a peer sends more than ten times what it may.
func TestAFloodBlocksWhoSendsIt(t *testing.T) {
	h := daemontest.NewHome(t)
	a, b := h.Start("a"), h.Start("b")
	a.Join("team")
	b.Join("team")
	members(t, "team", 1, a, b)
	s := newStranger(t, a, "team", nil)
	stream, err := s.node.Open(t.Context(), keyOf(t, a), channel.Protocol)
	if err != nil {
		t.Fatal(err)
	}
	message := []byte(`"` + strings.Repeat("x", 500_000) + `"`)
	for seq := range uint64(100) {
		p := &channel.Packet{Channel: event.OpenRoom("team"), Boot: [16]byte{1}, Seq: seq, TS: uint64(time.Now().UnixMilli()), Msgs: [][]byte{message}}
		if err := p.Seal(t.Context(), s.key, channel.OpenPolicy.WorkBits); err != nil {
			t.Fatal(err)
		}
		if err := stream.SetWriteDeadline(time.Now().Add(soon)); err != nil {
			t.Fatal(err)
		}
		if _, err := stream.Write(channel.Frame{Packet: p.Encode()}.Encode()); err == nil {
			continue
		}
		if !s.connectedTo(a) {
			break
		}
		if stream, err = s.node.Open(t.Context(), keyOf(t, a), channel.Protocol); err != nil {
			break
		}
	}
	daemontest.Eventually(t, soon, "the stranger is blocked", func() bool { return !s.connectedTo(a) })
	if a.Count("channel_patience") == 0 || a.Count("node_peers_blocked") == 0 {
		t.Error("not counted")
	}
	atA := listens(a)
	send(t, b, "team", "still here")
	if got := nextMessage(atA); got["message"] != "still here" || !a.Sees(b) {
		t.Errorf("got %v", got)
	}
}

// TestWhatAPeerMissedIsToldAsAGap stops a peer until its link overflows.
func TestWhatAPeerMissedIsToldAsAGap(t *testing.T) {
	h := daemontest.NewHome(t)
	flags := []string{"--sidechannel-rate-bytes", "0", "--sidechannel-pow", "0"}
	a, b := h.Start("a", flags...), h.Start("b", flags...)
	a.Join("team")
	b.Join("team")
	members(t, "team", 1, a, b)
	follower := listens(b)
	follower.Send(daemontest.Frame{"type": "events", "types": []string{wire.PushGap}})
	follower.Until("events")
	send(t, a, "team", "first")
	daemontest.Eventually(t, soon, "the first is there", func() bool { return b.Count("channel_received") == 1 })
	b.Pause()
	message := json.RawMessage(`"` + strings.Repeat("x", 900_000) + `"`)
	for range 60 {
		if _, err := daemontest.Try(a, wire.Send, wire.SendReq{Channel: "team", Message: message}); err != nil {
			t.Fatal(err)
		}
	}
	dropped := a.Count("channel_direct_dropped")
	b.Continue()
	daemontest.Eventually(t, soon, "it reads again", func() bool { return b.Count("channel_received") > 1 })
	daemontest.Eventually(t, soon, "the gap is counted", func() bool {
		send(t, a, "team", "last")
		return b.Count("channel_missing") >= dropped
	})
	if dropped == 0 {
		t.Fatal("nothing was dropped")
	}
	all := follower.Until(wire.PushGap)
	gap := all[len(all)-1]
	if gap["channel"] != "team" || gap["from"] != a.Info().PeerPubkey || gap["cursor"] == nil {
		t.Errorf("gap %v", gap)
	}
}
