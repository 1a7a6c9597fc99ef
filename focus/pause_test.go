package focus_test

import (
	"strings"
	"testing"
	"time"

	"intercom/client/wire"
	"intercom/focus"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

func pause(t *testing.T, r *apptest.Room, w apptest.Writer, now time.Time) focus.Session {
	t.Helper()
	return do[focus.PauseReply](t, r, w, now, focus.PauseReq{}).Session
}

func resume(t *testing.T, r *apptest.Room, w apptest.Writer, now time.Time) focus.Session {
	t.Helper()
	return do[focus.ResumeReply](t, r, w, now, focus.ResumeReq{}).Session
}

func leave(t *testing.T, r *apptest.Room, w apptest.Writer, now time.Time) focus.Session {
	t.Helper()
	return do[focus.LeaveReply](t, r, w, now, focus.LeaveReq{}).Session
}

func TestTheHostsPauseMovesTheEnd(t *testing.T) {
	r := newRoom()
	start(t, r, alice, noon, "25")
	join(t, r, bob, after(1))
	refuse(t, r, alice, after(2), focus.ResumeReq{}, wire.Conflict)
	got := pause(t, r, alice, after(5))
	if got.Status != focus.Paused || got.RemainingSeconds != 20*60 || !got.PausedAt.Equal(after(5)) || !got.PausedUntil.Equal(after(20)) {
		t.Errorf("paused: %+v", got)
	}
	refuse(t, r, alice, after(6), focus.PauseReq{}, wire.Conflict)
	refuse(t, r, bob, after(6), focus.ResumeReq{}, wire.NotHost)
	refuse(t, r, carol, after(6), focus.PauseReq{}, wire.NotActive)
	if got := status(t, r, bob, after(9)); got.Status != focus.Paused || got.RemainingSeconds != 20*60 {
		t.Errorf("nine minutes in: %+v", got)
	}
	got = resume(t, r, alice, after(10))
	if got.Status != focus.Active || !got.EndsAt.Equal(after(30)) || got.RemainingSeconds != 20*60 || got.PausedSeconds != 300 {
		t.Errorf("resumed: %+v", got)
	}
	over := status(t, r, bob, after(30))
	if over.Status != focus.Ended || over.Stats.ActualDurationMs != 30*60000 || over.Stats.WorkedMs != 25*60000 {
		t.Errorf("over: %+v %+v", over, over.Stats)
	}
}

func TestAnOpenPauseLapsesAfterFifteenMinutes(t *testing.T) {
	r := newRoom()
	start(t, r, alice, noon, "25")
	pause(t, r, alice, after(5))
	for minute, want := range map[float64]string{19.9: focus.Paused, 20: focus.Active, 39.9: focus.Active, 40: focus.Ended} {
		if got := status(t, r, bob, after(minute)); got.Status != want {
			t.Errorf("minute %v: %s", minute, got.Status)
		}
	}
	// A resume that comes after it does nothing, one before it moves the end back.
	forge(r, alice, after(30), "focus.resume", &focus.Resume{Session: status(t, r, bob, noon).ID})
	if got := status(t, r, bob, after(31)); !got.EndsAt.Equal(after(40)) {
		t.Errorf("ends at %s", got.EndsAt)
	}
}

func TestAMembersOwnPauseMovesOnlyHisPresence(t *testing.T) {
	r := newRoom()
	start(t, r, alice, noon, "60")
	join(t, r, bob, noon)
	got := pause(t, r, bob, after(10))
	if got.Status != focus.Active || !got.EndsAt.Equal(after(60)) || !got.Away || got.PresentCount != 1 || got.ParticipantCount != 2 {
		t.Errorf("bob pauses: %+v", got)
	}
	refuse(t, r, bob, after(11), focus.PauseReq{}, wire.Conflict)
	if got := resume(t, r, bob, after(15)); got.Away || got.PresentCount != 2 {
		t.Errorf("bob is back: %+v", got)
	}
	refuse(t, r, bob, after(16), focus.ResumeReq{}, wire.Conflict)
	pause(t, r, bob, after(20)) // it lapses at 35
	if got := status(t, r, bob, after(36)); got.Away || got.PresentCount != 2 {
		t.Errorf("after the lapse: %+v", got)
	}
	p := person(t, r, bob, after(60))
	if p.Seconds != 40*60 {
		t.Errorf("bob worked %d s, want 40 minutes", p.Seconds)
	}
}

func person(t *testing.T, r *apptest.Room, w apptest.Writer, now time.Time) focus.Person {
	t.Helper()
	for _, p := range do[focus.WhoReply](t, r, carol, now, focus.WhoReq{}).People {
		if p.Peer == w.Key {
			return p
		}
	}
	t.Fatal("he is not there")
	panic("not reached")
}

func TestABreakEndsByItself(t *testing.T) {
	r := newRoom()
	start(t, r, alice, noon, "25")
	got := do[focus.BreakReply](t, r, alice, after(10), focus.BreakReq{Minutes: "3"})
	if got.Status != focus.OnBreak || !got.PausedUntil.Equal(after(13)) || !got.EndsAt.Equal(after(28)) || !strings.Contains(got.Note(), "goes on by itself") {
		t.Errorf("break: %+v", got)
	}
	if got := status(t, r, alice, after(13)); got.Status != focus.Active || got.RemainingSeconds != 15*60 {
		t.Errorf("after it: %+v", got)
	}
	do[focus.BreakReply](t, r, alice, after(14), focus.BreakReq{Long: true})
	if got := status(t, r, alice, after(28)); got.Status != focus.OnBreak || !got.EndsAt.Equal(after(43)) {
		t.Errorf("a long break: %+v", got)
	}
	if got := resume(t, r, alice, after(20)); !got.EndsAt.Equal(after(34)) {
		t.Errorf("ended early: %+v", got)
	}
}

func TestPausesAndExtensionsNeverPassADay(t *testing.T) {
	r := newRoom()
	s := start(t, r, alice, noon, "1440")
	pause(t, r, alice, after(1430))
	got := snapshot(t, r, s.ID, after(1431))
	if got.Status != focus.Paused || !got.EndsAt.Equal(after(1440)) || got.RemainingSeconds != 0 {
		t.Errorf("paused: %+v", got)
	}
	if got := snapshot(t, r, s.ID, after(1440)); got.Status != focus.Ended {
		t.Errorf("after a day: %+v", got)
	}
}

func TestACycleTellsItsPhase(t *testing.T) {
	r := newRoom()
	got := do[focus.StartReply](t, r, alice, noon, focus.StartReq{Cycle: "25m/5m/2", LongBreak: `"20m"`})
	if !got.EndsAt.Equal(after(75)) || got.Cycle == nil || got.Cycle.Round != 1 || got.Cycle.Phase != focus.Work {
		t.Fatalf("started: %+v %+v", got, got.Cycle)
	}
	for _, c := range []struct {
		minute        float64
		status, phase string
		round         int
		ends          float64
	}{
		{24, focus.Active, focus.Work, 1, 25}, {26, focus.OnBreak, focus.ShortRest, 1, 30},
		{31, focus.Active, focus.Work, 2, 55}, {60, focus.OnBreak, focus.LongRest, 2, 75},
	} {
		got := status(t, r, bob, after(c.minute))
		if got.Status != c.status || got.Cycle.Phase != c.phase || got.Cycle.Round != c.round || !got.Cycle.PhaseEndsAt.Equal(after(c.ends)) {
			t.Errorf("minute %v: %s %+v", c.minute, got.Status, got.Cycle)
		}
	}
	// What is added begins with the first round again.
	extend(t, r, alice, after(70), "10")
	if got := status(t, r, bob, after(76)); got.Cycle.Phase != focus.Work || got.Cycle.Round != 1 || !got.Cycle.PhaseEndsAt.Equal(after(85)) {
		t.Errorf("extended: %+v", got.Cycle)
	}
	if over := status(t, r, bob, after(85)); over.Stats.WorkedMs != 60*60000 {
		t.Errorf("worked %d ms", over.Stats.WorkedMs)
	}
}

func TestLeavingEndsPresenceAndKeepsWhatCounted(t *testing.T) {
	r := newRoom()
	start(t, r, alice, noon, "30")
	join(t, r, bob, after(5))
	got := leave(t, r, bob, after(15))
	if got.Joined || got.PresentCount != 1 || !has(got, bob) {
		t.Errorf("left: %+v", got)
	}
	refuse(t, r, bob, after(16), focus.LeaveReq{}, wire.NotActive)
	if p := person(t, r, bob, after(17)); p.State != focus.Left || !p.Until.Equal(after(15)) || p.Seconds != 600 {
		t.Errorf("who: %+v", p)
	}
	if got := join(t, r, bob, after(20)); !got.Joined || got.PresentCount != 2 {
		t.Errorf("back: %+v", got)
	}
	if p := person(t, r, bob, after(30)); p.Seconds != 20*60 {
		t.Errorf("he worked %d s in two stays", p.Seconds)
	}
	late := forge(r, bob, after(31), "focus.leave", &focus.Leave{Session: got.ID})
	over := status(t, r, alice, after(32))
	if focus.Counts(r, late) || over.Late[0].What != "leave" || over.Stats.ParticipantCount != 2 {
		t.Errorf("a late leave: %+v", over)
	}
}

func TestALeaveWithoutSessionTakesBackTheWait(t *testing.T) {
	r := newRoom()
	join(t, r, bob, noon)
	if idle := leave(t, r, bob, after(10)); idle.Joined || len(idle.Waiting) != 0 {
		t.Errorf("taken back: %+v", idle)
	}
	if got := start(t, r, alice, after(20), "25"); has(got, bob) {
		t.Error("a join that was taken back counts")
	}
	// A later join stands, also one in the same session's time.
	end(t, r, alice, after(30))
	join(t, r, bob, after(31))
	leave(t, r, bob, after(32))
	join(t, r, bob, after(33))
	if got := start(t, r, alice, after(40), "25"); !has(got, bob) {
		t.Error("the join after the leave does not count")
	}
}

func TestALeaveDoesNotUndoASessionThatWas(t *testing.T) {
	a, b := newRoom(), newRoom()
	join(t, b, bob, noon)
	a.Pull(b)
	s := start(t, a, alice, after(10), "30")
	forge(b, bob, after(20), "focus.leave", &focus.Leave{}) // apart: he does not know that it runs
	a.Pull(b)
	got := snapshot(t, a, s.ID, after(25))
	if !has(got, bob) || got.PresentCount != 1 {
		t.Errorf("left in the middle: %+v", got)
	}
	join(t, a, bob, after(60))
	forge(a, bob, after(100), "focus.leave", &focus.Leave{})
	if got := snapshot(t, a, s.ID, after(120)); got.Stats.ParticipantCount != 2 {
		t.Errorf("a later leave takes him out of a session that was: %+v", got.Stats)
	}
}

func TestALeaveOfAClockThatWasSetBackCounts(t *testing.T) {
	r := newRoom()
	join(t, r, bob, noon)
	leave(t, r, bob, after(-1))
	if got := start(t, r, alice, after(5), "25"); has(got, bob) {
		t.Error("the leave does not count")
	}
}

func TestAFloodOfLeavesCostsAReadLittle(t *testing.T) {
	r := newRoom()
	for i := range 2000 {
		now := after(-600 + float64(i)/4)
		forge(r, bob, now, "focus.join", &focus.Join{})
		forge(r, bob, now, "focus.leave", &focus.Leave{})
	}
	begin := time.Now()
	for range 5 {
		if got := status(t, r, alice, noon); len(got.Waiting) > 0 {
			t.Fatalf("%+v", got.Waiting)
		}
	}
	if r.Visits() > 5*4000*2 {
		t.Error("each read walks over the rows more than twice")
	}
	t.Logf("a read of 4,000 rows: %s", time.Since(begin)/5)
}

func TestAHandoverAndACohostGiveRights(t *testing.T) {
	r := newRoom()
	s := start(t, r, alice, noon, "25")
	join(t, r, bob, after(1))
	join(t, r, carol, after(1))
	refuse(t, r, bob, after(2), focus.HandoverReq{To: carol.Key.String()}, wire.NotHost)
	refuse(t, r, alice, after(2), focus.HandoverReq{To: "zz"}, wire.NotFound)
	refuse(t, r, alice, after(2), focus.HandoverReq{}, wire.MissingField)
	refuse(t, r, alice, after(2), focus.HandoverReq{To: alice.Key.String()}, wire.Conflict)
	got := do[focus.HandoverReply](t, r, alice, after(3), focus.HandoverReq{To: bob.Key.String()[:12], Cohost: true})
	if got.Host != alice.Key || len(got.Cohosts) != 1 || got.Cohosts[0] != bob.Key {
		t.Errorf("co-host: %+v", got)
	}
	refuse(t, r, alice, after(3), focus.HandoverReq{To: bob.Key.String(), Cohost: true}, wire.Conflict)
	if got := extend(t, r, bob, after(4), "5"); !got.EndsAt.Equal(after(30)) {
		t.Errorf("a co-host extends: %+v", got)
	}
	got = do[focus.HandoverReply](t, r, bob, after(5), focus.HandoverReq{To: carol.Key.String()})
	if got.Host != carol.Key || len(got.Cohosts) != 2 {
		t.Errorf("handed over: %+v", got)
	}
	if got := end(t, r, alice, after(6)); got.ID != s.ID || got.Status != focus.Ended || got.Host != carol.Key {
		t.Errorf("the right only grows: %+v", got)
	}
}

func TestARightNeedsTheGrantInThePast(t *testing.T) {
	a, b := newRoom(), newRoom()
	s := start(t, a, alice, noon, "25")
	join(t, a, bob, after(1))
	b.Pull(a)
	forge(a, alice, after(2), "focus.cohost", &focus.Cohost{Session: s.ID, To: bob.Key})
	early := forge(b, bob, after(3), "focus.end", &focus.End{Session: s.ID}) // he does not know yet
	forge(b, carol, after(3), "focus.cohost", &focus.Cohost{Session: s.ID, To: carol.Key})
	own := forge(b, carol, after(3), "focus.end", &focus.End{Session: s.ID})
	a.Pull(b)
	b.Pull(a)
	for _, r := range []*apptest.Room{a, b} {
		if focus.Counts(r, early) || focus.Counts(r, own) || status(t, r, alice, after(4)).Status != focus.Active {
			t.Error("an act without the right in its past counts")
		}
	}
	if got := end(t, b, bob, after(5)); got.Status != focus.Ended || a.StateHash() == b.StateHash() {
		t.Errorf("with the grant in his past he ends it: %+v", got)
	}
}

func TestAGrantUnderAUsedKeyStillGives(t *testing.T) {
	// Which of two events with one key counts may change late, and what followed
	// from the other must not.
	r, other := newRoom(), newRoom()
	s := start(t, r, alice, noon, "25")
	join(t, r, bob, after(1))
	r.WriteRaw(alice, after(2), "k", "focus.cohost", marshal(t, &focus.Cohost{Session: s.ID, To: bob.Key}))
	longer := forge(r, bob, after(3), "focus.extend", &focus.Extend{Session: s.ID, Seconds: 60})
	other.WriteRaw(apptest.NewWriter(1, 2), noon, "k", "focus.join", marshal(t, &focus.Join{}))
	r.Pull(other)
	if !focus.Counts(r, longer) || !status(t, r, bob, after(4)).EndsAt.Equal(after(26)) {
		t.Error("the extension does not count any more")
	}
}

func TestWhoWaitsAndWhoWas(t *testing.T) {
	r := newRoom()
	if got := do[focus.WhoReply](t, r, bob, noon, focus.WhoReq{}); len(got.People) != 0 || !strings.Contains(got.Note(), "focus start") {
		t.Errorf("nobody: %+v", got)
	}
	join(t, r, bob, noon)
	if got := do[focus.WhoReply](t, r, bob, after(1), focus.WhoReq{}); len(got.People) != 1 || got.People[0].State != focus.Waiting {
		t.Errorf("waiting: %+v", got)
	}
	start(t, r, alice, after(2), "25")
	pause(t, r, bob, after(3))
	got := do[focus.WhoReply](t, r, bob, after(4), focus.WhoReq{})
	states := map[event.Key]string{}
	for _, p := range got.People {
		states[p.Peer] = p.Role + " " + p.State
	}
	if states[alice.Key] != "host present" || states[bob.Key] != " away" {
		t.Errorf("running: %+v", got)
	}
	if p := person(t, r, alice, after(60)); p.State != focus.Was || p.Seconds != 25*60 {
		t.Errorf("over: %+v", p)
	}
}

func TestADoneSaysHowLongSomebodyWasPresent(t *testing.T) {
	r := newRoom()
	start(t, r, alice, noon, "25")
	join(t, r, bob, noon)
	do[focus.DoneReply](t, r, bob, after(26), focus.DoneReq{PresentSeconds: 900, IdleSeconds: 600})
	if p := person(t, r, bob, after(27)); p.Seconds != 900 || p.IdleSeconds != 600 {
		t.Errorf("who: %+v", p)
	}
	forge(r, alice, after(27), "focus.done", &focus.Done{Session: status(t, r, bob, after(27)).ID, Present: 80000})
	if p := person(t, r, alice, after(28)); p.Seconds != 25*60 {
		t.Errorf("more than the session lasted: %+v", p)
	}
	refuse(t, r, bob, after(41), focus.DoneReq{PresentSeconds: 1}, wire.NotActive)
	refuse(t, r, carol, after(30), focus.DoneReq{PresentSeconds: 1}, wire.NotActive)
	refuse(t, r, bob, after(30), focus.DoneReq{PresentSeconds: -1}, wire.InvalidRequest)
}

func TestWitnessesSawOneComeAndWereSeen(t *testing.T) {
	r := newRoom()
	start(t, r, alice, noon, "25")
	join(t, r, bob, after(1))
	checkIn(t, r, carol, after(2), "here")
	if p := person(t, r, alice, after(3)); p.Witnesses != 0 {
		t.Errorf("before a second act: %+v", p)
	}
	checkIn(t, r, alice, after(10), "half")
	checkIn(t, r, bob, after(11), "half") // after alice's second, and carol's first
	if p := person(t, r, alice, after(12)); p.Witnesses != 2 {
		t.Errorf("alice: %+v", p)
	}
	if p := person(t, r, bob, after(12)); p.Witnesses != 2 {
		t.Errorf("bob: %+v", p)
	}
	if p := person(t, r, carol, after(12)); p.Witnesses != 0 {
		t.Errorf("carol acted once: %+v", p)
	}
	// What is made up apart, afterwards, has nobody's act in its past.
	forged := newRoom()
	if err := forged.Ingest(r.Events()[0]); err != nil { // the start
		t.Fatal(err)
	}
	dave := apptest.NewWriter(4, 1)
	s := status(t, r, alice, after(12)).ID
	forge(forged, dave, after(1), "focus.join", &focus.Join{Session: s})
	forge(forged, dave, after(20), "focus.checkin", &focus.CheckIn{Session: s, Text: "I was there"})
	r.Pull(forged)
	if p := person(t, r, dave, after(21)); p.Witnesses != 0 {
		t.Errorf("dave made it up: %+v", p)
	}
}
