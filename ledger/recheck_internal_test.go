package ledger

import (
	"context"
	"crypto/ed25519"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"intercom/internal/app"
	"intercom/internal/store"
	"intercom/ledger/event"
)

// chainOf writes n events of one writer in a room.
func chainOf(t *testing.T, room event.ID, seed byte, n int) (chain []*stored) {
	t.Helper()
	private := ed25519.NewKeyFromSeed(slices.Repeat([]byte{seed}, 32))
	e := event.Event{Room: room, Author: event.Key(private.Public().(ed25519.PublicKey)), Type: "note.add", Body: []byte{0xa0}}
	for range n {
		s, err := event.Sign(e, private)
		if err != nil {
			t.Fatal(err)
		}
		chain = append(chain, &stored{Signed: s, lamport: s.Seq + 1, proof: proofVerified})
		e.Seq, e.Prev = s.Seq+1, s.ID
	}
	return chain
}

// rechecked stores events, changes them, and checks all parts.
func rechecked(t *testing.T, chain []*stored, change func(key, value []byte) (newKey, newValue []byte)) (out app.Rechecked) {
	t.Helper()
	st, err := store.Open(store.Options{Dir: filepath.Join(t.TempDir(), "store")})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	room := chain[0].Room
	err = st.Update(context.Background(), func(tx *store.Tx) error {
		for _, s := range chain {
			k, v := eventKey(&s.Signed), s.encode()
			if change != nil {
				k, v = change(k, v)
			}
			if k == nil {
				continue
			}
			tx.Put(k, v)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	l := &Ledger{store: st}
	for from, more := "", true; more; more = from != "" {
		if err := l.View(func(s *Snapshot) error {
			part := s.Recheck(&Room{id: room}, from)
			out.Events, out.Signed, out.Chained = out.Events+part.Events, out.Signed+part.Signed, out.Chained+part.Chained
			out.Flaws, out.FlawCount, from = append(out.Flaws, part.Flaws...), out.FlawCount+part.FlawCount, part.Next
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestRecheckFindsEveryEventAsSigned(t *testing.T) {
	room := event.OpenRoom("trip")
	chain := append(chainOf(t, room, 1, recheckPart+10), chainOf(t, room, 2, 5)...)
	if out := rechecked(t, chain, nil); out.Events != recheckPart+15 || out.Signed != out.Events || out.FlawCount != 0 {
		t.Errorf("%+v", out)
	}
}

// at tells the record of the n-th event of a chain.
func at(chain []*stored, n int, key []byte) bool {
	return string(key) == string(eventKey(&chain[n].Signed))
}

func TestRecheckFindsWhatWasChanged(t *testing.T) {
	chain := chainOf(t, event.OpenRoom("trip"), 1, 6)
	badSignature := func(n int) func(k, v []byte) ([]byte, []byte) {
		return func(k, v []byte) ([]byte, []byte) {
			if at(chain, n, k) {
				v[9] ^= 1
			}
			return k, v
		}
	}
	for says, change := range map[string]func(k, v []byte) ([]byte, []byte){
		"its signature is not its author's": badSignature(5),
		"stored as another event": func(k, v []byte) ([]byte, []byte) {
			if at(chain, 2, k) {
				v[recordHead+10] ^= 1 // of the previous event
			}
			return k, v
		},
		"record is damaged": func(k, v []byte) ([]byte, []byte) {
			if at(chain, 2, k) {
				v = v[:len(v)-1]
			}
			return k, v
		},
		"is not here": func(k, v []byte) ([]byte, []byte) {
			if at(chain, 2, k) {
				return nil, nil
			}
			return k, v
		},
	} {
		out := rechecked(t, chain, change)
		if out.FlawCount == 0 || !strings.Contains(out.Flaws[0].What, says) {
			t.Errorf("%+v, does not say %q", out, says)
		}
	}
	// One that a later event proves is no flaw.
	if out := rechecked(t, chain, badSignature(3)); out.FlawCount != 0 || out.Chained != 1 || out.Signed != 5 {
		t.Errorf("proven by the chain: %+v", out)
	}
}

// The last event of a part is proven by the first of the next.
func TestRecheckLooksPastTheEndOfAPart(t *testing.T) {
	chain := chainOf(t, event.OpenRoom("trip"), 1, recheckPart+2)
	out := rechecked(t, chain, func(k, v []byte) ([]byte, []byte) {
		if at(chain, recheckPart-1, k) || at(chain, recheckPart, k) {
			v[9] ^= 1
		}
		return k, v
	})
	if out.FlawCount != 0 || out.Chained != 2 || out.Events != recheckPart+2 {
		t.Errorf("%+v", out)
	}
}
