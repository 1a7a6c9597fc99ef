package docs_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/sha3"
	"encoding/binary"
	"log/slog"
	"testing"
	"time"

	"intercom/internal/app"
	"intercom/internal/store"
	"intercom/ledger"
	"intercom/ledger/core"
	"intercom/ledger/event"
)

// The state hash is made here from the page alone, for an app with two rows.
func TestTheStateHashOfThePage(t *testing.T) {
	rows := map[string]string{"a": "first", "b": "second"}
	notes := &app.App{
		Name: "notes", Version: "2", Kinds: []app.Kind{app.KindOf[core.Claim]("note.add")},
		Apply: func(v app.View, _ *event.Signed, _ app.Meta, _ event.Body) {
			v.Put("gone", "soon")
			for k, row := range rows {
				v.Put(k, row)
			}
			v.Del("gone")
		},
	}
	got := stateAfterOneEvent(t, notes)

	var sums [1024]uint16
	for k, row := range rows {
		value := append([]byte{0x60 | byte(len(row))}, row...)
		x := sha3.NewSHAKE128()
		x.Write([]byte("intercom/row/1\x00"))
		x.Write([]byte{0, 0, 0, byte(len(k))})
		x.Write([]byte(k))
		x.Write(value)
		var element [2048]byte
		x.Read(element[:])
		for i := range sums {
			sums[i] += binary.LittleEndian.Uint16(element[2*i:])
		}
	}
	var lanes []byte
	for _, n := range sums {
		lanes = binary.LittleEndian.AppendUint16(lanes, n)
	}
	sum := sha256.Sum256(lanes)
	want := sha("intercom/state/1\x00", append([]byte("\x00\x05notes\x00\x012"), sum[:]...))
	if got != want {
		t.Errorf("state hash %x, by the page %x", got, want)
	}
}

func stateAfterOneEvent(t *testing.T, a *app.App) (hash [32]byte) {
	t.Helper()
	s, err := store.Open(store.Options{Dir: t.TempDir(), MinFree: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	key := keyOfExample()
	l, err := ledger.Open(t.Context(), ledger.Options{
		Store: s, Key: key, Apps: []*app.App{a}, Now: time.Now,
		Rand: bytes.NewReader(make([]byte, 64)), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	room, err := l.Room("trip-nyc")
	if err != nil {
		t.Fatal(err)
	}
	body, err := event.Marshal(&core.Claim{Alias: "alice"})
	if err != nil {
		t.Fatal(err)
	}
	e, err := event.Sign(event.Event{
		Room: room.ID(), Author: event.Key(key.Public().(ed25519.PublicKey)), Instance: event.Instance{9}, Type: "note.add", Body: body,
	}, key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := room.Ingest(t.Context(), []*event.Signed{&e}); err != nil {
		t.Fatal(err)
	}
	if err := l.View(func(s *ledger.Snapshot) error {
		hash = s.StateHash(room, a)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return hash
}
