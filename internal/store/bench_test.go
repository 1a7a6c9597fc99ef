package store_test

import (
	"encoding/binary"
	"sync"
	"sync/atomic"
	"testing"

	"intercom/internal/store"
)

// write stores one 300-byte value under a key that grows.
func write(b *testing.B, s *store.Store, n uint64) {
	err := s.Update(b.Context(), func(tx *store.Tx) error {
		tx.Put(binary.BigEndian.AppendUint64([]byte("e/"), n), make([]byte, 300))
		return nil
	})
	if err != nil {
		b.Error(err)
	}
}

func BenchmarkUpdateOne(b *testing.B) {
	s := open(b, b.TempDir())
	b.ReportAllocs()
	for n := uint64(0); b.Loop(); n++ {
		write(b, s, n)
	}
}

func BenchmarkUpdateGroup(b *testing.B) {
	s := open(b, b.TempDir())
	b.ReportAllocs()
	b.ResetTimer()
	var n atomic.Uint64
	var g sync.WaitGroup
	for range 64 {
		g.Go(func() {
			for i := n.Add(1); i <= uint64(b.N); i = n.Add(1) {
				write(b, s, i)
			}
		})
	}
	g.Wait()
	b.ReportMetric(float64(b.N)/float64(s.Stats().Commits), "updates/commit")
}
