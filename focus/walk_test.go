package focus_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"intercom/focus"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
	"intercom/ledger/core"
	"intercom/ledger/event"
)

const modelDay = 24 * 3600 // seconds

// clockModel is a session's clock that ticks: what the walk works out, done a
// second at a time.
type clockModel struct {
	left         int64 // seconds of the session
	paused, rest bool
	since, until int64
	ended        bool
	late         int
}

type modelAct struct {
	at      int64 // seconds after the begin
	id      event.ID
	kind    string
	seconds int64
}

// tick goes on to second t and takes the acts of that second.
func (m *clockModel) tick(t int64, acts []modelAct) {
	if t > 0 && !m.paused && m.left > 0 {
		m.left--
	}
	if m.paused && t >= m.until {
		m.resume(t)
	}
	for _, a := range acts {
		if m.over(t) {
			m.late++
			continue
		}
		switch a.kind {
		case "focus.extend":
			from := t
			if m.paused {
				from = m.since
			}
			m.left = min(m.left+a.seconds, modelDay-from)
		case "focus.pause", "focus.break":
			if !m.paused {
				m.paused, m.rest, m.since, m.until = true, a.kind == "focus.break", t, t+15*60
				if m.rest {
					m.until = t + a.seconds
				}
			}
		case "focus.resume":
			if m.paused {
				m.resume(t)
			}
		case "focus.end":
			m.ended = true
		}
	}
}

func (m *clockModel) resume(t int64) { m.paused, m.left = false, min(m.left, modelDay-t) }

func (m *clockModel) over(t int64) bool {
	return m.ended || t >= modelDay || !m.paused && m.left <= 0
}

func (m *clockModel) status(t int64) string {
	switch {
	case m.over(t):
		return focus.Ended
	case m.paused && m.rest:
		return focus.OnBreak
	case m.paused:
		return focus.Paused
	}
	return focus.Active
}

func TestTheWalkIsAClockThatTicks(t *testing.T) {
	apptest.Check(t, func(t *rapid.T) {
		r := newRoom()
		long := rapid.IntRange(0, 9).Draw(t, "long") == 0 // near a day
		planned := rapid.Int64Range(1, 3600).Draw(t, "planned")
		within := int64(5000)
		if long {
			planned, within = modelDay-rapid.Int64Range(0, 4000).Draw(t, "less"), modelDay+100
		}
		s := forge(r, alice, noon, "focus.start", &focus.Start{Seconds: planned, Begin: noon.UnixMilli()}).ID
		var acts []modelAct
		for range rapid.IntRange(0, 12).Draw(t, "acts") {
			a := modelAct{at: rapid.Int64Range(-100, within).Draw(t, "at"), seconds: rapid.Int64Range(1, 2000).Draw(t, "seconds")}
			a.kind = rapid.SampledFrom([]string{"focus.extend", "focus.pause", "focus.break", "focus.resume", "focus.resume", "focus.end"}).Draw(t, "kind")
			var body event.Body
			switch a.kind {
			case "focus.extend":
				body = &focus.Extend{Session: s, Seconds: a.seconds}
			case "focus.pause":
				body = &focus.Pause{Session: s}
			case "focus.break":
				body = &focus.Break{Session: s, Seconds: a.seconds}
			case "focus.resume":
				body = &focus.Resume{Session: s}
			default:
				body = &focus.End{Session: s}
			}
			a.id = forge(r, alice, noon.Add(time.Duration(a.at)*time.Second), a.kind, body).ID
			acts = append(acts, a)
		}
		slices.SortFunc(acts, func(a, b modelAct) int {
			if a.at != b.at {
				return int(a.at - b.at)
			}
			return a.id.Compare(b.id)
		})
		look := map[int64]bool{0: true, modelDay: true}
		for range 6 {
			look[rapid.Int64Range(0, within).Draw(t, "look")] = true
		}
		// The model has seen the acts up to its time, a reader all of them: what
		// comes later must not change what is shown of now.
		m, rest := &clockModel{left: planned}, acts
		late := 0
		for tick := int64(0); tick <= modelDay+100; tick++ {
			n := 0
			for n < len(rest) && max(rest[n].at, 0) == tick {
				n++
			}
			m.tick(tick, rest[:n])
			rest, late = rest[n:], m.late
			if tick > within && m.over(tick) && len(rest) == 0 {
				break
			}
			if !look[tick] {
				continue
			}
			got := snapshotOf(t, r, s, tick)
			if want := m.status(tick); got.Status != want {
				t.Fatalf("second %d: %s, want %s\n%+v", tick, got.Status, want, acts)
			}
		}
		got := snapshotOf(t, r, s, modelDay+100)
		if got.Status != focus.Ended || got.LateCount != late+len(rest) {
			t.Fatalf("%d late, want %d: %+v", got.LateCount, late+len(rest), acts)
		}
	})
}

func snapshotOf(t *rapid.T, r *apptest.Room, s event.ID, second int64) focus.Session {
	got, ok := focus.Snapshot(r, s, noon.Add(time.Duration(second)*time.Second))
	if !ok {
		t.Fatal("no session")
	}
	return got
}

func TestAnAdminEndsAnySessionInARoomWithAnOwner(t *testing.T) {
	r := apptest.Owned(focus.App(), alice, noon)
	for _, w := range []apptest.Writer{bob, carol} {
		r.Write(alice, noon, "", app.Draft{Type: core.TypeAdd, Body: &core.Add{Key: w.Key, Role: app.Member.String()}})
	}
	start(t, r, bob, noon, "60")
	join(t, r, carol, after(1))
	if _, _, err := r.Do(carol, after(2), focus.EndReq{}); err == nil {
		t.Error("a member ends another's session")
	}
	if _, _, err := r.Do(alice, after(2), focus.ExtendReq{}); err == nil {
		t.Error("the owner extends another's session")
	}
	if got := end(t, r, alice, after(3)); got.Status != focus.Ended || got.Host != bob.Key || !got.EndedAt.Equal(after(3)) {
		t.Errorf("ended by the owner: %+v", got)
	}
}
