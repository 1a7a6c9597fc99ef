package focus_test

import (
	"testing"
	"time"

	"intercom/client/wire"
	"intercom/focus"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

var (
	noon  = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) // a Monday
	alice = apptest.NewWriter(1, 1)
	bob   = apptest.NewWriter(2, 1)
	carol = apptest.NewWriter(3, 1)
)

// after is a time so many minutes after noon.
func after(minutes float64) time.Time {
	return noon.Add(time.Duration(minutes * float64(time.Minute)))
}

func newRoom() *apptest.Room { return apptest.New(focus.App()) }

// do runs a request and wants it to work.
func do[Reply any](t *testing.T, r *apptest.Room, w apptest.Writer, now time.Time, in any) Reply {
	t.Helper()
	reply, _, err := r.Do(w, now, in)
	if err != nil {
		t.Fatalf("%T: %v", in, err)
	}
	return reply.(Reply)
}

func start(t *testing.T, r *apptest.Room, w apptest.Writer, now time.Time, minutes string) focus.Session {
	t.Helper()
	return do[focus.StartReply](t, r, w, now, focus.StartReq{Minutes: focus.Minutes(minutes)}).Session
}

func join(t *testing.T, r *apptest.Room, w apptest.Writer, now time.Time) focus.Session {
	t.Helper()
	return do[focus.JoinReply](t, r, w, now, focus.JoinReq{}).Session
}

func checkIn(t *testing.T, r *apptest.Room, w apptest.Writer, now time.Time, text string) focus.Session {
	t.Helper()
	return do[focus.CheckInReply](t, r, w, now, focus.CheckInReq{Text: text}).Session
}

func extend(t *testing.T, r *apptest.Room, w apptest.Writer, now time.Time, minutes string) focus.Session {
	t.Helper()
	return do[focus.ExtendReply](t, r, w, now, focus.ExtendReq{Minutes: focus.Minutes(minutes)}).Session
}

func end(t *testing.T, r *apptest.Room, w apptest.Writer, now time.Time) focus.Session {
	t.Helper()
	return do[focus.EndReply](t, r, w, now, focus.EndReq{}).Session
}

func status(t *testing.T, r *apptest.Room, w apptest.Writer, now time.Time) focus.Session {
	t.Helper()
	return do[focus.StatusReply](t, r, w, now, focus.StatusReq{}).Rooms[0]
}

func streaksOf(t *testing.T, r *apptest.Room, w apptest.Writer, now time.Time) focus.Streak {
	t.Helper()
	for _, s := range do[focus.StreaksReply](t, r, w, now, focus.StreaksReq{}).Streaks {
		if s.Peer == w.Key {
			return s
		}
	}
	return focus.Streak{Peer: w.Key}
}

// refuse runs a request and wants it to fail with a code, a reason and a hint.
func refuse(t *testing.T, r *apptest.Room, w apptest.Writer, now time.Time, in any, code wire.Code) {
	t.Helper()
	_, events, err := r.Do(w, now, in)
	if e := wire.AsError(orNone(err)); e.Code != code || e.Reason == "" || e.Hint == "" || len(events) > 0 {
		t.Errorf("%T: error %+v with %d events, want %s with a reason and a hint", in, e, len(events), code)
	}
}

// orNone stands in for no error, so that a test can compare codes.
func orNone(err error) error {
	if err == nil {
		return wire.Errorf("none", "no error")
	}
	return err
}

func snapshot(t *testing.T, r *apptest.Room, id event.ID, now time.Time) focus.Session {
	t.Helper()
	s, ok := focus.Snapshot(r, id, now)
	if !ok {
		t.Fatalf("no session %s", id)
	}
	return s
}

// forge writes an event that no command of ours need have decided on.
func forge(r *apptest.Room, w apptest.Writer, now time.Time, kind string, body event.Body) *event.Signed {
	return r.Write(w, now, "", app.Draft{Type: kind, Body: body})
}

func has(s focus.Session, w apptest.Writer) bool {
	for _, k := range s.Participants {
		if k == w.Key {
			return true
		}
	}
	return false
}
