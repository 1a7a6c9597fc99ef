package ledger_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"intercom/ledger"
	"intercom/ledger/event"
)

// carry takes everything that a has of a room to b, as a file does.
func carry(t testing.TB, a, b *ledger.Room) (in ledger.Intake, batches int) {
	t.Helper()
	e, err := a.Export()
	if err != nil {
		t.Fatal(err)
	}
	for {
		events, err := e.Next()
		if err != nil {
			t.Fatal(err)
		}
		if len(events) == 0 {
			return in, batches
		}
		batches++
		part, err := b.Take(t.Context(), events, false)
		if err != nil {
			t.Fatal(err)
		}
		in.Added, in.Known, in.Refused = in.Added+part.Added, in.Known+part.Known, append(in.Refused, part.Refused...)
	}
}

func TestWhatIsExportedGivesTheSameState(t *testing.T) {
	a, b := newPeer(t, 1), newPeer(t, 2)
	f := &forger{key: testKey(6)}
	room := event.OpenRoom("trip")
	// A fork, of which both sides go on; and a chain that waits for a cause that
	// nobody has, forked as well.
	trunk := []*event.Signed{f.sign(t, room, nil, nil)}
	for range 400 {
		trunk = append(trunk, f.sign(t, room, trunk[len(trunk)-1], nil))
	}
	branch := []*event.Signed{f.sign(t, room, trunk[200], nil)}
	branch = append(branch, f.sign(t, room, branch[0], nil))
	g := &forger{key: testKey(7)}
	waiting := []*event.Signed{g.sign(t, room, nil, func(e *event.Event) { e.Deps = []event.ID{{9}} })}
	for range 3 {
		waiting = append(waiting, g.sign(t, room, waiting[len(waiting)-1], nil))
	}
	for n := range 8 { // ids decide what comes first: some of the branches would
		waiting = append(waiting, g.sign(t, room, waiting[1+n%3], nil))
	}
	for _, events := range [][]*event.Signed{trunk, branch, waiting} {
		if _, err := a.room(t, "trip").Ingest(t.Context(), events); err != nil {
			t.Fatal(err)
		}
	}
	a.mustWrite(t, a.room(t, "trip"), "and", "own", "ones")

	in, batches := carry(t, a.room(t, "trip"), b.room(t, "trip"))
	want := a.info(t, "trip").Events
	if uint64(in.Added) != want || in.Known != 0 || len(in.Refused) != 0 || batches < 2 {
		t.Fatalf("%d of %d added, %d known, refused %v, in %d batches", in.Added, want, in.Known, in.Refused, batches)
	}
	as, aset := a.state(t, "trip")
	if bs, bset := b.state(t, "trip"); as != bs || aset != bset || b.info(t, "trip").Waiting != a.info(t, "trip").Waiting {
		t.Error("two states")
	}
	if in, _ := carry(t, a.room(t, "trip"), b.room(t, "trip")); in.Added != 0 || uint64(in.Known) != want {
		t.Errorf("again: %+v", in)
	}
}

