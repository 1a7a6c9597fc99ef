package compat_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"intercom/daemon/bridge/compat"
	"intercom/expense"
	"intercom/focus"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

func original(t *testing.T, reply any) string {
	t.Helper()
	return written(t, compat.Shapes{}.Original("", reply))
}

func TestRequestsOfOursAloneHaveNoOriginal(t *testing.T) {
	for _, reply := range []any{focus.StatsReply{}, expense.Settlement{}, expense.ReopenReply{}, struct{}{}, nil} {
		if got := (compat.Shapes{}).Original("", reply); got != nil {
			t.Errorf("%T: %v", reply, got)
		}
	}
}

func TestTheLastTenCheckinsAreShown(t *testing.T) {
	s := focus.Session{Room: "r", Status: focus.Ended}
	for i := range 8 {
		s.Checkins = append(s.Checkins, focus.Said{Who: bob.Key, At: time.UnixMilli(int64(i)), Text: fmt.Sprint("in ", i), Late: i == 7})
		s.Notes = append(s.Notes, focus.Said{Who: bob.Key, At: time.UnixMilli(int64(i)), Text: fmt.Sprint("after ", i)})
	}
	got := original(t, focus.CheckInReply{Session: s})
	for text, want := range map[string]bool{"in 4": false, "in 5": true, "in 7": false, "after 0": true, "after 7": true} {
		if strings.Contains(got, `"status":"`+text+`"`) != want {
			t.Errorf("%q is shown: %v in %s", text, !want, got)
		}
	}
	if n := strings.Count(got, `"who"`); n != 10 {
		t.Errorf("%d check-ins", n)
	}
}

func TestWhoWaitsIsAParticipantOnce(t *testing.T) {
	got := original(t, focus.JoinReply{Session: focus.Session{
		Status: focus.Ended, Participants: []event.Key{alice.Key, bob.Key}, Waiting: []event.Key{bob.Key, carol.Key},
	}})
	if want := fmt.Sprintf(`"participants":["%s","%s","%s"]`, alice.Key, bob.Key, carol.Key); !strings.Contains(got, want) {
		t.Errorf("%s has no %s", got, want)
	}
}

func TestARoomIsKnownOnceSomebodyJoinedOrCheckedIn(t *testing.T) {
	for name, c := range map[string]struct {
		kind string
		body event.Body
		want string
	}{
		"nothing":  {want: `{"room":null}`},
		"join":     {"focus.join", &focus.Join{}, `"participants":["` + bob.Key.String() + `"],"checkins":[],`},
		"check-in": {"focus.checkin", &focus.CheckIn{Text: "t"}, `"participants":[],"checkins":[{"who":"` + bob.Key.String() + `"`},
	} {
		p := peer{t, alice, apptest.New(focus.App())}
		if c.body != nil {
			write(p.room, bob, noon, c.kind, c.body)
		}
		if got, _ := p.ask(noon.UnixMilli(), focus.StatusReq{InNamed: named("test")}); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s has no %s", name, got, c.want)
		}
	}
}

func TestASessionThatPausesIsActiveForTheOriginal(t *testing.T) {
	for status, want := range map[string]string{
		focus.Paused: focus.Active, focus.OnBreak: focus.Active, focus.Active: focus.Active, focus.Idle: focus.Idle, focus.Ended: focus.Ended,
	} {
		for _, reply := range []any{
			focus.StatusReply{Rooms: []focus.Session{{Room: "r", Status: status}}},
			focus.RoomsReply{Rooms: []focus.RoomLine{{Room: "r", Status: status}}},
			focus.ExtendReply{Session: focus.Session{Room: "r", Status: status}},
		} {
			if got := original(t, reply); !strings.Contains(got, `"status":"`+want+`"`) {
				t.Errorf("%T of a session that is %s: %s", reply, status, got)
			}
		}
	}
}

func TestTheOriginalIsToldNothingOfWhatItDoesNotKnow(t *testing.T) {
	r := apptest.New(focus.App())
	s := write(r, alice, noon, "focus.start", &focus.Start{Seconds: 600, Begin: noon.UnixMilli()}).ID
	for kind, body := range map[string]event.Body{
		"focus.pause": &focus.Pause{Session: s}, "focus.resume": &focus.Resume{Session: s}, "focus.leave": &focus.Leave{Session: s},
		"focus.break": &focus.Break{Session: s}, "focus.done": &focus.Done{Session: s},
		"focus.cohost": &focus.Cohost{Session: s, To: bob.Key}, "focus.handover": &focus.Handover{Session: s, To: bob.Key},
		"focus.schedule": &focus.Schedule{Start: focus.Start{Seconds: 600, Begin: after(60).UnixMilli()}},
	} {
		if f := frames(t, r, write(r, alice, after(1), kind, body), after(1)); len(f) != 0 {
			t.Errorf("%s: %s", kind, f[0].JSON)
		}
	}
}
