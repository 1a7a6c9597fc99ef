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

// BenchmarkScanOverwritten reads 16 rows of which each was written 1,000 times.
func BenchmarkScanOverwritten(b *testing.B) {
	s := open(b, b.TempDir())
	for range 1_000 {
		if err := s.Update(b.Context(), func(tx *store.Tx) error {
			for n := range byte(16) {
				tx.Put([]byte{'r', n}, make([]byte, 10))
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		rows := 0
		err := s.View(func(r store.Reader) error {
			return r.Scan([]byte("r"), nil, func(_, _ []byte) bool { rows++; return true })
		})
		if err != nil || rows != 16 {
			b.Fatal(rows, err)
		}
	}
}

// BenchmarkScanOnce reads 10,000 rows of which each was written once.
func BenchmarkScanOnce(b *testing.B) {
	s := open(b, b.TempDir())
	if err := s.Update(b.Context(), func(tx *store.Tx) error {
		for n := range uint64(10_000) {
			tx.Put(binary.BigEndian.AppendUint64([]byte("e/"), n), make([]byte, 300))
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := s.View(func(r store.Reader) error {
			return r.Scan([]byte("e/"), nil, func(_, _ []byte) bool { return true })
		}); err != nil {
			b.Fatal(err)
		}
	}
}