func TestWhatIsWrittenDuringAnExportIsInIt(t *testing.T) {
	a, b := newPeer(t, 1), newPeer(t, 2)
	r := a.room(t, "trip")
	for range 30 {
		a.mustWrite(t, r, "a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
	}
	e, err := r.Export()
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ {
		events, err := e.Next()
		if err != nil {
			t.Fatal(err)
		}
		if len(events) == 0 {
			break
		}
		if n < 3 { // of an own chain, and of one that begins now
			a.mustWrite(t, r, "meanwhile")
			f := &forger{key: testKey(byte(10 + n))}
			if _, err := r.Ingest(t.Context(), []*event.Signed{f.sign(t, r.ID(), nil, nil)}); err != nil {
				t.Fatal(err)
			}
		}
		if in, err := b.room(t, "trip").Take(t.Context(), events, false); err != nil || len(in.Refused) > 0 {
			t.Fatal(in, err)
		}
	}
	as, aset := a.state(t, "trip")
	if bs, bset := b.state(t, "trip"); as != bs || aset != bset {
		t.Error("two states")
	}
}

// TestAFileIsBelievedNothing mixes what may be wrong with events among good
// ones: each is refused with its reason, and costs only what rests on it.
func TestAFileIsBelievedNothing(t *testing.T) {
	f, g, h := &forger{key: testKey(6)}, &forger{key: testKey(7)}, &forger{key: testKey(8)}
	room := event.OpenRoom("trip")
	chain := func(f *forger, n int) (events []*event.Signed) {
		var last *event.Signed
		for range n {
			last = f.sign(t, room, last, nil)
			events = append(events, last)
		}
		return events
	}
	good, cut, forged := chain(f, 5), chain(g, 4), chain(h, 3)
	bad := *forged[2]
	bad.Sig[0] ^= 1
	elsewhere := f.sign(t, event.OpenRoom("other"), nil, nil)
	skipped := f.sign(t, room, good[4], func(e *event.Event) { e.Seq = 9 })
	list := []event.Bytes{}
	for _, e := range []*event.Signed{good[0], cut[0], &bad, good[1], elsewhere, cut[2], forged[0], good[2], cut[3], forged[1], good[3], good[4], skipped, good[0]} {
		list = append(list, e.Encode())
	}
	list = append(list, event.Bytes("no event"), event.Bytes{})

	p := newPeer(t, 1)
	dry, err := p.room(t, "trip").Take(t.Context(), list, true)
	if err != nil || dry.Added == 0 || p.info(t, "trip").Events != 0 {
		t.Fatalf("dry: %+v, %v, %d events", dry, err, p.info(t, "trip").Events)
	}
	in, err := p.room(t, "trip").Take(t.Context(), list, false)
	if err != nil {
		t.Fatal(err)
	}
	if want := 5 + 1 + 2; in.Added != want || in.Known != 1 || p.info(t, "trip").Events != uint64(want) {
		t.Errorf("added %d and knew %d, want %d and 1: %+v", in.Added, in.Known, want, in.Refused)
	}
	reasons := map[event.ID]string{}
	for _, r := range in.Refused {
		reasons[r.Event] = r.Reason
	}
	for e, why := range map[event.ID]string{
		bad.ID: "signature", elsewhere.ID: "of another room", cut[2].ID: "event 1 of its chain", cut[3].ID: "event 2 of its chain",
		skipped.ID: "not its chain's event 8", {}: "",
	} {
		if got, ok := reasons[e]; !ok || !strings.Contains(got, why) {
			t.Errorf("%s: refused for %q, want %q", e, got, why)
		}
	}
	if len(in.Refused) != 7 { // two are no events
		t.Errorf("%d refused: %v", len(in.Refused), in.Refused)
	}
}

func TestWhatIsOverALimitIsRefusedByName(t *testing.T) {
	p := openPeerQuota(t, 1, ledger.Quotas{AuthorEvents: 2, AuthorBytes: 1 << 20, RoomBytes: 1 << 20, RoomChains: 10})
	f := &forger{key: testKey(6)}
	room := p.room(t, "trip")
	first := f.sign(t, room.ID(), nil, nil)
	second := f.sign(t, room.ID(), first, nil)
	third := f.sign(t, room.ID(), second, nil)
	in, err := room.Take(t.Context(), []event.Bytes{first.Encode(), second.Encode(), third.Encode()}, false)
	if err != nil || in.Added != 2 || len(in.Refused) != 1 || in.Refused[0].Event != third.ID || !strings.Contains(in.Refused[0].Reason, "limit") {
		t.Errorf("%+v, %v", in, err)
	}
}

// TestAFilledRoomIsTheSameWhateverTheOrderOfTheFile shuffles what a file holds.
func TestAFilledRoomIsTheSameWhateverTheOrderOfTheFile(t *testing.T) {
	a := newPeer(t, 1)
	a.mustWrite(t, a.room(t, "trip"), "a", "b", "c", "d")
	b := newPeer(t, 2)
	carry(t, a.room(t, "trip"), b.room(t, "trip"))
	b.mustWrite(t, b.room(t, "trip"), "e", "f", "g")
	e, err := b.room(t, "trip").Export()
	if err != nil {
		t.Fatal(err)
	}
	all, err := e.Next()
	if err != nil || len(all) != 7 {
		t.Fatal(len(all), err)
	}
	want, wantSet := b.state(t, "trip")
	for seed := range uint64(5) {
		p, rnd := newPeer(t, 10+byte(seed)), rand.New(rand.NewPCG(seed, 0))
		rnd.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for round := 0; ; round++ { // one that came before its previous event is refused, and taken the next time
			in, err := p.room(t, "trip").Take(t.Context(), all, false)
			if err != nil || round > len(all) {
				t.Fatal(in, err)
			}
			if len(in.Refused) == 0 {
				break
			}
		}
		if got, set := p.state(t, "trip"); got != want || set != wantSet {
			t.Fatal("two states")
		}
	}
}

func TestPrivateRoomsAndDisguisedNamesAreRefused(t *testing.T) {
	p := newPeer(t, 1)
	owner := p.Self()
	for name, class := range map[string]event.Class{"p": event.Private, "s": event.Self, "x": 9} {
		if _, err := p.Described(class, name, owner); !errors.Is(err, ledger.ErrPrivate) {
			t.Errorf("class %d: %v", class, err)
		}
	}
	for _, name := range []string{"", "a\x00b", "trip@" + owner.String()[:8], "#" + owner.String(), strings.Repeat("x", 129)} {
		if _, err := p.Described(event.Open, name, event.Key{}); !errors.Is(err, event.ErrName) {
			t.Errorf("%q: %v", name, err)
		}
	}
	r, err := p.Described(event.Open, "#general", event.Key{})
	if err != nil || r.ID() != event.OpenRoom("#general") {
		t.Errorf("#general: %v", err)
	}
	p.mustWrite(t, p.room(t, "trip"), "a")
	self := p.ByID(event.SelfRoom(owner))
	if self == nil {
		t.Fatal("no self room")
	}
	if _, err := self.Export(); !errors.Is(err, ledger.ErrPrivate) {
		t.Errorf("own decisions are exported: %v", err)
	}
}
