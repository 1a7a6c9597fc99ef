package focus_test

import (
	"testing"
	"time"

	"intercom/focus"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// TestWhoIsSeen: in a room with an owner, nobody whose right was taken, though
// he took part and still tells that he is there.
func TestWhoIsSeen(t *testing.T) {
	r := newRoom()
	start(t, r, alice, noon, "25")
	join(t, r, bob, after(1))
	for name, c := range map[string]struct {
		owned   bool
		members []app.RoomMember
		want    bool
	}{
		"open":           {want: true},
		"a member":       {true, []app.RoomMember{{Key: bob.Key, Role: app.Member}}, true},
		"a viewer":       {true, []app.RoomMember{{Key: bob.Key, Role: app.Viewer}}, false},
		"removed":        {true, []app.RoomMember{{Key: bob.Key}}, false},
		"never a member": {true, nil, false},
	} {
		at := after(2)
		for _, q := range focus.App().Requests {
			if q.Request != "focus_who" {
				continue
			}
			reply, err := q.Read(r, focus.WhoReq{}, app.Call{
				Room: app.Room{Name: r.Name, ID: r.ID, Joined: true, Owned: c.owned}, Author: alice.Key, Now: at,
				Members: func() []app.RoomMember { return c.members },
				Seen: func(k event.Key) (last time.Time) {
					if k == bob.Key {
						last = at
					}
					return last
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range reply.(focus.WhoReply).People {
				if got := !p.Seen.IsZero(); got != (p.Peer == bob.Key && c.want) {
					t.Errorf("%s: %v is seen: %t", name, p.Peer, got)
				}
			}
		}
	}
}
