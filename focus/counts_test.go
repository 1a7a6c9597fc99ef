package focus_test

import (
	"testing"
	"time"

	"intercom/focus"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

func TestWhatCounts(t *testing.T) {
	r := newRoom()
	standing := forge(r, bob, after(-60), "focus.join", &focus.Join{})
	note := forge(r, bob, after(-60), "focus.checkin", &focus.CheckIn{Text: "t"})
	begin := forge(r, alice, noon, "focus.start", &focus.Start{Seconds: 1500, Begin: noon.UnixMilli()})
	about := func(d time.Duration, kind string, b event.Body) *event.Signed {
		return forge(r, alice, noon.Add(d), kind, b)
	}
	s := begin.ID
	joined := about(time.Minute, "focus.join", &focus.Join{Session: s})
	said := about(time.Minute, "focus.checkin", &focus.CheckIn{Session: s, Text: "t"})
	longer := about(time.Minute, "focus.extend", &focus.Extend{Session: s, Seconds: 60})
	refused := forge(r, bob, after(1), "focus.end", &focus.End{Session: s})
	ended := about(2*time.Minute, "focus.end", &focus.End{Session: s})
	again := about(3*time.Minute, "focus.end", &focus.End{Session: s})
	late := about(4*time.Minute, "focus.join", &focus.Join{Session: s})
	far := forge(r, bob, noon, "focus.start", &focus.Start{Seconds: 60, Begin: after(60).UnixMilli()})
	unknown := forge(r, bob, after(1), "focus.checkin", &focus.CheckIn{Session: event.ID{1}, Text: "t"})
	dave := apptest.NewWriter(4, 1)
	left := forge(r, dave, after(1), "focus.leave", &focus.Leave{Session: s})
	none := forge(r, dave, after(1), "focus.pause", &focus.Pause{Session: s})
	forge(r, carol, after(1), "focus.join", &focus.Join{Session: s})
	away := forge(r, carol, after(1), "focus.pause", &focus.Pause{Session: s})
	gone := forge(r, carol, after(1), "focus.leave", &focus.Leave{Session: s})
	twice := forge(r, carol, after(1), "focus.leave", &focus.Leave{Session: s})
	bad := r.WriteRaw(bob, after(1), "", "focus.checkin", []byte{0xa0})
	first := r.WriteRaw(bob, after(1), "k", "focus.join", marshal(t, &focus.Join{}))
	repeated := r.WriteRaw(bob, after(1), "k", "focus.join", marshal(t, &focus.Join{}))
	for name, c := range map[string]struct {
		e    *event.Signed
		want bool
	}{
		"standing join": {standing, true}, "note": {note, true}, "start": {begin, true}, "join": {joined, true},
		"check-in": {said, true}, "extension": {longer, true}, "end": {ended, true}, "first of a key": {first, true},
		"end of another": {refused, false}, "second end": {again, false}, "late join": {late, false},
		"begin far away": {far, false}, "unknown session": {unknown, false}, "leave of who takes no part": {left, false}, "leave": {gone, true}, "leave of who has left": {twice, false}, "own pause": {away, true}, "pause of who takes no part": {none, false},
		"malformed": {bad, false}, "repeated key": {repeated, false},
	} {
		if got := focus.Counts(r, c.e); got != c.want {
			t.Errorf("%s counts: %v", name, got)
		}
	}
}
