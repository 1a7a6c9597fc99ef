package focus_test

import (
	"fmt"
	"strings"
	"testing"

	"intercom/focus"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

// told returns the pushes for what happened, as `kind status reason`.
func told(r *apptest.Room, h app.Happened) (all []string) {
	h.Room = "team"
	for _, p := range r.App.Pushes(r, h) {
		c := p.Body.(focus.ChangedPush)
		all = append(all, fmt.Sprintf("%s %s %s", p.Kind, c.Payload.Status, c.Payload.Reason))
	}
	return all
}

func TestEveryChangeThatTimeBringsIsPushed(t *testing.T) {
	r := newRoom()
	forge(r, alice, noon, "focus.start", &focus.Start{Seconds: 75 * 60, Begin: noon.UnixMilli(), Cycle: []int64{1200, 300, 2}, LongBreak: 900})
	var got []string
	for now := noon; ; {
		due := r.App.Timers(r, now)
		if len(due) == 0 {
			break
		}
		now = due[0].At
		got = append(got, told(r, app.Happened{Due: due[0], Now: now})...)
	}
	// The end has the original's push.
	want := "session_break break timer, session_resume active timer, session_break break timer, session_resume active timer, session_soon active timer"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("%s\nwant %s", s, want)
	}
}

func TestEveryActThatTheOriginalDoesNotKnowIsPushed(t *testing.T) {
	r := newRoom()
	s := forge(r, alice, noon, "focus.start", &focus.Start{Seconds: 1500, Begin: noon.UnixMilli()}).ID
	forge(r, bob, after(1), "focus.join", &focus.Join{Session: s})
	for _, c := range []struct {
		who    apptest.Writer
		minute float64
		kind   string
		body   event.Body
		want   string
	}{
		{alice, 2, "focus.pause", &focus.Pause{Session: s}, "session_pause paused manual"},
		{alice, 2.5, "focus.pause", &focus.Pause{Session: s}, ""}, // it paused already
		{alice, 3, "focus.resume", &focus.Resume{Session: s}, "session_resume active manual"},
		{alice, 4, "focus.break", &focus.Break{Session: s, Seconds: 60}, "session_break break manual"},
		{alice, 6, "focus.handover", &focus.Handover{Session: s, To: bob.Key}, "session_handover active manual"},
		{alice, 7, "focus.cohost", &focus.Cohost{Session: s, To: bob.Key}, "session_cohost active manual"},
		{bob, 8, "focus.leave", &focus.Leave{Session: s}, "session_leave active manual"},
		{bob, 9, "focus.checkin", &focus.CheckIn{Session: s, Text: "the original's"}, ""},
	} {
		e := forge(r, c.who, after(c.minute), c.kind, c.body)
		if got := strings.Join(told(r, app.Happened{Event: e, Now: after(c.minute)}), ", "); got != c.want {
			t.Errorf("%s at %v: %q, want %q", c.kind, c.minute, got, c.want)
		}
	}
	up := forge(r, alice, after(10), "focus.schedule", &focus.Schedule{Start: focus.Start{Goal: "plan", Seconds: 1500, Begin: after(600).UnixMilli()}})
	if got := strings.Join(told(r, app.Happened{Event: up, Now: after(10)}), ", "); got != "session_schedule idle manual" {
		t.Error(got)
	}
	if got := strings.Join(told(r, app.Happened{Due: r.App.Timers(r, after(599))[0], Now: after(600)}), ", "); got != "session_begin active timer" {
		t.Error(got)
	}
}
