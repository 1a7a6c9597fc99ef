package ledger

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"intercom/ledger/event"
)

func TestKeptHashesOfRowsAreThoseOfTheRows(t *testing.T) {
	var c rowHashes
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2_000 {
		key, value := fmt.Sprint(rng.IntN(3*rowsKept/2)), []byte{byte(rng.IntN(2))}
		var want event.LtHash16
		want.SetRow(key, value)
		if got := c.of(key, value, rng.IntN(4) > 0); *got != want {
			t.Fatalf("row %s = %x has another hash", key, value)
		}
		if len(c.hashes) > rowsKept {
			t.Fatalf("%d are kept", len(c.hashes))
		}
	}
}

func TestTheHashOfACounterCostsNoMemory(t *testing.T) {
	var c rowHashes
	const times = 1_000
	row := []byte{0, 0}
	count := func() {
		for range times {
			c.of("counter", row, false)
			row[0]++
			row[1] += row[0] / 255
			c.of("counter", row, true)
		}
	}
	count()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	count()
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) / times; got > 1_000 { // one hash has 2,048
		t.Errorf("%d bytes each time", got)
	}
}
