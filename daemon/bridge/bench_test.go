package bridge_test

import (
	"slices"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func BenchmarkPing(b *testing.B) {
	c := start(b).local(b)
	ping := []byte(`{"id":1,"type":"ping"}`)
	var took []time.Duration
	for b.Loop() {
		begin := time.Now()
		if err := c.WriteMessage(websocket.TextMessage, ping); err != nil {
			b.Fatal(err)
		}
		if _, _, err := c.ReadMessage(); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-us")
}

// BenchmarkOneShot is what a command costs: connect, hello, request, close.
func BenchmarkOneShot(b *testing.B) {
	r := start(b)
	d, url := r.dialer("unix")
	var took []time.Duration
	for b.Loop() {
		begin := time.Now()
		conn, _, err := d.DialContext(b.Context(), url, nil)
		if err != nil {
			b.Fatal(err)
		}
		if err := conn.WriteMessage(websocket.TextMessage, []byte(`{"id":1,"type":"ping"}`)); err != nil {
			b.Fatal(err)
		}
		for range 2 {
			if _, _, err := conn.ReadMessage(); err != nil {
				b.Fatal(err)
			}
		}
		conn.Close()
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-us")
}
