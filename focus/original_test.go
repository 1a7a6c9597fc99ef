package focus_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"time"

	"intercom/client/wire"
	"intercom/focus"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

// What the first FocusRoom got wrong must not come back: one test for each
// fault that was found in it.

func TestF1AStrangerCannotEndTheHostsSessionOrForgeItsStats(t *testing.T) {
	r := newRoom()
	s := start(t, r, alice, noon, "25")
	forged, err := event.Marshal(map[string]any{
		"session": s.ID, "who": alice.Key, "host": bob.Key, "summary": "over",
		"stats": map[string]int{"participantCount": 999},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.WriteRaw(bob, after(5), "", "focus.end", forged)
	if got := status(t, r, alice, after(6)); got.Status != focus.Active || got.Host != alice.Key {
		t.Fatalf("after a stranger's end: %+v", got)
	}
	r.WriteRaw(alice, after(10), "", "focus.end", forged)
	got := status(t, r, alice, after(11))
	if got.EndedReason != focus.Manual || *got.Stats != (focus.Totals{
		PlannedDurationMs: 25 * 60000, ActualDurationMs: 10 * 60000, ParticipantCount: 1,
	}) {
		t.Errorf("stats = %+v", got.Stats)
	}
	if refused := do[focus.StatsReply](t, r, alice, after(11), focus.StatsReq{}).Rooms[0].Refused; len(refused) != 1 || refused[0].Who != bob.Key {
		t.Errorf("refused = %+v", refused)
	}
}

func TestF2AFarFutureEventTouchesNothingButItself(t *testing.T) {
	far := time.UnixMilli(event.MaxInteger)
	r := newRoom()
	forge(r, bob, far, "focus.start", &focus.Start{Goal: "later", Seconds: 60, Begin: far.UnixMilli()})
	forge(r, bob, far, "focus.join", &focus.Join{})
	forge(r, bob, far, "focus.checkin", &focus.CheckIn{Text: "from the future"})
	s := start(t, r, alice, noon, "25")
	for _, d := range []event.Body{&focus.Join{Session: s.ID}, &focus.CheckIn{Session: s.ID, Text: "far"}} {
		kind := map[bool]string{true: "focus.join", false: "focus.checkin"}[fmt.Sprintf("%T", d) == "*focus.Join"]
		forge(r, bob, far, kind, d)
	}
	forge(r, alice, far, "focus.extend", &focus.Extend{Session: s.ID, Seconds: 60})
	forge(r, alice, far, "focus.end", &focus.End{Session: s.ID})

	got := checkIn(t, r, carol, after(1), "hears")
	if got.Status != focus.Active || !got.EndsAt.Equal(after(25)) || has(got, bob) || !has(got, carol) {
		t.Errorf("status = %+v", got)
	}
	if !got.LastEventAt.Equal(after(1)) {
		t.Errorf("last event at %s", got.LastEventAt)
	}
	if len(got.Checkins) != 2 || len(got.Late) != 3 {
		t.Errorf("late events are not shown: %+v", got)
	}
	if _, err := json.Marshal(got); err != nil {
		t.Errorf("a far time cannot be written: %v", err)
	}
	if over := status(t, r, alice, after(26)); over.EndedReason != focus.Timer {
		t.Errorf("after the end: %+v", over)
	}
}

func TestF3AndF4NothingIsInheritedByTheNextSession(t *testing.T) {
	r := newRoom()
	start(t, r, alice, noon, "25")
	checkIn(t, r, bob, after(1), "first")
	end(t, r, alice, after(20))
	second := start(t, r, alice, after(30), "25")
	if len(second.Participants) != 1 || len(second.Checkins) != 0 {
		t.Errorf("the second session has %d participants and %d check-ins", len(second.Participants), len(second.Checkins))
	}
	end(t, r, alice, after(50))
	if got := streaksOf(t, r, bob, after(60)); got.Sessions != 1 {
		t.Errorf("bob has %d sessions, joined 1", got.Sessions)
	}
	if got := streaksOf(t, r, alice, after(60)); got.Sessions != 2 {
		t.Errorf("alice has %d sessions, hosted 2", got.Sessions)
	}
}

func TestF5NoLengthOverflows(t *testing.T) {
	const days25 = 25 * 24 * 3600
	r := newRoom()
	bad := r.WriteRaw(alice, noon, "", "focus.start", marshal(t, &focus.Start{Seconds: days25, Begin: noon.UnixMilli()}))
	if _, ok := focus.Snapshot(r, bad.ID, noon); ok {
		t.Error("a session of 25 days counts")
	}
	refuse(t, r, alice, noon, focus.StartReq{Minutes: "1000000000"}, wire.InvalidRequest)
	s := start(t, r, alice, noon, "1440")
	for range 60 { // 60 days of extensions
		forge(r, alice, after(1), "focus.extend", &focus.Extend{Session: s.ID, Seconds: focus.MaxSeconds})
	}
	r.WriteRaw(alice, after(1), "", "focus.extend", marshal(t, &focus.Extend{Session: s.ID, Seconds: math.MaxInt64}))
	if got := status(t, r, alice, after(2)); got.Status != focus.Active || !got.EndsAt.Equal(after(24*60)) {
		t.Errorf("after a minute: %s until %s", got.Status, got.EndsAt)
	}
	if got := status(t, r, alice, after(24*60)); got.Status != focus.Ended {
		t.Errorf("after a day: %s", got.Status)
	}
}

func TestF6ALatePeerKnowsTheSession(t *testing.T) {
	a, b := newRoom(), newRoom()
	start(t, a, alice, noon, "25")
	checkIn(t, a, alice, after(1), "begun")
	b.Pull(a)
	got := join(t, b, bob, after(10))
	if got.Status != focus.Active || got.Host != alice.Key || len(got.Checkins) != 1 || !has(got, bob) {
		t.Errorf("late peer sees %+v", got)
	}
}

func TestF7EveryCheckInCountsAndIsKept(t *testing.T) {
	r := newRoom()
	s := start(t, r, alice, noon, "25")
	for i := range 60 {
		checkIn(t, r, bob, after(1), fmt.Sprint("step ", i))
	}
	got := end(t, r, alice, after(2))
	if len(got.Checkins) != 60 || got.Stats.CheckinCount != 60 || got.ID != s.ID {
		t.Errorf("%d check-ins kept, %d counted", len(got.Checkins), got.Stats.CheckinCount)
	}
	if got.Checkins[0].Text != "step 0" || got.Checkins[59].Text != "step 59" {
		t.Error("check-ins are out of order")
	}
}

func TestF8MinutesAsTextAreMinutesAndBadOnesAreErrors(t *testing.T) {
	r := newRoom()
	if got := start(t, r, alice, noon, `"50"`); !got.EndsAt.Equal(after(50)) {
		t.Errorf(`"50" ends at %s`, got.EndsAt)
	}
	refuse(t, r, alice, after(60), focus.StartReq{Minutes: `"7xyz"`}, wire.InvalidRequest)
}

func TestF9AStrangersStartInThePastTouchesNoOtherSession(t *testing.T) {
	r := newRoom()
	s := start(t, r, alice, noon, "60")
	long := after(-11 * 60)
	forge(r, bob, after(5), "focus.start", &focus.Start{Seconds: 60, Begin: long.UnixMilli()})
	forge(r, bob, after(5), "focus.end", &focus.End{Session: s.ID})
	got := status(t, r, alice, after(6))
	if got.ID != s.ID || got.Status != focus.Active || got.Host != alice.Key || !got.EndsAt.Equal(after(60)) {
		t.Errorf("after a stranger's start: %+v", got)
	}
}

func TestF10StreaksAreDaysAndOutliveTheProcess(t *testing.T) {
	r := newRoom()
	for day := range 3 {
		for i := range 2 {
			now := noon.AddDate(0, 0, day).Add(time.Duration(i) * time.Hour)
			start(t, r, alice, now, "25")
		}
	}
	now := noon.AddDate(0, 0, 2).Add(8 * time.Hour)
	want := focus.Streak{Peer: alice.Key, Sessions: 6, Streak: 3, Best: 3, Counted: 6, Attendance: 100}
	if got := streaksOf(t, r, alice, now); got != want {
		t.Errorf("streak = %+v, want %+v", got, want)
	}
	restarted := apptest.New(focus.App())
	restarted.Pull(r)
	if got := streaksOf(t, restarted, bob, now); got.Sessions != 0 {
		t.Errorf("bob has %+v", got)
	}
	if got := streaksOf(t, restarted, alice, now); got != want {
		t.Errorf("after a restart %+v, want %+v", got, want)
	}
}
