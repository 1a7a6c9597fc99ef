package focus_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"intercom/client/wire"
	"intercom/focus"
	"intercom/internal/app/apptest"
)

func TestRequestsKeepTheirNames(t *testing.T) {
	want := map[string]struct {
		reply, command string
		scope          wire.Scope
	}{
		"focus_start":    {"focus_started", "focus start", wire.ScopeFocus},
		"focus_join":     {"focus_joined", "focus join", wire.ScopeFocus},
		"focus_leave":    {"focus_left", "focus leave", wire.ScopeFocus},
		"focus_pause":    {"focus_paused", "focus pause", wire.ScopeFocus},
		"focus_resume":   {"focus_resumed", "focus resume", wire.ScopeFocus},
		"focus_break":    {"focus_on_break", "focus break", wire.ScopeFocus},
		"focus_handover": {"focus_handed_over", "focus handover", wire.ScopeFocus},
		"focus_schedule": {"focus_scheduled", "focus schedule", wire.ScopeFocus},
		"focus_done":     {"focus_done", "", wire.ScopeFocus},
		"focus_who":      {"focus_who", "focus who", wire.ScopeRead},
		"focus_checkin":  {"focus_checked_in", "focus checkin", wire.ScopeFocus},
		"focus_extend":   {"focus_extended", "focus extend", wire.ScopeFocus},
		"focus_end":      {"focus_ended", "focus end", wire.ScopeFocus},
		"focus_status":   {"focus_status", "focus status", wire.ScopeRead},
		"focus_rooms":    {"focus_rooms", "focus rooms", wire.ScopeRead},
		"focus_streaks":  {"focus_streaks", "focus streaks", wire.ScopeRead},
		"focus_report":   {"focus_report", "focus report", wire.ScopeRead},
		"focus_export":   {"focus_export", "focus export", wire.ScopeRead},
		"focus_stats":    {"focus_stats", "focus stats", wire.ScopeRead},
	}
	for _, q := range focus.App().Requests {
		w, ok := want[q.Request]
		if !ok || q.Reply == nil != (w.scope == wire.ScopeRead) || q.Spec.Reply != w.reply || q.Command != w.command ||
			q.Scope != w.scope || q.Spec.Write != (w.scope == wire.ScopeFocus) || q.Summary == "" {
			t.Errorf("%+v", q.Spec)
		}
		if !q.Out.Implements(reflect.TypeFor[wire.Tabular]()) || !q.Out.Implements(reflect.TypeFor[wire.Listed]()) && !onlyOneList(q.Out) {
			t.Errorf("%s has no table, or more lists than one", q.Out)
		}
		delete(want, q.Request)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
}

func onlyOneList(reply reflect.Type) bool {
	lists := 0
	for i := range reply.NumField() {
		if reply.Field(i).Type.Kind() == reflect.Slice {
			lists++
		}
	}
	return lists == 1
}

func TestEveryFieldIsDescribed(t *testing.T) {
	for _, q := range focus.App().Requests {
		for _, f := range reflect.VisibleFields(q.In) {
			if !f.Anonymous && (f.Tag.Get("json") == "" || f.Tag.Get("jsonschema") == "") {
				t.Errorf("%s.%s has no name or no description", q.In, f.Name)
			}
		}
	}
}

func TestTheReplyIsOfOneShape(t *testing.T) {
	r := newRoom()
	s := do[focus.StartReply](t, r, alice, noon, focus.StartReq{Goal: "write"}).Session
	checkIn(t, r, bob, after(1), "half")
	keys := strings.NewReplacer(s.ID.String(), "ID", alice.Key.String(), "ALICE", bob.Key.String(), "BOB")
	for _, c := range []struct {
		name string
		got  any
		want string
	}{
		{"active", status(t, r, bob, after(2)), `{"room":"test","session":"ID","host":"ALICE","goal":"write","status":"active",` +
			`"startedAt":"2026-03-02T12:00:00Z","endsAt":"2026-03-02T12:25:00Z","lastEventAt":"2026-03-02T12:01:00Z",` +
			`"participants":["ALICE","BOB"],"participantCount":2,"checkins":[{"who":"BOB","at":"2026-03-02T12:01:00Z","text":"half"}],"checkinCount":1,"notesCount":0,"lateCount":0,` +
			`"present":["ALICE","BOB"],"presentCount":2,"joined":true,"replicated":true,"remainingSeconds":1380,"phaseSeconds":1380}`},
		{"ended", status(t, r, carol, after(25)), `{"room":"test","session":"ID","host":"ALICE","goal":"write","status":"ended",` +
			`"startedAt":"2026-03-02T12:00:00Z","endsAt":"2026-03-02T12:25:00Z","endedAt":"2026-03-02T12:25:00Z","endedReason":"timer",` +
			`"lastEventAt":"2026-03-02T12:25:00Z","participants":["ALICE","BOB"],"participantCount":2,` +
			`"checkins":[{"who":"BOB","at":"2026-03-02T12:01:00Z","text":"half"}],"checkinCount":1,"notesCount":0,"lateCount":0,` +
			`"stats":{"plannedDurationMs":1500000,"actualDurationMs":1500000,"participantCount":2,"checkinCount":1},` +
			`"joined":false,"replicated":true,"remainingSeconds":0}`},
		{"idle", status(t, newRoom(), carol, noon), `{"room":"test","goal":"","status":"idle","participants":[],"participantCount":0,"checkins":[],"checkinCount":0,"notesCount":0,"lateCount":0,` +
			`"joined":false,"replicated":true,"remainingSeconds":0}`},
		{"rooms", do[focus.RoomsReply](t, r, bob, after(2), focus.RoomsReq{}), `{"rooms":[{"room":"test","session":"ID","status":"active",` +
			`"participants":2,"goal":"write","endsAt":"2026-03-02T12:25:00Z","joined":true}]}`},
		{"streaks", do[focus.StreaksReply](t, r, bob, after(30), focus.StreaksReq{}), `{"streaks":[` +
			streakJSON(alice, bob) + `]}`},
		{"no streaks", do[focus.StreaksReply](t, newRoom(), bob, noon, focus.StreaksReq{}), `{"streaks":[]}`},
	} {
		b, err := json.Marshal(c.got)
		if err != nil {
			t.Fatal(err)
		}
		if got := keys.Replace(string(b)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// streakJSON is one session for each, in order of the keys.
func streakJSON(a, b apptest.Writer) string {
	first, second := "ALICE", "BOB"
	if b.Key.String() < a.Key.String() {
		first, second = second, first
	}
	one := `{"peer":"WHO","sessions":1,"streak":1,"best":1,"counted":1,"attendance":100}`
	return strings.Replace(one, "WHO", first, 1) + "," + strings.Replace(one, "WHO", second, 1)
}

func TestTablesHaveACellForEachColumn(t *testing.T) {
	r := newRoom()
	start(t, r, alice, noon, "25")
	join(t, r, bob, after(1))
	for _, minute := range []float64{-10, 2, 30} {
		for _, in := range []any{focus.StatusReq{}, focus.RoomsReq{}, focus.StreaksReq{}, focus.StatsReq{}, focus.WhoReq{}, focus.ScheduleReq{}, focus.ReportReq{}, focus.ExportReq{}} {
			reply, _, err := r.Do(bob, after(minute), in)
			if err != nil {
				t.Fatal(err)
			}
			table := reply.(wire.Tabular).Table()
			for _, row := range table.Rows {
				if len(row) != len(table.Columns) {
					t.Errorf("%T: %d cells in %d columns", reply, len(row), len(table.Columns))
				}
			}
		}
	}
}

func TestNotesSayWhatIsNext(t *testing.T) {
	r := newRoom()
	for name, c := range map[string]struct {
		note wire.Noted
		want string
	}{
		"a join that waits":   {do[focus.JoinReply](t, r, bob, noon, focus.JoinReq{}), "next one"},
		"a check-in for none": {do[focus.CheckInReply](t, r, bob, noon, focus.CheckInReq{Text: "t"}), "joins nothing"},
		"no streaks":          {do[focus.StreaksReply](t, r, bob, noon, focus.StreaksReq{}), "next: intercom focus status"},
		"no sessions":         {do[focus.StatsReply](t, r, bob, noon, focus.StatsReq{}), "next: intercom focus status"},
		"no rooms":            {focus.StatusReply{}, "intercom focus start"},
	} {
		if got := c.note.Note(); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
	start(t, r, alice, noon, "25")
	if got := do[focus.StatsReply](t, r, alice, after(1), focus.StatsReq{}).Note(); !strings.HasPrefix(got, "no session has ended yet") {
		t.Errorf("stats during the first session: %q", got)
	}
	if got := do[focus.JoinReply](t, r, carol, after(1), focus.JoinReq{}).Note(); got != "" {
		t.Errorf("a plain join says %q", got)
	}
}
