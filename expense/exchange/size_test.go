package exchange_test

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"testing"

	"intercom/expense"
	"intercom/expense/exchange"
)

var ten = []string{"m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9"}

// dinner is the nth entry of a large room.
func dinner(n int) exchange.Record {
	shares := []exchange.Part{{Name: ten[n%10], Amount: 1000}, {Name: ten[(n+1)%10], Amount: 1000}, {Name: ten[(n+3)%10], Amount: 1001}}
	return exchange.Record{
		ID: fmt.Sprintf("%064x", n), Kind: exchange.Expense, Date: "2026-03-01", Note: fmt.Sprintf("dinner %d", n), Category: "food",
		Currency: "EUR", Exp: 2, Amount: 3001, Payers: []exchange.Part{{Name: ten[n%10], Amount: 3001}}, Shares: shares, Split: exchange.Exact, Of: shares,
	}
}

func writeRoom(tb testing.TB, format string, to io.Writer, count int) {
	tb.Helper()
	w, err := exchange.NewWriter(format, to, exchange.WriteOptions{Room: "r", Members: ten, Count: -1, Today: "2026-03-09", Exponent: expense.Exponent})
	if err != nil {
		tb.Fatal(err)
	}
	for n := range count {
		if err := w.Write(dinner(n)); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
}

// keeping is a writer that measures what is in use in the middle of a file.
type keeping struct {
	written, at int
	inUse       uint64
}

func (k *keeping) Write(b []byte) (int, error) {
	if k.written += len(b); k.written >= k.at && k.inUse == 0 {
		k.inUse = heap()
	}
	return len(b), nil
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestWhatIsWrittenIsNotKept: after many megabytes no format holds one.
func TestWhatIsWrittenIsNotKept(t *testing.T) {
	for _, format := range exchange.Writable() {
		before, k := heap(), &keeping{at: 2 << 20}
		writeRoom(t, format, k, 40_000)
		if k.inUse == 0 {
			t.Fatalf("%s: %d bytes", format, k.written)
		}
		if grown := int64(k.inUse) - int64(before); grown > 1<<20 {
			t.Errorf("%s keeps %d bytes of %d", format, grown, k.written)
		}
	}
}

// BenchmarkFile reads and writes 10,000 entries of 10 members.
func BenchmarkFile(b *testing.B) {
	for _, format := range exchange.Writable() {
		b.Run("write/"+format, func(b *testing.B) {
			for b.Loop() {
				writeRoom(b, format, io.Discard, 10_000)
			}
		})
	}
	for _, format := range exchange.Readable() {
		var file bytes.Buffer
		writeRoom(b, format, &file, 10_000)
		b.Run("read/"+format, func(b *testing.B) {
			for b.Loop() {
				if _, err := exchange.Read(bytes.NewReader(file.Bytes()), options()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
