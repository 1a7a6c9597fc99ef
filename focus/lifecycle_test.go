package focus_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"intercom/client/wire"
	"intercom/focus"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

func TestAStandingJoinCountsForTheNextSession(t *testing.T) {
	r := newRoom()
	idle := join(t, r, bob, noon)
	if idle.Status != focus.Idle || !idle.Joined || len(idle.Participants) != 1 {
		t.Errorf("waiting: %+v", idle)
	}
	got := start(t, r, alice, after(60), "25")
	if !has(got, bob) || len(got.Participants) != 2 || got.Participants[0] != alice.Key {
		t.Errorf("participants = %v", got.Participants)
	}
	second := start(t, r, alice, after(120), "25")
	if has(second, bob) {
		t.Error("one standing join counted twice")
	}
}

func TestAUsedStandingJoinMayStandAgain(t *testing.T) {
	r := newRoom()
	join(t, r, bob, noon)
	start(t, r, alice, after(60), "25")
	end(t, r, alice, after(70))
	if idle := status(t, r, bob, after(80)); len(idle.Waiting) != 0 {
		t.Errorf("the used one stands: %+v", idle)
	}
	if idle := join(t, r, bob, after(80)); !idle.Joined || !slices.Equal(idle.Waiting, []event.Key{bob.Key}) {
		t.Errorf("waiting again: %+v", idle)
	}
	if next := start(t, r, alice, after(90), "25"); !has(next, bob) {
		t.Errorf("participants = %v", next.Participants)
	}
	if other := start(t, r, alice, after(120), "25"); has(other, bob) {
		t.Error("the second standing join counted twice")
	}
}

func TestAStandingJoinWaitsADay(t *testing.T) {
	for minutes, want := range map[float64]bool{24 * 60: true, 24*60 + 0.01: false} {
		r := newRoom()
		join(t, r, bob, noon)
		if got := start(t, r, alice, after(minutes), "25"); has(got, bob) != want {
			t.Errorf("a session %v minutes later has bob: %v", minutes, !want)
		}
	}
}

func TestAJoinThatTheHostHadNotSeenCounts(t *testing.T) {
	a, b := newRoom(), newRoom()
	s := start(t, a, alice, noon, "25")
	join(t, b, bob, after(3)) // apart: for bob nothing runs
	a.Pull(b)
	b.Pull(a)
	for _, r := range []*apptest.Room{a, b} {
		if got := status(t, r, alice, after(4)); got.ID != s.ID || !has(got, bob) {
			t.Errorf("status = %+v", got)
		}
	}
	// After the end it does not count for this one.
	late := newRoom()
	join(t, late, carol, after(25))
	a.Pull(late)
	if got := snapshot(t, a, s.ID, after(30)); has(got, carol) {
		t.Error("a standing join after the end counts")
	}
}

func TestAStandingJoinGoesToTheLowestOfTwoSessions(t *testing.T) {
	a, b := newRoom(), newRoom()
	join(t, a, carol, noon)
	b.Pull(a)
	one := start(t, a, alice, after(1), "25")
	two := start(t, b, bob, after(1), "25")
	a.Pull(b)
	first, second := one.ID, two.ID
	if second.Compare(first) < 0 { // same lamport time
		first, second = second, first
	}
	if !has(snapshot(t, a, first, after(2)), carol) || has(snapshot(t, a, second, after(2)), carol) {
		t.Error("the join is not with the lowest session alone")
	}
}

func TestStartNeedsAnIdleRoom(t *testing.T) {
	r := newRoom()
	start(t, r, alice, noon, "")
	refuse(t, r, bob, after(24), focus.StartReq{}, wire.AlreadyActive)
	refuse(t, r, alice, after(24), focus.StartReq{}, wire.AlreadyActive)
	if got := start(t, r, bob, after(25), ""); got.Host != bob.Key {
		t.Errorf("host = %s", got.Host)
	}
}

func TestABeginTooFarFromItsEventDoesNotCount(t *testing.T) {
	for _, c := range []struct {
		begin time.Time
		ok    bool
	}{
		{after(-12 * 60), true}, {after(-12 * 60).Add(-time.Millisecond), false},
		{after(5), true}, {after(5).Add(time.Millisecond), false},
	} {
		r := newRoom()
		e := forge(r, alice, noon, "focus.start", &focus.Start{Seconds: 60, Begin: c.begin.UnixMilli()})
		if _, ok := focus.Snapshot(r, e.ID, noon); ok != c.ok {
			t.Errorf("begin %s: counts %v", c.begin, ok)
		}
		if ok := checkInCounts(r, e.ID); ok != c.ok {
			t.Errorf("begin %s: a check-in counts %v", c.begin, ok)
		}
	}
}

