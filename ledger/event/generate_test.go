package event_test

import (
	"bytes"
	"crypto/ed25519"
	"slices"

	"pgregory.net/rapid"

	"intercom/ledger/event"
)

func testKey(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func publicKey(k ed25519.PrivateKey) event.Key { return event.Key(k.Public().(ed25519.PublicKey)) }

// genID draws ids that are not zero.
var genID = rapid.Custom(func(t *rapid.T) event.ID {
	return event.ID(rapid.SliceOfN(rapid.Byte(), 32, 32).Filter(func(b []byte) bool {
		return slices.Max(b) > 0
	}).Draw(t, "id"))
})

// genText draws text of at most limit bytes.
func genText(limit int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return rapid.StringN(0, limit, limit).Draw(t, "text")
	})
}

// genInteger draws from the whole range of the format, its ends often.
var genInteger = rapid.OneOf(rapid.Uint64Range(0, event.MaxInteger),
	rapid.SampledFrom([]uint64{0, 1, 23, 24, 255, 256, 65535, 65536, 1<<32 - 1, 1 << 32, event.MaxInteger}))

// genItem draws a value of the format's subset, depth levels deep at most.
func genItem(depth int) *rapid.Generator[any] {
	kinds := []*rapid.Generator[any]{
		rapid.Int64().AsAny(), rapid.Bool().AsAny(), genText(40).AsAny(),
		rapid.SliceOfN(rapid.Byte(), 0, 300).AsAny(),
	}
	if depth > 1 {
		inner := rapid.Deferred(func() *rapid.Generator[any] { return genItem(depth - 1) })
		kinds = append(kinds, rapid.SliceOfN(inner, 0, 4).AsAny(), rapid.MapOfN(genText(30), inner, 0, 4).AsAny())
	}
	return rapid.OneOf(kinds...)
}

// genBody draws the canonical bytes of a body.
var genBody = rapid.Custom(func(t *rapid.T) []byte {
	b, err := event.Marshal(rapid.MapOfN(genText(30), genItem(7), 0, 4).Draw(t, "body"))
	if err != nil {
		t.Fatal(err)
	}
	return b
})

// genEvent draws valid events of an author.
func genEvent(author event.Key) *rapid.Generator[event.Event] {
	return rapid.Custom(func(t *rapid.T) event.Event {
		e := event.Event{
			Room:     event.ID(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "room")),
			Author:   author,
			Instance: event.Instance(rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "instance")),
			Seq:      genInteger.Draw(t, "seq"),
			TS:       int64(genInteger.Draw(t, "ts")),
			TZ:       rapid.IntRange(-event.MaxTZ, event.MaxTZ).Draw(t, "tz"),
			Key:      genText(event.MaxKey).Draw(t, "key"),
			Epoch:    uint64(rapid.Int64Min(0).Draw(t, "epoch")),
			Body:     genBody.Draw(t, "body"),
			Type: rapid.OneOf(rapid.SampledFrom([]string{"expense.add", "room.close"}),
				genText(event.MaxType).Filter(func(s string) bool { return s != "" })).Draw(t, "type"),
		}
		if e.Seq > 0 {
			e.Prev = genID.Draw(t, "prev")
		}
		e.Deps = rapid.SliceOfNDistinct(genID, 0, event.HeadLimit(e.Type)%100, rapid.ID).Draw(t, "deps")
		slices.SortFunc(e.Deps, event.ID.Compare)
		return e
	})
}
