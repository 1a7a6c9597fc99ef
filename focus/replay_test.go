package focus_test

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"intercom/focus"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

// history makes a random past of three rooms that now and then meet: several
// authors, two stores of one author, copies of a store (so chains fork),
// repeated keys, forged acts, clocks that are off, and malformed bodies.
func history(t *rapid.T) []*event.Signed {
	return historyIn(t, []*apptest.Room{newRoom(), newRoom(), newRoom()}, func(*apptest.Room, apptest.Writer, time.Time) bool { return false })
}

// historyIn is history of three copies of a room. Where besides reports true it
// has done something else in the place of a step.
func historyIn(t *rapid.T, rooms []*apptest.Room, besides func(*apptest.Room, apptest.Writer, time.Time) bool) []*event.Signed {
	writers := []apptest.Writer{
		alice, apptest.NewWriter(1, 2), bob, bob /* also in another room: forks */, carol,
	}
	sessions := []event.ID{{1}} // and one that nobody knows
	keys := []string{"", "", "", "k1", "k2", "k3"}
	for range rapid.IntRange(5, 40).Draw(t, "steps") {
		r := rapid.SampledFrom(rooms).Draw(t, "room")
		w := rapid.SampledFrom(writers).Draw(t, "writer")
		key := rapid.SampledFrom(keys).Draw(t, "key")
		now := after(float64(rapid.IntRange(-30, 60*26).Draw(t, "minute")))
		if rapid.IntRange(0, 19).Draw(t, "clock") == 0 {
			now = time.UnixMilli(rapid.Int64Range(0, event.MaxInteger).Draw(t, "ts"))
		}
		if besides(r, w, now) {
			continue
		}
		session := rapid.SampledFrom(sessions).Draw(t, "session")
		write := func(kind string, body event.Body) { r.Write(w, now, key, app.Draft{Type: kind, Body: body}) }
		to := rapid.SampledFrom(writers).Draw(t, "to").Key
		switch what := rapid.IntRange(0, 18).Draw(t, "what"); what {
		case 10:
			begin := now.Add(time.Duration(rapid.IntRange(-10, 30*60).Draw(t, "ahead")) * time.Minute)
			e := r.Write(w, now, key, app.Draft{Type: "focus.schedule", Body: &focus.Schedule{Start: focus.Start{
				Seconds: 60 * rapid.Int64Range(1, 90).Draw(t, "length"), Begin: min(max(begin.UnixMilli(), 0), event.MaxInteger),
				Cycle: []int64{rapid.Int64Range(30, 1800).Draw(t, "work"), 300, 2}, LongBreak: 600,
			}}})
			sessions = append(sessions, e.ID)
		case 11:
			write("focus.leave", &focus.Leave{})
		case 12:
			write("focus.leave", &focus.Leave{Session: session})
		case 13:
			write("focus.pause", &focus.Pause{Session: session})
		case 14:
			write("focus.resume", &focus.Resume{Session: session})
		case 15:
			write("focus.break", &focus.Break{Session: session, Seconds: rapid.Int64Range(0, 3600).Draw(t, "rest")})
		case 16:
			write("focus.handover", &focus.Handover{Session: session, To: to})
		case 17:
			write("focus.cohost", &focus.Cohost{Session: session, To: to})
		case 18:
			write("focus.done", &focus.Done{Session: session, Present: rapid.Int64Range(0, 3600).Draw(t, "present"), Idle: 60})
		case 0, 1:
			begin := now.Add(time.Duration(rapid.IntRange(-13*60, 10).Draw(t, "begin")) * time.Minute)
			e := r.Write(w, now, key, app.Draft{Type: "focus.start", Body: &focus.Start{
				Seconds: 60 * rapid.Int64Range(1, 90).Draw(t, "length"), Begin: max(begin.UnixMilli(), 0),
			}})
			sessions = append(sessions, e.ID)
		case 2:
			r.Write(w, now, key, app.Draft{Type: "focus.join", Body: &focus.Join{}})
		case 3:
			r.Write(w, now, key, app.Draft{Type: "focus.join", Body: &focus.Join{Session: session}})
		case 4:
			r.Write(w, now, key, app.Draft{Type: "focus.checkin", Body: &focus.CheckIn{Session: session, Text: "t"}})
		case 5:
			r.Write(w, now, key, app.Draft{Type: "focus.extend", Body: &focus.Extend{Session: session, Seconds: 600}})
		case 6:
			r.Write(w, now, key, app.Draft{Type: "focus.end", Body: &focus.End{Session: session}})
		case 7:
			r.WriteRaw(w, now, key, rapid.SampledFrom([]string{"focus.start", "focus.leave", "other.type"}).Draw(t, "type"), []byte{0xa0})
		default:
			r.Pull(rapid.SampledFrom(rooms).Draw(t, "from"))
		}
	}
	rooms[0].Pull(rooms[1])
	rooms[0].Pull(rooms[2])
	return rooms[0].Events()
}

