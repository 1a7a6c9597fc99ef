package focus_test

import (
	"testing"

	"intercom/focus"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

// apart lets two peers act without knowing of each other, and returns the
// event that is higher in the order of (lamport, id).
func apart(t *testing.T, a, b *apptest.Room, one, two func() *event.Signed) (higher *event.Signed) {
	t.Helper()
	x, y := one(), two()
	a.Pull(b)
	b.Pull(a)
	if a.StateHash() != b.StateHash() {
		t.Fatalf("two states:\n%s\n%s", a.Rows(), b.Rows())
	}
	lx, ly := a.Lamport(x.ID), a.Lamport(y.ID)
	if lx > ly || lx == ly && x.ID.Compare(y.ID) > 0 {
		return x
	}
	return y
}

func TestOfTwoHandoversAtOnceTheHighestShowsTheHost(t *testing.T) {
	a, b := newRoom(), newRoom()
	s := start(t, a, alice, noon, "25")
	join(t, a, bob, after(1))
	join(t, a, carol, after(1))
	b.Pull(a)
	other := apptest.NewWriter(1, 2) // alice, on another machine
	last := apart(t, a, b,
		func() *event.Signed {
			return forge(a, alice, after(5), "focus.handover", &focus.Handover{Session: s.ID, To: bob.Key})
		},
		func() *event.Signed {
			return forge(b, other, after(2), "focus.handover", &focus.Handover{Session: s.ID, To: carol.Key})
		})
	var won focus.Handover
	if err := event.DecodeBody(last.Body, &won); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*apptest.Room{a, b} {
		if got := status(t, r, alice, after(6)); got.Host != won.To || len(got.Cohosts) != 2 {
			t.Errorf("host %s, want %s; %d others have the right", got.Host, won.To, len(got.Cohosts))
		}
	}
}

func TestTheHighestOwnJoinOrLeaveDecidesWhoIsPresent(t *testing.T) {
	a, b := newRoom(), newRoom()
	s := start(t, a, alice, noon, "25")
	join(t, a, bob, after(1))
	b.Pull(a)
	other := apptest.NewWriter(2, 2) // bob, on another machine
	last := apart(t, a, b,
		func() *event.Signed { return forge(a, bob, after(9), "focus.leave", &focus.Leave{Session: s.ID}) },
		func() *event.Signed { return forge(b, other, after(3), "focus.join", &focus.Join{Session: s.ID}) })
	want := 1
	if last.Type == "focus.join" {
		want = 2
	}
	for _, r := range []*apptest.Room{a, b} {
		if got := status(t, r, alice, after(10)); got.PresentCount != want || got.ParticipantCount != 2 {
			t.Errorf("%d present after a %s, want %d", got.PresentCount, last.Type, want)
		}
	}
}

func TestExtensionsAtOnceAddUp(t *testing.T) {
	a, b := newRoom(), newRoom()
	s := start(t, a, alice, noon, "25")
	forge(a, alice, after(1), "focus.cohost", &focus.Cohost{Session: s.ID, To: bob.Key})
	b.Pull(a)
	apart(t, a, b,
		func() *event.Signed {
			return forge(a, alice, after(5), "focus.extend", &focus.Extend{Session: s.ID, Seconds: 300})
		},
		func() *event.Signed {
			return forge(b, bob, after(6), "focus.extend", &focus.Extend{Session: s.ID, Seconds: 600})
		})
	if got := status(t, b, alice, after(7)); !got.EndsAt.Equal(after(40)) {
		t.Errorf("ends at %s", got.EndsAt)
	}
}

func TestAPauseAndAnEndAtOnceAreWalkedByTheirTimes(t *testing.T) {
	a, b := newRoom(), newRoom()
	s := start(t, a, alice, noon, "25")
	forge(a, alice, after(1), "focus.cohost", &focus.Cohost{Session: s.ID, To: bob.Key})
	b.Pull(a)
	apart(t, a, b,
		func() *event.Signed { return forge(a, alice, after(10), "focus.end", &focus.End{Session: s.ID}) },
		func() *event.Signed { return forge(b, bob, after(6), "focus.pause", &focus.Pause{Session: s.ID}) })
	got := snapshot(t, a, s.ID, after(20))
	if got.Status != focus.Ended || !got.EndedAt.Equal(after(10)) || got.Stats.WorkedMs != 6*60000 {
		t.Errorf("%+v %+v", got, got.Stats)
	}
}
