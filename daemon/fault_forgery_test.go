//go:build unix

package daemon_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"intercom/daemon/daemontest"
	"intercom/ledger/event"
	"intercom/p2p/channel"
)

// packets is the kind of frames that hold messages.
const packets = 1

// packet returns a packet with one message, whatever that is, with its proof of
// work and signature, that says it is of an author: docs/format.md.
func (s *stranger) packet(seq uint64, message string, author event.Key) []byte {
	s.t.Helper()
	const bits = 12 // of an open channel by default
	type head struct {
		Channel, Author, Boot []byte
		Seq, TS               uint64
	}
	h := head{s.room[:], author[:], make([]byte, 16), seq, uint64(time.Now().UnixMilli())}
	messages := [][]byte{[]byte(message)}
	array := func(rest ...any) []byte {
		return s.encode(append([]any{h.Channel, h.Author, h.Boot, h.Seq, h.TS}, rest...))
	}
	work := sha256.Sum256(append([]byte("intercom/pow/1\x00"), array(messages)...))
	nonce, err := channel.Solve(s.t.Context(), work, bits)
	if err != nil {
		s.t.Fatal(err)
	}
	id := sha256.Sum256(append([]byte("intercom/packet/1\x00"), array(nonce, messages)...))
	return array(nonce, messages, ed25519.Sign(s.key, append([]byte("intercom/sig/packet/1\x00"), id[:]...)))
}

func (s *stranger) author() event.Key { return event.Key(s.key.Public().(ed25519.PublicKey)) }

func TestFault09TheAuthorOfAMessageIsWhoSignedIt(t *testing.T) {
	a, b := together(t, "talk")
	atB := hears(b)
	forged := strings.Repeat("f", 64)
	tell(a, "talk", map[string]any{"from": forged, "origin": forged, "sig": forged, "text": "mine"})
	if f := said(t, atB); f["from"] != a.Info().PeerPubkey || f["origin"] != a.Info().PeerPubkey {
		t.Errorf("the message is from %v, origin %v", f["from"], f["origin"])
	}

	// A peer that was made to lie: its packets say a's key, or are a's changed.
	author, err := event.ParseKey(a.Info().PeerPubkey)
	if err != nil {
		t.Fatal(err)
	}
	s := newStranger(t, b, "talk", nil)
	refused := b.Count("channel_signature")
	for n := range uint64(3) {
		s.publish(packets, s.packet(n, `"forged"`, author))
	}
	daemontest.Eventually(t, soon, "the forged packets are refused and their sender is blocked", func() bool {
		return b.Count("channel_signature") >= refused+3 && !s.connectedTo(b)
	})
	tell(a, "talk", "the last")
	if f := said(t, atB); f["message"] != "the last" {
		t.Errorf("b heard %v from %v", f["message"], f["from"])
	}
}

func TestFault10MessagesChangeNoSession(t *testing.T) {
	a, b := together(t, "team")
	gather(t, "other", a, b)
	a.Raw(daemontest.Frame{"type": "focus_start", "room": "team", "minutes": 25, "goal": "ours"})
	daemontest.WaitSame(t, "team", 1, a, b)
	if _, err := b.TryRaw(daemontest.Frame{"type": "focus_end", "room": "team"}); err == nil {
		t.Error("b ends the session of a")
	}
	host := a.Info().PeerPubkey
	atA := hears(a)
	stats := map[string]any{"plannedDurationMs": 1, "actualDurationMs": 1, "participantCount": 999, "checkinCount": 999}
	messages := []struct {
		channel, eventType string
		payload            map[string]any
	}{
		{"team", "session_end", map[string]any{"room": "team", "who": host, "by": host, "stats": stats}},
		{"team", "session_extend", map[string]any{"room": "team", "who": host, "minutes": 600}},
		{"team", "session_join", map[string]any{"room": "team", "who": "deadbeef"}},
		{"other", "session_checkin", map[string]any{"room": "team", "who": "deadbeef", "status": "forged"}},
		{"other", "session_end", map[string]any{"room": "team", "who": host, "by": host}},
	}
	for _, m := range messages {
		tell(b, m.channel, map[string]any{
			"app": "focus_room", "eventType": m.eventType, "payload": m.payload, "by": host, "from": host, "at": time.Now().UnixMilli(),
		})
	}
	for range messages {
		said(t, atA)
	}
	// Nor do the fields of a request that name another.
	b.Raw(daemontest.Frame{"type": "focus_checkin", "room": "team", "text": "me", "who": host, "by": host})
	daemontest.WaitSame(t, "team", 2, a, b)
	for _, d := range []*daemontest.Daemon{a, b} {
		s := status(t, d, "team")
		checkins := list(s["checkins"])
		if s["status"] != "active" || s["host"] != host || len(list(s["participants"])) != 2 || len(checkins) != 1 || object(checkins[0])["who"] != b.Info().PeerPubkey {
			t.Errorf("%s shows %v", d.Profile.Name, s)
		}
		if n := len(list(d.Raw(daemontest.Frame{"type": "focus_rooms"})["rooms"])); n != 1 {
			t.Errorf("%s has %d rooms", d.Profile.Name, n)
		}
	}
}

func TestFault11MessagesAddNoExpense(t *testing.T) {
	a, b := together(t, "trip")
	atA := hears(a)
	// The original's shape of the real entry, whose id the forger uses first.
	b.Raw(daemontest.Frame{"type": "expense_add", "channel": "trip", "payer": "bob", "amount": "10", "split": "alice,bob",
		"by": "trac1somebodyelse", "ts": -1, "txId": "taken", "amountCents": 99999900})
	real := object(said(t, atA)["message"])
	if object(real["event"])["by"] != b.Info().PeerTracAddress {
		t.Errorf("the entry is by %v", object(real["event"])["by"])
	}
	id := object(real["event"])["txId"]
	for _, e := range []map[string]any{
		{"txId": id, "payer": "bob", "amountCents": 99999900, "split": []string{"alice"}, "ts": 1, "by": "trac1somebodyelse"},
		{"txId": "x:1:y", "payer": "bob", "amountCents": "12abc", "split": []string{"alice"}, "ts": -1, "by": b.Info().PeerTracAddress},
	} {
		tell(b, "trip", map[string]any{"app": "expense_split_v1", "type": "expense_add", "event": e})
		said(t, atA)
	}
	tell(b, "trip", map[string]any{"app": "expense_split_v1", "type": "expense_clear", "ts": 1, "by": a.Info().PeerTracAddress})
	said(t, atA)
	for _, d := range []*daemontest.Daemon{a, b} {
		if entries := list(d.Raw(daemontest.Frame{"type": "expense_list", "channel": "trip"})["entries"]); len(entries) != 1 ||
			object(entries[0])["amount"] != "10.00" || object(entries[0])["by"] != b.Info().PeerPubkey {
			t.Errorf("%s has %v", d.Profile.Name, entries)
		}
	}
	for _, amount := range []any{"12abc", 1.999, "-1", true, map[string]any{}, []any{10}} {
		if _, err := a.TryRaw(daemontest.Frame{"type": "expense_add", "channel": "trip", "payer": "a", "amount": amount, "split": "a,b"}); err == nil {
			t.Errorf("the amount %v is taken", amount)
		}
	}
}
