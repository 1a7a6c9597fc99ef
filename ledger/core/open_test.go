package core_test

import (
	"bytes"
	"crypto/ed25519"
	"log/slog"
	"testing"
	"time"

	"intercom/internal/app"
	"intercom/internal/store"
	"intercom/ledger"
	"intercom/ledger/core"
	"intercom/ledger/event"
)

// counter is an app that counts its events.
func counter() *app.App {
	return &app.App{
		Name: "counter", Version: "1", Kinds: []app.Kind{app.KindOf[core.Claim]("counter.add")},
		Apply: func(v app.View, _ *event.Signed, m app.Meta, _ event.Body) {
			var n int
			if v.Get("n", &n); !m.Duplicate {
				v.Put("n", n+1)
			}
		},
	}
}

func TestAnOpenRoomListsThemAsNotCounted(t *testing.T) {
	s, err := store.Open(store.Options{Dir: t.TempDir(), MinFree: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	own, other := ed25519.NewKeyFromSeed(make([]byte, 32)), ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32))
	apps := []*app.App{counter()}
	l, err := ledger.Open(t.Context(), ledger.Options{
		Store: s, Key: own, Apps: apps, Now: time.Now, Rand: bytes.NewReader(make([]byte, 64)), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	room, err := l.Room("trip")
	if err != nil {
		t.Fatal(err)
	}
	author := event.Key(other.Public().(ed25519.PublicKey))
	var chain []*event.Signed
	write := func(typ, key string, body []byte) event.ID {
		e := event.Event{Room: room.ID(), Author: author, Seq: uint64(len(chain)), Type: typ, Key: key, Body: body}
		if len(chain) > 0 {
			e.Prev = chain[len(chain)-1].ID
		}
		signed, err := event.Sign(e, other)
		if err != nil {
			t.Fatal(err)
		}
		chain = append(chain, &signed)
		return signed.ID
	}
	create := write("room.create", "k", marshal(t, &core.Create{Name: "trip", Owner: author}))
	broken := write("member.claim", "", []byte{0xa0})
	// Counts, although a room.create that does not count has its key already.
	write("counter.add", "k", marshal(t, &core.Claim{Alias: "alice"}))
	if missing, err := room.Ingest(t.Context(), chain); err != nil || len(missing) > 0 {
		t.Fatal(missing, err)
	}

	reasons := map[event.ID]string{}
	var counted int
	var info ledger.Info
	if err := l.View(func(s *ledger.Snapshot) error {
		s.Skipped(room, func(id event.ID, reason string) bool {
			reasons[id] = reason
			return true
		})
		s.Reader(room, apps[0]).Get("n", &counted)
		info = s.Info(room)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if info.Events != 3 || info.Skipped != 2 || counted != 1 {
		t.Errorf("%d stored, %d not counted, %d counted", info.Events, info.Skipped, counted)
	}
	if reasons[create] != core.ErrNoOwner.Error() {
		t.Errorf("room.create: %q", reasons[create])
	}
	if reasons[broken] == "" || reasons[broken] == core.ErrNoOwner.Error() {
		t.Errorf("malformed member.claim: %q", reasons[broken])
	}
}
