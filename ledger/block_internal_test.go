package ledger

import (
	"crypto/ed25519"
	"crypto/rand"
	"log/slog"
	"testing"
	"time"

	"intercom/internal/store"
	"intercom/ledger/event"
)

// TestBlocksOfAnEarlierFoldAreFoldedAgain: version 1 of the fold stored events of blocks and made no rows of them.
func TestBlocksOfAnEarlierFoldAreFoldedAgain(t *testing.T) {
	s, err := store.Open(store.Options{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	o := Options{
		Store: s, Key: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)), Place: []byte("here"),
		Now: time.Now, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler), Changed: func(Change) {},
	}
	l, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	k := event.Key{7}
	if _, err := l.SetBlock(t.Context(), Block{Key: k, On: true}); err != nil {
		t.Fatal(err)
	}
	room := event.SelfRoom(l.self)
	if err := s.Update(t.Context(), func(tx *store.Tx) error {
		log := newLog(tx, room)
		at := key(kFold, room, []byte(selfName))
		var row foldRow
		log.row(at, &row)
		row.Version = "1"
		put(log, tx, at, &row)
		tx.Delete(append(viewPrefix(room, selfName), blockKey(k)...))
		return log.err
	}); err != nil {
		t.Fatal(err)
	}
	if all, err := l.Blocks(time.Now()); err != nil || len(all) != 0 {
		t.Fatalf("the row is still there: %v, %v", all, err)
	}
	if l, err = Open(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if all, err := l.Blocks(time.Now()); err != nil || len(all) != 1 || all[0].Key != k {
		t.Errorf("folded again: %v, %v", all, err)
	}
}
