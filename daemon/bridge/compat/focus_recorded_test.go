package compat_test

import (
	"strings"
	"testing"
	"time"

	"intercom/daemon/bridge/compat"
	"intercom/focus"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

var (
	alice = apptest.NewWriter(1, 1)
	bob   = apptest.NewWriter(3, 1)
	carol = apptest.NewWriter(4, 1)
)

const (
	recordedA = "aa7f1d929922a9b90fe286baddefaf0abe33eeb36383950f3f634f74adc4bad6"
	recordedB = "c0fb4966d234169093f91ffffc372a896f596e23389e9433b02ace453a22f106"
)

// peer is one side of the recorded conversation.
type peer struct {
	t    *testing.T
	w    apptest.Writer
	room *apptest.Room
}

func (p peer) shapes() compat.Shapes { return compat.Shapes{Self: p.w.Key} }

// ask returns the original's fields of the reply to a request, and the event
// that the request wrote.
func (p peer) ask(at int64, request any) (string, *event.Signed) {
	p.t.Helper()
	reply, events, err := p.room.Do(p.w, time.UnixMilli(at), request)
	if err != nil {
		p.t.Fatalf("%T: %v", request, err)
	}
	if len(events) == 0 {
		events = []*event.Signed{nil}
	}
	return written(p.t, p.shapes().Original("", reply)), events[0]
}

// sees returns the pushes of an event.
func (p peer) sees(e *event.Signed) []string {
	p.t.Helper()
	frames, err := p.shapes().FocusFrames(compat.Happening{
		Room: p.room.Name, Event: e, Local: e.Author == p.w.Key, Reader: p.room, Now: time.UnixMilli(e.TS),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	var out []string
	for _, f := range frames {
		if f.Channel != p.room.Name {
			p.t.Errorf("channel %q", f.Channel)
		}
		out = append(out, string(f.JSON))
	}
	return out
}

func named(room string) app.InNamed { return app.InNamed{Room: room} }

// TestFocusIsAsRecorded has the recorded conversation again, at the recorded
// times, and compares replies and pushes byte by byte but for names that
// differ from run to run.
func TestFocusIsAsRecorded(t *testing.T) {
	const room = "tr-focus-mwrkzut7"
	a := peer{t, alice, apptest.Named(focus.App(), room)}
	b := peer{t, bob, apptest.Named(focus.App(), room)}
	in := named(room)
	got := map[string]string{}

	got["focus_status of all, none"] = written(t, a.shapes().Original("", focus.StatusReply{}))
	got["focus_status of a room never used"], _ = a.ask(1795336500000, focus.StatusReq{InNamed: in})
	got["focus_rooms none"] = written(t, a.shapes().Original("", focus.RoomsReply{}))
	got["focus_streaks none"] = written(t, a.shapes().Original("", focus.StreaksReply{}))

	var e *event.Signed
	got["focus_joined idle"], e = b.ask(1795336501996, focus.JoinReq{InNamed: in})
	got["session_join local"] = b.sees(e)[0]

	pushed := func(kind string, by, other peer, e *event.Signed) {
		t.Helper()
		other.room.Pull(by.room)
		local, remote := by.sees(e), other.sees(e)
		if len(local) != 1 || len(remote) != 2 {
			t.Fatalf("%s: pushes %q and %q", kind, local, remote)
		}
		if _, known := got[kind+" local"]; !known {
			got[kind+" local"], got[kind+" remote"], got[kind+" message"] = local[0], remote[0], remote[1]
		}
	}
	got["focus_started"], e = a.ask(1795336503517, focus.StartReq{InNamed: in, Goal: "write the thing"})
	pushed("session_start", a, b, e)
	got["focus_checked_in"], e = b.ask(1795336505551, focus.CheckInReq{InNamed: in, Status: "working"})
	pushed("session_checkin", b, a, e)
	b.ask(1795336506356, focus.CheckInReq{InNamed: in, Message: "message instead of status"})
	a.room.Pull(b.room)
	a.ask(1795336507166, focus.CheckInReq{InNamed: in, Status: strings.Repeat("y", 240)})
	session, _ := focus.SessionOf(a.room, e)
	e = a.room.Write(alice, time.UnixMilli(1795336507974), "", app.Draft{Type: "focus.join", Body: &focus.Join{Session: session}})
	b.room.Pull(a.room)
	join := b.sees(e)
	got["session_join remote"], got["session_join message"] = join[0], join[1]

	got["focus_extended"], e = a.ask(1795336509587, focus.ExtendReq{InNamed: in})
	pushed("session_extend", a, b, e)
	for i, minutes := range []focus.Minutes{"5", "5", "5", "5", "5", "1", "1", "2", "2"} {
		a.ask(1795336510000+int64(i), focus.ExtendReq{InNamed: in, Minutes: minutes})
	}
	a.room.Write(alice, time.UnixMilli(1795336516847), "", app.Draft{Type: "focus.join", Body: &focus.Join{Session: session}})
	b.room.Pull(a.room)
	got["focus_status of a room"], _ = a.ask(1795336517000, focus.StatusReq{InNamed: in})
	got["focus_status of all"], _ = b.ask(1795336517000, focus.StatusReq{})
	got["focus_rooms"], _ = a.ask(1795336517000, focus.RoomsReq{})
	got["focus_ended"], e = a.ask(1795336519427, focus.EndReq{InNamed: in, Summary: "done"})
	pushed("session_end", a, b, e)
	got["focus_streaks"], _ = a.ask(1795336520000, focus.StreaksReq{})

	expiry(t, got)

	want := recorded(t, "testdata/focus.ndjson")
	for name, frame := range want {
		if !strings.HasPrefix(name, "session_") {
			frame = fields(frame)
		}
		w := masked(exact.Replace(frame), recordedA, "A", recordedB, "B")
		g := masked(got[name], alice.Key.String(), "A", bob.Key.String(), "B")
		if g != w {
			t.Errorf("%s:\n got %s\nwant %s", name, g, w)
		}
		delete(got, name)
	}
	for name := range got {
		t.Errorf("nothing recorded of %s", name)
	}
}

// exact turns the recorded end by a timer, which fires late, into the end.
var exact = strings.NewReplacer("1795336596411", "1795336596410", `"actualDurationMs":60001`, `"actualDurationMs":60000`)

// expiry has the second recorded conversation again: a session ends by time.
func expiry(t *testing.T, got map[string]string) {
	const room = "tr-exp-mwrl0o6q"
	a := peer{t, alice, apptest.Named(focus.App(), room)}
	b := peer{t, bob, apptest.Named(focus.App(), room)}
	a.ask(1795336536410, focus.StartReq{InNamed: named(room), Minutes: "1", Goal: "expire"})
	b.room.Pull(a.room)
	due := focus.App().Timers(a.room, time.UnixMilli(1795336536410))
	for name, p := range map[string]peer{"session_expired local": a, "session_expired remote": b} {
		f, ok, err := p.shapes().ExpiredFrame(room, due[0].ID, p.room, due[0].At)
		if err != nil || !ok || f.Channel != room {
			t.Fatalf("%s: %v, %v", name, f, err)
		}
		got[name] = string(f.JSON)
	}
	got["focus_status of a session that time ended"], _ = a.ask(1795336597000, focus.StatusReq{InNamed: named(room)})
}
