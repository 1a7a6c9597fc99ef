package ledger_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"intercom/internal/app"
	"intercom/ledger"
	"intercom/ledger/core"
	"intercom/ledger/event"
)

func (p *peer) owned(t testing.TB, name string, owner event.Key) *ledger.Room {
	t.Helper()
	r, err := p.OwnedRoom(name, owner)
	if err == nil {
		err = r.Join(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return p.ByID(r.ID())
}

func (p *peer) create(t testing.TB, name string) *ledger.Room {
	t.Helper()
	r, created, err := p.Create(t.Context(), name, false)
	if err != nil || !created {
		t.Fatal(created, err)
	}
	return r
}

// govern writes an event of core.
func (p *peer) govern(t testing.TB, r *ledger.Room, make func(app.Call) app.Draft) error {
	t.Helper()
	_, err := r.Commit(t.Context(), ledger.Write{
		App:    p.app,
		Decide: func(_ app.Reader, c app.Call) ([]app.Draft, error) { return []app.Draft{make(c)}, nil },
		Reply:  func(app.Reader, []*event.Signed, app.Call) ([]byte, error) { return nil, nil },
	})
	return err
}

func (p *peer) give(t testing.TB, r *ledger.Room, k event.Key, role string) error {
	t.Helper()
	return p.govern(t, r, func(app.Call) app.Draft {
		return app.Draft{Type: core.TypeAdd, Body: &core.Add{Key: k, Role: role}}
	})
}

func (p *peer) remove(t testing.TB, r *ledger.Room, k event.Key) error {
	t.Helper()
	return p.govern(t, r, func(c app.Call) app.Draft {
		b := &core.Remove{Key: k, Last: []core.Last{}}
		for _, h := range c.Heads(k) {
			b.Last = append(b.Last, core.Last{Instance: h.Instance, Seq: h.Seq})
		}
		return app.Draft{Type: core.TypeRemove, Body: b}
	})
}

// notesIn returns the notes that count in a room, sorted, and the reasons why
// others do not.
func (p *peer) notesIn(t testing.TB, r *ledger.Room) (texts []string, reasons []string) {
	t.Helper()
	err := p.View(func(s *ledger.Snapshot) error {
		s.Reader(r, p.app).Scan("n/", func(_ string, decode func(any)) bool {
			var text string
			decode(&text)
			texts = append(texts, text)
			return true
		})
		s.Skipped(r, func(_ event.ID, reason string) bool {
			reasons = append(reasons, reason)
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(texts)
	return texts, reasons
}

func wantNotes(t testing.TB, p *peer, r *ledger.Room, want ...string) {
	t.Helper()
	if texts, reasons := p.notesIn(t, r); !slices.Equal(texts, want) {
		t.Errorf("peer %s counts %v, want %v; not counted: %v", p.Self(), texts, want, reasons)
	}
}

func TestMembersOfAnOwnedRoomWriteAndStrangersDoNot(t *testing.T) {
	ws := newWires()
	alice, bob, eve := newPeer(t, 1), newPeer(t, 2), newPeer(t, 3)
	for _, p := range []*peer{alice, bob, eve} {
		ws.attach(t, p)
	}
	room := alice.create(t, "trip")
	atBob, atEve := bob.owned(t, "trip", alice.Self()), eve.owned(t, "trip", alice.Self())
	if atBob.ID() != room.ID() || atBob.Name() != "trip" {
		t.Fatalf("%s %s is not %s", atBob.Name(), atBob.ID(), room.ID())
	}
	if _, err := bob.write(t.Context(), atBob, "", "too early"); !errors.Is(err, ledger.ErrForbidden) || !strings.Contains(err.Error(), "no role") {
		t.Errorf("a stranger writes: %v", err)
	}
	if err := alice.give(t, room, bob.Self(), core.Member); err != nil {
		t.Fatal(err)
	}
	eventually(t, "bob is a member", func() bool {
		_, err := bob.write(t.Context(), atBob, "", "by bob")
		return err == nil
	})
	if err := bob.give(t, atBob, eve.Self(), core.Member); !errors.Is(err, ledger.ErrForbidden) {
		t.Errorf("a member lets somebody in: %v", err)
	}

	// Eve's program does not ask.
	forged := (&forger{key: eve.key}).sign(t, room.ID(), nil, func(e *event.Event) {
		e.Type, e.Body = "note.add", mustMarshal(t, &noteBody{Text: "by eve"})
	})
	for _, r := range []*ledger.Room{room, atBob, atEve} {
		if _, err := r.Ingest(t.Context(), []*event.Signed{forged}); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "all have all", same(t, "trip", alice, bob, eve))
	for _, p := range []*peer{alice, bob, eve} {
		wantNotes(t, p, p.ByID(room.ID()), "by bob")
		if _, reasons := p.notesIn(t, p.ByID(room.ID())); !slices.Equal(reasons, []string{core.ErrNoRole.Error()}) {
			t.Errorf("not counted: %q", reasons)
		}
	}
}

func mustMarshal(t testing.TB, v any) []byte {
	t.Helper()
	b, err := event.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// exchange gives each peer what the others have.
func exchange(t testing.TB, room event.ID, peers ...*peer) {
	t.Helper()
	for _, from := range peers {
		var all []*event.Signed
		if err := from.View(func(s *ledger.Snapshot) error {
			s.Entries(0, func(e ledger.Entry) bool {
				if e.Room.ID() == room && e.Event != nil {
					all = append(all, e.Event)
				}
				return true
			})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for _, to := range peers {
			if _, err := to.ByID(room).Ingest(t.Context(), all); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestARemovalFoldsWhatCountedBeforeAgain(t *testing.T) {
	alice, bob := newPeer(t, 1), newPeer(t, 2)
	room := alice.create(t, "trip")
	atBob := bob.owned(t, "trip", alice.Self())
	if err := alice.give(t, room, bob.Self(), core.Member); err != nil {
		t.Fatal(err)
	}
	exchange(t, room.ID(), alice, bob)
	if _, err := bob.write(t.Context(), atBob, "k", "first"); err != nil {
		t.Fatal(err)
	}
	exchange(t, room.ID(), alice, bob)
	bob.mustWrite(t, atBob, "while alice does not look")
	if err := alice.remove(t, room, bob.Self()); err != nil {
		t.Fatal(err)
	}
	alice.mustWrite(t, room, "by alice")
	exchange(t, room.ID(), alice, bob)
	for _, p := range []*peer{alice, bob} {
		wantNotes(t, p, p.ByID(room.ID()), "by alice", "first")
	}
	if a, b := alice.stateOf(t, room), bob.stateOf(t, atBob); a != b {
		t.Error("two states")
	}
	if _, err := bob.write(t.Context(), atBob, "", "and again"); !errors.Is(err, ledger.ErrForbidden) || !strings.Contains(err.Error(), "removed") {
		t.Errorf("a removed member writes: %v", err)
	}
	before := bob.stateOf(t, atBob)
	again := openPeer(t, 2, reopened(t, bob), "here")
	if r, err := again.Room("trip"); err != nil || again.stateOf(t, r) != before {
		t.Errorf("after a restart: %v, or another state", err)
	}
}

func reopened(t testing.TB, p *peer) string {
	t.Helper()
	if err := p.store.Close(); err != nil {
		t.Fatal(err)
	}
	return p.dir
}

func (p *peer) stateOf(t testing.TB, r *ledger.Room) (state [32]byte) {
	t.Helper()
	if err := p.View(func(s *ledger.Snapshot) error {
		state = s.StateHash(r, p.app)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return state
}

func TestANameMeansOneRoom(t *testing.T) {
	p, alice, bob := newPeer(t, 1), newPeer(t, 2).Self(), newPeer(t, 3).Self()
	short := func(k event.Key) string { return k.String()[:8] }
	find := func(name string) event.ID {
		t.Helper()
		r, err := p.Room(name)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return r.ID()
	}

	// An open room without events gives its name up, and is left.
	if err := p.room(t, "trip").Join(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := p.owned(t, "trip", alice)
	if find("trip") != first.ID() || find("trip@"+short(alice)) != first.ID() || find("#"+first.ID().String()) != first.ID() || first.Name() != "trip" {
		t.Errorf("the room is called %s", first.Name())
	}
	if joined, err := p.Joined(); err != nil || len(joined) != 1 || joined[0] != first {
		t.Errorf("joined are %v, %v", joined, err)
	}

	// A second one makes the name ambiguous.
	second := p.owned(t, "trip", bob)
	for r, want := range map[*ledger.Room]string{first: "trip@" + short(alice), second: "trip@" + short(bob)} {
		if r.Name() != want || find(want) != r.ID() {
			t.Errorf("%s is called %s", want, r.Name())
		}
	}
	if _, err := p.Room("trip"); !errors.Is(err, ledger.ErrAmbiguous) || !strings.Contains(err.Error(), "trip@"+short(alice)+" or trip@"+short(bob)) &&
		!strings.Contains(err.Error(), "trip@"+short(bob)+" or trip@"+short(alice)) {
		t.Errorf("the bare name: %v", err)
	}

	// One with events keeps it.
	open := p.room(t, "home")
	p.mustWrite(t, open, "hello")
	third := p.owned(t, "home", alice)
	if find("home") != open.ID() || third.Name() != "home@"+short(alice) || p.ByID(open.ID()).Name() != "home" {
		t.Errorf("the rooms are called %s and %s", open.Name(), third.Name())
	}

	if _, err := p.Room("trip@00000000"); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("an owner that nobody knows: %v", err)
	}
	for _, bad := range []string{"", "#x", event.EntryChannel, "trip@" + short(bob)} {
		if _, err := p.OwnedRoom(bad, alice); !errors.Is(err, event.ErrName) {
			t.Errorf("a room called %q: %v", bad, err)
		}
	}

	again := openPeer(t, 1, reopened(t, p), "here")
	if r, err := again.Room("trip@" + short(bob)); err != nil || r.ID() != second.ID() || r.Name() != "trip@"+short(bob) {
		t.Errorf("after a restart: %v", err)
	}
	if r, err := again.Room("home"); err != nil || r.ID() != open.ID() {
		t.Errorf("after a restart: %v", err)
	}
}

func TestCreateTwiceIsOneRoom(t *testing.T) {
	p := newPeer(t, 1)
	if _, created, err := p.Create(t.Context(), "trip", true); err != nil || !created {
		t.Fatal(created, err)
	}
	if len(p.Rooms()) != 0 {
		t.Error("a dry run made a room")
	}
	r := p.create(t, "trip")
	if again, created, err := p.Create(t.Context(), "trip", false); err != nil || created || again != r {
		t.Error(created, err)
	}
	if _, err := r.Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	if again, created, err := p.Create(t.Context(), "trip", false); err != nil || created || again != r {
		t.Error(created, err)
	}
	if joined, err := p.Joined(); err != nil || len(joined) != 1 {
		t.Error("it is not joined again", err)
	}
}

// BenchmarkRemovalThatReachesBack folds a room of 10,000 events again.
func BenchmarkRemovalThatReachesBack(b *testing.B) {
	const events = 10_000
	for b.Loop() {
		b.StopTimer()
		alice, bob := newPeer(b, 1), newPeer(b, 2)
		room := alice.create(b, "trip")
		atBob := bob.owned(b, "trip", alice.Self())
		if err := alice.give(b, room, bob.Self(), core.Member); err != nil {
			b.Fatal(err)
		}
		exchange(b, room.ID(), alice, bob)
		for n := 0; n < events; n += 250 {
			texts := make([]string, 250)
			for i := range texts {
				texts[i] = fmt.Sprint(text, i)
			}
			if w, r := alice, room; n%500 == 0 {
				w.mustWrite(b, r, texts...)
			} else {
				bob.mustWrite(b, atBob, texts...)
			}
		}
		exchange(b, room.ID(), alice, bob)
		bob.mustWrite(b, atBob, "one more")
		var removal []*event.Signed
		done, err := room.Commit(b.Context(), ledger.Write{
			App: alice.app,
			Decide: func(_ app.Reader, c app.Call) ([]app.Draft, error) {
				h := c.Heads(bob.Self())[0]
				return []app.Draft{{Type: core.TypeRemove, Body: &core.Remove{Key: bob.Self(), Last: []core.Last{{Instance: h.Instance, Seq: h.Seq}}}}}, nil
			},
			Reply: func(app.Reader, []*event.Signed, app.Call) ([]byte, error) { return nil, nil },
		})
		if removal = done.Events; err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if _, err := atBob.Ingest(b.Context(), removal); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if _, reasons := bob.notesIn(b, atBob); len(reasons) != 1 {
			b.Fatal(reasons)
		}
		b.StartTimer()
	}
}
