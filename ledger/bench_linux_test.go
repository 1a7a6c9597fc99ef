package ledger_test

import (
	"crypto/sha256"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"intercom/expense"
	"intercom/internal/app"
	"intercom/internal/store"
	"intercom/ledger"
	"intercom/ledger/event"
)

// BenchmarkIngestExpense takes in 20,000 expenses of another peer in ranges as
// a peer sends them: checked, stored and folded by the app.
func BenchmarkIngestExpense(b *testing.B) {
	const events, size = 20_000, 256
	add := expense.App()
	writer := expensePeer(b, 1, add)
	ranges := make([][]*event.Signed, 0, events/size+1)
	bytes := 0
	for from := 0; from < events; from += size {
		n := min(size, events-from)
		done, err := writer.Commit(b.Context(), ledger.Write{
			App: add,
			Decide: func(app.Reader, app.Call) (drafts []app.Draft, err error) {
				for i := range n {
					drafts = append(drafts, expenseDraft(from+i))
				}
				return drafts, nil
			},
			Reply: func(app.Reader, []*event.Signed, app.Call) ([]byte, error) { return nil, nil },
		})
		if err != nil {
			b.Fatal(err)
		}
		var decoded []*event.Signed
		for _, e := range done.Events {
			bytes += len(e.Encode())
			d, err := event.Decode(e.Encode())
			if err != nil {
				b.Fatal(err)
			}
			decoded = append(decoded, &d)
		}
		ranges = append(ranges, decoded)
	}
	var used time.Duration
	for b.Loop() {
		b.StopTimer()
		reader := expensePeer(b, 2, add)
		b.StartTimer()
		before := processTime(b)
		for _, r := range ranges {
			if missing, err := reader.Ingest(b.Context(), r); err != nil || len(missing) > 0 {
				b.Fatal(len(missing), err)
			}
		}
		used += processTime(b) - before
	}
	total := float64(b.N * events)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(total/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(used.Microseconds())/total, "cpu-us/event")
	b.ReportMetric(float64(bytes)/events, "B/event")
}

// expensePeer returns a room of a ledger that folds expenses.
func expensePeer(b *testing.B, n byte, a *app.App) *ledger.Room {
	b.Helper()
	s, err := store.Open(store.Options{Dir: b.TempDir(), MinFree: 1})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	l, err := ledger.Open(b.Context(), ledger.Options{
		Store: s, Key: testKey(n), Apps: []*app.App{a}, Place: []byte("here"), Now: time.Now,
		Rand: rand.NewChaCha8(sha256.Sum256([]byte{n})), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	r, err := l.Room("trip")
	if err != nil {
		b.Fatal(err)
	}
	return r
}

// expenseDraft is the n-th expense, split in three.
func expenseDraft(n int) app.Draft {
	names := [...]string{"ann", "ben", "cat", "dan", "eve", "fay", "gus", "hal"}
	third := int64(400 + n*7919%3000)
	add := &expense.Add{
		Amount: 3 * third, Currency: "XXX", Exp: 2, Date: "2026-01-15", Note: fmt.Sprintf("entry %d", n),
		Payers: []expense.Part{{Name: names[n%8], Amount: 3 * third}}, Split: expense.Split{Kind: expense.SplitEqual},
	}
	for _, i := range []int{0, 1, 3} {
		name := names[(n+i)%8]
		add.Split.Of = append(add.Split.Of, expense.Part{Name: name, Amount: 1})
		add.Shares = append(add.Shares, expense.Part{Name: name, Amount: third})
	}
	return app.Draft{Type: "expense.add", Body: add}
}

// processTime returns the processor time that this process has used.
func processTime(b *testing.B) time.Duration {
	b.Helper()
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
