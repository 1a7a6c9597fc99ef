package compat_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"intercom/daemon/bridge/compat"
	"intercom/focus"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func after(minutes float64) time.Time {
	return noon.Add(time.Duration(minutes * float64(time.Minute)))
}

// frames returns the pushes of an event of another peer, seen at now.
func frames(t *testing.T, r *apptest.Room, e *event.Signed, now time.Time) []compat.Frame {
	t.Helper()
	f, err := compat.Shapes{}.FocusFrames(compat.Happening{Room: r.Name, Event: e, Reader: r, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func write(r *apptest.Room, w apptest.Writer, now time.Time, kind string, b event.Body) *event.Signed {
	return r.Write(w, now, "", app.Draft{Type: kind, Body: b})
}

func TestWhatDoesNotCountIsPushedToNobody(t *testing.T) {
	r := apptest.New(focus.App())
	s := write(r, alice, noon, "focus.start", &focus.Start{Seconds: 600, Begin: noon.UnixMilli()}).ID
	write(r, alice, after(5), "focus.end", &focus.End{Session: s})
	far := write(r, bob, noon, "focus.start", &focus.Start{Seconds: 60, Begin: after(60).UnixMilli()})
	r.Write(bob, noon, "k", app.Draft{Type: "focus.join", Body: &focus.Join{}})
	for name, e := range map[string]*event.Signed{
		"begin far away":    far,
		"repeated key":      r.Write(bob, noon, "k", app.Draft{Type: "focus.join", Body: &focus.Join{}}),
		"late join":         write(r, bob, after(6), "focus.join", &focus.Join{Session: s}),
		"late check-in":     write(r, bob, after(6), "focus.checkin", &focus.CheckIn{Session: s, Text: "t"}),
		"second end":        write(r, alice, after(6), "focus.end", &focus.End{Session: s}),
		"end of another":    write(r, bob, after(1), "focus.end", &focus.End{Session: s}),
		"extend of another": write(r, bob, after(1), "focus.extend", &focus.Extend{Session: s, Seconds: 60}),
		"leave":             write(r, bob, after(1), "focus.leave", &focus.Leave{Session: s}),
		"pause":             write(r, alice, after(1), "focus.pause", &focus.Pause{Session: s}),
		"unknown session":   write(r, bob, after(1), "focus.join", &focus.Join{Session: event.ID{1}}),
		"malformed":         r.WriteRaw(bob, after(1), "", "focus.checkin", []byte{0xa0}),
		"unknown type":      r.WriteRaw(bob, after(1), "", "focus.dance", []byte{0xa0}),
	} {
		if f := frames(t, r, e, after(6)); len(f) != 0 {
			t.Errorf("%s: %s", name, f[0].JSON)
		}
	}
}

func TestTheSignerActsWhateverABodySays(t *testing.T) {
	r := apptest.New(focus.App())
	s := write(r, alice, noon, "focus.start", &focus.Start{Seconds: 600, Begin: noon.UnixMilli()}).ID
	body, err := event.Marshal(map[string]any{
		"session": s, "text": "hi", "who": alice.Key, "by": alice.Key, "host": alice.Key, "from": alice.Key,
	})
	if err != nil {
		t.Fatal(err)
	}
	e := r.WriteRaw(bob, after(1), "", "focus.checkin", body)
	for _, f := range frames(t, r, e, after(1)) {
		if got := string(f.JSON); strings.Contains(got, alice.Key.String()) || !strings.Contains(got, `"by":"`+bob.Key.String()) {
			t.Error(got)
		}
	}
}

func TestTheCarrierIsNamedAfterTheEvent(t *testing.T) {
	r := apptest.New(focus.App())
	e := write(r, bob, noon, "focus.checkin", &focus.CheckIn{Text: "<half> & done"})
	f := frames(t, r, e, noon)
	message := fmt.Sprintf(`{"app":"focus_room","eventType":"session_checkin","payload":{"room":"test","who":"%[1]s",`+
		`"status":"<half> & done","at":%[2]d},"at":%[2]d,"by":"%[1]s"}`, bob.Key, noon.UnixMilli())
	want := regexp.MustCompile(fmt.Sprintf(`^\{"type":"sidechannel_message","channel":"test","id":"%[1]s:%[2]d:[0-9a-z]{8}","from":"%[1]s",`+
		`"origin":"%[1]s","sig":"%[3]x","relayedBy":null,"ttl":3,"ts":%[2]d,"message":%[4]s\}$`,
		bob.Key, noon.UnixMilli(), e.Sig, regexp.QuoteMeta(message)))
	if len(f) != 2 || !want.Match(f[1].JSON) {
		t.Fatalf("%s\nis not like\n%s", f[1].JSON, want)
	}
	for _, f := range f {
		if f.Channel != "test" || string(f.Text) != message {
			t.Errorf("channel %q, text %s", f.Channel, f.Text)
		}
	}
	other := write(r, bob, noon, "focus.checkin", &focus.CheckIn{Text: "again"})
	if name := regexp.MustCompile(`:[0-9a-z]{8}"`); string(name.Find(frames(t, r, other, noon)[1].JSON)) == string(name.Find(f[1].JSON)) {
		t.Error("two events have one name")
	}
	if again := frames(t, r, e, after(1)); string(again[1].JSON) != string(f[1].JSON) {
		t.Error("one event has two names")
	}
}

func TestAnEndHasItsStatsAlsoIfItsClockIsAhead(t *testing.T) {
	r := apptest.New(focus.App())
	ahead := after(0.5) // the session begins half a minute from now
	s := write(r, alice, noon, "focus.start", &focus.Start{Seconds: 600, Begin: ahead.UnixMilli()}).ID
	e := write(r, alice, after(0.25), "focus.end", &focus.End{Session: s})
	want := `"stats":{"plannedDurationMs":600000,"actualDurationMs":0,"participantCount":1,"checkinCount":0}`
	if f := frames(t, r, e, noon); len(f) != 2 || !strings.Contains(string(f[0].JSON), want) {
		t.Errorf("%s has no %s", f[0].JSON, want)
	}
}

func TestPartOfAMinuteIsAMinute(t *testing.T) {
	r := apptest.New(focus.App())
	s := write(r, alice, noon, "focus.start", &focus.Start{Seconds: 600, Begin: noon.UnixMilli()}).ID
	e := write(r, alice, after(1), "focus.extend", &focus.Extend{Session: s, Seconds: 61})
	want := fmt.Sprintf(`"minutes":2,"endsAt":%d,`, noon.UnixMilli()+661_000)
	if f := frames(t, r, e, after(1)); !strings.Contains(string(f[0].JSON), want) {
		t.Errorf("%s has no %s", f[0].JSON, want)
	}
}

func TestExpiryIsPushedOnlyForTheEndThatTimeBrought(t *testing.T) {
	r := apptest.New(focus.App())
	s := write(r, alice, noon, "focus.start", &focus.Start{Seconds: 600, Begin: noon.UnixMilli()}).ID
	due := func() string { // the end is the last that time brings
		all := focus.App().Timers(r, noon)
		return all[len(all)-1].ID
	}
	first := due()
	expired := func(id string, now time.Time) bool {
		t.Helper()
		_, ok, err := compat.Shapes{}.ExpiredFrame("test", id, r, now)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if !expired(first, after(10)) || expired(first, after(9)) {
		t.Error("the end by time is not pushed, or too early")
	}
	write(r, alice, after(1), "focus.extend", &focus.Extend{Session: s, Seconds: 60})
	second := due()
	if expired(first, after(10)) || expired(first, after(11)) || !expired(second, after(11)) {
		t.Error("not the end after the extension alone is pushed")
	}
	write(r, alice, after(10), "focus.end", &focus.End{Session: s}) // when the time was over at first
	if expired(first, after(11)) || expired(second, after(11)) {
		t.Error("an end by the host is pushed as one by time")
	}
	for _, id := range []string{"", "x", event.ID{1}.String() + ":expired:1"} {
		if expired(id, after(11)) {
			t.Errorf("%q is pushed", id)
		}
	}
}
