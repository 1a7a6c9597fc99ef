package ledger_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"intercom/ledger"
	"intercom/ledger/event"
)

// wires connects ledgers in this process: announcements are calls, streams
// are pipes. It can be cut.
type wires struct {
	mu      sync.Mutex
	peers   map[event.Key]*wire
	cut     bool
	strikes map[event.Key]int
	work    sync.WaitGroup
}

func newWires() *wires {
	return &wires{peers: map[event.Key]*wire{}, strikes: map[event.Key]int{}}
}

// wire is one ledger's end.
type wire struct {
	*wires
	peer  *peer
	rooms map[event.ID]bool
	ctx   context.Context
}

// attach connects a peer and runs its synchronisation until the test ends.
func (ws *wires) attach(t testing.TB, p *peer) *wire {
	ctx, cancel := context.WithCancel(t.Context())
	w := &wire{wires: ws, peer: p, rooms: map[event.ID]bool{}, ctx: ctx}
	ws.mu.Lock()
	ws.peers[p.Self()] = w
	ws.mu.Unlock()
	if err := p.Attach(w); err != nil {
		t.Fatal(err)
	}
	ws.work.Go(func() {
		if err := p.Run(ctx, 50*time.Millisecond); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); ws.work.Wait() })
	return w
}

func (w *wire) others(room event.ID) []*wire {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []*wire
	for _, o := range w.peers {
		if o != w && o.rooms[room] && !w.cut {
			out = append(out, o)
		}
	}
	return out
}

func (w *wire) Subscribe(r *ledger.Room) error {
	w.mu.Lock()
	w.rooms[r.ID()] = true
	w.mu.Unlock()
	for _, o := range w.others(r.ID()) {
		w.peer.PeerJoined(r.ID(), o.peer.Self())
		o.peer.PeerJoined(r.ID(), w.peer.Self())
	}
	return nil
}

func (w *wire) Unsubscribe(r *ledger.Room) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.rooms, r.ID())
	return nil
}

func (w *wire) Announce(_ context.Context, room event.ID, data []byte) error {
	for _, o := range w.others(room) {
		if _, err := o.peer.Announced(w.peer.Self(), room, data); err != nil {
			w.Strike(w.peer.Self(), err)
		}
	}
	return nil
}

func (w *wire) Peers(room event.ID) []event.Key {
	var keys []event.Key
	for _, o := range w.others(room) {
		keys = append(keys, o.peer.Self())
	}
	return keys
}

func (w *wire) Connected() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.peers) > 1 && !w.cut
}

func (w *wire) Open(_ context.Context, peer event.Key) (ledger.Stream, error) {
	w.mu.Lock()
	o, ok := w.peers[peer]
	ok = ok && !w.cut
	w.mu.Unlock()
	if !ok {
		return nil, errors.New("not connected")
	}
	here, there := net.Pipe()
	w.work.Go(func() {
		if err := o.peer.Serve(o.ctx, w.peer.Self(), there); errors.Is(err, ledger.ErrRefused) {
			w.Strike(w.peer.Self(), err)
		}
	})
	return here, nil
}

func (w *wire) Strike(peer event.Key, _ error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.strikes[peer]++
}

func (ws *wires) struck(p event.Key) int {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return ws.strikes[p]
}

func (ws *wires) setCut(cut bool) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.cut = cut
}

// eventually waits until ok holds.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(20 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("never: %s", what)
		}
	}
}

func same(t testing.TB, name string, peers ...*peer) func() bool {
	return func() bool {
		state, set := peers[0].state(t, name)
		for _, p := range peers[1:] {
			if s, h := p.state(t, name); s != state || h != set {
				return false
			}
		}
		return peers[0].info(t, name).Events > 0
	}
}

