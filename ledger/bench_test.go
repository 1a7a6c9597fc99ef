package ledger_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"intercom/ledger/event"
)

// text makes an event of about 300 bytes.
var text = strings.Repeat("x", 90)

// BenchmarkCommit appends one event at a time, each on disk before the next.
func BenchmarkCommit(b *testing.B) {
	p := newPeer(b, 1)
	r := p.room(b, "trip")
	for b.Loop() {
		p.mustWrite(b, r, text)
	}
}

// BenchmarkCommitConcurrent appends from 64 clients at once: group commit.
func BenchmarkCommitConcurrent(b *testing.B) {
	p := newPeer(b, 1)
	r := p.room(b, "trip")
	var clients sync.WaitGroup
	work := make(chan struct{})
	for range 64 {
		clients.Go(func() {
			for range work {
				p.mustWrite(b, r, text)
			}
		})
	}
	for b.Loop() {
		work <- struct{}{}
	}
	close(work)
	clients.Wait()
}

// BenchmarkIngest takes in ranges of 256 events of another peer, verified,
// stored and folded.
func BenchmarkIngest(b *testing.B) {
	const size = 256
	writer, reader := newPeer(b, 1), newPeer(b, 2)
	r := reader.room(b, "trip")
	for b.Loop() {
		b.StopTimer()
		texts := make([]string, size)
		for i := range texts {
			texts[i] = fmt.Sprint(text, i)
		}
		events := writer.mustWrite(b, writer.room(b, "trip"), texts...)
		decoded := make([]*event.Signed, size)
		for i, e := range events {
			d, err := event.Decode(e.Encode())
			if err != nil {
				b.Fatal(err)
			}
			decoded[i] = &d
		}
		b.StartTimer()
		if _, err := r.Ingest(b.Context(), decoded); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "events/s")
}