func checkInCounts(r *apptest.Room, session event.ID) bool {
	forge(r, bob, noon, "focus.join", &focus.Join{Session: session})
	list, _, _ := r.Do(bob, noon, focus.StatsReq{})
	return list.(focus.StatsReply).Rooms[0].RefusedCount == 0
}

func TestAnEventThatIsNoStartIsNoSession(t *testing.T) {
	r := newRoom()
	e := forge(r, alice, noon, "other.start", &focus.Start{Seconds: 60, Begin: noon.UnixMilli()})
	if checkInCounts(r, e.ID) {
		t.Error("one can join an event of another app")
	}
}

func TestTheJoinGoesToTheLowestNotTheEarliest(t *testing.T) {
	a, b := newRoom(), newRoom()
	join(t, a, carol, after(-1))
	b.Pull(a)
	checkIn(t, a, alice, after(-1), "this makes the lamport time of the start higher")
	early := start(t, a, alice, noon, "25")
	low := start(t, b, bob, after(2), "25")
	a.Pull(b)
	if !has(snapshot(t, a, low.ID, after(3)), carol) || has(snapshot(t, a, early.ID, after(3)), carol) {
		t.Error("the join is not with the lowest session")
	}
}

func TestAStandingJoinThatCannotCountIsNotWaitedFor(t *testing.T) {
	for _, minute := range []float64{-24*60 - 1, 60} { // too old, or of a clock that was ahead
		r := newRoom()
		forge(r, bob, after(minute), "focus.join", &focus.Join{})
		if got := status(t, r, bob, noon); got.Joined || len(got.Participants) != 0 {
			t.Errorf("minute %v: %+v", minute, got)
		}
		if _, events, err := r.Do(bob, noon, focus.JoinReq{}); err != nil || len(events) != 1 {
			t.Errorf("minute %v: %d events, %v", minute, len(events), err)
		}
	}
}

func TestASessionOfAClockAheadHasNotBegun(t *testing.T) {
	r := newRoom()
	s := start(t, r, alice, after(4), "25")
	if got := snapshot(t, r, s.ID, noon); got.Status != focus.Idle || got.RemainingSeconds != 0 || got.Stats != nil {
		t.Errorf("four minutes before: %+v", got)
	}
	if due := ends(r, noon); len(due) != 1 || !due[0].At.Equal(after(29)) {
		t.Errorf("timers: %+v", due)
	}
	refuse(t, r, bob, after(2), focus.StartReq{}, wire.AlreadyActive)
	if got := start(t, r, bob, after(1.9), "25"); got.Host != bob.Key {
		t.Errorf("host = %s", got.Host)
	}
}

func TestActiveIsFromTwoMinutesBeforeTheBeginToTheEnd(t *testing.T) {
	r := newRoom()
	start(t, r, alice, noon, "25")
	for _, c := range []struct {
		now    time.Time
		status string
		left   int64
	}{
		{after(-3), focus.Idle, 0},
		{after(-2), focus.Active, 25 * 60}, // a reader whose clock is behind
		{after(24.99), focus.Active, 1},
		{after(25), focus.Ended, 0},
	} {
		if got := status(t, r, bob, c.now); got.Status != c.status || got.RemainingSeconds != c.left {
			t.Errorf("%s: %s with %d s left, want %s with %d s", c.now, got.Status, got.RemainingSeconds, c.status, c.left)
		}
	}
}

// twoSessions returns a room in which alice and bob started apart, alice's
// start being the lower one.
func twoSessions(t *testing.T) (r *apptest.Room, ofAlice, ofBob event.ID) {
	t.Helper()
	a, b := newRoom(), newRoom()
	one := start(t, a, alice, noon, "25")
	checkIn(t, b, bob, after(-60), "this makes the lamport time of the start higher")
	two := start(t, b, bob, after(1), "25")
	a.Pull(b)
	return a, one.ID, two.ID
}