func join(t testing.TB, p *peer, name string) *ledger.Room {
	t.Helper()
	r := p.room(t, name)
	if err := r.Join(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEventsReachAMemberAndALateOne(t *testing.T) {
	ws := newWires()
	a, b, c := newPeer(t, 1), newPeer(t, 2), newPeer(t, 3)
	ws.attach(t, a)
	ws.attach(t, b)
	join(t, b, "trip")
	a.mustWrite(t, a.room(t, "trip"), "one", "two")
	eventually(t, "b has what a wrote", same(t, "trip", a, b))
	b.mustWrite(t, b.room(t, "trip"), "three")
	eventually(t, "a has what b wrote", same(t, "trip", a, b))
	ws.attach(t, c)
	join(t, c, "trip")
	eventually(t, "c, who came late, has all", same(t, "trip", a, b, c))
}

func TestPartitionsMerge(t *testing.T) {
	ws := newWires()
	a, b := newPeer(t, 1), newPeer(t, 2)
	ws.attach(t, a)
	ws.attach(t, b)
	join(t, a, "trip")
	join(t, b, "trip")
	ws.setCut(true)
	for n := range 300 {
		a.mustWrite(t, a.room(t, "trip"), fmt.Sprint("a ", n))
	}
	b.mustWrite(t, b.room(t, "trip"), "b")
	ws.setCut(false)
	eventually(t, "both have both sides", same(t, "trip", a, b))
	if n := a.info(t, "trip").Events; n != 301 {
		t.Errorf("%d events, want 301", n)
	}
}

func TestLargeEventsAreFetched(t *testing.T) {
	ws := newWires()
	a, b := newPeer(t, 1), newPeer(t, 2)
	ws.attach(t, a)
	ws.attach(t, b)
	join(t, a, "trip")
	join(t, b, "trip")
	f := &forger{key: testKey(6)}
	body, _ := event.Marshal(map[string]string{"text": string(make([]byte, 50_000))})
	e := f.sign(t, event.OpenRoom("trip"), nil, func(e *event.Event) { e.Body = body })
	if _, err := a.room(t, "trip").Ingest(t.Context(), []*event.Signed{e}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "b has the large event", same(t, "trip", a, b))
}

func TestForkedChainsAreFetchedWhole(t *testing.T) {
	ws := newWires()
	a, b := newPeer(t, 1), newPeer(t, 2)
	f := &forger{key: testKey(6)}
	room := event.OpenRoom("trip")
	trunk := []*event.Signed{f.sign(t, room, nil, nil)}
	for range 5 {
		trunk = append(trunk, f.sign(t, room, trunk[len(trunk)-1], nil))
	}
	left := []*event.Signed{f.sign(t, room, trunk[2], nil)}
	left = append(left, f.sign(t, room, left[0], nil))
	for p, events := range map[*peer][]*event.Signed{a: trunk, b: append(trunk[:3:3], left...)} {
		if _, err := p.room(t, "trip").Ingest(t.Context(), events); err != nil {
			t.Fatal(err)
		}
	}
	ws.attach(t, a)
	ws.attach(t, b)
	join(t, a, "trip")
	join(t, b, "trip")
	eventually(t, "both have both branches", same(t, "trip", a, b))
	if n := a.info(t, "trip").Events; n != 8 {
		t.Errorf("%d events, want 8", n)
	}
}

func TestARoomThatWasNotJoinedIsNotServed(t *testing.T) {
	ws := newWires()
	a, b := newPeer(t, 1), newPeer(t, 2)
	ws.attach(t, a)
	wb := ws.attach(t, b)
	a.mustWrite(t, a.room(t, "trip"), "one")
	if _, err := a.room(t, "trip").Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	s, err := wb.Open(t.Context(), a.Self())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	room := event.OpenRoom("trip")
	ask(t, s, 1, room)
	var answer struct {
		_     struct{} `cbor:",toarray"`
		State int
		Heads []any
	}
	if readAnswer(t, s, &answer); answer.State != 0 || len(answer.Heads) > 0 {
		t.Fatalf("a room that was left is served: %+v", answer)
	}
}

// ask writes a question by hand.
func ask(t testing.TB, w io.Writer, op int, room event.ID) {
	t.Helper()
	b, err := event.Marshal([]any{op, room, []byte{}, []any{}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(append(binary.AppendUvarint(nil, uint64(len(b))), b...)); err != nil {
		t.Fatal(err)
	}
}

func readAnswer(t testing.TB, r io.Reader, v any) {
	t.Helper()
	in := bufio.NewReader(r)
	n, err := binary.ReadUvarint(in)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(in, b); err != nil {
		t.Fatal(err)
	}
	if err := event.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
}

func TestHostileQuestionsEndTheStreamAndAreBlamed(t *testing.T) {
	for name, frame := range map[string][]byte{
		"length without end": binary.AppendUvarint(nil, 1<<40),
		"no CBOR":            {3, 0xff, 0xff, 0xff},
		"float":              append([]byte{9}, 0xfb, 0, 0, 0, 0, 0, 0, 0, 0),
		"unknown question":   questionFrame(t, 9),
	} {
		t.Run(name, func(t *testing.T) {
			ws := newWires()
			a, b := newPeer(t, 1), newPeer(t, 2)
			ws.attach(t, a)
			wb := ws.attach(t, b)
			s, err := wb.Open(t.Context(), a.Self())
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if _, err := s.Write(frame); err != nil && !errors.Is(err, io.ErrClosedPipe) {
				t.Fatal(err)
			}
			if _, err := s.Read(make([]byte, 1)); err == nil {
				t.Error("answered")
			}
			eventually(t, "a strike against b", func() bool { return ws.struck(b.Self()) == 1 })
		})
	}
}

func questionFrame(t testing.TB, op int) []byte {
	b, err := event.Marshal([]any{op, event.ID{}, []byte{}, []any{}})
	if err != nil {
		t.Fatal(err)
	}
	return append(binary.AppendUvarint(nil, uint64(len(b))), b...)
}

func TestHostileAnnouncementsAreRefusedAndNotStored(t *testing.T) {
	a := newPeer(t, 1)
	room := join(t, a, "trip")
	f := &forger{key: testKey(6)}
	good := f.sign(t, room.ID(), nil, nil)
	forged := *good
	forged.Sig[3] ^= 1
	elsewhere := f.sign(t, event.OpenRoom("other"), nil, nil)
	announce := func(v any) []byte {
		b, err := event.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name, data := range map[string][]byte{
		"no CBOR":           {0xff},
		"empty":             {},
		"two bytes, no map": announce([]any{[]byte{1}, []byte{2}}),
		"forged signature":  announce([]any{forged.Encode(), []byte{}}),
		"another room":      announce([]any{elsewhere.Encode(), []byte{}}),
		"oversized":         announce([]any{make([]byte, 60_000), []byte{}}),
		"trailing":          append(announce([]any{good.Encode(), []byte{}}), 0),
	} {
		pass, err := a.Announced(event.Key{7}, room.ID(), data)
		if pass || !errors.Is(err, ledger.ErrRefused) {
			t.Errorf("%s: pass %t, error %v", name, pass, err)
		}
	}
	if n := a.info(t, "trip").Events; n != 0 {
		t.Errorf("%d events stored", n)
	}
}

func TestARangeWithOneBadEventIsNotKept(t *testing.T) {
	a, b := newPeer(t, 1), newPeer(t, 2)
	events := a.mustWrite(t, a.room(t, "trip"), "x", "y", "z")
	last := *events[2]
	last.Sig[0] ^= 1
	_, err := b.room(t, "trip").Ingest(t.Context(), []*event.Signed{events[0], events[1], &last})
	if !errors.Is(err, ledger.ErrRefused) {
		t.Fatalf("error %v", err)
	}
	if n := b.info(t, "trip").Events; n != 0 {
		t.Errorf("%d events of a refused range are kept", n)
	}
}

func TestQuotaBoundsAStranger(t *testing.T) {
	p := openPeerQuota(t, 1, ledger.Quotas{AuthorEvents: 3, AuthorBytes: 1 << 20, RoomBytes: 1 << 20, RoomChains: 10})
	f := &forger{key: testKey(6)}
	room := p.room(t, "trip")
	var last *event.Signed
	for range 6 {
		last = f.sign(t, room.ID(), last, nil)
		if _, err := room.Ingest(t.Context(), []*event.Signed{last}); err != nil {
			t.Fatal(err)
		}
	}
	p.mustWrite(t, room, "own ones go on", "and on", "and on", "and on")
	if info := p.info(t, "trip"); info.Events != 3+4 || !info.Incomplete {
		t.Fatalf("%+v", info)
	}
}

func TestAReplayedEventAndAnUnsignedHeadGoNoFurther(t *testing.T) {
	ws := newWires()
	a := newPeer(t, 1)
	ws.attach(t, a)
	e := a.mustWrite(t, a.room(t, "trip"), "one")[0]
	for name, v := range map[string]any{
		"replayed event": []any{e.Encode(), []byte{}},
		"known head":     []any{[]byte{}, e.ID[:]},
		"made-up head":   []any{[]byte{}, bytes.Repeat([]byte{7}, 32)},
	} {
		data, err := event.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if pass, err := a.Announced(event.Key{7}, e.Room, data); pass || err != nil {
			t.Errorf("%s: pass %t, error %v", name, pass, err)
		}
	}
}

func TestAFirstUseSeesWhatConnectedPeersHave(t *testing.T) {
	ws := newWires()
	a, b := newPeer(t, 1), newPeer(t, 2)
	ws.attach(t, a)
	ws.attach(t, b)
	a.mustWrite(t, a.room(t, "trip"), "one", "two")
	a.mustWrite(t, a.room(t, "ship"), "three")
	room := b.room(t, "trip")
	leave, err := room.Visit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := b.info(t, "trip").Events; n != 2 {
		t.Errorf("a visit shows %d events, want 2", n)
	}
	leave()
	if info := b.info(t, "trip"); info.Joined {
		t.Error("a visit joined the room")
	}
	join(t, b, "ship")
	if n := b.info(t, "ship").Events; n != 1 {
		t.Errorf("a join shows %d events, want 1", n)
	}
}
