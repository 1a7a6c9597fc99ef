package event_test

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"intercom/ledger/event"
)

func TestSetHashDoesNotDependOnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfN(genID, 0, 8).Draw(t, "ids")
		var a, b event.LtHash16
		for _, i := range ids {
			a.AddID(i)
		}
		for _, i := range rapid.Permutation(ids).Draw(t, "other order") {
			b.AddID(i)
		}
		if a != b {
			t.Fatal("two orders, two hashes")
		}
	})
}

func TestSetHashTellsSetsApart(t *testing.T) {
	var empty, one, twice, other event.LtHash16
	one.AddID(event.ID{1})
	twice.AddID(event.ID{1})
	twice.AddID(event.ID{1})
	other.AddID(event.ID{2})
	seen := map[[32]byte]string{}
	for name, h := range map[string]*event.LtHash16{"empty": &empty, "one": &one, "twice": &twice, "other": &other} {
		if also, ok := seen[h.Sum()]; ok {
			t.Errorf("%s and %s have one hash", name, also)
		}
		seen[h.Sum()] = name
	}
}

func TestRemovingARowUndoesAddingIt(t *testing.T) {
	type row struct {
		Key   string
		Value []byte
	}
	genRow := rapid.Custom(func(t *rapid.T) row {
		return row{genText(20).Draw(t, "key"), rapid.SliceOf(rapid.Byte()).Draw(t, "value")}
	})
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(genRow, 0, 6).Draw(t, "rows")
		var h event.LtHash16
		h.AddID(event.ID{1})
		before := h
		for _, r := range rows {
			h.AddRow(r.Key, r.Value)
		}
		if len(rows) == 1 && h == before {
			t.Fatal("a row changed nothing")
		}
		for _, r := range rapid.Permutation(rows).Draw(t, "other order") {
			h.RemoveRow(r.Key, r.Value)
		}
		if h != before {
			t.Fatal("rows were added and removed, and something is left")
		}
	})
}

// The length of the key is hashed, so a border can not move.
func TestRowsDoNotRunIntoEachOther(t *testing.T) {
	var a, b event.LtHash16
	a.AddRow("ab", []byte("c"))
	b.AddRow("a", []byte("bc"))
	if a == b {
		t.Error("two rows, one hash")
	}
}

func TestSetHashSurvivesStorage(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		var h, back event.LtHash16
		for i := range h {
			h[i] = uint16(r.Uint32())
		}
		b, err := h.MarshalBinary()
		if err != nil || len(b) != 2048 {
			t.Fatalf("%d bytes, %v", len(b), err)
		}
		if err := back.UnmarshalBinary(b); err != nil || back != h {
			t.Fatalf("read back something else: %v", err)
		}
	}
	for _, n := range []int{0, 2047, 2049} {
		if new(event.LtHash16).UnmarshalBinary(make([]byte, n)) == nil {
			t.Errorf("%d bytes were read", n)
		}
	}
}