// answers is everything that a peer is told, at several times.
func answers(t *rapid.T, r *apptest.Room) string {
	var all []any
	for _, minute := range []float64{0, 45, 24 * 60} {
		for _, in := range []any{focus.StatusReq{}, focus.RoomsReq{}, focus.StreaksReq{}, focus.StatsReq{}, focus.WhoReq{}, focus.ScheduleReq{}} {
			reply, _, err := r.Do(bob, after(minute), in)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, reply)
		}
		all = append(all, r.App.Timers(r, after(minute)))
	}
	b, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestReplayInAnyOrderGivesOneState(t *testing.T) {
	apptest.Check(t, func(t *rapid.T) {
		events := history(t)
		want := newRoom()
		if err := want.Ingest(events...); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			order := apptest.Shuffle(events, func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "next") })
			got := newRoom()
			if err := got.Ingest(order...); err != nil {
				t.Fatal(err)
			}
			if got.StateHash() != want.StateHash() {
				t.Fatalf("two states:\n%s\n%s", want.Rows(), got.Rows())
			}
			if a, b := answers(t, want), answers(t, got); a != b {
				t.Fatalf("one state, two answers:\n%s\n%s", a, b)
			}
		}
	})
}

// A read of a window must say what a read of everything says.
func TestASnapshotAgreesWithTheWholeHistory(t *testing.T) {
	apptest.Check(t, func(t *rapid.T) {
		r := newRoom()
		if err := r.Ingest(history(t)...); err != nil {
			t.Fatal(err)
		}
		now := after(24 * 60 * 3)
		sessions, minutes := map[event.Key]int{}, int64(0)
		for _, e := range r.Events() {
			s, ok := focus.Snapshot(r, e.ID, now)
			if !ok || s.Status != focus.Ended {
				continue
			}
			if s.Scheduled && (s.ParticipantCount == 0 || s.Stats.ActualDurationMs == 0) {
				continue // nobody came, or it was called off
			}
			minutes += s.Stats.ActualDurationMs
			if s.Stats.WorkedMs < 0 || s.Stats.WorkedMs > s.Stats.ActualDurationMs {
				t.Fatalf("impossible work: %+v", s.Stats)
			}
			if s.Stats.ActualDurationMs > 24*3600*1000 || s.EndedAt.Before(s.StartedAt) || s.EndsAt.Before(s.EndedAt) {
				t.Fatalf("impossible session: %+v", s)
			}
			for _, p := range s.Participants {
				sessions[p]++
			}
		}
		reply, _, err := r.Do(bob, now, focus.StatsReq{})
		if err != nil {
			t.Fatal(err)
		}
		room := reply.(focus.StatsReply).Rooms[0]
		if room.Minutes != minutes/60000 {
			t.Fatalf("%d minutes in all, %d by session", room.Minutes, minutes/60000)
		}
		for _, p := range room.People {
			if p.Sessions != sessions[p.Peer] {
				t.Fatalf("%s: %d sessions in all, %d by session", p.Peer, p.Sessions, sessions[p.Peer])
			}
			delete(sessions, p.Peer)
		}
		if len(sessions) > 0 {
			t.Fatalf("not in the totals: %v", sessions)
		}
	})
}
