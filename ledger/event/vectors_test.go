package event_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"intercom/ledger/event"
)

// vectors are ids, bytes and signatures that every implementation reproduces.
type vectors struct {
	channels map[string]string
	events   []vector
	set      struct {
		FirstLanes string `json:"first_lanes_hex"`
		Hash       string `json:"set_hash"`
	}
}

type vector struct {
	What     string `json:"what"`
	Seed     string `json:"seed32"`
	Author   string `json:"author"`
	Instance string `json:"instance"`
	Seq      uint64 `json:"seq"`
	TS       int64  `json:"ts"`
	TZ       int    `json:"tz"`
	Key      string `json:"key"`
	Body     string `json:"body_cbor"`
	Event    string `json:"event_cbor"`
	ID       string `json:"id"`
	Sig      string `json:"sig"`
}

func loadVectors(t testing.TB) (v vectors) {
	t.Helper()
	b, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(b, &parts); err != nil {
		t.Fatal(err)
	}
	if len(parts) != 4 {
		t.Fatalf("%d vectors instead of 4", len(parts))
	}
	v.events = make([]vector, 2)
	for i, into := range []any{&v.channels, &v.events[0], &v.events[1], &v.set} {
		if err := json.Unmarshal(parts[i], into); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// signed builds the vector's event from its fields and signs it.
func (v vector) signed(t testing.TB, prev event.ID, deps ...event.ID) event.Signed {
	t.Helper()
	s, err := event.Sign(event.Event{
		Room: event.OpenRoom("trip-nyc"), Author: event.Key(unhex(t, v.Author)),
		Instance: event.Instance(unhex(t, v.Instance)), Seq: v.Seq, Prev: prev, Deps: deps,
		TS: v.TS, TZ: v.TZ, Type: v.What, Key: v.Key, Body: unhex(t, v.Body),
	}, ed25519.NewKeyFromSeed(unhex(t, v.Seed)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// signedVectors returns both events of the vectors.
func signedVectors(t testing.TB) []event.Signed {
	t.Helper()
	v := loadVectors(t)
	first := v.events[0].signed(t, event.ID{})
	// The second event names one head of another chain.
	dep, err := event.ParseID("11550e8e9a1bb0ded07a9aca54b5496bfe1b8f167d1314b42cccb853e5c813cd")
	if err != nil {
		t.Fatal(err)
	}
	return []event.Signed{first, v.events[1].signed(t, first.ID, dep)}
}

func TestVectorsOfEvents(t *testing.T) {
	v := loadVectors(t)
	for i, s := range signedVectors(t) {
		want := v.events[i]
		t.Run(want.What, func(t *testing.T) {
			if got := hex.EncodeToString(s.Raw); got != want.Event {
				t.Errorf("encoded\n%s, want\n%s", got, want.Event)
			}
			if got := s.ID.String(); got != want.ID {
				t.Errorf("id %s, want %s", got, want.ID)
			}
			if got := hex.EncodeToString(s.Sig[:]); got != want.Sig {
				t.Errorf("signature %s, want %s", got, want.Sig)
			}
			parsed, err := event.Parse(unhex(t, want.Event), [64]byte(unhex(t, want.Sig)))
			if err != nil {
				t.Fatal(err)
			}
			if err := parsed.Verify(); err != nil {
				t.Error(err)
			}
			if err := event.Canonical(unhex(t, want.Body)); err != nil {
				t.Errorf("body: %v", err)
			}
		})
	}
}

func TestVectorsOfChannels(t *testing.T) {
	v := loadVectors(t).channels
	owner, nonce := unhex(t, v["owner"]), unhex(t, v["nonce"])
	self := event.Key(unhex(t, loadVectors(t).events[0].Author))
	for what, id := range map[string]event.ID{
		"entry 0000intercom (class 0)":  event.OpenRoom(event.EntryChannel),
		"open trip-nyc (class 0)":       event.OpenRoom("trip-nyc"),
		"owned trip-nyc (class 1)":      event.ChannelID(event.Owned, "trip-nyc", owner, nil),
		"private trip-nyc (class 2)":    event.ChannelID(event.Private, "trip-nyc", owner, nonce),
		"self room of author (class 3)": event.SelfRoom(self),
	} {
		if got := id.String(); got != v[what] {
			t.Errorf("%s is %s, want %q", what, got, v[what])
		}
	}
}

func TestVectorsOfTheSetHash(t *testing.T) {
	v := loadVectors(t)
	var set event.LtHash16
	for _, s := range signedVectors(t) {
		set.AddID(s.ID)
	}
	lanes, err := set.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if first := unhex(t, v.set.FirstLanes); !bytes.HasPrefix(lanes, first) {
		t.Errorf("lanes begin with %x, want %x", lanes[:len(first)], first)
	}
	if sum := set.Sum(); hex.EncodeToString(sum[:]) != v.set.Hash {
		t.Errorf("set hash %x, want %s", sum, v.set.Hash)
	}
}
