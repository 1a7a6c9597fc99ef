package ledger_test

import (
	"crypto/ed25519"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"intercom/ledger"
	"intercom/ledger/event"
)

// seeds is how many random histories a property is tried on.
func seeds(t testing.TB) int {
	n, err := strconv.Atoi(os.Getenv("INTERCOM_SEEDS"))
	if err != nil {
		return 100
	}
	return n
}

// forger writes events by hand, so also those that no honest peer writes.
type forger struct {
	key ed25519.PrivateKey
	n   int
}

func (f *forger) author() event.Key { return event.Key(f.key.Public().(ed25519.PublicKey)) }

// sign makes an event of the forger's key after prev, which may be nil.
func (f *forger) sign(t testing.TB, room event.ID, prev *event.Signed, edit func(*event.Event)) *event.Signed {
	t.Helper()
	f.n++
	body, err := event.Marshal(&noteBody{Text: fmt.Sprint("forged ", f.n)})
	if err != nil {
		t.Fatal(err)
	}
	e := event.Event{Room: room, Author: f.author(), Instance: event.Instance{9}, TS: int64(f.n), Type: "note.add", Body: body}
	if prev != nil {
		e.Seq, e.Prev = prev.Seq+1, prev.ID
	}
	if edit != nil {
		edit(&e)
	}
	s, err := event.Sign(e, f.key)
	if err != nil {
		t.Fatal(err)
	}
	return &s
}

// history is what some peers wrote in one room, causes first.
type history struct {
	room   string
	events []*event.Signed
}

// write makes a random history: peers write, see some of what others wrote,
// use keys twice, and one of them forks its chain.
func write(t testing.TB, rnd *rand.Rand, room string, peers []*peer, f *forger) history {
	h := history{room: room}
	var chain []*event.Signed
	for range 6 + rnd.IntN(10) {
		p := peers[rnd.IntN(len(peers))]
		if f != nil && rnd.IntN(4) == 0 {
			var prev *event.Signed // any earlier own one: a fork, where it is not the last
			if len(chain) > 0 && rnd.IntN(5) > 0 {
				prev = chain[rnd.IntN(len(chain))]
			}
			e := f.sign(t, event.OpenRoom(room), prev, func(e *event.Event) {
				if len(h.events) > 0 && rnd.IntN(2) == 0 {
					if dep := h.events[rnd.IntN(len(h.events))]; dep.Author != e.Author {
						e.Deps = []event.ID{dep.ID}
					}
				}
			})
			chain, h.events = append(chain, e), append(h.events, e)
			continue
		}
		if len(h.events) > 0 && rnd.IntN(2) == 0 {
			// In causal order, so that what is seen has its causes.
			if _, err := p.room(t, room).Ingest(t.Context(), h.events[:rnd.IntN(len(h.events)+1)]); err != nil {
				t.Fatal(err)
			}
		}
		key := ""
		if rnd.IntN(3) == 0 {
			key = fmt.Sprint("key ", rnd.IntN(2))
		}
		done, err := p.write(t.Context(), p.room(t, room), key, fmt.Sprint("note of key ", key))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range done.Events {
			if !slices.ContainsFunc(h.events, func(x *event.Signed) bool { return x.ID == e.ID }) {
				h.events = append(h.events, e)
			}
		}
	}
	return h
}

// spread gives a peer the history in random pieces: shuffled, repeated and
// late, until nothing is missing.
func (h history) spread(t testing.TB, rnd *rand.Rand, p *peer) {
	r := p.room(t, h.room)
	events := slices.Clone(h.events)
	rnd.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	for len(events) > 0 {
		n := 1 + rnd.IntN(len(events))
		missing, err := r.Ingest(t.Context(), events[:n])
		if err != nil {
			t.Fatal(err)
		}
		events = append(events[n:], missing...)
		if n > 1 && rnd.IntN(3) == 0 {
			events = append(events, h.events[rnd.IntN(len(h.events))])
		}
	}
}

func TestAnyCausalOrderDuplicationAndPartitionGiveOneState(t *testing.T) {
	writers := []*peer{newPeer(t, 1), newPeer(t, 2), openPeer(t, 1, t.TempDir(), "second machine of the first")}
	reader, second := newPeer(t, 4), newPeer(t, 5)
	for seed := range seeds(t) {
		rnd := rand.New(rand.NewPCG(uint64(seed), 0))
		f := &forger{key: testKey(6)}
		h := write(t, rnd, fmt.Sprint("room ", seed), writers, f)
		h.spread(t, rnd, reader)
		h.spread(t, rnd, second)
		wantState, wantSet := reader.state(t, h.room)
		for i, p := range append(writers, second) {
			if i < len(writers) {
				h.spread(t, rnd, p)
			}
			if state, set := p.state(t, h.room); state != wantState || set != wantSet {
				t.Fatalf("seed %d: peer %d ends in another state (state %t, set %t)", seed, i, state == wantState, set == wantSet)
			}
		}
		if info := reader.info(t, h.room); info.Waiting != 0 || info.Events != uint64(len(h.events)) {
			t.Fatalf("seed %d: %+v after all %d events", seed, info, len(h.events))
		}
	}
}

func TestForkIsKeptAppliedAndProven(t *testing.T) {
	p := newPeer(t, 1)
	f := &forger{key: testKey(6)}
	room := p.room(t, "trip")
	first := f.sign(t, room.ID(), nil, nil)
	left, right := f.sign(t, room.ID(), first, nil), f.sign(t, room.ID(), first, nil)
	for _, e := range []*event.Signed{first, left, right} {
		if _, err := room.Ingest(t.Context(), []*event.Signed{e}); err != nil {
			t.Fatal(err)
		}
	}
	var proof []event.ID
	err := p.View(func(s *ledger.Snapshot) error {
		s.Forks(room, func(author event.Key, id event.ID) bool {
			if author != f.author() {
				t.Errorf("fork of %s", author)
			}
			proof = append(proof, id)
			return true
		})
		return nil
	})
	want := []event.ID{left.ID, right.ID}
	slices.SortFunc(want, event.ID.Compare)
	if err != nil || !slices.Equal(proof, want) {
		t.Fatalf("proof %v, want %v (%v)", proof, want, err)
	}
	if n := p.info(t, "trip").Events; n != 3 {
		t.Errorf("%d events stored, want 3", n)
	}
}