func TestOfTwoSessionsTheOwnThenTheFullestThenTheLowestIsShown(t *testing.T) {
	r, ofAlice, ofBob := twoSessions(t)
	show := func(w apptest.Writer) event.ID { return status(t, r, w, after(5)).ID }
	if show(alice) != ofAlice || show(bob) != ofBob || show(carol) != ofAlice {
		t.Error("the host's own, else the lowest is shown")
	}
	forge(r, apptest.NewWriter(4, 1), after(2), "focus.join", &focus.Join{Session: ofBob})
	if show(carol) != ofBob {
		t.Error("the session with more people is not shown")
	}
	forge(r, carol, after(3), "focus.join", &focus.Join{Session: ofAlice})
	forge(r, apptest.NewWriter(5, 1), after(3), "focus.join", &focus.Join{Session: ofBob})
	if show(carol) != ofAlice {
		t.Error("the session that the reader joined is not shown")
	}
}

func TestJoinAndCheckInCountAroundTheSession(t *testing.T) {
	for _, c := range []struct {
		minute float64
		counts bool
	}{{-5.01, false}, {-5, true}, {0, true}, {20, true}, {20.01, false}, {25, false}} {
		r := newRoom()
		s := start(t, r, alice, noon, "25")
		forge(r, bob, after(c.minute), "focus.join", &focus.Join{Session: s.ID})
		forge(r, carol, after(c.minute), "focus.checkin", &focus.CheckIn{Session: s.ID, Text: "t"})
		forge(r, alice, after(20), "focus.end", &focus.End{Session: s.ID})
		got := snapshot(t, r, s.ID, after(30))
		if has(got, bob) != c.counts || has(got, carol) != c.counts || (got.Stats.CheckinCount == 1) != c.counts {
			t.Errorf("minute %v: %v %v %+v, want %v", c.minute, has(got, bob), has(got, carol), got.Stats, c.counts)
		}
		if len(got.Checkins) != 1 || got.Checkins[0].Late == c.counts || (len(got.Late) == 1) == c.counts {
			t.Errorf("minute %v: shown as %+v and %+v", c.minute, got.Checkins, got.Late)
		}
	}
}

func TestACheckInJoins(t *testing.T) {
	r := newRoom()
	start(t, r, alice, noon, "25")
	if got := checkIn(t, r, bob, after(1), " working "); !got.Joined || !has(got, bob) || got.Checkins[0].Text != "working" {
		t.Errorf("after a check-in: %+v", got)
	}
}

func TestJoiningTwiceTellsTwiceAndCountsOnce(t *testing.T) {
	r := newRoom()
	for _, c := range []struct {
		w    apptest.Writer
		now  time.Time
		want int
	}{{bob, noon, 1}, {bob, after(1), 1}} {
		if _, events, err := r.Do(c.w, c.now, focus.JoinReq{}); err != nil || len(events) != c.want {
			t.Errorf("waiting: %d events, %v", len(events), err)
		}
	}
	start(t, r, alice, after(2), "25")
	for _, c := range []struct {
		w    apptest.Writer
		want int
	}{{alice, 1}, {bob, 1}, {carol, 1}, {carol, 1}} {
		reply, events, err := r.Do(c.w, after(3), focus.JoinReq{})
		if err != nil || len(events) != c.want || !reply.(focus.JoinReply).Joined {
			t.Errorf("running: %d events, %v, %+v", len(events), err, reply)
		}
	}
	if s := end(t, r, alice, after(4)); s.ParticipantCount != 3 {
		t.Errorf("at the end: %+v", s)
	}
}

func TestACheckInWithoutASessionIsKeptAndJoinsNothing(t *testing.T) {
	r := newRoom()
	got := checkIn(t, r, bob, noon, "early")
	if got.Status != focus.Idle || got.Joined || len(got.Notes) != 1 || got.Notes[0].Text != "early" {
		t.Errorf("idle room: %+v", got)
	}
	s := start(t, r, alice, after(1), "25")
	if has(s, bob) || len(s.Checkins) != 0 {
		t.Errorf("the session took it: %+v", s)
	}
	end(t, r, alice, after(10))
	got = checkIn(t, r, bob, after(11), "after the end")
	if got.Status != focus.Ended || len(got.Notes) != 1 || got.Notes[0].Text != "after the end" || got.Stats.CheckinCount != 0 {
		t.Errorf("ended room: %+v", got)
	}
}

func TestTextsAreCutByTheAuthor(t *testing.T) {
	r := newRoom()
	long := strings.Repeat("ß", 300)
	s := do[focus.StartReply](t, r, alice, noon, focus.StartReq{Goal: "  " + long}).Session
	got := checkIn(t, r, alice, after(1), long)
	over := do[focus.EndReply](t, r, alice, after(2), focus.EndReq{Summary: long + " "}).Session
	for _, text := range []string{s.Goal, got.Checkins[0].Text, over.Summary} {
		if n := utf8.RuneCountInString(text); n != focus.MaxText {
			t.Errorf("%d characters", n)
		}
	}
}

