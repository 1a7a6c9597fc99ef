package expense_test

import (
	"bytes"
	"fmt"
	"testing"

	"intercom/expense"
	"intercom/internal/app/apptest"
)

func BenchmarkCold(b *testing.B) {
	text := bytes.Repeat([]byte(lines(coldRoom(b))), 100)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		var c expense.Cold
		if err := c.Read(bytes.NewReader(text)); err != nil {
			b.Fatal(err)
		}
		c.Sheet("x")
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(bytes.Count(text, []byte("\n"))), "ns/line")
}

// coldRoom has a hundred entries of ten members.
func coldRoom(tb testing.TB) *apptest.Room {
	r := newRoom()
	for i := range 100 {
		var split []string
		for j := range 2 + i%5 {
			split = append(split, fmt.Sprint("member", (i+j)%10))
		}
		_, _, err := r.Do(alice, noon, expense.AddReq{
			Payer: fmt.Sprint("member", i%10), Amount: expense.Amount(fmt.Sprint(10 + i)), Split: split, Note: fmt.Sprint("entry ", i), Currency: "EUR",
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
	return r
}
