package focus_test

import (
	"fmt"
	"reflect"
	"testing"

	"intercom/client/wire"
	"intercom/focus"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
)

// pages asks for all pages of a request.
func pages[Rep any](t *testing.T, rooms []app.RoomReader, in func(wire.Page) any, next func(Rep) string) []Rep {
	t.Helper()
	var all []Rep
	p := wire.Page{Limit: 2}
	for {
		reply := readAll[Rep](t, rooms, in(p))
		all = append(all, reply)
		if p.After = next(reply); p.After == "" {
			return all
		}
	}
}

func readAll[Rep any](t *testing.T, rooms []app.RoomReader, in any) Rep {
	t.Helper()
	for _, q := range focus.App().Requests {
		if q.In == reflect.TypeOf(in) {
			reply, err := q.ReadRooms(rooms, in, app.Call{Now: after(60)})
			if err != nil {
				t.Fatal(err)
			}
			return reply.(Rep)
		}
	}
	t.Fatalf("no request takes %T", in)
	panic("not reached")
}

func TestPagesOfRoomsAndStreaksAreTheWhole(t *testing.T) {
	var rooms []app.RoomReader
	for n := range 5 {
		name := fmt.Sprint("room-", n)
		r := apptest.Named(focus.App(), name)
		do[focus.StartReply](t, r, alice, noon, focus.StartReq{})
		for _, w := range []apptest.Writer{bob, carol}[:n%3] {
			do[focus.JoinReply](t, r, w, after(1), focus.JoinReq{})
		}
		rooms = append(rooms, app.RoomReader{Room: app.Room{Name: name, ID: r.ID, Joined: true}, Reader: r})
	}
	var status focus.StatusReply
	for _, p := range pages(t, rooms, func(p wire.Page) any { return focus.StatusReq{Page: p} }, func(r focus.StatusReply) string { return r.Next.Next }) {
		status.Rooms = append(status.Rooms, p.Rooms...)
	}
	if whole := readAll[focus.StatusReply](t, rooms, focus.StatusReq{}); !reflect.DeepEqual(status, whole) || len(whole.Rooms) != 5 {
		t.Errorf("status: %+v\nwant %+v", status, whole)
	}
	var lines focus.RoomsReply
	for _, p := range pages(t, rooms, func(p wire.Page) any { return focus.RoomsReq{Page: p} }, func(r focus.RoomsReply) string { return r.Next.Next }) {
		lines.Rooms = append(lines.Rooms, p.Rooms...)
	}
	if whole := readAll[focus.RoomsReply](t, rooms, focus.RoomsReq{}); !reflect.DeepEqual(lines, whole) {
		t.Errorf("rooms: %+v\nwant %+v", lines, whole)
	}
	var streaks focus.StreaksReply
	for _, p := range pages(t, rooms, func(p wire.Page) any { return focus.StreaksReq{Page: p} }, func(r focus.StreaksReply) string { return r.Next.Next }) {
		streaks.Streaks = append(streaks.Streaks, p.Streaks...)
	}
	if whole := readAll[focus.StreaksReply](t, rooms, focus.StreaksReq{}); !reflect.DeepEqual(streaks, whole) || len(whole.Streaks) != 3 {
		t.Errorf("streaks: %+v\nwant %+v", streaks, whole)
	}
}