func TestACheckInNeedsAText(t *testing.T) {
	r := newRoom()
	refuse(t, r, bob, noon, focus.CheckInReq{Text: " \t"}, wire.MissingField)
	for _, in := range []focus.CheckInReq{{Status: "s"}, {Message: "s"}, {Text: "s", Status: "other"}} {
		got := do[focus.CheckInReply](t, r, bob, noon, in)
		if text := got.Notes[len(got.Notes)-1].Text; text != "s" {
			t.Errorf("%+v was kept as %q", in, text)
		}
	}
}

func TestARepeatedKeyOfTwoMachinesCountsOnce(t *testing.T) {
	one, two := apptest.NewWriter(1, 1), apptest.NewWriter(1, 2)
	a, b := newRoom(), newRoom()
	checkIn(t, b, bob, after(-1), "makes the second start higher")
	first, _, _ := a.DoKeyed(one, noon, "k", focus.StartReq{})
	second, _, _ := b.DoKeyed(two, noon, "k", focus.StartReq{Minutes: "50"})
	loser := second.(focus.StartReply).ID
	join(t, b, bob, after(1)) // of the session that turns out to be a duplicate
	a.Pull(b)
	b.Pull(a)
	for _, r := range []*apptest.Room{a, b} {
		if _, ok := focus.Snapshot(r, loser, after(2)); ok {
			t.Error("the duplicate counts")
		}
		if got := status(t, r, carol, after(2)); got.ID != first.(focus.StartReply).ID {
			t.Errorf("shown: %+v", got)
		}
		list := do[focus.StatsReply](t, r, carol, after(2), focus.StatsReq{}).Rooms[0].Refused
		if len(list) != 1 || list[0].Event != loser || !strings.Contains(list[0].Reason, "same key") {
			t.Errorf("listed: %+v", list)
		}
	}
	if a.StateHash() != b.StateHash() {
		t.Errorf("two states:\n%s\n%s", a.Rows(), b.Rows())
	}
}

func TestEveryEventNamesItsSession(t *testing.T) {
	r := newRoom()
	standing := forge(r, bob, after(-60), "focus.join", &focus.Join{})
	unused := forge(r, bob, after(-48*60), "focus.join", &focus.Join{})
	note := forge(r, bob, after(-60), "focus.checkin", &focus.CheckIn{Text: "t"})
	s := start(t, r, alice, noon, "25")
	checkIn(t, r, bob, after(1), "t")
	end(t, r, alice, after(2))
	none := map[event.ID]bool{unused.ID: true, note.ID: true}
	for _, e := range r.Events() {
		id, ok := focus.SessionOf(r, e)
		if ok == none[e.ID] || ok && id != s.ID {
			t.Errorf("%s of %s: session %s, %v", e.Type, e.Author, id, ok)
		}
	}
	if _, ok := focus.SessionOf(r, standing); !ok {
		t.Error("a standing join has no session")
	}
	bad := r.WriteRaw(bob, noon, "", "focus.end", []byte{0xa0})
	other := r.WriteRaw(bob, noon, "", "expense.add", []byte{0xa0})
	for _, e := range []*event.Signed{bad, other} {
		if _, ok := focus.SessionOf(r, e); ok {
			t.Errorf("%s has a session", e.Type)
		}
	}
}

func TestListsAreInTheOrderOfTheLedger(t *testing.T) {
	r := newRoom()
	for i, w := range []apptest.Writer{carol, bob} {
		early := after(float64(-11 + i))
		forge(r, w, early, "focus.join", &focus.Join{})
		forge(r, w, early, "focus.checkin", &focus.CheckIn{Text: "t"})
	}
	idle := status(t, r, alice, noon)
	if idle.Waiting[0] != carol.Key || idle.Waiting[1] != bob.Key {
		t.Errorf("waiting: %v", idle.Waiting)
	}
	if idle.Notes[0].Who != carol.Key || idle.Notes[1].Who != bob.Key {
		t.Errorf("notes: %v", idle.Notes)
	}
	s := start(t, r, alice, noon, "25")
	dave := apptest.NewWriter(4, 1)
	got := join(t, r, dave, after(1))
	if want := []event.Key{alice.Key, carol.Key, bob.Key, dave.Key}; !slices.Equal(got.Participants, want) || got.ID != s.ID {
		t.Errorf("participants: %v, want %v", got.Participants, want)
	}
}
