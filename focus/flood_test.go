package focus_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"intercom/focus"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
)

func TestAFloodOfNotesCostsAReadNothing(t *testing.T) {
	for name, at := range map[string]time.Time{"before now": after(-30), "ahead of now": after(30)} {
		cost := [2]int{}
		for i, n := range []int{200, 800} {
			r := newRoom()
			forge(r, alice, after(-120), "focus.checkin", &focus.CheckIn{Text: "mine"})
			for k := range n {
				forge(r, bob, at.Add(time.Duration(k)*time.Second/2), "focus.checkin", &focus.CheckIn{Text: fmt.Sprint("note ", k)})
			}
			r.Visits()
			got := status(t, r, alice, noon)
			cost[i] = r.Visits()
			if at.After(noon) {
				if got.NotesCount != 1 || got.MoreNotes || got.Notes[0].Text != "mine" || !got.LastEventAt.Equal(after(-120)) {
					t.Errorf("%s: %d notes: %+v", name, got.NotesCount, got.Notes)
				}
				continue
			}
			if got.NotesCount != 100 || !got.MoreNotes || len(got.Notes) != 20 || got.Notes[19].Text != fmt.Sprint("note ", n-1) {
				t.Errorf("%s: %d notes: %+v", name, got.NotesCount, got.Notes)
			}
		}
		if cost[0] != cost[1] {
			t.Errorf("%s: %d rows of few notes, %d of many", name, cost[0], cost[1])
		}
	}
}

func TestNotesAreFoundAtAnyTime(t *testing.T) {
	for _, minutes := range []float64{0, -0.00001, -1, -11, -59, -60, -719, -720, -721, -1439, -1440, 1, 2} {
		r := newRoom()
		forge(r, bob, after(minutes), "focus.checkin", &focus.CheckIn{Text: "t"})
		forge(r, bob, after(-1441), "focus.checkin", &focus.CheckIn{Text: "too old"})
		forge(r, bob, after(2.001), "focus.checkin", &focus.CheckIn{Text: "ahead"})
		if got := status(t, r, alice, noon); got.NotesCount != 1 || got.Notes[0].Text != "t" {
			t.Errorf("%v minutes from now: %+v", minutes, got.Notes)
		}
	}
}

func TestAReplyIsBoundedWhateverStrangersWrite(t *testing.T) {
	r := newRoom()
	s := start(t, r, alice, noon, "25")
	for i := range 300 {
		w := apptest.NewWriter(byte(10+i%200), 1)
		forge(r, w, after(1), "focus.checkin", &focus.CheckIn{Session: s.ID, Text: fmt.Sprint("in ", i)})
		forge(r, w, after(100), "focus.checkin", &focus.CheckIn{Session: s.ID, Text: fmt.Sprint("late ", i)})
		forge(r, w, after(100), "focus.join", &focus.Join{Session: s.ID})
		forge(r, w, after(20), "focus.join", &focus.Join{})
	}
	got := status(t, r, alice, after(2))
	if len(got.Checkins) != 120 || got.CheckinCount != 300 || got.Checkins[118].Text != "in 299" || got.Checkins[119].Text != "late 299" {
		t.Errorf("%d check-ins of %d", len(got.Checkins), got.CheckinCount)
	}
	if len(got.Participants) != 100 || got.ParticipantCount != 201 || got.Participants[0] != alice.Key {
		t.Errorf("%d participants of %d", len(got.Participants), got.ParticipantCount)
	}
	if len(got.Late) != 20 || got.LateCount != 600 {
		t.Errorf("%d late acts of %d", len(got.Late), got.LateCount)
	}
	if !got.Checkins[119].ClockAhead || got.Checkins[118].ClockAhead {
		t.Error("check-ins of clocks ahead are not told apart")
	}
	if b, err := json.Marshal(got); err != nil || len(b) > 64<<10 {
		t.Errorf("a reply of %d bytes: %v", len(b), err)
	}
	if over := snapshot(t, r, s.ID, after(90)); over.Stats.CheckinCount != 300 || over.Stats.ParticipantCount != 201 {
		t.Errorf("stats = %+v", over.Stats)
	}
}

func TestALineOfARoomSaysWhatItsStatusSays(t *testing.T) {
	r := newRoom()
	same := func(now time.Time) {
		t.Helper()
		for _, w := range []apptest.Writer{alice, bob, carol} {
			s, l := status(t, r, w, now), do[focus.RoomsReply](t, r, w, now, focus.RoomsReq{}).Rooms[0]
			if want := (focus.RoomLine{
				Room: s.Room, ID: s.ID, Status: s.Status, Participants: s.ParticipantCount,
				Goal: s.Goal, EndsAt: s.EndsAt, Joined: s.Joined,
			}); l != want {
				t.Errorf("line %+v of status %+v", l, want)
			}
		}
	}
	same(noon)
	join(t, r, bob, noon)
	same(noon)
	start(t, r, alice, after(1), "25")
	same(after(2))
	same(after(60))
	join(t, r, carol, after(61))
	same(after(62))
}

func TestStatusSaysThatARoomIsNotReplicated(t *testing.T) {
	r := newRoom()
	for _, q := range focus.App().Requests {
		if q.Request != "focus_status" {
			continue
		}
		room := app.Room{Name: "den", ID: r.ID}
		reply, err := q.ReadRooms([]app.RoomReader{{Room: room, Reader: r}}, focus.StatusReq{}, app.Call{Now: noon})
		if err != nil {
			t.Fatal(err)
		}
		got := reply.(focus.StatusReply)
		if want := "den is not replicated here, so this may not be all of it: intercom channel join den"; got.Note() != want || got.Rooms[0].Replicated {
			t.Errorf("note %q", got.Note())
		}
	}
	if got := do[focus.StatusReply](t, r, alice, noon, focus.StatusReq{}); got.Note() != "" || !got.Rooms[0].Replicated {
		t.Errorf("note %q of a room that is replicated", got.Note())
	}
}
