package focus_test

import (
	"testing"
	"time"

	"intercom/focus"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

// The faults of original_test.go must not come back by the acts that the first
// FocusRoom did not have.

func TestF1AStrangerCannotPauseOrTakeOverASession(t *testing.T) {
	r := newRoom()
	s := start(t, r, alice, noon, "25")
	forge(r, bob, after(1), "focus.pause", &focus.Pause{Session: s.ID})
	forge(r, bob, after(1), "focus.break", &focus.Break{Session: s.ID, Seconds: 600})
	hand := forge(r, bob, after(1), "focus.handover", &focus.Handover{Session: s.ID, To: bob.Key})
	with := forge(r, bob, after(1), "focus.cohost", &focus.Cohost{Session: s.ID, To: carol.Key})
	pause(t, r, alice, after(5))
	forge(r, bob, after(6), "focus.resume", &focus.Resume{Session: s.ID})
	forge(r, carol, after(6), "focus.end", &focus.End{Session: s.ID})
	got := status(t, r, alice, after(7))
	if got.Status != focus.Paused || got.Host != alice.Key || len(got.Cohosts) != 0 || got.RemainingSeconds != 20*60 || has(got, bob) {
		t.Errorf("%+v", got)
	}
	if focus.Counts(r, hand) || focus.Counts(r, with) {
		t.Error("a stranger gives rights")
	}
	forge(r, bob, after(8), "focus.done", &focus.Done{Session: s.ID, Present: 9999})
	if p := person(t, r, alice, after(60)); p.Seconds != 25*60 {
		t.Errorf("a stranger's totals count for the host: %+v", p)
	}
}

func TestF2FarFutureActsTouchNothingButThemselves(t *testing.T) {
	far := time.UnixMilli(event.MaxInteger)
	r := newRoom()
	join(t, r, carol, after(-10))
	s := start(t, r, alice, noon, "25")
	join(t, r, bob, after(1))
	forge(r, alice, far, "focus.pause", &focus.Pause{Session: s.ID})
	forge(r, alice, far, "focus.break", &focus.Break{Session: s.ID, Seconds: focus.MaxSeconds})
	forge(r, bob, far, "focus.leave", &focus.Leave{Session: s.ID})
	forge(r, bob, far, "focus.leave", &focus.Leave{})
	forge(r, carol, far, "focus.leave", &focus.Leave{})
	forge(r, bob, far, "focus.done", &focus.Done{Session: s.ID})
	forge(r, bob, far, "focus.schedule", &focus.Schedule{Start: focus.Start{Seconds: 60, Begin: far.UnixMilli()}})
	got := status(t, r, alice, after(2))
	if got.Status != focus.Active || !got.EndsAt.Equal(after(25)) || got.PresentCount != 3 || len(got.Upcoming) != 0 || len(got.Late) != 4 {
		t.Errorf("%+v", got)
	}
	if due := r.App.Timers(r, after(2)); len(due) != 2 {
		t.Errorf("timers: %+v", due)
	}
}

func TestF5NoBreakOrCycleOverflows(t *testing.T) {
	r := newRoom()
	s := forge(r, alice, noon, "focus.start", &focus.Start{
		Seconds: focus.MaxSeconds, Begin: noon.UnixMilli(), Cycle: []int64{focus.MaxSeconds, focus.MaxSeconds, 100}, LongBreak: focus.MaxSeconds,
	})
	for i := range 60 {
		forge(r, alice, after(float64(i)), "focus.break", &focus.Break{Session: s.ID, Seconds: focus.MaxSeconds})
		forge(r, alice, after(float64(i)+0.5), "focus.resume", &focus.Resume{Session: s.ID})
	}
	got := snapshot(t, r, s.ID, after(70))
	if got.Status != focus.Active || !got.EndsAt.Equal(after(24*60)) || got.PausedSeconds != 1800 || got.Cycle.Phase != focus.Work {
		t.Errorf("%+v %+v", got, got.Cycle)
	}
	if over := snapshot(t, r, s.ID, after(24*60)); over.Status != focus.Ended || over.Stats.WorkedMs != (24*60-30)*60000 {
		t.Errorf("%+v %+v", over, over.Stats)
	}
}

func TestF6APeerThatComesLateKnowsTheWholeLife(t *testing.T) {
	a, late := newRoom(), newRoom()
	do[focus.StartReply](t, a, alice, noon, focus.StartReq{Cycle: "25m/5m/4", Tags: []string{"docs"}})
	join(t, a, bob, after(1))
	do[focus.HandoverReply](t, a, alice, after(2), focus.HandoverReq{To: bob.Key.String()})
	pause(t, a, bob, after(3))
	late.Pull(a)
	got := join(t, late, carol, after(4))
	if got.Status != focus.Paused || got.Host != bob.Key || got.Tags[0] != "docs" || got.Cycle.Rounds != 4 || !has(got, carol) {
		t.Errorf("%+v", got)
	}
}

func TestF9AStrangersScheduleTouchesNoOtherSession(t *testing.T) {
	r := newRoom()
	s := start(t, r, alice, noon, "25")
	other := forge(r, bob, after(1), "focus.schedule", &focus.Schedule{Start: focus.Start{Seconds: 60, Begin: after(10).UnixMilli()}})
	forge(r, bob, after(2), "focus.end", &focus.End{Session: s.ID})
	got := status(t, r, alice, after(10.5))
	if got.ID != s.ID || got.Status != focus.Active || !got.EndsAt.Equal(after(25)) {
		t.Errorf("%+v", got)
	}
	if _, ok := focus.Snapshot(r, other.ID, after(11)); !ok {
		t.Error("bob's own session is not there")
	}
}

func TestAFloodOfStrangersActsIsBounded(t *testing.T) {
	r := newRoom()
	s := start(t, r, alice, noon, "25")
	for i := range 300 {
		w := apptest.NewWriter(byte(10+i%100), 1)
		at := after(1 + float64(i)/100)
		forge(r, w, at, "focus.join", &focus.Join{Session: s.ID})
		forge(r, w, at, "focus.pause", &focus.Pause{Session: s.ID})
		forge(r, w, at, "focus.leave", &focus.Leave{Session: s.ID})
		forge(r, w, at, "focus.handover", &focus.Handover{Session: s.ID, To: w.Key})
	}
	r.Visits()
	got := status(t, r, alice, after(6))
	if got.Status != focus.Active || got.PresentCount != 1 || got.ParticipantCount != 101 || !got.EndsAt.Equal(after(25)) {
		t.Errorf("%+v", got)
	}
	// What strangers had no right to is in no row that a status reads.
	if n := r.Visits(); n > 950 {
		t.Errorf("a status walks over %d rows", n)
	}
	who := do[focus.WhoReply](t, r, alice, after(6), focus.WhoReq{})
	if len(who.People) != 101 {
		t.Errorf("%d people", len(who.People))
	}
}
